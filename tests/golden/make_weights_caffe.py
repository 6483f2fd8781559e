"""Caffe's weight files of every version of the format, and what OpenCV's Caffe importer computes with them.

    python make_weights_caffe.py OUTPUT_FOLDER

writes *.caffemodel, *.prototxt and caffe.json: networks with the layers of BVLC's AlexNet and CaffeNet, as narrow as
they get, and small ones for one form each; and full.prototxt and full.json, what OpenCV computes with BVLC's AlexNet at its own width,
whose weights tests/golden/hashed-values.ts makes again. Files are written by protobuf's own library from the schema below, a part
of src/caffe/proto/caffe.proto of github.com/BVLC/caffe; texts by its text format. Needs protobuf, grpcio-tools (the
compiler), numpy and opencv-python-headless 4 (the versions used stand in the file); shares no code with this project.
"""

import json
import os
import pathlib
import sys
import tempfile
from importlib.metadata import version

import cv2
import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format
from grpc_tools import protoc
from reference_recipe import hashed

SCHEMA = """
syntax = "proto2";
package caffe;
message BlobShape { repeated int64 dim = 1 [packed = true]; }
message BlobProto {
  optional BlobShape shape = 7;
  repeated float data = 5 [packed = PACKED];
  repeated float diff = 6 [packed = PACKED];
  repeated double double_data = 8 [packed = PACKED];
  optional int32 num = 1 [default = 0];
  optional int32 channels = 2 [default = 0];
  optional int32 height = 3 [default = 0];
  optional int32 width = 4 [default = 0];
}
message FillerParameter {
  optional string type = 1 [default = 'constant'];
  optional float value = 2 [default = 0];
  optional float min = 3 [default = 0];
  optional float max = 4 [default = 1];
  optional float mean = 5 [default = 0];
  optional float std = 6 [default = 1];
}
enum Phase { TRAIN = 0; TEST = 1; }
message NetState { optional Phase phase = 1 [default = TEST]; }
message NetStateRule { optional Phase phase = 1; }
message ParamSpec { optional string name = 1; optional float lr_mult = 3; optional float decay_mult = 4; }
message NetParameter {
  optional string name = 1;
  repeated string input = 3;
  repeated BlobShape input_shape = 8;
  repeated int32 input_dim = 4;
  optional bool force_backward = 5 [default = false];
  optional NetState state = 6;
  optional bool debug_info = 7 [default = false];
  repeated LayerParameter layer = 100;
  repeated V1LayerParameter layers = 2;
}
message LayerParameter {
  optional string name = 1;
  optional string type = 2;
  repeated string bottom = 3;
  repeated string top = 4;
  optional Phase phase = 10;
  repeated float loss_weight = 5;
  repeated ParamSpec param = 6;
  repeated BlobProto blobs = 7;
  repeated bool propagate_down = 11;
  repeated NetStateRule include = 8;
  optional TransformationParameter transform_param = 100;
  optional AccuracyParameter accuracy_param = 102;
  optional ConvolutionParameter convolution_param = 106;
  optional DataParameter data_param = 107;
  optional DropoutParameter dropout_param = 108;
  optional InnerProductParameter inner_product_param = 117;
  optional LRNParameter lrn_param = 118;
  optional PoolingParameter pooling_param = 121;
  optional ReLUParameter relu_param = 123;
  optional BatchNormParameter batch_norm_param = 139;
  optional ScaleParameter scale_param = 142;
  optional InputParameter input_param = 143;
}
message TransformationParameter {
  optional float scale = 1 [default = 1];
  optional bool mirror = 2 [default = false];
  optional uint32 crop_size = 3 [default = 0];
  optional string mean_file = 4;
  repeated float mean_value = 5;
}
message AccuracyParameter { optional uint32 top_k = 1 [default = 1]; }
message BatchNormParameter {
  optional bool use_global_stats = 1;
  optional float moving_average_fraction = 2 [default = .999];
  optional float eps = 3 [default = 1e-5];
}
message ConvolutionParameter {
  optional uint32 num_output = 1;
  optional bool bias_term = 2 [default = true];
  repeated uint32 pad = 3;
  repeated uint32 kernel_size = 4;
  repeated uint32 stride = 6;
  optional uint32 pad_h = 9 [default = 0];
  optional uint32 pad_w = 10 [default = 0];
  optional uint32 kernel_h = 11;
  optional uint32 kernel_w = 12;
  optional uint32 stride_h = 13;
  optional uint32 stride_w = 14;
  optional uint32 group = 5 [default = 1];
  optional FillerParameter weight_filler = 7;
  optional FillerParameter bias_filler = 8;
}
message DataParameter {
  enum DB { LEVELDB = 0; LMDB = 1; }
  optional string source = 1;
  optional uint32 batch_size = 4;
  optional uint32 crop_size = 5 [default = 0];
  optional DB backend = 8 [default = LEVELDB];
}
message DropoutParameter { optional float dropout_ratio = 1 [default = 0.5]; }
message InnerProductParameter {
  optional uint32 num_output = 1;
  optional bool bias_term = 2 [default = true];
  optional FillerParameter weight_filler = 3;
  optional FillerParameter bias_filler = 4;
  optional int32 axis = 5 [default = 1];
  optional bool transpose = 6 [default = false];
}
message InputParameter { repeated BlobShape shape = 1; }
message LRNParameter {
  optional uint32 local_size = 1 [default = 5];
  optional float alpha = 2 [default = 1.];
  optional float beta = 3 [default = 0.75];
  enum NormRegion { ACROSS_CHANNELS = 0; WITHIN_CHANNEL = 1; }
  optional NormRegion norm_region = 4 [default = ACROSS_CHANNELS];
  optional float k = 5 [default = 1.];
}
message PoolingParameter {
  enum PoolMethod { MAX = 0; AVE = 1; STOCHASTIC = 2; }
  optional PoolMethod pool = 1 [default = MAX];
  optional uint32 pad = 4 [default = 0];
  optional uint32 pad_h = 9 [default = 0];
  optional uint32 pad_w = 10 [default = 0];
  optional uint32 kernel_size = 2;
  optional uint32 kernel_h = 5;
  optional uint32 kernel_w = 6;
  optional uint32 stride = 3 [default = 1];
  optional uint32 stride_h = 7;
  optional uint32 stride_w = 8;
  optional bool global_pooling = 12 [default = false];
}
message ReLUParameter { optional float negative_slope = 1 [default = 0]; }
message ScaleParameter { optional int32 axis = 1 [default = 1]; optional bool bias_term = 4 [default = false]; }
message V1LayerParameter {
  repeated string bottom = 2;
  repeated string top = 3;
  optional string name = 4;
  repeated NetStateRule include = 32;
  enum LayerType {
    NONE = 0; ACCURACY = 1; CONVOLUTION = 4; DATA = 5; DROPOUT = 6; INNER_PRODUCT = 14; LRN = 15; POOLING = 17;
    RELU = 18; SOFTMAX = 20; SOFTMAX_LOSS = 21;
  }
  optional LayerType type = 5;
  repeated BlobProto blobs = 6;
  repeated float blobs_lr = 7;
  repeated float weight_decay = 8;
  optional ConvolutionParameter convolution_param = 10;
  optional DataParameter data_param = 11;
  optional DropoutParameter dropout_param = 12;
  optional InnerProductParameter inner_product_param = 17;
  optional LRNParameter lrn_param = 18;
  optional PoolingParameter pooling_param = 19;
  optional ReLUParameter relu_param = 30;
  optional TransformationParameter transform_param = 36;
  optional V0LayerParameter layer = 1;
}
message V0LayerParameter {
  optional string name = 1;
  optional string type = 2;
  optional uint32 num_output = 3;
  optional bool biasterm = 4 [default = true];
  optional FillerParameter weight_filler = 5;
  optional FillerParameter bias_filler = 6;
  optional uint32 pad = 7 [default = 0];
  optional uint32 kernelsize = 8;
  optional uint32 group = 9 [default = 1];
  optional uint32 stride = 10 [default = 1];
  enum PoolMethod { MAX = 0; AVE = 1; STOCHASTIC = 2; }
  optional PoolMethod pool = 11 [default = MAX];
  optional float dropout_ratio = 12 [default = 0.5];
  optional uint32 local_size = 13 [default = 5];
  optional float alpha = 14 [default = 1.];
  optional float beta = 15 [default = 0.75];
  optional uint32 cropsize = 20 [default = 0];
  repeated BlobProto blobs = 50;
  repeated float blobs_lr = 51;
  repeated float weight_decay = 52;
}
"""

