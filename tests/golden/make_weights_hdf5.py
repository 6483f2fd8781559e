"""HDF5 files by h5py: arrays in every way that the format has to keep them, and what must be refused.

    python3 make_weights_hdf5.py OUTPUT_FOLDER    # with h5py 3.14.0 (HDF5 1.14.6), numpy 2.4.6

What an array holds follows from its name, its shape and its type (`numbers`). The files are written by HDF5's own
library; shares no code with this project.
"""

import os
import sys

import h5py
import numpy as np

FOLDER = sys.argv[1]
SHAPE = (6, 7)
TYPES = ["<f2", "<f4", ">f4", "<f8", ">f8", "|i1", "|u1", "<i2", ">i2", "<u2", "<i4", "<u4", "<i8", "<u8", "|b1"]


def numbers(shape, dtype="<f4"):
    """(37 i) mod 101 for element i; its parity for booleans."""
    whole = (37 * np.arange(int(np.prod(shape)))) % 101
    return (whole % 2 if np.dtype(dtype).kind == "b" else whole).reshape(shape).astype(dtype)


def open_file(name, **options):
    return h5py.File(os.path.join(FOLDER, name), "w", **options)


def add_types(file):
    group = file.create_group("types")
    for dtype in TYPES:
        group.create_dataset(dtype.replace("<", "little-").replace(">", "big-").replace("|", ""), data=numbers(SHAPE, dtype))


def add_layouts(file):
    group = file.create_group("layouts")
    whole = numbers(SHAPE)

    def add(name, shape=SHAPE, **options):
        group.create_dataset(name, data=numbers(shape), **options)

    add("plain")
    add("chunks-even", chunks=(3, 7))
    add("chunks-uneven", chunks=(4, 3))
    add("chunk-single", chunks=SHAPE)
    add("chunk-larger", chunks=(6, 7), maxshape=(6, 7))
    add("gzip", chunks=(4, 4), compression="gzip")
    add("gzip-shuffle", chunks=(4, 4), compression="gzip", shuffle=True)
    add("gzip-shuffle-fletcher32", chunks=(2, 7), compression="gzip", shuffle=True, fletcher32=True)
    add("fletcher32", chunks=(4, 4), fletcher32=True)
    add("three-axes", shape=(3, 4, 5), chunks=(2, 4, 3), compression="gzip")
    add("four-axes", shape=(3, 2, 4, 5), chunks=(2, 2, 3, 5), shuffle=True, compression="gzip")
    add("scalar", shape=())
    add("empty", shape=(0, 3))
    add("many-chunks", shape=(60, 5), chunks=(1, 5))
    # In the object's header itself, which h5py has no word for.
    space, kind = h5py.h5s.create_simple(SHAPE), h5py.h5t.py_create(whole.dtype)
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_layout(h5py.h5d.COMPACT)
    h5py.h5d.create(group.id, b"compact", kind, space, properties).write(h5py.h5s.ALL, h5py.h5s.ALL, whole)


def add_groups(file):
    """More names than fit into one node, and more than fit into a header."""
    many = file.create_group("many")
    for index in range(12):
        many.create_dataset("array-%d" % (index * 7 % 12), data=numbers((2,)))


def add_texts(file):
    group = file.create_group("texts")
    group.attrs["of-heap"] = "alpha"
    group.attrs["list-of-heap"] = ["alpha", "", "gamma \u00e9"]
    group.attrs["fixed"] = np.bytes_("beta")
    group.attrs["list-of-fixed"] = np.array([b"conv1", b"conv_2_1", b"x"])
    group.attrs["empty"] = np.array([], dtype="f8")
    group.attrs["number"] = 3
    for index in range(12):
        group.attrs["extra%d" % index] = "text %d" % index
    group.create_dataset("array", data=numbers((2,)))


def readable(name, **options):
    with open_file(name, **options) as file:
        add_types(file)
        add_layouts(file)
        add_groups(file)
        add_texts(file)


def names(name, **options):
    """More names than one node of a tree has room for; links, which are short."""
    with open_file(name, **options) as file:
        for index in range(300):
            file["name-%d" % (index * 7 % 300)] = h5py.SoftLink("/x")


def hostile():
    with open_file("external-storage.h5") as file:
        file.create_dataset("dense/kernel", SHAPE, "<f4", external=[("/etc/passwd", 0, 168)])
    with open_file("external-link.h5") as file:
        file.create_group("dense")["kernel"] = h5py.ExternalLink("/etc/passwd", "/kernel")
    with open_file("soft-link.h5") as file:
        file.create_group("dense")["kernel"] = h5py.SoftLink("/../../etc/passwd")
    with open_file("virtual.h5") as file:
        layout = h5py.VirtualLayout(SHAPE, "<f4")
        layout[:] = h5py.VirtualSource("/etc/passwd", "kernel", SHAPE)
        file.create_virtual_dataset("dense/kernel", layout)
    with open_file("huge-shape.h5") as file:
        file.create_dataset("dense/kernel", (2**20, 2**20), "<f4")
    with open_file("huge-chunked-shape.h5") as file:
        file.create_dataset("dense/kernel", (2**20, 2**20), "<f4", chunks=(1024, 1024), compression="gzip")
    with open_file("chunk-count.h5") as file:
        file.create_dataset("dense/kernel", (2**31,), "<f4", chunks=(1,))
    with open_file("gzip-bomb.h5") as file:
        file.create_dataset("dense/kernel", data=np.zeros((2**11, 2**11), "<f4"), chunks=(2**11, 2**11), compression="gzip", compression_opts=9)
    with open_file("lzf.h5") as file:
        file.create_dataset("dense/kernel", data=numbers(SHAPE), chunks=SHAPE, compression="lzf")
    with open_file("missing-chunks.h5") as file:
        file.create_dataset("dense/kernel", (64, 64), "<f4", chunks=(8, 8))[0:8, 0:8] = 1
    with open_file("deep-groups.h5") as file:
        file.create_group("/".join(["g"] * 40)).create_dataset("kernel", data=numbers(SHAPE))
    with open_file("cycle.h5") as file:
        group = file.create_group("layers")
        group["layers"] = file["/"]
    with open_file("twice.h5") as file:
        file.create_dataset("a/kernel", data=numbers(SHAPE))
        file["b"] = file["a"]
    with open_file("compound.h5") as file:
        file.create_dataset("dense/kernel", data=np.zeros(3, [("a", "<f4"), ("b", "<i4")]))
        file["dense"].create_dataset("texts", data=["a", "b"])
    with open_file("nothing.h5") as file:
        file.create_group("dense")
    with open_file("growing.h5", libver="latest") as file:
        file.create_dataset("dense/kernel", data=numbers(SHAPE), chunks=(2, 2), maxshape=(None, 7))


if __name__ == "__main__":
    os.makedirs(FOLDER, exist_ok=True)
    readable("earliest.h5")
    readable("latest.h5", libver="latest")
    readable("ordered.h5", libver="latest", track_order=True)
    with open_file("user-block.h5", userblock_size=1024) as file:
        add_texts(file)
    names("names-earliest.h5")
    names("names-latest.h5", libver="latest")
    hostile()
