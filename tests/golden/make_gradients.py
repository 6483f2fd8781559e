"""Gradients of a training step from PyTorch's autograd in float64.

    python make_gradients.py OUTPUT_FOLDER

writes ops.json.gz, mini.json.gz and caffe-alexnet.json.gz.
Needs numpy and torch (the versions used stand in each file). Shares no code with this project: networks
are written down here once more, and run by torch_network.py.

Small cases hold all numbers; their inputs are multiples of 1/256, exact in float32. Whole networks hold
results only: inputs and weights come from `hashed`, which tests/golden/hashed-values.ts repeats.
"""

import gzip
import hashlib
import json
import math
import pathlib
import sys

import numpy as np
import torch
from torch_network import (
    Statistics,
    batch_normalization,
    conv,
    cross_entropy,
    flatten,
    gemm,
    lrn,
    pool,
    run_graph,
    unary,
)

SEED = 20121203
VERSIONS = {"torch": torch.__version__, "numpy": np.__version__, "python": sys.version.split()[0]}
SAMPLES = 256


# --- numbers ----------------------------------------------------------------------------------------


def hashed(seed, count, bound=1.0):
    """float32 numbers in [-bound, bound) from a 32-bit integer hash (lowbias32) of seed and position."""
    with np.errstate(over="ignore"):
        h = np.arange(count, dtype=np.uint32) + np.uint32((seed * 0x9E3779B9) & 0xFFFFFFFF)
        h ^= h >> np.uint32(16)
        h *= np.uint32(0x7FEB352D)
        h ^= h >> np.uint32(15)
        h *= np.uint32(0x846CA68B)
        h ^= h >> np.uint32(16)
    unit = (h >> np.uint32(8)).astype(np.float64) / 2**23 - 1.0
    return (unit * bound).astype(np.float32)


def hashed_mask(seed, count, ratio):
    """Dropout mask: 0 for the share `ratio`, else 1 / (1 - ratio)."""
    keep = hashed(seed, count) >= np.float32(2 * ratio - 1)
    return np.where(keep, np.float32(1 / (1 - ratio)), np.float32(0))


def tensor(values, shape):
    return torch.tensor(np.asarray(values, dtype=np.float32).astype(np.float64)).reshape(shape)