WIDTHS = {"conv1": 96, "conv2": 256, "conv3": 384, "conv4": 384, "conv5": 256, "fc": 4096}
SIZE = 71  # the smallest at which every pool rounds up and pool5 is larger than one pixel
CLASSES = 5


def compile_schema(packed):
    """`NetParameter` and its like, as protobuf's compiler understands the schema."""
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, "caffe.proto")
        source.write_text(SCHEMA.replace("PACKED", "true" if packed else "false"))
        made = pathlib.Path(folder, "set")
        if protoc.main(["", f"-I{folder}", f"--descriptor_set_out={made}", str(source)]) != 0:
            sys.exit("the schema does not compile")
        files = descriptor_pb2.FileDescriptorSet.FromString(made.read_bytes())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("caffe.NetParameter"))


NET = {packed: compile_schema(packed) for packed in (True, False)}


class Layer:
    """A layer in no version's terms: V2's type, its parameters, its arrays."""

    def __init__(self, name, type, bottom, top=None, blobs=(), **parameters):
        self.name, self.type, self.bottom, self.top = name, type, bottom, top or name
        self.blobs, self.parameters = list(blobs), parameters


PARAMETER_OF = {
    "Convolution": "convolution_param",
    "InnerProduct": "inner_product_param",
    "LRN": "lrn_param",
    "Pooling": "pooling_param",
    "Dropout": "dropout_param",
    "BatchNorm": "batch_norm_param",
    "Scale": "scale_param",
}
V1_TYPES = {
    "Convolution": "CONVOLUTION",
    "InnerProduct": "INNER_PRODUCT",
    "LRN": "LRN",
    "Pooling": "POOLING",
    "Dropout": "DROPOUT",
    "ReLU": "RELU",
    "Softmax": "SOFTMAX",
}
V0_TYPES = {
    "Convolution": "conv",
    "InnerProduct": "innerproduct",
    "LRN": "lrn",
    "Pooling": "pool",
    "Dropout": "dropout",
    "ReLU": "relu",
    "Softmax": "softmax",
}
V0_NAMES = {"kernel_size": "kernelsize", "bias_term": "biasterm"}


