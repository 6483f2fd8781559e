"""Forward results and structure of the ONNX Model Zoo's bvlc_alexnet, from onnxruntime in float32.

    python make_reference_onnx.py OUTPUT_FOLDER

writes onnx.json.gz. Needs numpy, onnx and onnxruntime (the versions used stand in the file). The network is
light_bvlc_alexnet.onnx, which the onnx package ships as test data: the zoo's graph, whose weights are made by
ConstantOfShape. Here its widths are divided by eight and the weights are the recipe's; nodes stay as they are.
"""

import hashlib
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper
from reference_recipe import Recipe, network, write

VERSIONS = {
    "onnx": onnx.__version__,
    "onnxruntime": onnxruntime.__version__,
    "numpy": np.__version__,
    "python": sys.version.split()[0],
}
FILE = pathlib.Path(onnx.__file__).parent / "backend/test/data/light/light_bvlc_alexnet.onnx"
DIVIDE = 8
CLASSES = 10
BATCH = 2


def structure(model):
    """Nodes from the picture to the probabilities, and the full network's weights."""
    shapes = {each.name: numpy_helper.to_array(each).tolist() for each in model.graph.initializer}
    produced = {each.output[0]: shapes[each.input[0]] for each in constants(model)}
    return [
        {
            "op": node.op_type,
            "attributes": {
                each.name: as_json(helper.get_attribute_value(each)) for each in node.attribute
            },
            "weights": [produced[name] for name in node.input if name in produced],
        }
        for node in model.graph.node
        if node.op_type != "ConstantOfShape"
    ]


def as_json(value):
    return list(value) if not isinstance(value, int | float) else value


def constants(model):
    return [node for node in model.graph.node if node.op_type == "ConstantOfShape"]


def narrow(model, recipe):
    """Replaces the weights, and the number of features that the Reshape in front of fc6 writes down."""
    shapes = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    weights = {}
    for layer in ("conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8"):
        out, *inputs = shapes[f"{layer}_w_0__SHAPE"].tolist()
        out = CLASSES if layer == "fc8" else out // DIVIDE
        inputs[0] = inputs[0] if layer == "conv1" else inputs[0] // DIVIDE
        weights[f"{layer}_w_0"], weights[f"{layer}_b_0"] = recipe.layer(layer, (out, *inputs))
    weights["OC2_DUMMY_1"] = np.array([BATCH, shapes["OC2_DUMMY_1"][1] // DIVIDE])
    nodes = [node for node in model.graph.node if node.op_type != "ConstantOfShape"]
    softmax = nodes.pop()
    reads = {node.output[0]: node.input[0] for node in nodes}
    gemms = [node.input[0] for node in nodes if node.op_type == "Gemm"]
    convs = [node.input[0] for node in nodes if node.op_type == "Conv"]
    depths = [convs[1], convs[2], reads[gemms[0]], gemms[-1], softmax.input[0]]
    graph = helper.make_graph(
        nodes,
        model.graph.name,
        [helper.make_tensor_value_info("data_0", onnx.TensorProto.FLOAT, recipe.picture.shape)],
        [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in depths],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    opset = [helper.make_opsetid("", model.opset_import[0].version)]
    return helper.make_model(graph, ir_version=8, opset_imports=opset), depths


def main():
    recipe = Recipe((3, 224, 224), 100, BATCH)
    model = onnx.load(FILE)
    small, depths = narrow(model, recipe)
    session = onnxruntime.InferenceSession(
        small.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    values = dict(zip(depths, session.run(depths, {"data_0": recipe.picture}), strict=True))
    features = values[depths[2]]
    values[depths[2]] = features.reshape(len(features), -1)
    names = ("conv2", "conv3", "dense", "last", "logits")
    named = dict(zip(names, values.values(), strict=True))
    options = {"classes": CLASSES, "inputSize": 224, "widthMultiplier": 1 / DIVIDE}
    source = f"onnx backend/test/data/light/{FILE.name}"
    written = {
        "versions": VERSIONS,
        "file": {"name": FILE.name, "sha256": hashlib.sha256(FILE.read_bytes()).hexdigest()},
        "structure": structure(model),
        "networks": [network("onnx-zoo", options, source, recipe, named, "float32")],
    }
    write(pathlib.Path(sys.argv[1]) / "onnx.json.gz", written)


if __name__ == "__main__":
    main()
