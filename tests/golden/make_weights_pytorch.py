"""Files by torch.save: zip and legacy form, every type, views, checkpoints, and what must be refused.

    python2.7 make_weights_pytorch.py python2 OUTPUT_FOLDER    # with torch 1.0.0, numpy 1.16.6
    python3.6 make_weights_pytorch.py torch1 OUTPUT_FOLDER     # with torch 1.5.1, numpy 1.13.3
    python3   make_weights_pytorch.py torch2 OUTPUT_FOLDER

What a tensor holds follows from its seed alone (`values` of make_weights_numpy.py). Shares no code with this project.
"""

from __future__ import print_function

import os
import sys
import zipfile
from collections import OrderedDict

import numpy as np
import torch
from make_weights_numpy import values

# Name, shape, seed: the first and last layers of torchvision's AlexNet, as narrow as they get.
STATE = [
    ("features.0.weight", (4, 3, 3, 3), 1),
    ("features.0.bias", (4,), 51),
    ("classifier.1.weight", (8, 36), 3),
    ("classifier.1.bias", (8,), 53),
    ("classifier.6.weight", (3, 8), 4),
    ("classifier.6.bias", (3,), 54),
]
SHAPE = (2, 3, 4)
SEED = 9


def tensor(shape, seed, code="f4"):
    return torch.from_numpy(values(shape, seed, code))


def state_dict(rename=lambda name: name):
    return OrderedDict((rename(name), tensor(shape, seed)) for name, shape, seed in STATE)


def network():
    """A module whose state dict has the metadata and the names of STATE."""
    parts = torch.nn.Module()
    for name, shape, seed in STATE:
        module = parts
        for step in name.split(".")[:-1]:
            if not hasattr(module, step):
                module.add_module(step, torch.nn.Module())
            module = getattr(module, step)
        module.register_parameter(name.split(".")[-1], torch.nn.Parameter(tensor(shape, seed)))
    return parts


def views():
    """Tensors that are parts of storages, share them, or are more than tensors."""
    base = tensor((4, 6), SEED)
    return OrderedDict(
        [
            ("base", base),
            ("transposed", base.t()),
            ("part", base[1:3, 1::2]),
            ("row", base[2]),
            ("same", base),
            ("parameter", torch.nn.Parameter(tensor((5,), SEED))),
            ("frozen", torch.nn.Parameter(tensor((5,), SEED), requires_grad=False)),
            ("tracked", tensor((5,), SEED).requires_grad_()),
            ("expanded", tensor((1,), SEED).expand(8)),
            ("scalar", tensor((), SEED)),
            ("empty", torch.empty(0, 3)),
        ]
    )


def checkpoint():
    """What PyTorch's own ImageNet example saves, with DataParallel around the convolutions."""
    names = {"features.": "features.module."}
    state = state_dict(lambda name: name.replace("features.", names["features."]))
    module = torch.nn.Linear(8, 3)
    optimizer = torch.optim.SGD(module.parameters(), 0.1, momentum=0.9)
    module(torch.ones(2, 8)).sum().backward()
    optimizer.step()
    return {
        "epoch": 3,
        "arch": "alexnet",
        "state_dict": state,
        "best_acc1": torch.tensor(56.5),
        "optimizer": optimizer.state_dict(),
    }


def python2(folder):
    torch.save(network().state_dict(), os.path.join(folder, "python2-state-dict.pth"))
    torch.save(checkpoint(), os.path.join(folder, "python2-checkpoint.pth"))
    torch.save(views(), os.path.join(folder, "python2-views.pth"))


def torch1(folder):
    torch.save(network().state_dict(), os.path.join(folder, "torch1-state-dict.pth"))
    torch.save(
        network().state_dict(), os.path.join(folder, "torch1-zip.pth"), _use_new_zipfile_serialization=True
    )


def types():
    codes = {"uint8": "u1", "int8": "i1", "int16": "i2", "int32": "i4", "int64": "i8", "bool": "b1"}
    tensors = OrderedDict((name, tensor(SHAPE, SEED, code)) for name, code in codes.items())
    for name in ("float16", "bfloat16", "float32", "float64"):
        tensors[name] = tensor(SHAPE, SEED).to(getattr(torch, name))
    return tensors


def rezip(path, source, method, change=lambda name, content: content):
    """The entries of an archive of torch.save, written again by Python's zipfile."""
    with zipfile.ZipFile(source) as archive, zipfile.ZipFile(path, "w", method) as copy:
        for name in archive.namelist():
            copy.writestr(zipfile.ZipInfo(name), change(name, archive.read(name)), method)


def swap(name, content):
    """What a big-endian machine would have written; every storage here is of four bytes."""
    if name.endswith("/byteorder"):
        return b"big"
    return np.frombuffer(content, "<u4").astype(">u4").tobytes() if "/data/" in name else content


def torch2(folder):
    def path(name):
        return os.path.join(folder, name)

    legacy = {"_use_new_zipfile_serialization": False}
    torch.save(network().state_dict(), path("torch2-zip.pth"))
    torch.save(network().state_dict(), path("torch2-legacy.pth"), **legacy)
    torch.save(types(), path("torch2-types.pth"))
    torch.save(types(), path("torch2-types-legacy.pth"), **legacy)
    torch.save(views(), path("torch2-views.pth"))
    torch.save(views(), path("torch2-views-legacy.pth"), **legacy)
    torch.save(checkpoint(), path("torch2-checkpoint.pth"))
    torch.save({"model": {"module." + name: t for name, t in state_dict().items()}}, path("torch2-parallel.pth"))
    torch.save({name: values(shape, seed) for name, shape, seed in STATE}, path("torch2-numpy-arrays.pth"))
    torch.save(state_dict(), path("torch2-protocol4.pth"), pickle_protocol=4)

    torch.serialization.set_crc32_options(False)
    torch.save(network().state_dict(), path("torch2-no-checksums.pth"))
    torch.serialization.set_crc32_options(True)
    rezip(path("torch2-deflated.pth"), path("torch2-zip.pth"), zipfile.ZIP_DEFLATED)
    rezip(path("torch2-big-endian.pth"), path("torch2-zip.pth"), zipfile.ZIP_STORED, swap)
    for name in ("torch2-deflated.pth", "torch2-big-endian.pth"):
        loaded = torch.load(path(name), weights_only=True)
        assert all(torch.equal(loaded[key], wanted) for key, wanted in state_dict().items()), name

    # To be refused by name.
    torch.save(torch.nn.Sequential(torch.nn.Linear(2, 2)), path("torch2-module.pth"))
    torch.save({"a": torch.zeros(2, dtype=torch.uint16)}, path("torch2-uint16.pth"))


if __name__ == "__main__":
    {"python2": python2, "torch1": torch1, "torch2": torch2}[sys.argv[1]](sys.argv[2])
    print("python", sys.version.split()[0], "torch", torch.__version__, "numpy", np.__version__)