def fill(message, values):
    for name, value in values.items():
        field = message.DESCRIPTOR.fields_by_name[name]
        if field.is_repeated:
            getattr(message, name).extend(value if isinstance(value, (list, tuple)) else [value])
        elif field.enum_type and isinstance(value, str):
            setattr(message, name, field.enum_type.values_by_name[value].number)
        else:
            setattr(message, name, value)


def write_blob(blob, array, *, legacy, double=False, diff=False):
    array = np.asarray(array, np.float32)
    if legacy:
        shape = [1] * (4 - array.ndim) + list(array.shape)
        blob.num, blob.channels, blob.height, blob.width = shape
    else:
        blob.shape.dim.extend(array.shape)
    (blob.double_data if double else blob.data).extend(array.ravel().tolist())
    if diff:
        blob.diff.extend([0.5] * array.size)


def write_v2(layers, name, shape, *, packed=True, weights=True, double=False, input="layer", diff=False):
    net = NET[packed]()
    net.name = name
    if input == "layer":
        first = net.layer.add(name="data", type="Input", top=["data"])
        first.input_param.shape.add().dim.extend([1, *shape])
    elif input == "shape":
        net.input.append("data")
        net.input_shape.add().dim.extend([1, *shape])
    for layer in layers:
        made = net.layer.add(name=layer.name, type=layer.type, bottom=[layer.bottom], top=[layer.top])
        if layer.parameters:
            fill(getattr(made, PARAMETER_OF[layer.type]), layer.parameters)
        for blob in layer.blobs if weights else []:
            write_blob(made.blobs.add(), blob, legacy=False, double=double, diff=diff)
    return net


