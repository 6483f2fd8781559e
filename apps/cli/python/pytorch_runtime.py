"""Runs a network through PyTorch in float32, for `alexnet parity`: see protocol.py.

The graph is this project's description of the network, each operator put into PyTorch's own where it has one.
Shapes are PyTorch's: pictures [N, C, H, W], convolutions [out, in / group, height, width], Gemm [out, in].
"""

import math

import torch
import torch.nn.functional as F
from protocol import serve


def local_response_norm(x, a):
    """alpha per element, where PyTorch's is for the whole window; an even window reaches one further up."""
    below, above = (a["size"] - 1) // 2, a["size"] // 2
    parts = []
    for part in x.chunk(a["groups"], 1):
        if a["size"] % 2 == 1:
            parts.append(F.local_response_norm(part, a["size"], a["alpha"] * a["size"], a["beta"], a["k"]))
            continue
        squares = F.pad(part * part, (0, 0, 0, 0, below, above))
        window = sum(squares[:, i : i + part.shape[1]] for i in range(a["size"]))
        parts.append(part / (a["k"] + a["alpha"] * window) ** a["beta"])
    return torch.cat(parts, 1)


def spatial_lrn(x, a):
    """Over a window of each map; an even one reaches one further down and right."""
    size, before, after = a["size"], (a["size"] - 1) // 2, a["size"] // 2
    squares = F.pad(x * x, (before, after, before, after))
    window = F.avg_pool2d(squares, size, 1, divisor_override=1)
    return x / (a["k"] + a["alpha"] * window) ** a["beta"]


def overhang(length, kernel, stride, pads, ceil_mode):
    """How far the last window reaches beyond the padding, where the number of windows is rounded up."""
    before, after = pads
    steps = (length + before + after - kernel) / stride
    windows = (math.ceil(steps) if ceil_mode else math.floor(steps)) + 1
    # A window that would start behind the pixels is none.
    if (windows - 1) * stride >= length + before:
        windows -= 1
    return max(0, (windows - 1) * stride + kernel - (length + before + after))


def window_pads(x, a):
    """As F.pad takes them: left, right, top, bottom; and the part of right and bottom that rounding up added."""
    top, left, bottom, right = a["pads"]
    (height, width), (down, across) = a["kernelShape"], a["strides"]
    below = overhang(x.shape[2], height, down, (top, bottom), a["ceilMode"])
    beside = overhang(x.shape[3], width, across, (left, right), a["ceilMode"])
    return (left, right + beside, top, bottom + below), (0, beside, 0, below)


def max_pool(x, a):
    pads, _ = window_pads(x, a)
    return F.max_pool2d(F.pad(x, pads, value=-math.inf), a["kernelShape"], a["strides"])


def average_pool(x, a):
    """The sum of each window, divided by how many of its places count."""
    pads, beyond = window_pads(x, a)
    top, left, bottom, right = a["pads"]
    ones = torch.ones_like(x[:1])
    if a["countIncludePad"]:
        counted = F.pad(F.pad(ones, (left, right, top, bottom), value=1), beyond)
    else:
        counted = F.pad(ones, pads)
    total = lambda v: F.avg_pool2d(v, a["kernelShape"], a["strides"], divisor_override=1)
    return total(F.pad(x, pads)) / total(counted)


def conv(x, a, weight, bias):
    top, left, bottom, right = a["pads"]
    padded = F.pad(x, (left, right, top, bottom))
    return F.conv2d(padded, weight, bias, a["strides"], groups=a["group"])


OPS = {
    "AdaptiveAveragePool": lambda x, a: F.adaptive_avg_pool2d(x, a["outputSize"]),
    "AveragePool": average_pool,
    "BatchNormalization": lambda x, a, scale, bias, mean, variance: F.batch_norm(
        x, mean, variance, scale, bias, eps=a["epsilon"]
    ),
    "Conv": conv,
    "Dropout": lambda x, a: x,
    "Flatten": lambda x, a: x.flatten(1),
    "Gemm": lambda x, a, weight, bias: F.linear(x, weight, bias),
    "LRN": local_response_norm,
    "MaxPool": max_pool,
    "Relu": lambda x, a: F.relu(x),
    "Softmax": lambda x, a: F.softmax(x, 1),
    "SpatialLRN": spatial_lrn,
    "Tanh": lambda x, a: torch.tanh(x),
}


def describe(request):
    weights = {
        weight["name"]: torch.from_numpy(request.read("weights.f32", weight["shape"], weight["offset"]))
        for weight in request["weights"]
    }
    taps = [tap["name"] for tap in request["taps"]]
    device = f"cpu, {torch.get_num_threads()} threads"
    return f"PyTorch {torch.__version__}", device, (request["graph"], weights, taps)


def run(prepared, batch):
    graph, weights, taps = prepared
    values = {graph["input"]["name"]: torch.from_numpy(batch)}
    with torch.inference_mode():
        for node in graph["nodes"]:
            operands = [values[name] if name in values else weights[name] for name in node["inputs"]]
            x, *rest = operands
            values[node["output"]] = OPS[node["op"]](x, node["attributes"], *rest)
    return {tap: values[tap].numpy() for tap in taps}


serve(describe, run)
