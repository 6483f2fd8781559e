"""Reads a weight file with NumPy and Python's own library, and prints its arrays as one JSON object.

Usage: python read_weights.py npz|lists|dicts|pytorch|torch FILE

For files of PyTorch, which need not be installed, the archive is opened by zipfile (which compares the checksums) and
the pickle by an unpickler that knows PyTorch's three functions by what they do, as torch.load(weights_only=True) does. `torch` is that call itself, by hand, where PyTorch is at hand.
"""

import collections
import json
import pickle
import sys
import zipfile

import numpy as np


def read_npz(path):
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def read_dict(path, take):
    arrays = {}
    for encoding in ("latin1", "bytes", "ASCII"):
        layers = np.load(path, allow_pickle=True, encoding=encoding).item()
        for name, layer in layers.items():
            arrays[name + "/weights"], arrays[name + "/biases"] = take(layer)
    return arrays


def read_pytorch(path):
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        folder = archive.infolist()[0].filename.split("/")[0]
        assert archive.read(folder + "/version").strip().isdigit()
        assert archive.read(folder + "/byteorder") == b"little"
        for entry in archive.infolist():
            local = archive.open(entry)
            local.read(0)
            begin = local._orig_compress_start if hasattr(local, "_orig_compress_start") else None
            assert begin is None or begin % 64 == 0, entry.filename

        class Unpickler(pickle.Unpickler):
            def find_class(self, module, name):
                known = {
                    ("collections", "OrderedDict"): collections.OrderedDict,
                    ("torch", "FloatStorage"): "<f4",
                    ("torch._utils", "_rebuild_tensor_v2"): rebuild,
                }
                return known[module, name]

            def persistent_load(self, reference):
                kind, dtype, key, location, count = reference
                assert (kind, location) == ("storage", "cpu")
                storage = np.frombuffer(archive.read(f"{folder}/data/{key}"), dtype)
                assert storage.size == count
                return storage

        with archive.open(folder + "/data.pkl") as file:
            content = Unpickler(file).load()
    assert type(content) is collections.OrderedDict
    return content


def rebuild(storage, offset, size, stride, requires_grad, hooks):
    assert requires_grad is False and hooks == collections.OrderedDict()
    strides = [4 * step for step in stride]
    return np.lib.stride_tricks.as_strided(storage[offset:], size, strides)


def read_torch(path):
    import torch

    mapped = torch.load(path, weights_only=True, mmap=True)
    content = torch.load(path, weights_only=True)
    assert all(torch.equal(mapped[name], tensor) for name, tensor in content.items())
    return {name: tensor.numpy() for name, tensor in content.items()}


READERS = {
    "npz": read_npz,
    "lists": lambda path: read_dict(path, lambda layer: layer),
    "dicts": lambda path: read_dict(path, lambda layer: (layer["weights"], layer["biases"])),
    "pytorch": read_pytorch,
    "torch": read_torch,
}

if __name__ == "__main__":
    arrays = READERS[sys.argv[1]](sys.argv[2])
    assert all(array.dtype == np.float32 for array in arrays.values())
    json.dump({name: {"shape": array.shape, "values": array.ravel().tolist()} for name, array in arrays.items()}, sys.stdout)
