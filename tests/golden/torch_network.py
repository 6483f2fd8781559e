"""A network of this project's description as float64 PyTorch runs it, and its nodes written down.

Shares no code with the project: every operator stands here once more, by torch's own functions where torch
has it, else by its definition.
"""

import math

import torch
import torch.nn.functional as F

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


def grouped_response_norm(x, groups, **attributes):
    """Per tower: no window crosses from one group of channels to the next."""
    return torch.cat([local_response_norm(part, **attributes) for part in x.chunk(groups, 1)], 1)


def spatial_response_norm(x, size, alpha, beta, k):
    """cuda-convnet's rnorm: the window lies in the same map; an even one reaches one further down and right."""
    before, after = (size - 1) // 2, size - 1 - (size - 1) // 2
    squares = F.pad(x * x, (before, after, before, after))
    height, width = x.shape[2:]
    window = sum(
        squares[:, :, u : u + height, v : v + width] for u in range(size) for v in range(size)
    )
    return x / (k + alpha * window) ** beta


def batch_norm(x, scale, bias, mean, variance, epsilon, present):
    """
    By the batch where `present` says which rows are pictures, else (None) by the given mean and variance.

    A row that is no picture takes no part, and comes out as the bias. Also gives mean and variance used.
    """
    axes = [0, *range(2, x.dim())]
    spread = (1, -1) + (1,) * (x.dim() - 2)
    if present is not None:
        pictures = x[present]
        mean = pictures.mean(axes)
        variance = ((pictures - mean.reshape(spread)) ** 2).mean(axes)
    root = (variance + epsilon).sqrt()
    y = (x - mean.reshape(spread)) / root.reshape(spread) * scale.reshape(spread)
    if present is not None:
        y = torch.where(present.reshape((-1,) + (1,) * (x.dim() - 1)), y, torch.zeros_like(y))
        expected = F.batch_norm(pictures, None, None, scale, bias, training=True, eps=epsilon)
        assert torch.allclose((y + bias.reshape(spread))[present], expected, atol=1e-12)
    else:
        expected = F.batch_norm(x, mean, variance, scale, bias, eps=epsilon)
        assert torch.allclose(y + bias.reshape(spread), expected, atol=1e-12)
    return y + bias.reshape(spread), mean, variance


def overhang(length, kernel, stride, before, after, ceil_mode):
    """How far the last window of ceil mode reaches beyond the padding; one that starts behind the pixels is dropped."""
    steps = (length + before + after - kernel) / stride
    windows = (math.ceil(steps) if ceil_mode else math.floor(steps)) + 1
    if (windows - 1) * stride >= length + before:
        windows -= 1
    return max(0, (windows - 1) * stride + kernel - (length + before + after))


def pool_pads(x, a):
    """(left, right, top, bottom), what ceil mode adds included."""
    top, left, bottom, right = a["pads"]
    down = overhang(x.shape[2], a["kernelShape"][0], a["strides"][0], top, bottom, a["ceilMode"])
    side = overhang(x.shape[3], a["kernelShape"][1], a["strides"][1], left, right, a["ceilMode"])
    return left, right + side, top, bottom + down


def max_pool(x, a):
    y = F.max_pool2d(F.pad(x, pool_pads(x, a), value=-math.inf), a["kernelShape"], a["strides"])
    top, left, bottom, right = a["pads"]
    if (top, left) == (bottom, right) and 2 * max(a["pads"]) <= min(a["kernelShape"]):
        expected = F.max_pool2d(
            x, a["kernelShape"], a["strides"], (top, left), ceil_mode=a["ceilMode"]
        )
        assert torch.equal(y, expected)
    return y