class Draw:
    """Small numbers with short decimals."""

    def __init__(self, seed):
        self.random = np.random.default_rng([SEED, seed])

    def spread(self, shape, bound=1.0):
        whole = self.random.integers(-int(256 * bound), int(256 * bound), size=shape, endpoint=True)
        return whole / 256

    def off_zero(self, shape):
        """At least 1/16 from zero: no kink of a relu is near."""
        value = self.spread(shape)
        return np.where(value >= 0, value + 1 / 16, value - 1 / 16)

    def distinct(self, shape):
        """No two numbers closer than 1/128, none closer than 1/256 to zero: no ties in a pool."""
        count = math.prod(shape)
        return ((2 * self.random.permutation(count) + 1 - count // 2 * 2) / 256).reshape(shape)

    def shares(self, rows, classes):
        """Soft targets: three classes of each row, not all different, share a 1."""
        target = np.zeros((rows, classes))
        for row in target:
            np.add.at(row, self.random.integers(0, classes, size=3), [0.5, 0.3125, 0.1875])
        return target


# --- small cases ------------------------------------------------------------------------------------


def make_case(
    name, image, nodes, parameters=None, masks=None, target=None, normalizer=None, frozen=()
):
    """Runs a small graph and writes everything down. The default target is soft and unevenly weighted."""
    parameters = parameters or {}
    masks = masks or {}
    graph = {
        "name": name,
        "input": {"name": "image", "shape": list(image.shape[1:])},
        "parameters": [
            {"name": key, "shape": list(value.shape), "initializer": {"kind": "constant", "value": 0}}
            for key, value in parameters.items()
        ],
        "nodes": nodes,
        "output": nodes[-1]["output"],
    }
    leaves = {key: tensor(value, value.shape) for key, value in parameters.items()}
    learned = {
        key: leaf.requires_grad_()
        for key, leaf in leaves.items()
        if not key.endswith((".mean", ".variance")) and key not in frozen
    }
    pixels = tensor(image, image.shape).requires_grad_()
    given = {key: tensor(value, value.shape) for key, value in masks.items()}
    if target is None:
        classes = run_graph(graph, pixels, leaves, given, Statistics(None)).shape[1]
        target = Draw(0).shares(len(image), classes) * (1 + np.arange(len(image)))[:, None]
    statistics = Statistics(torch.tensor(target.any(axis=1)), frozen)
    logits = run_graph(graph, pixels, leaves, given, statistics)
    normalizer = len(image) if normalizer is None else normalizer
    loss = cross_entropy(logits, tensor(target, target.shape), normalizer)
    loss.backward()
    for key, leaf in learned.items():
        # A gradient that is a small difference of large terms says little about float32.
        assert leaf.grad.abs().max() > 0.01, f"{name}: draw other numbers for {key}"
    return {
        "name": name,
        "graph": graph,
        "image": dump(image),
        "parameters": {key: dump(value) for key, value in parameters.items()},
        "masks": {key: dump(value) for key, value in masks.items()},
        "target": dump(target),
        "normalizer": normalizer,
        "loss": loss.item(),
        "logits": dump(logits.detach().numpy()),
        "gradients": {key: dump(leaf.grad.numpy()) for key, leaf in learned.items()},
        "imageGradient": dump(pixels.grad.numpy()),
        "frozen": list(frozen),
        "statistics": {key: dump(value.numpy()) for key, value in statistics.new.items()},
    }


def dump(array):
    return {"shape": list(array.shape), "data": np.asarray(array, dtype=np.float64).ravel().tolist()}


def conv_cases():
    # name: batch, in, out, height, width, kernel, strides, pads [top, left, bottom, right], groups
    table = {
        "plain": (2, 2, 3, 5, 6, (3, 3), (1, 1), (0, 0, 0, 0), 1),
        "same padding": (2, 3, 2, 5, 4, (3, 3), (1, 1), (1, 1, 1, 1), 1),
        "5x5, two groups": (2, 4, 6, 5, 5, (5, 5), (1, 1), (2, 2, 2, 2), 2),
        "asymmetric pads": (2, 2, 2, 4, 5, (3, 2), (1, 1), (2, 0, 1, 1), 1),
        "one pixel kernel": (2, 3, 4, 3, 3, (1, 1), (1, 1), (0, 0, 0, 0), 1),
        "kernel of the picture's size": (3, 2, 4, 3, 4, (3, 4), (1, 1), (0, 0, 0, 0), 1),
        "padding wider than the kernel": (1, 1, 2, 2, 3, (2, 2), (1, 1), (2, 3, 2, 2), 1),
        "one group a channel": (2, 3, 3, 4, 4, (3, 3), (1, 1), (1, 1, 1, 1), 3),
        "batch in uneven chunks": (11, 2, 2, 3, 3, (2, 2), (1, 1), (1, 1, 0, 0), 1),
        "batch in uneven chunks, two groups": (9, 4, 2, 3, 3, (3, 3), (1, 1), (1, 1, 1, 1), 2),
        "stride 2 that divides": (2, 2, 3, 7, 5, (3, 3), (2, 2), (0, 0, 0, 0), 1),
        "stride 3 that leaves pixels over": (2, 2, 3, 9, 10, (3, 3), (3, 3), (0, 0, 0, 0), 1),
        "stride 4, kernel 11, pads 0 0 3 3": (2, 3, 3, 17, 18, (11, 11), (4, 4), (0, 0, 3, 3), 1),
        "stride 2, two groups": (2, 4, 4, 6, 7, (3, 3), (2, 2), (1, 1, 1, 1), 2),
        "strides differ": (2, 2, 2, 7, 6, (2, 3), (1, 2), (0, 1, 1, 0), 1),
        "stride wider than the kernel": (2, 2, 2, 8, 8, (2, 1), (3, 3), (0, 0, 0, 0), 1),
    }
    for index, (name, row) in enumerate(table.items()):
        batch, inputs, outputs, height, width, kernel, strides, pads, group = row
        draw = Draw(100 + index)
        parameters = {
            "conv1.weight": draw.spread((outputs, inputs // group, *kernel)),
            "conv1.bias": draw.spread((outputs,)),
        }
        nodes = [conv("conv1", "image", kernel, strides, pads, group), flatten("conv1")]
        image = draw.spread((batch, inputs, height, width))
        yield make_case(f"Conv: {name}", image, nodes, parameters)


def elementwise_cases():
    draw = Draw(200)
    yield make_case(
        "Relu: both signs",
        draw.off_zero((2, 2, 3, 4)),
        [unary("Relu", "relu1", "image"), flatten("relu1")],
    )
    tanh = [unary("Tanh", "tanh1", "image"), flatten("tanh1")]
    yield make_case("Tanh: both signs", Draw(201).spread((2, 2, 3, 4), 3), tanh)
    yield make_case("Flatten: CHW order", draw.spread((2, 2, 3, 2)), [flatten("image")])
    masks = {"drop1": np.where(draw.spread((3, 8)) > -0.25, 1.6, 0.0)}
    yield make_case(
        "Dropout: a given mask",
        draw.spread((3, 8)),
        [unary("Dropout", "drop1", "image", ratio=0.375)],
        masks=masks,
    )
    softmax = unary("Softmax", "softmax1", "image")
    parameters = {"fc1.weight": draw.spread((4, 5)), "fc1.bias": draw.spread((4,))}
    yield make_case(
        "Softmax: inside a network",
        draw.spread((3, 5), 2),
        [softmax, gemm("fc1", "softmax1")],
        parameters,
    )
    yield make_case(
        "Softmax: at the end, the loss takes its operand",
        draw.spread((3, 5), 2),
        [gemm("fc1", "image"), unary("Softmax", "softmax1", "fc1")],
        parameters,
    )


def lrn_cases():
    # name: channels, size, alpha, beta, k
    table = {
        "window 5": (7, 5, 0.125, 0.75, 2),
        "window 3, k 1": (4, 3, 0.25, 0.75, 1),
        "window 1": (3, 1, 0.25, 0.75, 1),
        "window 9 over fewer channels": (4, 9, 0.0625, 0.75, 1),
        "even window 4": (6, 4, 0.25, 0.75, 1),
        "even window 2": (5, 2, 0.5, 0.75, 1),
        "beta 1/2": (5, 3, 0.25, 0.5, 1),
        "beta 1": (5, 3, 0.25, 1, 1),
        "beta 0.6": (5, 3, 0.25, 0.6, 1.5),
    }
    for index, (name, (channels, size, alpha, beta, k)) in enumerate(table.items()):
        node = lrn("norm1", "image", size, alpha, beta, k)
        image = Draw(300 + index).spread((2, channels, 2, 3), 2)
        yield make_case(f"LRN: {name}", image, [node, flatten("norm1")])
    # name: channels, groups, size
    grouped = {
        "two towers": (8, 2, 5),
        "three groups, even window": (9, 3, 4),
        "groups of one channel": (4, 4, 3),
    }
    for index, (name, (channels, groups, size)) in enumerate(grouped.items()):
        node = lrn("norm1", "image", size, 0.125, 0.75, 1, groups)
        image = Draw(330 + index).spread((2, channels, 2, 3), 2)
        yield make_case(f"LRN: {name}", image, [node, flatten("norm1")])


def spatial_lrn_cases():
    # name: height, width, size, alpha, beta, k
    table = {
        "window 3": (4, 5, 3, 0.125, 0.75, 1),
        "window 5, k 2": (6, 6, 5, 0.0625, 0.75, 2),
        "even window 4": (5, 5, 4, 0.125, 0.75, 1),
        "even window 2": (3, 4, 2, 0.25, 0.5, 1),
        "window 9 over fewer pixels": (3, 4, 9, 0.0625, 1, 1),
        "window 1, beta 0.6": (2, 3, 1, 0.5, 0.6, 1.5),
    }
    for index, (name, (height, width, size, alpha, beta, k)) in enumerate(table.items()):
        node = unary("SpatialLRN", "rnorm1", "image", size=size, alpha=alpha, beta=beta, k=k)
        image = Draw(360 + index).spread((2, 2, height, width), 2)
        yield make_case(f"SpatialLRN: {name}", image, [node, flatten("rnorm1")])


def pool_cases():
    # name: batch, channels, height, width, kernel, strides, pads
    table = {
        "3x3 stride 2, overlapping": (2, 2, 7, 7, (3, 3), (2, 2), (0, 0, 0, 0)),
        "2x2 stride 2, odd side padded": (2, 2, 7, 5, (2, 2), (2, 2), (0, 0, 1, 1)),
        "3x3 stride 1": (1, 2, 4, 5, (3, 3), (1, 1), (1, 1, 1, 1)),
        "stride leaves pixels over": (2, 1, 8, 6, (3, 2), (2, 3), (0, 0, 0, 0)),
    }
    for index, (name, row) in enumerate(table.items()):
        batch, channels, height, width, kernel, strides, pads = row
        image = Draw(400 + index).distinct((batch, channels, height, width))
        nodes = [pool("pool1", "image", kernel, strides, pads), flatten("pool1")]
        yield make_case(f"MaxPool: {name}", image, nodes)
        nodes = [
            unary("Relu", "relu1", "image"),
            pool("pool1", "relu1", kernel, strides, pads),
            flatten("pool1"),
        ]
        yield make_case(f"MaxPool: {name}, after a Relu", image - 0.75, nodes)
    # name: height, width, kernel, strides, pads
    ceil = {
        "3x3 stride 2": (6, 8, (3, 3), (2, 2), (0, 0, 0, 0)),
        "3x3 stride 2, padded": (6, 7, (3, 3), (2, 2), (1, 1, 1, 1)),
        "a last window that would start in the padding": (5, 7, (2, 2), (2, 2), (1, 1, 1, 1)),
        "rounding up changes nothing": (7, 7, (3, 3), (2, 2), (0, 0, 0, 0)),
        "strides and pads differ": (7, 6, (3, 4), (3, 2), (1, 0, 2, 1)),
    }
    for index, (name, (height, width, kernel, strides, pads)) in enumerate(ceil.items()):
        image = Draw(430 + index).distinct((2, 2, height, width))
        nodes = [pool("pool1", "image", kernel, strides, pads, True), flatten("pool1")]
        yield make_case(f"MaxPool: ceil mode, {name}", image, nodes)


def average_pool_cases():
    # name: height, width, kernel, strides, pads, ceil mode, count_include_pad
    table = {
        "2x2 stride 2": (6, 4, (2, 2), (2, 2), (0, 0, 0, 0), False, False),
        "3x3 stride 2, overlapping": (7, 7, (3, 3), (2, 2), (0, 0, 0, 0), False, False),
        "pixels left over": (8, 6, (3, 2), (3, 3), (0, 0, 0, 0), False, False),
        "padding does not count": (6, 7, (3, 3), (2, 2), (1, 1, 1, 1), False, False),
        "padding counts": (6, 7, (3, 3), (2, 2), (1, 1, 1, 1), False, True),
        "uneven padding does not count": (5, 6, (3, 4), (1, 2), (2, 0, 1, 3), False, False),
        "uneven padding counts": (5, 6, (3, 4), (1, 2), (2, 0, 1, 3), False, True),
        "ceil mode": (6, 8, (3, 3), (2, 2), (0, 0, 0, 0), True, False),
        "ceil mode, padding counts": (6, 8, (3, 3), (2, 2), (1, 1, 1, 1), True, True),
        "ceil mode, padding does not count": (6, 8, (3, 3), (2, 2), (1, 1, 1, 1), True, False),
        "ceil mode, a window dropped": (5, 7, (2, 2), (2, 2), (1, 1, 1, 1), True, True),
        "ceil mode, uneven": (7, 6, (3, 4), (3, 3), (1, 0, 2, 1), True, True),
        "all of the map": (3, 4, (3, 4), (1, 1), (0, 0, 0, 0), False, False),
    }
    for index, (name, row) in enumerate(table.items()):
        height, width, kernel, strides, pads, ceil_mode, include = row
        window = {"kernelShape": list(kernel), "strides": list(strides), "pads": list(pads)}
        options = {"ceilMode": ceil_mode, "countIncludePad": include}
        nodes = [unary("AveragePool", "pool1", "image", **window, **options), flatten("pool1")]
        image = Draw(460 + index).spread((2, 2, height, width), 4)
        yield make_case(f"AveragePool: {name}", image, nodes)
    # name: height, width, output
    adaptive = {
        "divides": (6, 4, (3, 2)),
        "does not divide": (7, 5, (3, 2)),
        "one pixel": (4, 5, (1, 1)),
        "the same size": (3, 4, (3, 4)),
        "one side the same size": (5, 4, (3, 4)),
        "larger than the map": (2, 3, (5, 4)),
    }
    for index, (name, (height, width, size)) in enumerate(adaptive.items()):
        node = unary("AdaptiveAveragePool", "pool1", "image", outputSize=list(size))
        image = Draw(480 + index).spread((2, 2, height, width), 4)
        yield make_case(f"AdaptiveAveragePool: {name}", image, [node, flatten("pool1")])


def normalizer_arrays(draw, name, channels):
    return {
        f"{name}.scale": draw.off_zero((channels,)),
        f"{name}.bias": draw.spread((channels,)),
        f"{name}.mean": draw.spread((channels,)),
        f"{name}.variance": 0.25 + abs(draw.spread((channels,))),
    }


def batch_normalization_cases():
    maps = [batch_normalization("norm1", "image"), flatten("norm1")]
    draw = Draw(800)
    arrays = normalizer_arrays(draw, "norm1", 3)
    image = draw.spread((4, 3, 3, 2), 2)
    yield make_case("BatchNormalization: maps", image, maps, arrays)
    two = [[0, 1, 0], [0, 0, 0], [1, 0, 0], [0, 0, 0]]
    spread = np.repeat(np.array(two, dtype=np.float64), 6, axis=1) / 6
    yield make_case(
        "BatchNormalization: padding rows", image, maps, arrays, target=spread, normalizer=2
    )
    first = spread * np.array([[1], [0], [0], [0]])
    yield make_case(
        "BatchNormalization: one picture", image, maps, arrays, target=first, normalizer=1
    )
    # A tenth of this image is what varies: E x² - (E x)² in float32 would keep four digits.
    far = image / 8 + np.array([16, -12, 8]).reshape(1, 3, 1, 1)
    yield make_case("BatchNormalization: means far from zero", far, maps, arrays)
    other = [batch_normalization("norm1", "image", 0.1, 0.25), flatten("norm1")]
    yield make_case("BatchNormalization: epsilon and momentum", image, other, arrays)
    keeps = [batch_normalization("norm1", "image", 0.001, 1), flatten("norm1")]
    yield make_case("BatchNormalization: momentum 1 keeps what is", image, keeps, arrays)
    takes = [batch_normalization("norm1", "image", 0.001, 0), flatten("norm1")]
    yield make_case("BatchNormalization: momentum 0 takes the batch's", image, takes, arrays)

    for name, frozen in {
        "frozen: as in inference": ["norm1.scale", "norm1.bias"],
        "statistics frozen, scale and bias learn": ["norm1.mean", "norm1.variance"],
        "the variance frozen keeps both": ["norm1.variance"],
        "scale frozen, bias learns": ["norm1.scale"],
        "bias frozen, scale learns": ["norm1.bias"],
    }.items():
        yield make_case(f"BatchNormalization: {name}", image, maps, arrays, frozen=frozen)

    draw = Draw(801)
    features = draw.spread((5, 4), 2)
    arrays = normalizer_arrays(draw, "norm1", 4)
    vectors = [batch_normalization("norm1", "image")]
    yield make_case("BatchNormalization: features", features, vectors, arrays)
    frozen = ["norm1.scale", "norm1.bias"]
    yield make_case("BatchNormalization: features, frozen", features, vectors, arrays, frozen=frozen)

    draw = Draw(802)
    parameters = {
        **normalizer_arrays(draw, "norm1", 4),
        "fc2.weight": draw.spread((4, 4)),
        "fc2.bias": draw.spread((4,)),
        "fc3.weight": draw.spread((3, 4)),
        "fc3.bias": draw.spread((3,)),
    }
    shared = [
        batch_normalization("norm1", "image"),
        gemm("fc2", "norm1"),
        unary("Tanh", "tanh2", "fc2"),
        batch_normalization("norm2", "tanh2", arrays="norm1"),
        gemm("fc3", "norm2"),
    ]
    image = draw.spread((5, 4), 2)
    yield make_case("BatchNormalization: two layers share their arrays", image, shared, parameters)


def gemm_cases():
    draw = Draw(500)
    parameters = {"fc1.weight": draw.spread((4, 6)), "fc1.bias": draw.spread((4,))}
    yield make_case("Gemm: plain", draw.spread((3, 6)), [gemm("fc1", "image")], parameters)
    yield make_case("Gemm: one picture", draw.spread((1, 6)), [gemm("fc1", "image")], parameters)
    parameters = {"fc1.weight": draw.spread((5, 5)), "fc1.bias": draw.spread((5,))}
    nodes = [
        gemm("fc1", "image"),
        unary("Relu", "relu1", "fc1"),
        gemm("fc2", "relu1", "fc1.weight", "fc1.bias"),
    ]
    yield make_case("Gemm: two layers share their weights", draw.spread((3, 5)), nodes, parameters)
    parameters = {
        "zero.bias": draw.spread((1,)),
        "fc2.weight": draw.spread((3, 1)),
        "fc2.bias": draw.spread((3,)),
    }
    nodes = [
        unary("Softmax", "softmax1", "image"),
        gemm("product", "image", "softmax1", "zero.bias"),
        gemm("fc2", "product"),
    ]
    yield make_case("Gemm: a value read twice", draw.spread((1, 4), 2), nodes, parameters)


def loss_cases():
    draw = Draw(600)
    logits = draw.spread((4, 5), 3)
    parameters = {"fc1.weight": np.eye(5), "fc1.bias": draw.spread((5,))}
    nodes = [gemm("fc1", "image")]
    one_hot = np.eye(5)[[3, 0, 4, 3]]
    yield make_case("loss: one-hot targets", logits, nodes, parameters, target=one_hot)
    soft = 0.875 * one_hot + 0.025
    yield make_case("loss: smoothed targets", logits, nodes, parameters, target=soft)
    padded = one_hot * np.array([[1], [1], [0], [0]])
    yield make_case("loss: padding rows", logits, nodes, parameters, target=padded, normalizer=2)
    weighted = one_hot * np.array([[2], [0.5], [1], [0.25]])
    yield make_case("loss: weighted rows", logits, nodes, parameters, target=weighted, normalizer=3)
    yield make_case(
        "loss: large logits", 40 * logits, nodes, parameters, target=one_hot
    )
    two = {"fc1.weight": draw.spread((2, 5)), "fc1.bias": draw.spread((2,))}
    yield make_case("loss: two classes", logits, nodes, two, target=np.eye(2)[[0, 1, 1, 0]])
    many = {"fc1.weight": draw.spread((100, 5)), "fc1.bias": draw.spread((100,))}
    yield make_case("loss: 100 classes", logits, nodes, many, target=np.eye(100)[[99, 0, 50, 7]])


def chain_case():
    draw = Draw(700)
    parameters = {
        "conv1.weight": draw.spread((4, 2, 3, 3)),
        "conv1.bias": draw.spread((4,)),
        "conv2.weight": draw.spread((4, 2, 3, 3)),
        "conv2.bias": draw.spread((4,)),
        "fc6.weight": draw.spread((6, 16)),
        "fc6.bias": draw.spread((6,)),
        "fc7.weight": draw.spread((3, 6)),
        "fc7.bias": draw.spread((3,)),
    }
    nodes = [
        conv("conv1", "image", (3, 3), (2, 2), (1, 1, 1, 1)),
        unary("Relu", "relu1", "conv1"),
        lrn("norm1", "relu1", 3, 0.125, 0.75, 1),
        pool("pool1", "norm1", (3, 3), (2, 2)),
        conv("conv2", "pool1", (3, 3), (1, 1), (1, 1, 1, 1), 2),
        unary("Relu", "relu2", "conv2"),
        pool("pool2", "relu2", (2, 2), (1, 1)),
        flatten("pool2"),
        gemm("fc6", "flatten"),
        unary("Relu", "relu6", "fc6"),
        unary("Dropout", "drop6", "relu6", ratio=0.5),
        gemm("fc7", "drop6"),
    ]
    masks = {"drop6": np.array([[2, 0, 2, 2, 0, 2], [0, 2, 2, 0, 2, 2]], dtype=np.float64)}
    image = draw.spread((2, 2, 13, 13))
    yield make_case("chain: all ops together", image, nodes, parameters, masks)


def second_chain_case():
    """What the first chain has not, in the order of the networks that have it."""
    draw = Draw(708)
    parameters = {
        "conv1.weight": draw.spread((4, 1, 3, 3)),
        "conv1.bias": draw.spread((4,)),
        **normalizer_arrays(draw, "norm1", 4),
        "conv2.weight": draw.spread((4, 2, 3, 3)),
        "conv2.bias": draw.spread((4,)),
        "fc6.weight": draw.spread((6, 16)),
        "fc6.bias": draw.off_zero((6,)),
        **normalizer_arrays(draw, "norm6", 6),
        "fc7.weight": draw.spread((3, 6)),
        "fc7.bias": draw.spread((3,)),
    }
    window = {"kernelShape": [2, 2], "strides": [1, 1], "pads": [0, 0, 0, 0]}
    nodes = [
        conv("conv1", "image", (3, 3), (1, 1), (1, 1, 1, 1)),
        unary("Relu", "relu1", "conv1"),
        pool("pool1", "relu1", (2, 2), (2, 2), ceil_mode=True),
        batch_normalization("norm1", "pool1"),
        lrn("lrn1", "norm1", 3, 0.125, 0.75, 1, 2),
        conv("conv2", "lrn1", (3, 3), (1, 1), (1, 1, 1, 1), 2),
        unary("SpatialLRN", "rnorm2", "conv2", size=3, alpha=0.125, beta=0.75, k=1),
        unary("AveragePool", "pool2", "rnorm2", **window, ceilMode=True, countIncludePad=False),
        unary("AdaptiveAveragePool", "pool3", "pool2", outputSize=[2, 2]),
        flatten("pool3"),
        gemm("fc6", "flatten"),
        unary("Tanh", "tanh6", "fc6"),
        batch_normalization("norm6", "tanh6"),
        gemm("fc7", "norm6"),
    ]
    image = draw.spread((6, 1, 7, 7))
    target = Draw(0).shares(6, 3) * np.array([[1], [2], [3], [2], [1], [0]])
    yield make_case(
        "chain: the other ops together", image, nodes, parameters, target=target, normalizer=5
    )


# --- whole networks ---------------------------------------------------------------------------------


def caffe_alexnet(divide, classes):
    """BVLC/caffe models/bvlc_alexnet, widths divided."""
    w = [width // divide for width in (96, 256, 384, 384, 256, 4096, 4096)]
    same = (1, 1, 1, 1)
    norm = {"size": 5, "alpha": 1e-4 / 5, "beta": 0.75, "k": 1}
    nodes = [
        conv("conv1", "image", (11, 11), (4, 4)),
        unary("Relu", "relu1", "conv1"),
        lrn("norm1", "relu1", **norm),
        pool("pool1", "norm1", (3, 3), (2, 2)),
        conv("conv2", "pool1", (5, 5), (1, 1), (2, 2, 2, 2), 2),
        unary("Relu", "relu2", "conv2"),
        lrn("norm2", "relu2", **norm),
        pool("pool2", "norm2", (3, 3), (2, 2)),
        conv("conv3", "pool2", (3, 3), (1, 1), same),
        unary("Relu", "relu3", "conv3"),
        conv("conv4", "relu3", (3, 3), (1, 1), same, 2),
        unary("Relu", "relu4", "conv4"),
        conv("conv5", "relu4", (3, 3), (1, 1), same, 2),
        unary("Relu", "relu5", "conv5"),
        pool("pool5", "relu5", (3, 3), (2, 2)),
        flatten("pool5"),
        gemm("fc6", "flatten"),
        unary("Relu", "relu6", "fc6"),
        unary("Dropout", "drop6", "relu6", ratio=0.5),
        gemm("fc7", "drop6"),
        unary("Relu", "relu7", "fc7"),
        unary("Dropout", "drop7", "relu7", ratio=0.5),
        gemm("fc8", "drop7"),
    ]
    shapes = {
        "conv1": (w[0], 3, 11, 11),
        "conv2": (w[1], w[0] // 2, 5, 5),
        "conv3": (w[2], w[1], 3, 3),
        "conv4": (w[3], w[2] // 2, 3, 3),
        "conv5": (w[4], w[3] // 2, 3, 3),
        "fc6": (w[5], w[4] * 36),
        "fc7": (w[6], w[5]),
        "fc8": (classes, w[6]),
    }
    graph = {"input": {"name": "image", "shape": [3, 227, 227]}, "nodes": nodes, "output": "fc8"}
    return graph, shapes


def hashed_parameters(shapes):
    """He-uniform weights, small biases. fc8's are a hundredth: its input is of the pictures' size, ±100."""
    parameters = {}
    for seed, (layer, shape) in enumerate(shapes.items(), start=1):
        bound = math.sqrt(6 / math.prod(shape[1:])) * (0.01 if layer == "fc8" else 1)
        parameters[f"{layer}.weight"] = tensor(hashed(100 + seed, math.prod(shape), bound), shape)
        parameters[f"{layer}.bias"] = tensor(hashed(200 + seed, shape[0], 0.125), shape[:1])
    return parameters


def hashed_batch(batch, classes, real, width, step=0):
    """Pictures in ±100, one-hot targets whose rows from `real` on are padding, dropout masks."""
    image = tensor(hashed(1, batch * 3 * 227 * 227, 100), (batch, 3, 227, 227))
    target = torch.zeros(batch, classes, dtype=torch.float64)
    for row in range(real):
        target[row, (7 * row + 3) % classes] = 1
    masks = {
        name: tensor(hashed_mask(seed + 10 * step, batch * width, 0.5), (batch, width))
        for name, seed in (("drop6", 1006), ("drop7", 1007))
    }
    return image, target, masks


def describe(value, seed):
    """Size of an array, and some of its values: at hashed positions."""
    flat = value.detach().reshape(-1)
    positions = sample_positions(seed, flat.numel())
    return {
        "shape": list(value.shape),
        "max": flat.abs().max().item(),
        "l1": flat.abs().sum().item(),
        "l2": flat.norm().item(),
        "sum": flat.sum().item(),
        "samples": flat[positions].tolist(),
    }


def sample_positions(seed, size):
    whole = ((hashed(seed, SAMPLES).astype(np.float64) + 1) * 2**23).astype(np.int64)
    return whole * size // 2**24


def whole_network(preset, divide, classes, batch, real):
    graph, shapes = caffe_alexnet(divide, classes)
    parameters = hashed_parameters(shapes)
    for parameter in parameters.values():
        parameter.requires_grad_()
    image, target, masks = hashed_batch(batch, classes, real, 4096 // divide)
    logits = run_graph(graph, image, parameters, masks)
    loss = cross_entropy(logits, target, real)
    loss.backward()
    return {
        "versions": VERSIONS,
        "preset": preset,
        "batchSize": batch,
        "pictures": real,
        "classes": classes,
        "loss": loss.item(),
        "logits": describe(logits, 2000),
        "gradients": {
            name: describe(parameter.grad, 3000 + index)
            for index, (name, parameter) in enumerate(parameters.items())
        },
    }


# --- files ------------------------------------------------------------------------------------------


def write(folder, name, value):
    text = json.dumps(value, separators=(",", ":"))
    packed = gzip.compress(text.encode(), mtime=0)
    (folder / name).write_bytes(packed)
    print(f"{name}: {hashlib.sha256(packed).hexdigest()}, {len(packed):,} bytes")


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    groups = (
        conv_cases(),
        elementwise_cases(),
        lrn_cases(),
        spatial_lrn_cases(),
        pool_cases(),
        average_pool_cases(),
        batch_normalization_cases(),
        gemm_cases(),
        loss_cases(),
        chain_case(),
        second_chain_case(),
    )
    cases = [case for group in groups for case in group]
    write(folder, "ops.json.gz", {"versions": VERSIONS, "seed": SEED, "cases": cases})
    write(folder, "mini.json.gz", whole_network("mini", 16, 10, 4, 3))
    write(folder, "caffe-alexnet.json.gz", whole_network("caffe-alexnet", 1, 1000, 2, 2))


if __name__ == "__main__":
    main()
