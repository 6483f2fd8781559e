"""ONNX files of small networks in the forms that operator sets 1 to 28 have, and what onnxruntime computes.

    python make_onnx_imports_onnx.py OUTPUT_FOLDER

writes onnx.json.gz: the Model Zoo's bvlcalexnet as narrow as it gets, in the operator sets that it was published in
(structure of light_bvlc_alexnet.onnx in the package onnx), and small networks for one form each. Where onnxruntime
does not run an operator set, the same network is run in one that it does (`twin`). Needs onnx, onnxruntime and
onnxconverter-common (the versions used stand in the file); shares no code with this project.
"""

import pathlib
import sys
from importlib.metadata import version

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx_import_cases import Cases, coarse, picture, run, weights_for
from onnxconverter_common import float16

CLASSES = 3


def model_of(nodes, weights, shape, opset, *, classes=CLASSES, batch="N", ir=4, inputs=(), output="y",
             input_type=TensorProto.FLOAT, output_type=None, floats=False):
    """A model whose picture is `x` and whose weights are numpy arrays by name."""
    tensors = []
    for name, value in weights.items():
        tensor = value if isinstance(value, TensorProto) else numpy_helper.from_array(np.asarray(value), name)
        if floats and tensor.data_type == TensorProto.FLOAT:
            tensor = helper.make_tensor(name, TensorProto.FLOAT, value.shape, value.ravel())
        tensors.append(tensor)
    x = helper.make_tensor_value_info("x", input_type, [batch, *shape])
    extra = [helper.make_tensor_value_info(t.name, t.data_type, t.dims) for t in tensors if t.name in inputs]
    y = helper.make_tensor_value_info(output, output_type or input_type, [batch, classes])
    graph = helper.make_graph(nodes, "made", [x, *extra], [y], tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=ir)


def node(op, inputs, output, **attributes):
    outputs = output if isinstance(output, list) else [output]
    return helper.make_node(op, inputs, outputs, name=f"{op}_{outputs[0]}", **attributes)


# --- the Model Zoo's file ----------------------------------------------------------------------------


def zoo(opset, batch=2):
    """bvlcalexnet by onnx-caffe2: attributes, names and order are the published file's."""
    weights, nodes = {}, []
    last = "x"

    def learn(name, shape):
        seed = 10 + len([w for w in weights if w.endswith("_0")])
        weights[f"{name}_w_0"] = weights_for(seed, shape)
        weights[f"{name}_b_0"] = coarse(seed + 1, shape[:1], 0.5)
        return [f"{name}_w_0", f"{name}_b_0"]

    def add(op, output, inputs=(), **attributes):
        nonlocal last
        outputs = output if isinstance(output, list) else [output]
        nodes.append(helper.make_node(op, [last, *inputs], outputs, **attributes))
        last = outputs[0]

    def conv(name, shape, pad, stride=1, group=None):
        more = {"group": group} if group else {}
        kernel = shape[2:]
        add("Conv", f"{name}_1", learn(name, shape), **more, strides=[stride] * 2, pads=[pad] * 4, kernel_shape=kernel)
        add("Relu", f"{name}_2")

    def norm(output):
        add("LRN", output, size=5, alpha=1e-4, beta=0.75, bias=1.0)

    def pool(output, pads=(0, 0, 0, 0)):
        add("MaxPool", output, strides=[2, 2], pads=list(pads), kernel_shape=[3, 3])

    def gemm(name, shape):
        old = {"broadcast": 1} if opset < 7 else {}
        add("Gemm", f"{name}_1", learn(name, shape), transB=1, **old)

    def dropout(name):
        old = {"is_test": 1} if opset < 7 else {}
        add("Dropout", [f"{name}_3", f"_{name}_mask_1"], ratio=0.5, **old)

    conv("conv1", (2, 3, 11, 11), 0, 4)
    norm("norm1_1")
    pool("pool1_1")
    conv("conv2", (2, 1, 5, 5), 2, group=2)
    norm("norm2_1")
    pool("pool2_1")
    conv("conv3", (4, 2, 3, 3), 1)
    conv("conv4", (4, 2, 3, 3), 1, group=2)
    conv("conv5", (2, 2, 3, 3), 1, group=2)
    pool("pool5_1", (0, 0, 1, 1))
    if opset < 5:
        add("Reshape", "pool5_2", shape=[batch, 72])
    else:
        weights["OC2_DUMMY_1"] = np.array([batch, 72], np.int64)
        add("Reshape", "pool5_2", ["OC2_DUMMY_1"])
    gemm("fc6", (32, 72))
    add("Relu", "fc6_2")
    dropout("fc6")
    gemm("fc7", (32, 32))
    add("Relu", "fc7_2")
    dropout("fc7")
    gemm("fc8", (CLASSES, 32))
    add("Softmax", "y")
    return model_of(nodes, weights, (3, 224, 224), opset, batch=batch, ir=3, inputs=set(weights), floats=opset < 7)


