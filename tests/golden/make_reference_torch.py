"""Forward results of AlexNets written with PyTorch, in float64.

    python make_reference_torch.py OUTPUT_FOLDER

writes torch.json.gz. Needs numpy, torch and torchvision (the versions used stand in the file).

`torchvision` is torchvision's own class with narrower layers. The others are written down here once more
with torch's functions, from their upstream files; widths are an eighth of the published ones.
"""

import math
import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F
import torchvision
from reference_recipe import Recipe, network, write

VERSIONS = {
    "torch": torch.__version__,
    "torchvision": torchvision.__version__,
    "numpy": np.__version__,
    "python": sys.version.split()[0],
}
DIVIDE = 8
CLASSES = 10


def tensor(array):
    return torch.tensor(array.astype(np.float64))


class Layers:
    """torch's functions, with parameters from a recipe and the depths that the golden file keeps."""

    def __init__(self, input_size, image_bound):
        self.recipe = Recipe((3, input_size, input_size), image_bound)
        self.picture = tensor(self.recipe.picture)
        self.depths = {}

    def conv(self, x, channels, kernel, stride=1, padding=0, groups=1):
        """padding: torch's, or (left, right, top, bottom) of zeros."""
        index = sum(entry["name"].startswith("conv") for entry in self.recipe.parameters) // 2 + 1
        if index in (2, 3):
            self.depths[f"conv{index}"] = x
        shape = (channels, x.shape[1] // groups, kernel, kernel)
        weight, bias = map(tensor, self.recipe.layer(f"conv{index}", shape))
        if isinstance(padding, tuple):
            x, padding = F.pad(x, padding), 0
        return F.conv2d(x, weight, bias, stride, padding, groups=groups)

    def dense(self, x, features, gain=1.0):
        if "dense" not in self.depths:
            self.depths["dense"] = x
        self.depths["last"] = x
        index = len(self.recipe.parameters) // 2 + 1
        weight, bias = map(tensor, self.recipe.layer(f"fc{index}", (features, x.shape[1]), gain))
        return F.linear(x, weight, bias)

    def finish(self, preset, options, source, logits):
        depths = {name: self.depths[name] for name in ("conv2", "conv3", "dense", "last")}
        depths["logits"] = logits
        shared = {"classes": CLASSES, "inputSize": self.picture.shape[-1]}
        return network(preset, {**shared, **options}, source, self.recipe, depths)

    def classifier(self, x, relu=F.relu):
        """fc6, fc7, fc8; dropout does nothing outside training."""
        x = relu(self.dense(x.flatten(1), 4096 // DIVIDE))
        x = relu(self.dense(x, 4096 // DIVIDE))
        return self.dense(x, CLASSES)


NARROW = {"widthMultiplier": 1 / DIVIDE}


# --- operators that torch does not have -------------------------------------------------------------


def rounded_up(length, kernel, stride):
    """(before, after) zeros of cuda-convnet's convolution, which has 1 + ceil((length - kernel) / stride) windows."""
    return 0, math.ceil((length - kernel) / stride) * stride + kernel - length


def norm(x, size, alpha, beta=0.75, k=1.0):
    """torch, Caffe and cuda-convnet's configuration files all divide alpha by the window."""
    return F.local_response_norm(x, size, alpha, beta, k)


def norm_per_tower(x, size, alpha, beta, k):
    """Each GPU of 2012 normalises the half of the channels that it holds."""
    return torch.cat([norm(half, size, alpha, beta, k) for half in x.chunk(2, 1)], 1)


def spatial_norm(x, size, alpha, beta, k=1.0):
    """cuda-convnet's rnorm layer: a window of size x size pixels of the same map; alpha is divided by size²."""
    mean = F.avg_pool2d(x * x, size, 1, size // 2, count_include_pad=True)
    return x / (k + alpha * mean) ** beta


def max_pool(x, ceil=False):
    return F.max_pool2d(x, 3, 2, ceil_mode=ceil)


# --- networks ---------------------------------------------------------------------------------------


def torchvision_alexnet(input_size):
    """Its layers one by one: convolutions and dense layers are replaced by narrower ones."""
    layers = Layers(input_size, 1)
    original = torchvision.models.AlexNet().eval()
    x = layers.picture
    for module in original.features:
        if isinstance(module, torch.nn.Conv2d):
            (kernel, _), (stride, _), (padding, _) = (
                module.kernel_size,
                module.stride,
                module.padding,
            )
            channels = module.out_channels // DIVIDE
            x = layers.conv(x, channels, kernel, stride, padding, module.groups)
        else:
            x = module(x)
    x = torch.flatten(original.avgpool(x), 1)
    for module in original.classifier:
        if isinstance(module, torch.nn.Linear):
            last = module.out_features == 1000
            x = layers.dense(x, CLASSES if last else module.out_features // DIVIDE)
        else:
            x = module(x)
    return layers.finish("torchvision", NARROW, "torchvision.models.AlexNet, layer by layer", x)


def caffe(preset, input_size, pool_first, groups=2, k=1.0):
    """BVLC/caffe models/bvlc_alexnet, models/bvlc_reference_caffenet. Caffe's pools round up."""
    layers = Layers(input_size, 100)

    def stage(x):
        if pool_first:
            return norm(max_pool(F.relu(x), ceil=True), 5, 1e-4, k=k)
        return max_pool(norm(F.relu(x), 5, 1e-4, k=k), ceil=True)

    x = stage(layers.conv(layers.picture, 96 // DIVIDE, 11, 4))
    x = stage(layers.conv(x, 256 // DIVIDE, 5, 1, 2, groups))
    x = F.relu(layers.conv(x, 384 // DIVIDE, 3, 1, 1))
    x = F.relu(layers.conv(x, 384 // DIVIDE, 3, 1, 1, groups))
    x = F.relu(layers.conv(x, 256 // DIVIDE, 3, 1, 1, groups))
    logits = layers.classifier(max_pool(x, ceil=True))
    return layers.finish(preset, NARROW, "torch.nn.functional", logits)


def paper(preset="paper", groups=2):
    """Krizhevsky et al. 2012, §3: alpha 1e-4 for each element of the window; 55 windows over 224 pixels."""
    layers = Layers(224, 100)

    def stage(x):
        return max_pool(norm(F.relu(x), 5, 5 * 1e-4, k=2.0))

    x = stage(layers.conv(layers.picture, 96 // DIVIDE, 11, 4, (0, 3, 0, 3)))
    x = stage(layers.conv(x, 256 // DIVIDE, 5, 1, 2, groups))
    x = F.relu(layers.conv(x, 384 // DIVIDE, 3, 1, 1))
    x = F.relu(layers.conv(x, 384 // DIVIDE, 3, 1, 1, groups))
    x = F.relu(layers.conv(x, 256 // DIVIDE, 3, 1, 1, groups))
    x = max_pool(x)
    if preset == "extra-conv":
        # "a sixth convolutional layer over the last pooling layer", §6.1; which maps it sees is not said: all.
        x = F.relu(layers.conv(x, 256 // DIVIDE, 3, 1, 1))
    return layers.finish(preset, NARROW, "torch.nn.functional", layers.classifier(x))


def paper_code(input_size):
    """layers-145.cfg and layer-params-145.cfg of the released 2012 source: two towers, a and b."""
    layers = Layers(input_size, 100)
    edges = rounded_up(input_size, 11, 4)
    lrn = {"size": 5, "alpha": 1e-4, "beta": 0.75, "k": 2.0}
    x = layers.conv(layers.picture, 96 // DIVIDE, 11, 4, edges + edges)
    x = F.relu(max_pool(norm_per_tower(x, **lrn), ceil=True))
    x = F.relu(layers.conv(x, 256 // DIVIDE, 5, 1, 2, 2))
    x = max_pool(spatial_norm(norm_per_tower(x, **lrn), 5, 1e-3, 0.75), ceil=True)
    x = F.relu(layers.conv(x, 384 // DIVIDE, 3, 1, 1))
    x = F.relu(layers.conv(x, 384 // DIVIDE, 3, 1, 1, 2))
    x = layers.conv(x, 256 // DIVIDE, 3, 1, 1, 2)
    x = F.relu(max_pool(x, ceil=True))
    logits = layers.classifier(x)
    return layers.finish("paper-code", NARROW, "torch.nn.functional", logits)


def one_weird_trick(input_size):
    """cuda-convnet2 layers/layers-imagenet-1gpu.cfg and its layer-params."""
    layers = Layers(input_size, 100)
    edges = rounded_up(input_size, 11, 4)
    lrn = {"size": 5, "alpha": 1e-4, "beta": 0.75, "k": 2.0}
    x = layers.conv(layers.picture, 64 // DIVIDE, 11, 4, edges + edges)
    x = F.relu(max_pool(norm(x, **lrn), ceil=True))
    x = F.relu(layers.conv(x, 192 // DIVIDE, 5, 1, 2))
    x = max_pool(norm(x, **lrn), ceil=True)
    x = F.relu(layers.conv(x, 384 // DIVIDE, 3, 1, 1))
    x = F.relu(layers.conv(x, 256 // DIVIDE, 3, 1, 1))
    x = F.relu(max_pool(layers.conv(x, 256 // DIVIDE, 3, 1, 1), ceil=True))
    logits = layers.classifier(x)
    return layers.finish("one-weird-trick", NARROW, "torch.nn.functional", logits)


def cifar(preset, neuron, input_size):
    """cuda-convnet example-layers/layers-80sec.cfg without its fc64, so that four layers have weights."""
    layers = Layers(input_size, 1)

    def mean_pool(x):
        # cuda-convnet divides by the pixels that the window really covers.
        return F.avg_pool2d(x, 3, 2, ceil_mode=True, count_include_pad=False)

    x = neuron(max_pool(layers.conv(layers.picture, 32, 5, 1, 2), ceil=True))
    x = mean_pool(neuron(layers.conv(x, 32, 5, 1, 2)))
    x = mean_pool(neuron(layers.conv(x, 64, 5, 1, 2)))
    logits = layers.dense(x.flatten(1), CLASSES)
    return layers.finish(preset, {}, "torch.nn.functional", logits)


def networks():
    # Other sizes than the published ones tell rounding up from rounding down, and reach uneven windows.
    yield from (torchvision_alexnet(size) for size in (224, 200, 260))
    yield from (caffe("caffe-alexnet", size, pool_first=False) for size in (227, 200))
    yield from (caffe("caffenet", size, pool_first=True) for size in (227, 200))
    yield caffe("ungrouped", 227, pool_first=False, groups=1, k=2.0)
    yield from (one_weird_trick(size) for size in (224, 202))
    yield from (paper_code(size) for size in (224, 202))
    yield paper()
    yield paper("extra-conv")
    for preset, neuron in (("cifar-relu", F.relu), ("cifar-tanh", torch.tanh)):
        yield from (cifar(preset, neuron, size) for size in (32, 29))


def main():
    with torch.no_grad():
        written = list(networks())
    path = pathlib.Path(sys.argv[1]) / "torch.json.gz"
    write(path, {"versions": VERSIONS, "networks": written})


if __name__ == "__main__":
    main()