def write_v1(layers, name, shape, *, packed=True, weights=True):
    net = NET[packed]()
    net.name = name
    net.input.append("data")
    net.input_dim.extend([1, *shape])
    for layer in layers:
        made = net.layers.add(name=layer.name, bottom=[layer.bottom], top=[layer.top])
        fill(made, {"type": V1_TYPES[layer.type]})
        if layer.parameters:
            fill(getattr(made, PARAMETER_OF[layer.type]), layer.parameters)
        if layer.blobs:
            made.blobs_lr.extend([1, 2])
            made.weight_decay.extend([1, 0])
        for blob in layer.blobs if weights else []:
            write_blob(made.blobs.add(), blob, legacy=True)
    return net


def write_v0(layers, name, shape, *, weights=True):
    """As in 2013: paddings are layers of their own."""
    net = NET[True]()
    net.name = name
    net.input.append("data")
    net.input_dim.extend([1, *shape])
    for layer in layers:
        parameters = {V0_NAMES.get(key, key): value for key, value in layer.parameters.items()}
        pad = parameters.pop("pad", 0)
        bottom = layer.bottom
        if pad:
            padding = net.layers.add(bottom=[bottom], top=[f"pad_{layer.name}"])
            fill(padding.layer, {"name": f"pad_{layer.name}", "type": "padding", "pad": pad})
            bottom = f"pad_{layer.name}"
        made = net.layers.add(bottom=[bottom], top=[layer.top])
        fill(made.layer, {"name": layer.name, "type": V0_TYPES[layer.type], **parameters})
        for blob in layer.blobs if weights else []:
            write_blob(made.layer.blobs.add(), blob, legacy=True)
    return net


def he(random, shape, gain=1.0):
    return (random.standard_normal(shape) * gain * np.sqrt(2 / np.prod(shape[1:]))).astype(np.float32)


def bias(random, count):
    return random.uniform(-0.5, 0.5, count).astype(np.float32)


class Hashed:
    """Numbers that the tests make again: each array has the next seed."""

    def __init__(self):
        self.recipe = []

    def array(self, shape, bound):
        seed = 100 + len(self.recipe)
        self.recipe.append({"shape": list(shape), "seed": seed, "bound": float(bound)})
        return hashed(seed, int(np.prod(shape)), float(bound)).reshape(shape)