# --- one form each -----------------------------------------------------------------------------------


class Net:
    """A network of a few nodes: each method adds one behind the last."""

    def __init__(self, opset, shape=(3, 13, 13)):
        self.opset, self.shape, self.nodes, self.weights, self.last, self.seed = opset, shape, [], {}, "x", 50

    def add(self, op, *operands, before=(), **attributes):
        output = f"v{len(self.nodes)}"
        self.nodes.append(node(op, [*before, self.last, *operands], output, **attributes))
        self.last = output
        return self

    def weight(self, value, name=None):
        name = name or f"w{len(self.weights)}"
        self.weights[name] = value
        return name

    def numbers(self, *shape, bound=None):
        self.seed += 1
        return self.weight(weights_for(self.seed, shape) if bound is None else coarse(self.seed, shape, bound))

    def ints(self, *values):
        return self.weight(np.array(values, np.int64))

    def conv(self, out, inputs, kernel, bias=True, **attributes):
        operands = [self.numbers(out, inputs, kernel, kernel)]
        operands += [self.numbers(out, bound=0.5)] if bias else []
        return self.add("Conv", *operands, **attributes)

    def gemm(self, out, inputs):
        return self.add("Gemm", self.numbers(out, inputs), self.numbers(out, bound=0.5), transB=1)

    def flatten(self):
        return self.add("Flatten")

    def relu(self):
        return self.add("Relu")

    def model(self, **options):
        self.nodes[-1].output[0] = "y"
        return model_of(self.nodes, self.weights, self.shape, self.opset, **options)


def auto_pad(opset, mode, size):
    net = Net(opset, (3, size, size)).conv(2, 3, 4, auto_pad=mode, strides=[3, 2]).relu()
    net.add("MaxPool", kernel_shape=[3, 2], strides=[2, 2], auto_pad=mode)
    net.add("AveragePool", kernel_shape=[2, 2], strides=[1, 2], auto_pad=mode)
    features = int(np.prod(onnx_shape(net)))
    return net.flatten().gemm(CLASSES, features).model()


def onnx_shape(net):
    """Of the last value, for one picture."""
    model = onnx.shape_inference.infer_shapes(model_of(net.nodes, net.weights, net.shape, net.opset, batch=1))
    (info,) = [v for v in model.graph.value_info if v.name == net.last]
    return [d.dim_value for d in info.type.tensor_type.shape.dim][1:]


def padded(opset):
    """Pad as a node before a convolution, a max pool behind a ReLU, and an average pool."""
    net = Net(opset)

    def pad(top, left, bottom, right):
        pads = [0, 0, top, left, 0, 0, bottom, right]
        if opset < 2:
            net.add("Pad", paddings=pads, mode="constant")
        elif opset < 11:
            net.add("Pad", pads=pads)
        elif opset < 18:
            net.add("Pad", net.ints(*pads), mode="constant")
        else:
            net.add("Pad", net.ints(top, left, bottom, right), "", net.ints(2, -1))

    pad(1, 2, 3, 0)
    net.conv(2, 3, 3, pads=[1, 0, 0, 1]).relu()
    pad(1, 0, 1, 1)
    net.add("MaxPool", kernel_shape=[3, 3], strides=[2, 2])
    pad(0, 1, 1, 0)
    net.add("AveragePool", kernel_shape=[2, 2], strides=[2, 2])
    return net.flatten().gemm(CLASSES, 2 * 4 * 4).model()


