"""Gradients of a training step from PyTorch's autograd in float64.

    python make_gradients.py OUTPUT_FOLDER

writes ops.json.gz, mini.json.gz, caffe-alexnet.json.gz and optimizers.json.gz.
Needs numpy and torch (the versions used stand in each file). Shares no code with this project: networks
are written down here once more, with torch's own functions.

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
import torch.nn.functional as F

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


# --- operators --------------------------------------------------------------------------------------


def local_response_norm(x, size, alpha, beta, k):
    """alpha per element; an even window reaches one channel further up than down."""
    channels = x.shape[1]
    below, above = (size - 1) // 2, size - 1 - (size - 1) // 2
    squares = F.pad(x * x, (0, 0, 0, 0, below, above))
    window = sum(squares[:, i : i + channels] for i in range(size))
    y = x / (k + alpha * window) ** beta
    if size % 2 == 1:
        assert torch.allclose(y, F.local_response_norm(x, size, alpha * size, beta, k), atol=1e-14)
    return y


def run_node(node, values, masks):
    x, *rest = [values[name] for name in node["inputs"]]
    a = node["attributes"]
    match node["op"]:
        case "Conv":
            top, left, bottom, right = a["pads"]
            padded = F.pad(x, (left, right, top, bottom))
            return F.conv2d(padded, *rest, stride=a["strides"], groups=a["group"])
        case "MaxPool":
            top, left, bottom, right = a["pads"]
            padded = F.pad(x, (left, right, top, bottom), value=-math.inf)
            return F.max_pool2d(padded, a["kernelShape"], a["strides"])
        case "LRN":
            return local_response_norm(x, a["size"], a["alpha"], a["beta"], a["k"])
        case "Relu":
            return F.relu(x)
        case "Flatten":
            return x.flatten(1)
        case "Gemm":
            return F.linear(x, *rest)
        case "Dropout":
            return x * masks[node["name"]]
        case "Softmax":
            return F.softmax(x, 1)
    raise ValueError(node["op"])


def run_graph(graph, image, parameters, masks):
    values = {graph["input"]["name"]: image, **parameters}
    for node in graph["nodes"]:
        values[node["output"]] = run_node(node, values, masks)
    last = next(node for node in graph["nodes"] if node["output"] == graph["output"])
    return values[last["inputs"][0] if last["op"] == "Softmax" else graph["output"]]


def cross_entropy(logits, target, normalizer):
    return -(target * F.log_softmax(logits, 1)).sum() / normalizer


# --- small cases ------------------------------------------------------------------------------------


def conv(name, x, kernel, strides=(1, 1), pads=(0, 0, 0, 0), group=1):
    return {
        "op": "Conv",
        "name": name,
        "inputs": [x, f"{name}.weight", f"{name}.bias"],
        "output": name,
        "attributes": {
            "kernelShape": list(kernel),
            "strides": list(strides),
            "pads": list(pads),
            "group": group,
        },
    }


def gemm(name, x, weight=None, bias=None):
    inputs = [x, weight or f"{name}.weight", bias or f"{name}.bias"]
    return {"op": "Gemm", "name": name, "inputs": inputs, "output": name, "attributes": {}}


def pool(name, x, kernel, strides, pads=(0, 0, 0, 0)):
    attributes = {"kernelShape": list(kernel), "strides": list(strides), "pads": list(pads)}
    return {"op": "MaxPool", "name": name, "inputs": [x], "output": name, "attributes": attributes}


def unary(op, name, x, **attributes):
    return {"op": op, "name": name, "inputs": [x], "output": name, "attributes": attributes}


def flatten(x):
    return unary("Flatten", "flatten", x)


def make_case(name, image, nodes, parameters=None, masks=None, target=None, normalizer=None):
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
    leaves = {key: tensor(value, value.shape).requires_grad_() for key, value in parameters.items()}
    pixels = tensor(image, image.shape).requires_grad_()
    given = {key: tensor(value, value.shape) for key, value in masks.items()}
    logits = run_graph(graph, pixels, leaves, given)
    if target is None:
        target = Draw(0).shares(*logits.shape) * (1 + np.arange(len(logits)))[:, None]
    normalizer = len(image) if normalizer is None else normalizer
    loss = cross_entropy(logits, tensor(target, target.shape), normalizer)
    loss.backward()
    for key, leaf in leaves.items():
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
        "gradients": {key: dump(leaf.grad.numpy()) for key, leaf in leaves.items()},
        "imageGradient": dump(pixels.grad.numpy()),
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
        node = unary("LRN", "norm1", "image", size=size, alpha=alpha, beta=beta, k=k)
        image = Draw(300 + index).spread((2, channels, 2, 3), 2)
        yield make_case(f"LRN: {name}", image, [node, flatten("norm1")])


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
        unary("LRN", "norm1", "relu1", size=3, alpha=0.125, beta=0.75, k=1),
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


# --- whole networks ---------------------------------------------------------------------------------


def caffe_alexnet(divide, classes):
    """BVLC/caffe models/bvlc_alexnet, widths divided."""
    w = [width // divide for width in (96, 256, 384, 384, 256, 4096, 4096)]
    same = (1, 1, 1, 1)
    lrn = {"size": 5, "alpha": 1e-4 / 5, "beta": 0.75, "k": 1}
    nodes = [
        conv("conv1", "image", (11, 11), (4, 4)),
        unary("Relu", "relu1", "conv1"),
        unary("LRN", "norm1", "relu1", **lrn),
        pool("pool1", "norm1", (3, 3), (2, 2)),
        conv("conv2", "pool1", (5, 5), (1, 1), (2, 2, 2, 2), 2),
        unary("Relu", "relu2", "conv2"),
        unary("LRN", "norm2", "relu2", **lrn),
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


def optimizer_run(name, config, rates, make):
    graph, shapes = caffe_alexnet(16, 10)
    parameters = hashed_parameters(shapes)
    for parameter in parameters.values():
        parameter.requires_grad_()
    optimizer = make(parameters.values())
    losses = []
    for step, rate in enumerate(rates, start=1):
        for group in optimizer.param_groups:
            group["lr"] = rate
        image, target, masks = hashed_batch(4, 10, 4, 256, step)
        optimizer.zero_grad()
        loss = cross_entropy(run_graph(graph, image, parameters, masks), target, 4)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return {
        "name": name,
        "config": config,
        "learningRates": rates,
        "losses": losses,
        "weights": {
            key: describe(parameter, 4000 + index)
            for index, (key, parameter) in enumerate(parameters.items())
        },
    }


def optimizer_runs():
    # The paper's rule and torch's are the same as long as the rate is constant.
    sgd = {"kind": "sgd", "momentum": 0.9, "weightDecay": 0.0005}
    yield optimizer_run(
        "sgd with momentum and weight decay",
        sgd,
        [0.00001] * 5,
        lambda p: torch.optim.SGD(p, lr=1, momentum=0.9, weight_decay=0.0005),
    )
    plain = {"kind": "sgd", "momentum": 0, "weightDecay": 0}
    yield optimizer_run(
        "plain sgd, rate falls",
        plain,
        [0.00002, 0.00002, 0.00001, 0.00001, 0.000005],
        lambda p: torch.optim.SGD(p, lr=1),
    )
    adam = {"kind": "adam", "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
    yield optimizer_run(
        "adam",
        adam,
        [0.0001, 0.0001, 0.0002, 0.0002, 0.0001],
        lambda p: torch.optim.Adam(p, lr=1, betas=(0.9, 0.999), eps=1e-8),
    )
    decayed = {"kind": "adam", "beta1": 0.8, "beta2": 0.99, "epsilon": 0.001, "weightDecay": 0.01}
    yield optimizer_run(
        "adam with weight decay",
        decayed,
        [0.0001] * 5,
        lambda p: torch.optim.Adam(p, lr=1, betas=(0.8, 0.99), eps=0.001, weight_decay=0.01),
    )


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
        pool_cases(),
        gemm_cases(),
        loss_cases(),
        chain_case(),
    )
    cases = [case for group in groups for case in group]
    write(folder, "ops.json.gz", {"versions": VERSIONS, "seed": SEED, "cases": cases})
    write(folder, "mini.json.gz", whole_network("mini", 16, 10, 4, 3))
    write(folder, "caffe-alexnet.json.gz", whole_network("caffe-alexnet", 1, 1000, 2, 2))
    write(folder, "optimizers.json.gz", {"versions": VERSIONS, "runs": list(optimizer_runs())})


if __name__ == "__main__":
    main()
