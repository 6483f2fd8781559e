"""Full-width weight files and what PyTorch computes with them: torchvision's .pth, and the BVLC form (.npy, .pth).

Usage: python full_width.py FOLDER. Needs torch, torchvision, numpy and safetensors. Random weights, seed 0, scaled
so that signals keep their size. Shares no code with this project.
"""

import json
import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F
import torchvision
from safetensors.torch import save_file

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
torch.manual_seed(0)
torch.set_num_threads(2)
cases = []


def add(files, preset, picture, logits):
    name = f"{preset}.json"
    case = {
        "preset": preset,
        "files": files,
        "shape": list(picture.shape),
        "picture": f"{preset}-picture.bin",
        "logits": f"{preset}-logits.bin",
    }
    picture.numpy().astype("<f4").tofile(folder / case["picture"])
    logits.numpy().astype("<f8").tofile(folder / case["logits"])
    cases.append(case)
    print(name, float(logits.abs().max()))


with torch.no_grad():
    model = torchvision.models.alexnet(weights=None).eval()
    for parameter in model.parameters():
        if parameter.dim() > 1:
            fan = parameter[0].numel()
            parameter.uniform_(-((6 / fan) ** 0.5), (6 / fan) ** 0.5)
        else:
            parameter.uniform_(-0.5, 0.5)
    state = {name: value.clone() for name, value in model.state_dict().items()}
    torch.save(state, folder / "torchvision.pth")
    torch.save(state, folder / "torchvision-legacy.pth", _use_new_zipfile_serialization=False)
    save_file(state, folder / "torchvision.safetensors")
    picture = torch.randn(2, 3, 224, 224)
    # float64: what is compared is the import, not two ways to add in float32.
    expected = model.double()(picture.double())
    files = ["torchvision.pth", "torchvision-legacy.pth", "torchvision.safetensors"]
    add(files, "torchvision", picture, expected)

    shapes = {
        "conv1": (96, 3, 11, 11),
        "conv2": (256, 48, 5, 5),
        "conv3": (384, 256, 3, 3),
        "conv4": (384, 192, 3, 3),
        "conv5": (256, 192, 3, 3),
        "fc6": (4096, 9216),
        "fc7": (4096, 4096),
        "fc8": (1000, 4096),
    }
    weights = {}
    for layer, shape in shapes.items():
        bound = (6 / np.prod(shape[1:])) ** 0.5
        weights[layer] = (
            torch.empty(shape).uniform_(-bound, bound),
            torch.empty(shape[0]).uniform_(-0.5, 0.5),
        )

    def forward(x):
        """BVLC/caffe models/bvlc_alexnet: alpha 1e-4 divided by 5, pools rounded up."""

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

    picture = torch.randn(2, 3, 227, 227) * 50
    expected = forward(picture.double())
    layers = {}
    for layer, (weight, bias) in weights.items():
        array = weight.numpy()
        if layer == "fc6":  # CHW to HWC
            array = array.reshape(-1, 256, 6, 6).transpose(0, 2, 3, 1).reshape(-1, 9216)
        array = array.transpose(2, 3, 1, 0) if array.ndim == 4 else array.T
        layers[layer] = [np.ascontiguousarray(array), bias.numpy()]
    np.save(folder / "bvlc_alexnet.npy", np.array(layers, dtype=object), allow_pickle=True)
    state = {f"{layer}.{role}": value for layer, pair in weights.items() for role, value in zip(("weight", "bias"), pair)}
    torch.save(state, folder / "bvlc_alexnet.pth")
    np.savez(folder / "bvlc_alexnet.npz", **{f"{layer}_{role}": value for layer, pair in layers.items() for role, value in zip(("W", "b"), pair)})
    add(["bvlc_alexnet.npy", "bvlc_alexnet.pth", "bvlc_alexnet.npz"], "caffe-alexnet", picture, expected)

(folder / "cases.json").write_text(json.dumps(cases))