def matmul(opset):
    """Layers as MatMul and Add, Gemm with factors, Constant and Identity nodes, weights that are computed."""
    net = Net(opset)
    net.nodes.append(node("Constant", [], "c0", value=numpy_helper.from_array(weights_for(3, (2, 3, 3, 3)))))
    net.nodes.append(node("Identity", ["c0"], "c1"))
    net.add("Conv", "c1", strides=[2, 2])
    net.weights["b0"] = coarse(4, (2, 1, 1), 0.5)
    old = {"broadcast": 1, "axis": 1} if opset < 7 else {}
    net.add("Add", "b0", **old).relu().add("Identity")
    net.weights["axes"] = np.array([0, -1], np.int64)
    if opset < 5:
        net.add("Reshape", shape=[0, -1])
    else:
        net.add("Reshape", "axes")
    net.add("MatMul", net.numbers(72, 5)).add("Add", net.numbers(5, bound=0.5), **({"broadcast": 1} if old else {}))
    net.add("Tanh").add("Identity")
    old = {"broadcast": 1} if opset < 7 else {}
    bias = net.numbers(4, bound=0.5)
    net.add("Gemm", net.numbers(5, 4), bias, alpha=0.5, beta=2.0, **old).relu()
    net.nodes.append(node("Transpose", [net.numbers(4, CLASSES)], "t0", perm=[1, 0]))
    net.add("Gemm", "t0", net.numbers(1 if opset > 7 else CLASSES, bound=0.5), transB=1, **old)
    return net.model()


def batch_normalization(opset):
    net = Net(opset).conv(4, 3, 3, bias=False)

    def normalize(channels):
        operands = [net.numbers(channels, bound=1.0), net.numbers(channels, bound=0.5),
                    net.numbers(channels, bound=0.5), net.weight(1 + abs(coarse(9, (channels,), 0.5)))]
        old = {"is_test": 1} if opset < 7 else {}
        old |= {"spatial": 1} if opset < 9 else {}
        old |= {"consumed_inputs": [0, 0, 0, 1, 1]} if opset < 6 else {}
        net.add("BatchNormalization", *operands, epsilon=1e-3, momentum=0.99, **old)

    normalize(4)
    net.relu().add("GlobalAveragePool").flatten().gemm(5, 4)
    normalize(5)
    return net.relu().gemm(CLASSES, 5).model()


def scaled(opset):
    """Pictures in 0-255 less a mean, times a scale, before padding; a scale behind a pool; one of features."""
    net = Net(opset)
    net.add("Sub", net.weight(np.array([0.5, 0.25, -0.5], np.float32).reshape(1, 3, 1, 1)))
    net.add("Div", net.weight(np.array([0.5, 0.25, 2], np.float32).reshape(3, 1, 1)))
    net.conv(4, 3, 3, pads=[1, 1, 1, 1]).relu().add("MaxPool", kernel_shape=[3, 3], strides=[2, 2])
    net.add("Mul", net.weight(np.array([1, 0.5, 2, 0.25], np.float32).reshape(1, 4, 1, 1)))
    net.add("Add", net.weight(np.array([0.5, 0, -1, 0.25], np.float32).reshape(1, 4, 1, 1)))
    net.conv(3, 4, 3).relu()
    net.add("Mul", net.weight(np.float32(0.5)))
    net.nodes.append(node("Sub", [net.weight(np.float32(1)), net.last], "turned"))
    net.last = "turned"
    return net.flatten().gemm(CLASSES, 48).model()


def shapes_computed(opset):
    """x.view(x.size(0), -1) and its relatives: the length of the batch in a Reshape."""
    net = Net(opset).conv(2, 3, 3).relu()
    last = net.last
    net.nodes += [node("Shape", [last], "s0")]
    net.weights |= {"zero": np.array(0, np.int64), "i1": np.array([1], np.int64), "i2": np.array([2], np.int64)}
    net.weights |= {"i3": np.array([3], np.int64), "i9": np.array([9], np.int64)}
    net.nodes += [node("Gather", ["s0", "zero"], "s1", axis=0)]
    unsqueeze = {"axes": [0]} if opset < 13 else {}
    net.weights["axis0"] = np.array([0], np.int64)
    more = [] if opset < 13 else ["axis0"]
    net.nodes += [node("Unsqueeze", ["s1", *more], "s2", **unsqueeze)]
    if opset < 10:
        net.nodes += [node("Slice", ["s0"], "s3", starts=[1], ends=[9])]
    else:
        net.nodes += [node("Slice", ["s0", "i1", "i9"], "s3")]
    net.weights |= {"z1": np.array([0], np.int64)}
    net.nodes += [node("Gather", ["s3", "z1"], "s4"), node("Gather", ["s3", "i1"], "s5")]
    net.nodes += [node("Gather", ["s3", "i2"], "s6"), node("Mul", ["s4", "s5"], "s7"), node("Mul", ["s7", "s6"], "s8")]
    net.nodes += [node("Cast", ["s2"], "s9", to=TensorProto.INT32), node("Cast", ["s9"], "s10", to=TensorProto.INT64)]
    net.nodes += [node("Concat", ["s10", "s8"], "s11", axis=0)]
    return net.add("Reshape", "s11").gemm(CLASSES, 242).model()