def average_pool(x, a):
    """The sum of each window, divided by how many of its places count."""
    kernel, strides = a["kernelShape"], a["strides"]
    top, left, bottom, right = a["pads"]
    total = lambda v: F.avg_pool2d(v, kernel, strides, divisor_override=1)
    all_pads = pool_pads(x, a)
    counts = torch.ones_like(x)
    if a["countIncludePad"]:
        counts = F.pad(counts, (left, right, top, bottom), value=1)
        beyond = (0, all_pads[1] - right, 0, all_pads[3] - bottom)
    else:
        beyond = all_pads
    y = total(F.pad(x, all_pads)) / total(F.pad(counts, beyond))
    if (top, left) == (bottom, right) and 2 * max(a["pads"]) <= min(kernel):
        options = {"ceil_mode": a["ceilMode"], "count_include_pad": a["countIncludePad"]}
        assert torch.allclose(y, F.avg_pool2d(x, kernel, strides, (top, left), **options), atol=1e-14)
    return y


def run_node(node, values, masks, statistics):
    x, *rest = [values[name] for name in node["inputs"]]
    a = node["attributes"]
    match node["op"]:
        case "Conv":
            top, left, bottom, right = a["pads"]
            padded = F.pad(x, (left, right, top, bottom))
            return F.conv2d(padded, *rest, stride=a["strides"], groups=a["group"])
        case "MaxPool":
            return max_pool(x, a)
        case "AveragePool":
            return average_pool(x, a)
        case "AdaptiveAveragePool":
            return F.adaptive_avg_pool2d(x, a["outputSize"])
        case "LRN":
            return grouped_response_norm(x, **a)
        case "SpatialLRN":
            return spatial_response_norm(x, **a)
        case "BatchNormalization":
            return statistics.normalize(node, x, rest)
        case "Tanh":
            return torch.tanh(x)
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


class Statistics:
    """Normalises by the batch, layer by layer, and remembers what the running statistics become."""

    def __init__(self, present, frozen=()):
        self.present = present
        self.frozen = frozen
        self.new = {}

    def normalize(self, node, x, operands):
        _, scale, bias, mean, variance = node["inputs"]
        a = node["attributes"]
        still = (scale in self.frozen and bias in self.frozen) or {mean, variance} & set(self.frozen)
        present = None if still else self.present
        y, *batch = batch_norm(x, *operands, a["epsilon"], present)
        if not still:
            for name, old, value in zip((mean, variance), operands[2:], batch):
                before = self.new.get(name, old)
                self.new[name] = a["momentum"] * before + (1 - a["momentum"]) * value.detach()
        return y


def run_graph(graph, image, parameters, masks, statistics=None):
    values = {graph["input"]["name"]: image, **parameters}
    for node in graph["nodes"]:
        values[node["output"]] = run_node(node, values, masks, statistics)
    last = next(node for node in graph["nodes"] if node["output"] == graph["output"])
    return values[last["inputs"][0] if last["op"] == "Softmax" else graph["output"]]


def cross_entropy(logits, target, normalizer):
    return -(target * F.log_softmax(logits, 1)).sum() / normalizer


# --- nodes ------------------------------------------------------------------------------------------


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


def pool(name, x, kernel, strides, pads=(0, 0, 0, 0), ceil_mode=False):
    window = {"kernelShape": list(kernel), "strides": list(strides), "pads": list(pads)}
    return unary("MaxPool", name, x, **window, ceilMode=ceil_mode)


def lrn(name, x, size, alpha, beta, k, groups=1):
    return unary("LRN", name, x, size=size, alpha=alpha, beta=beta, k=k, groups=groups)


def batch_normalization(name, x, epsilon=0.001, momentum=0.9, arrays=None):
    roles = [f"{arrays or name}.{role}" for role in ("scale", "bias", "mean", "variance")]
    attributes = {"epsilon": epsilon, "momentum": momentum}
    return {
        "op": "BatchNormalization",
        "name": name,
        "inputs": [x, *roles],
        "output": name,
        "attributes": attributes,
    }


def unary(op, name, x, **attributes):
    return {"op": op, "name": name, "inputs": [x], "output": name, "attributes": attributes}


def flatten(x):
    return unary("Flatten", "flatten", x)