def alexnet(seed, *, pool_first=False, divisor=64, classes=CLASSES, pixels=4, hashes=None):
    """BVLC's AlexNet, or CaffeNet, whose pools come before the normalisations; `pixels` are left of pool5."""
    random = np.random.default_rng(seed)
    wide = {name: max(2, round(width / divisor / 2) * 2) for name, width in WIDTHS.items()}
    layers = []
    last = ["data"]

    def add(name, type, *, in_place=False, blobs=(), **parameters):
        top = last[0] if in_place else name
        layers.append(Layer(name, type, last[0], top, blobs, **parameters))
        last[0] = top

    def values(shape, gain=1.0):
        if hashes is None:
            return [he(random, shape, gain), bias(random, shape[0])]
        return [hashes.array(shape, gain * np.sqrt(6 / np.prod(shape[1:]))), hashes.array(shape[:1], 0.5)]

    def convolution(number, out, channels, kernel, **more):
        blobs = values((out, channels // more.get("group", 1), kernel, kernel))
        add(f"conv{number}", "Convolution", blobs=blobs, num_output=out, kernel_size=kernel, **more)
        add(f"relu{number}", "ReLU", in_place=True)

    def normalise(number):
        add(f"norm{number}", "LRN", local_size=5, alpha=1e-4, beta=0.75)

    def pool(number):
        add(f"pool{number}", "Pooling", pool="MAX", kernel_size=3, stride=2)

    def connected(number, out, features, gain=1.0):
        blobs = values((out, features), gain)
        add(f"fc{number}", "InnerProduct", blobs=blobs, num_output=out)

    def stage(number):
        (pool if pool_first else normalise)(number)
        (normalise if pool_first else pool)(number)

    convolution(1, wide["conv1"], 3, 11, stride=4)
    stage(1)
    convolution(2, wide["conv2"], wide["conv1"], 5, pad=2, group=2)
    stage(2)
    convolution(3, wide["conv3"], wide["conv2"], 3, pad=1)
    convolution(4, wide["conv4"], wide["conv3"], 3, pad=1, group=2)
    convolution(5, wide["conv5"], wide["conv4"], 3, pad=1, group=2)
    pool(5)
    connected(6, wide["fc"], wide["conv5"] * pixels)
    add("relu6", "ReLU", in_place=True)
    add("drop6", "Dropout", in_place=True, dropout_ratio=0.5)
    connected(7, wide["fc"], wide["fc"])
    add("relu7", "ReLU", in_place=True)
    add("drop7", "Dropout", in_place=True, dropout_ratio=0.5)
    connected(8, classes, wide["fc"], gain=0.02)
    add("prob", "Softmax")
    return layers


def windows(seed):
    """Means, paddings, kernels that are not square, pools over everything, and a layer without a bias."""
    random = np.random.default_rng(seed)
    return [
        Layer("c1", "Convolution", "data", blobs=[he(random, (4, 3, 3, 5)), bias(random, 4)], num_output=4,
              kernel_h=3, kernel_w=5, stride_h=2, stride_w=1, pad_h=1, pad_w=3),
        Layer("t1", "TanH", "c1", "c1"),
        Layer("n1", "LRN", "c1", local_size=3, alpha=5.0, beta=0.75, norm_region="WITHIN_CHANNEL"),
        Layer("p1", "Pooling", "n1", pool="AVE", kernel_size=3, stride=2, pad=1),
        Layer("c2", "Convolution", "p1", blobs=[he(random, (6, 4, 3, 3))], num_output=6, kernel_size=3,
              bias_term=False),
        Layer("n2", "LRN", "c2", local_size=3, alpha=0.5, beta=0.5),
        Layer("p2", "Pooling", "n2", pool="MAX", kernel_h=2, kernel_w=3, stride_h=2, stride_w=2, pad_h=1, pad_w=1),
        Layer("c3", "Convolution", "p2", blobs=[he(random, (CLASSES, 6, 1, 1)), bias(random, CLASSES)],
              num_output=CLASSES, kernel_size=1),
        Layer("p3", "Pooling", "c3", pool="AVE", global_pooling=True),
    ]


def normalised(seed):
    """Batch normalisation with a scale behind it, and without."""
    random = np.random.default_rng(seed)
    factor = np.float32(1.25)

    def statistics(channels):
        mean = random.uniform(-1, 1, channels)
        variance = random.uniform(0.5, 2, channels)
        return [mean * factor, variance * factor, [factor]]

    return [
        Layer("conv1", "Convolution", "data", blobs=[he(random, (4, 3, 3, 3))], num_output=4, kernel_size=3,
              stride=2, bias_term=False),
        Layer("bn1", "BatchNorm", "conv1", "conv1", statistics(4), eps=1e-3, use_global_stats=True),
        Layer("scale1", "Scale", "conv1", "conv1", [random.uniform(0.5, 2, 4), bias(random, 4)], bias_term=True),
        Layer("relu1", "ReLU", "conv1", "conv1"),
        Layer("conv2", "Convolution", "conv1", blobs=[he(random, (4, 4, 3, 3)), bias(random, 4)], num_output=4,
              kernel_size=3),
        Layer("bn2", "BatchNorm", "conv2", blobs=statistics(4)),
        Layer("relu2", "ReLU", "bn2", "bn2"),
        Layer("fc", "InnerProduct", "bn2", blobs=[he(random, (CLASSES, 4 * 3 * 3)), bias(random, CLASSES)],
              num_output=CLASSES),
    ]


def snapshot(layers, name, size):
    """What Caffe's solver leaves: the layers of training alone, a copy of a value, gradients, the loss."""
    net = write_v2([], name, (3, size, size), input="none")
    data = net.layer.add(name="data", type="Data", top=["data", "label"], phase=0)
    fill(data.include.add(), {"phase": "TRAIN"})
    fill(data.transform_param, {"mirror": True, "crop_size": size, "mean_value": [104, 117, 123]})
    fill(data.data_param, {"source": "somewhere/ilsvrc12_lmdb", "batch_size": 4, "backend": "LMDB"})
    body = write_v2([layer for layer in layers if layer.type != "Softmax"], name, None, input="none", diff=True)
    for layer in body.layer:
        layer.phase = 0
    net.layer.extend(body.layer)
    net.layer.add(name="fc8_fc8_0_split", type="Split", bottom=["fc8"], top=["fc8_split_0", "fc8_split_1"], phase=0)
    for index in range(2):
        net.layer.add(name=f"loss{index}", type="SoftmaxWithLoss", bottom=[f"fc8_split_{index}", "label"],
                      top=[f"loss{index}"], phase=0, loss_weight=[1])
    return net


def run(deploy, model, image, outputs):
    """What OpenCV computes, without its approximations; one list for each output."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ("deploy.prototxt", "model.caffemodel")]
        pathlib.Path(paths[0]).write_text(deploy)
        pathlib.Path(paths[1]).write_bytes(model)
        net = cv2.dnn.readNetFromCaffe(*paths)
    net.setPreferableBackend(cv2.dnn.DNN_BACKEND_OPENCV)
    net.enableWinograd(False)
    net.enableFusion(False)
    net.setInput(image)
    return {name: net.forward(name).astype(np.float64).ravel().tolist() for name in outputs}


def main(folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    cases = []

    def save(file, net):
        folder.joinpath(file).write_bytes(net.SerializeToString(deterministic=True))
        return file

    def add(name, model, deploy, layers, shape, *, outputs, preset=None, bound=100.0, prototxt=None, run_with=None):
        """`outputs` are layers, the network's last one last; `run_with` is the same network in another version."""
        text = text_format.MessageToString(deploy)
        file = save(f"{name}.caffemodel", model)
        if prototxt:
            folder.joinpath(prototxt).write_text(text)
        picture = {"shape": [2, *shape], "seed": 1, "bound": bound}
        image = hashed(1, 2 * int(np.prod(shape)), bound).reshape(2, *shape)
        arrays = {}
        for layer in layers:
            for index, blob in enumerate(layer.blobs):
                values = np.asarray(blob, np.float32)
                arrays[f"{layer.name}[{index}]"] = {
                    "shape": list(values.shape),
                    "values": values.astype(np.float64).ravel()[:4].tolist(),
                    "sum": float(values.astype(np.float64).sum()),
                }
        expected = run(text, (run_with or model).SerializeToString(), image, outputs)
        cases.append({"name": name, "model": file, "prototxt": prototxt, "preset": preset, "arrays": arrays,
                      "image": picture, "expected": expected})

    shape = (3, SIZE, SIZE)
    layers = alexnet(2012)
    deploys = {
        "v2": write_v2(layers, "AlexNet", shape, weights=False),
        "v1": write_v1(layers, "AlexNet", shape, weights=False),
        "v0": write_v0(layers, "AlexNet", shape, weights=False),
    }
    add("alexnet-v2", write_v2(layers, "AlexNet", shape), deploys["v2"], layers, shape, outputs=["fc8", "prob"],
        preset="caffe-alexnet", prototxt="alexnet-v2.prototxt")
    add("alexnet-v1", write_v1(layers, "AlexNet", shape), deploys["v1"], layers, shape, outputs=["fc8", "prob"],
        preset="caffe-alexnet", prototxt="alexnet-v1.prototxt")
    # OpenCV reads the layers of V0, but not its arrays.
    add("alexnet-v0", write_v0(layers, "AlexNet", shape), deploys["v0"], layers, shape, outputs=["fc8", "prob"],
        preset="caffe-alexnet", prototxt="alexnet-v0.prototxt", run_with=write_v2(layers, "AlexNet", shape))
    add("alexnet-snapshot", snapshot(layers, "AlexNet", SIZE), deploys["v2"], layers, shape, outputs=["fc8"],
        preset="caffe-alexnet")
    other = alexnet(2014, pool_first=True)
    caffenet = write_v2(other, "CaffeNet", shape, weights=False, input="shape")
    add("caffenet", write_v2(other, "CaffeNet", shape, input="shape"), caffenet, other, shape, outputs=["fc8", "prob"],
        preset="caffenet", prototxt="caffenet.prototxt")
    small = windows(3)
    deploy = write_v2(small, "windows", (3, 20, 17), weights=False)
    add("windows", write_v2(small, "windows", (3, 20, 17)), deploy, small, (3, 20, 17), outputs=["p3"], bound=2.0,
        prototxt="windows.prototxt")
    add("unpacked", write_v2(small, "windows", (3, 20, 17), packed=False), deploy, small, (3, 20, 17), outputs=["p3"],
        bound=2.0)
    # Nor does it read doubles.
    add("double", write_v2(small, "windows", (3, 20, 17), double=True), deploy, small, (3, 20, 17), outputs=["p3"],
        bound=2.0, run_with=write_v2(small, "windows", (3, 20, 17)))
    batch = normalised(4)
    deploy = write_v2(batch, "normalised", (3, 11, 11), weights=False)
    add("normalised", write_v2(batch, "normalised", (3, 11, 11)), deploy, batch, (3, 11, 11), outputs=["fc"], bound=2.0,
        prototxt="normalised.prototxt")

    mean = NET[True].DESCRIPTOR.file.pool.FindMessageTypeByName("caffe.BlobProto")
    blob = message_factory.GetMessageClass(mean)()
    pixels = hashed(7, 3 * 4 * 5, 20.0).reshape(1, 3, 4, 5) + np.float32([104, 117, 123]).reshape(1, 3, 1, 1)
    write_blob(blob, pixels, legacy=True)
    folder.joinpath("mean.binaryproto").write_bytes(blob.SerializeToString(deterministic=True))
    hashes = Hashed()
    shape = (3, 227, 227)
    layers = alexnet(0, divisor=1, classes=1000, pixels=36, hashes=hashes)
    deploy = text_format.MessageToString(write_v2(layers, "AlexNet", shape, weights=False))
    picture = {"shape": [1, *shape], "seed": 1, "bound": 100.0}
    image = hashed(1, int(np.prod(shape)), 100.0).reshape(1, *shape)
    model = write_v2(layers, "AlexNet", shape).SerializeToString()
    full = {
        "arrays": hashes.recipe,
        "image": picture,
        "bytes": len(model),
        "expected": run(deploy, model, image, ["fc8"])["fc8"],
    }
    folder.joinpath("full.prototxt").write_text(deploy)
    folder.joinpath("full.json").write_text(json.dumps(full) + "\n")
    used = {name: version(name) for name in ("protobuf", "grpcio-tools", "opencv-python-headless", "numpy")}
    document = {"by": used, "cases": cases, "mean": {"shape": [1, 3, 4, 5], "values": pixels.astype(float).ravel().tolist()}}
    folder.joinpath("caffe.json").write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