def newest(opset):
    """What operator sets say in their own way: training_mode, axes as operands, negative axes, a softmax."""
    net = Net(opset, (3, 17, 17)).conv(4, 3, 3).relu()
    net.add("LRN", size=3, alpha=3e-2, beta=0.5, bias=2.0)
    net.add("MaxPool", kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1, dilations=[1, 1])
    ratio, training = net.weight(np.float32(0.25)), net.weight(np.array(False))
    net.add("Dropout", ratio, training)
    net.conv(6, 4, 3, group=1)
    net.relu().add("ReduceMean", net.ints(-1, 2), keepdims=1)
    net.add("Squeeze", net.ints(3, 2)).gemm(5, 6).relu().add("Dropout", ratio)
    return net.gemm(CLASSES, 5).add("Softmax", axis=-1).model(ir=10)


def convolutional(opset):
    """Fully convolutional: the picture ends as [N, classes, 1, 1] and is squeezed."""
    net = Net(opset).conv(4, 3, 5, strides=[2, 2]).relu().conv(6, 4, 5).relu().conv(CLASSES, 6, 1)
    if opset < 13:
        return net.add("Squeeze", axes=[2, 3]).add("Softmax").model()
    return net.add("Squeeze", net.ints(2, 3)).add("Softmax").model()


def towers(opset):
    """Two towers on one picture, each with its own normalisation, that see each other in the third layer."""
    net = Net(opset, (3, 21, 21))
    tops = []
    for _ in range(2):
        net.last = "x"
        net.conv(4, 3, 5, strides=[2, 2]).relu()
        net.add("LRN", size=3, alpha=3e-2, beta=0.75, bias=1.0).add("MaxPool", kernel_shape=[3, 3], strides=[2, 2])
        net.conv(4, 4, 3, pads=[1, 1, 1, 1]).relu()
        tops.append(net.last)
    net.last = tops[0]
    net.add("Concat", tops[1], axis=1).conv(4, 8, 3).relu()
    split = {"split": [2, 2]} if opset < 13 else {}
    more = [] if opset < 13 else [net.ints(2, 2)]
    net.nodes.append(node("Split", [net.last, *more], ["left", "right"], axis=1, **split))
    tops = []
    for side in ("left", "right"):
        net.last = side
        tops.append(net.conv(3, 2, 2, bias=False).relu().last)
    net.last = tops[0]
    return net.add("Concat", tops[1], axis=1).flatten().gemm(CLASSES, 6).model()


def sliced(opset):
    """Groups as slices of the channels, all other axes cut to their whole length."""
    net = Net(opset).conv(4, 3, 3).relu()
    last, tops = net.last, []
    for begin in (0, 2):
        lists = {"starts": [0, begin, 0], "ends": [2**31 - 1, begin + 2, 11], "axes": [0, 1, -1]}
        more = [] if opset < 10 else [net.ints(*values) for values in lists.values()]
        net.nodes.append(node("Slice", [last, *more], f"part{begin}", **(lists if opset < 10 else {})))
        net.last = f"part{begin}"
        tops.append(net.conv(3, 2, 3).relu().last)
    net.last = tops[0]
    return net.add("Concat", tops[1], axis=1).flatten().gemm(CLASSES, 486).model()


def free_size():
    return Net(13, (3, "H", "W")).conv(4, 3, 3).relu().add("GlobalMaxPool").flatten().gemm(CLASSES, 4).model()


def brain_floats():
    """Weights in bfloat16, cast when they are used."""
    net = Net(13).conv(4, 3, 3).relu().flatten().gemm(CLASSES, 4 * 121)
    halves = {}
    casts = []
    for name, value in net.weights.items():
        bits = (value.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)
        net.weights[name] = (bits.astype(np.uint32) << 16).view(np.float32)
        halves[name] = helper.make_tensor(f"{name}_bf16", TensorProto.BFLOAT16, value.shape, bits.tobytes(), raw=True)
        casts.append(node("Cast", [f"{name}_bf16"], name, to=TensorProto.FLOAT))
    full = net.model()
    model = model_of([*casts, *net.nodes], {t.name: t for t in halves.values()}, net.shape, 13)
    return model, full


