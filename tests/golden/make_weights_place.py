"""Weight files of whole AlexNets at a sixty-fourth of the width, and the logits of PyTorch in float64.

Usage: python make_weights_place.py FOLDER (weights/place). Needs torch, torchvision, safetensors, numpy.
Weights are drawn with PyTorch's generator, seed 0, and rounded to halves, which every file holds exactly.
Shares no code with this project.
"""

import json
import pathlib
import sys

import numpy as np
import safetensors
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
from safetensors.torch import save_file

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
torch.manual_seed(0)
torch.set_num_threads(1)
CLASSES = 5
cases = []


def hashed(seed, count, bound):
    """As reference_recipe.py."""
    with np.errstate(over="ignore"):
        h = np.arange(count, dtype=np.uint32) + np.uint32((seed * 0x9E3779B9) & 0xFFFFFFFF)
        h ^= h >> np.uint32(16)
        h *= np.uint32(0x7FEB352D)
        h ^= h >> np.uint32(15)
        h *= np.uint32(0x846CA68B)
        h ^= h >> np.uint32(16)
    unit = (h >> np.uint32(8)).astype(np.float64) / 2**23 - 1.0
    return (unit * bound).astype(np.float32)


def draw(shape):
    bound = (6 / np.prod(shape[1:])) ** 0.5 if len(shape) > 1 else 0.5
    return torch.empty(shape).uniform_(-bound, bound).half()


def add(file, preset, side, bound, logits, options=None):
    cases.append(
        {
            "file": file,
            "preset": preset,
            "options": options or {},
            "image": {"shape": [2, 3, side, side], "seed": 1, "bound": bound},
            "logits": [float(f"{value:.12g}") for value in logits.flatten().tolist()],
        }
    )


def torchvision_narrow():
    """torchvision.models.AlexNet with every width divided by 64."""
    model = torchvision.models.alexnet(weights=None, num_classes=CLASSES)
    widths = {0: (3, 1), 3: (1, 3), 6: (3, 6), 8: (6, 4), 10: (4, 4)}
    for index, (inputs, outputs) in widths.items():
        old = model.features[index]
        model.features[index] = nn.Conv2d(inputs, outputs, old.kernel_size, old.stride, old.padding)
    for index, (inputs, outputs) in {1: (144, 64), 4: (64, 64), 6: (64, CLASSES)}.items():
        model.classifier[index] = nn.Linear(inputs, outputs)
    return model.eval()


def caffe_narrow(weights, x):
    """BVLC/caffe models/bvlc_alexnet; Caffe's alpha 1e-4 is divided by 5, its pools round up."""

    def conv(x, layer, **options):
        weight, bias = weights[layer]
        return F.relu(F.conv2d(x, weight.double(), bias.double(), **options))

    def dense(x, layer):
        weight, bias = weights[layer]
        return F.linear(x, weight.double(), bias.double())

    def lrn(x):
        return F.local_response_norm(x, 5, alpha=1e-4, beta=0.75, k=1.0)

    def pool(x):
        return F.max_pool2d(x, 3, 2, ceil_mode=True)

    x = pool(lrn(conv(x, "conv1", stride=4)))
    x = pool(lrn(conv(x, "conv2", padding=2, groups=2)))
    x = conv(x, "conv3", padding=1)
    x = conv(x, "conv4", padding=1, groups=2)
    x = pool(conv(x, "conv5", padding=1, groups=2)).flatten(1)
    x = F.relu(dense(x, "fc6"))
    return dense(F.relu(dense(x, "fc7")), "fc8")


with torch.no_grad():
    model = torchvision_narrow()
    state = {name: draw(tuple(value.shape)) for name, value in model.state_dict().items()}
    picture = torch.from_numpy(hashed(1, 2 * 3 * 224 * 224, 2).reshape(2, 3, 224, 224))
    model.load_state_dict({name: value.float() for name, value in state.items()})
    logits = model.double()(picture.double())
    torch.save(state, folder / "torchvision.pth")
    wrapped = {"epoch": 3, "state_dict": {f"module.{name}": value for name, value in state.items()}}
    torch.save(wrapped, folder / "torchvision-wrapped.pth", _use_new_zipfile_serialization=False)
    save_file(state, folder / "torchvision.safetensors", metadata={"format": "pt"})
    for file in ("torchvision.pth", "torchvision-wrapped.pth", "torchvision.safetensors"):
        add(file, "torchvision", 224, 2, logits)

    rounded = {name: value.bfloat16() for name, value in state.items()}
    model = torchvision_narrow()
    model.load_state_dict({name: value.float() for name, value in rounded.items()})
    save_file(rounded, folder / "torchvision-bfloat16.safetensors")
    add("torchvision-bfloat16.safetensors", "torchvision", 224, 2, model.double()(picture.double()))

    shapes = {
        "conv1": (2, 3, 11, 11),
        "conv2": (4, 1, 5, 5),
        "conv3": (6, 4, 3, 3),
        "conv4": (6, 3, 3, 3),
        "conv5": (4, 3, 3, 3),
        "fc6": (64, 144),
        "fc7": (64, 64),
        "fc8": (CLASSES, 64),
    }
    weights = {layer: (draw(shape), draw(shape[:1])) for layer, shape in shapes.items()}
    picture = torch.from_numpy(hashed(1, 2 * 3 * 227 * 227, 100).reshape(2, 3, 227, 227))
    logits = caffe_narrow(weights, picture.double())
    layers = {}
    for layer, (weight, bias) in weights.items():
        array = weight.numpy()
        if layer == "fc6":  # CHW to HWC
            array = array.reshape(64, 4, 6, 6).transpose(0, 2, 3, 1).reshape(64, 144)
        array = array.transpose(2, 3, 1, 0) if array.ndim == 4 else array.T
        layers[layer] = [np.ascontiguousarray(array), bias.numpy()]
    np.save(folder / "bvlc.npy", np.array(layers, dtype=object), allow_pickle=True)
    named = {f"{layer}_{role}": value for layer, pair in layers.items() for role, value in zip("Wb", pair)}
    np.savez_compressed(folder / "bvlc.npz", **named)
    state = {f"{layer}.{role}": value for layer, pair in weights.items() for role, value in zip(("weight", "bias"), pair)}
    torch.save(state, folder / "bvlc.pth")
    # The two towers apart, as frameworks without groups have them.
    towers = {}
    for layer, (weight, bias) in weights.items():
        if layer in ("conv2", "conv4", "conv5"):
            for tower in (0, 1):
                half = len(bias) // 2
                part = slice(tower * half, (tower + 1) * half)
                towers[f"{layer}_{tower + 1}.weight"] = weight[part].clone()
                towers[f"{layer}_{tower + 1}.bias"] = bias[part].clone()
        else:
            towers[f"{layer}.weight"], towers[f"{layer}.bias"] = weight, bias
    save_file(towers, folder / "towers.safetensors")
    for file in ("bvlc.npy", "bvlc.npz", "bvlc.pth", "towers.safetensors"):
        add(file, "caffe-alexnet", 227, 100, logits)
    flat = {name: (array if name != "fc6_W" else np.ascontiguousarray(weights["fc6"][0].numpy().T)) for name, array in named.items()}
    np.savez_compressed(folder / "bvlc-chw.npz", **flat)
    add("bvlc-chw.npz", "caffe-alexnet", 227, 100, logits, {"fc6Order": "CHW"})

versions = {
    "torch": torch.__version__,
    "torchvision": torchvision.__version__,
    "safetensors": safetensors.__version__,
    "numpy": np.__version__,
}
(folder / "place.json").write_text(json.dumps({"by": versions, "cases": cases}))
