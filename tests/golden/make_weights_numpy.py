# -*- coding: utf-8 -*-
"""Weight files by NumPy: dicts of layers as pickles of every protocol, arrays of every type, archives.

    python2.7 make_weights_numpy.py python2 OUTPUT_FOLDER     # with numpy 1.16.6, the last one for Python 2
    python3.6 make_weights_numpy.py numpy1 OUTPUT_FOLDER      # with numpy 1.13.3, which pickles by protocol 2
    python3   make_weights_numpy.py numpy2 OUTPUT_FOLDER

The published bvlc_alexnet.npy was written by Python 2; the first call writes files as it did, by the same code. What an
array holds follows from its seed alone (`values`), so that nothing but this rule is needed to check a file. The files
are written by NumPy and Python; shares no code with this project.
"""

from __future__ import print_function

import os
import pickle
import sys

import numpy as np

try:
    import cPickle as pickle  # Python 2: the writer that numpy.save uses there
except ImportError:
    pass

# Layer, shape of its weights (HWIO, [in, out]), seed.
LAYERS = [
    ("conv1", (3, 3, 3, 4), 1),
    ("conv2", (5, 5, 2, 4), 2),
    ("fc6", (36, 8), 3),
    ("fc8", (8, 3), 4),
]
TYPES = ["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"]
SHAPE = (2, 3, 4)
TYPE_SEED = 9


def values(shape, seed, code="f4"):
    """((37 i + 11 seed) mod 101 − 50) / 64 for element i; whole numbers without / 64, from 0 where there is no sign."""
    numbers = (37 * np.arange(int(np.prod(shape, dtype=np.int64)), dtype=np.int64) + 11 * seed) % 101
    kind = np.dtype(code).kind
    if kind == "b":
        numbers = numbers % 2
    elif kind == "f":
        numbers = (numbers - 50) / 64.0
    elif kind == "i":
        numbers = numbers - 50
    return numbers.reshape(shape).astype(code)


def as_lists():
    return dict((name, [values(shape, seed), values(shape[-1:], seed + 50)]) for name, shape, seed in LAYERS)


def as_dicts():
    return dict(
        (name, {"weights": values(shape, seed), "biases": values(shape[-1:], seed + 50)}) for name, shape, seed in LAYERS
    )


def save_by_protocol(path, content, protocol):
    """numpy.save with a protocol of its own choice: the header of numpy.save, then the pickle."""
    array = np.array(content, dtype=object)
    with open(path, "wb") as file:
        np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(array))
        pickle.dump(array, file, protocol=protocol)


def python2(folder):
    np.save(os.path.join(folder, "python2-lists.npy"), as_lists())
    np.save(os.path.join(folder, "python2-dicts.npy"), as_dicts())
    for protocol in (0, 1):
        save_by_protocol(os.path.join(folder, "python2-protocol%d.npy" % protocol), as_lists(), protocol)
    from collections import OrderedDict

    ordered = OrderedDict((name, as_dicts()[name]) for name, _, _ in LAYERS)
    with open(os.path.join(folder, "python2-ordered.pkl"), "wb") as file:
        pickle.dump(ordered, file, protocol=2)
    np.savez(os.path.join(folder, "python2.npz"), **dict((name, values(shape, seed)) for name, shape, seed in LAYERS))


def numpy1(folder):
    np.save(os.path.join(folder, "numpy1-lists.npy"), as_lists())
    np.save(os.path.join(folder, "numpy1-dicts.npy"), as_dicts())


def numpy2(folder):
    np.save(os.path.join(folder, "numpy2-lists.npy"), as_lists(), allow_pickle=True)
    np.save(os.path.join(folder, "numpy2-dicts.npy"), as_dicts(), allow_pickle=True)
    for protocol in range(6):
        save_by_protocol(os.path.join(folder, "numpy2-protocol%d.npy" % protocol), as_lists(), protocol)
    with open(os.path.join(folder, "numpy2-protocol5.pkl"), "wb") as file:
        pickle.dump(as_dicts(), file, protocol=5)
    # Convolutions as views of OIHW: neither C's order nor Fortran's, which protocol 5 writes with the order of the axes.
    moved = as_dicts()
    for layer in moved.values():
        if layer["weights"].ndim == 4:
            layer["weights"] = np.ascontiguousarray(layer["weights"].transpose(3, 2, 0, 1)).transpose(2, 3, 1, 0)
        else:
            layer["weights"] = np.asfortranarray(layer["weights"])
    save_by_protocol(os.path.join(folder, "numpy2-protocol5-moved.npy"), moved, 5)

    # One array as it is, in each version of the format.
    for version in (1, 2, 3):
        with open(os.path.join(folder, "array-version%d.npy" % version), "wb") as file:
            np.lib.format.write_array(file, values((3, 3, 3, 4), 1), version=(version, 0))

    arrays = {}
    for code in TYPES:
        arrays["little_" + code] = values(SHAPE, TYPE_SEED, "<" + code)
        arrays["big_" + code] = values(SHAPE, TYPE_SEED, ">" + code)
        arrays["fortran_" + code] = np.asfortranarray(values(SHAPE, TYPE_SEED, code))
    arrays["scalar"] = values((), TYPE_SEED)
    arrays["empty"] = values((0, 4), TYPE_SEED)
    arrays["texts"] = np.array(["left", "out"])
    np.savez(os.path.join(folder, "types.npz"), **arrays)
    np.savez_compressed(os.path.join(folder, "types-compressed.npz"), **arrays)

    # Layers as entries: lists and dicts within an archive.
    layers = {"conv1": as_dicts()["conv1"], "fc8": np.empty(2, dtype=object)}
    layers["fc8"][:] = as_lists()["fc8"]
    np.savez_compressed(os.path.join(folder, "objects.npz"), **layers)

    # What pickles have beside arrays of rows: columns, the other byte order, halves, and what is no array.
    mixed = {
        "fortran": np.asfortranarray(values(SHAPE, TYPE_SEED)),
        "big": values(SHAPE, TYPE_SEED, ">f8"),
        "half": values(SHAPE, TYPE_SEED, "f2"),
        "names": np.array(["a", "b"]),
        "epoch": 3,
        "shared": None,
    }
    mixed["shared"] = mixed["half"]
    np.save(os.path.join(folder, "mixed.npy"), mixed, allow_pickle=True)


if __name__ == "__main__":
    {"python2": python2, "numpy1": numpy1, "numpy2": numpy2}[sys.argv[1]](sys.argv[2])
    print("python", sys.version.split()[0], "numpy", np.__version__)