# --- all of them -------------------------------------------------------------------------------------


def rounded_to_half(model):
    """The same model with its float32 weights rounded to what a half can hold."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for tensor in copy.graph.initializer:
        if tensor.data_type == TensorProto.FLOAT:
            values = numpy_helper.to_array(tensor).astype(np.float16).astype(np.float32)
            tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
    return copy


def main(folder):
    cases = Cases()

    def add(name, model, *, twin=None, preset=None, shape=None, **more):
        (x,) = [i for i in model.graph.input if i.name == "x"]
        dims = [d.dim_value for d in x.type.tensor_type.shape.dim]
        shape = shape or [dims[0] or 2, *dims[1:]]
        source = twin or model
        expected = run(source.SerializeToString(), picture(shape))
        by = f"onnxruntime{' on its twin' if twin else ''}"
        cases.add(name, model.SerializeToString(), expected, shape, by=by, preset=preset, **more)

    for opset in (3, 6, 7, 8, 9, 12):
        add(f"Model Zoo's bvlcalexnet, opset {opset}", zoo(opset) if opset < 12 else newer_dropout(zoo(9), 12),
            twin=zoo(9), preset="onnx-zoo")
    add("Model Zoo's bvlcalexnet, one picture", zoo(8, batch=1), preset="onnx-zoo")
    for opset, mode, size in ((7, "SAME_UPPER", 14), (11, "SAME_LOWER", 14), (13, "SAME_UPPER", 15), (22, "VALID", 19)):
        add(f"auto_pad {mode}, opset {opset}", auto_pad(opset, mode, size))
    for opset in (1, 6, 9, 13, 18):
        add(f"Pad as a node, opset {opset}", padded(opset), twin=padded(9))
    for opset in (1, 6, 9, 14):
        add(f"MatMul, Gemm with factors, Constant, opset {opset}", matmul(opset), twin=matmul(7) if opset < 7 else None)
    for opset in (1, 6, 7, 9, 14, 15):
        add(f"BatchNormalization, opset {opset}", batch_normalization(opset), twin=batch_normalization(9))
    for opset in (7, 13):
        add(f"scales and shifts, opset {opset}", scaled(opset))
        add(f"shapes computed, opset {opset}", shapes_computed(opset))
        add(f"fully convolutional, opset {opset}", convolutional(opset))
        add(f"two towers, opset {opset}", towers(opset))
        add(f"slices, opset {opset}", sliced(opset))
    for opset in (18, 20, 23, 28):
        add(f"new forms, opset {opset}", newest(opset), twin=newest(18))
    add("size left free", free_size(), shape=[2, 3, 13, 13], inputShape=[3, 13, 13])
    half = rounded_to_half(zoo(9))
    for keeps, label in ((True, "input and output kept"), (False, "throughout")):
        model = float16.convert_float_to_float16(zoo(9), keep_io_types=keeps, min_positive_val=0, max_finite_val=65504)
        add(f"float16, {label}", model, twin=half, preset="onnx-zoo")
    listed = zoo(9)
    model = float16.convert_float_to_float16(as_lists(listed), keep_io_types=True, min_positive_val=0)
    add("float16 in int32_data", model, twin=half, preset="onnx-zoo")
    model, full = brain_floats()
    add("bfloat16 weights", model, twin=full)

    names = ("onnx", "onnxruntime", "onnxconverter-common", "numpy")
    cases.write(folder / "onnx.json.gz", {name: version(name) for name in names})


def as_lists(model):
    """Weights in float_data."""
    for tensor in model.graph.initializer:
        if tensor.data_type == TensorProto.FLOAT:
            values = numpy_helper.to_array(tensor)
            tensor.CopyFrom(helper.make_tensor(tensor.name, TensorProto.FLOAT, values.shape, values.ravel()))
    return model


def newer_dropout(model, opset):
    """From operator set 12 on, a dropout's ratio is an operand."""
    model.opset_import[0].version = opset
    model.graph.initializer.append(numpy_helper.from_array(np.array(0.5, np.float32), "ratio"))
    for item in model.graph.node:
        if item.op_type == "Dropout":
            del item.attribute[:]
            item.input.append("ratio")
    return model


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
