"""Checks ONNX files with ONNX's own library, and prints what it found as one line of JSON for each.

Usage: python onnx_checker.py MODEL.onnx…
Exit code 1, with the library's message on stderr, for a file that it does not accept.
"""

import hashlib
import json
import sys

import onnx


def describe(value):
    tensor = value.type.tensor_type
    shape = [dim.dim_param or dim.dim_value for dim in tensor.shape.dim]
    return {"name": value.name, "elemType": tensor.elem_type, "shape": shape}


def check(path):
    onnx.checker.check_model(path, full_check=True)
    model = onnx.load(path)
    written = model.SerializeToString(deterministic=True)
    # Shapes that the file declares for values in between or for outputs would be taken as given.
    del model.graph.value_info[:]
    for output in model.graph.output:
        output.type.tensor_type.ClearField("shape")
    inferred = onnx.shape_inference.infer_shapes(
        model, check_type=True, strict_mode=True, data_prop=True
    )
    values = list(inferred.graph.value_info) + list(inferred.graph.output)
    return {
        "version": onnx.__version__,
        "irVersion": model.ir_version,
        "opset": [[entry.domain, entry.version] for entry in model.opset_import],
        "inputs": [describe(value) for value in model.graph.input],
        "outputs": [describe(value) for value in inferred.graph.output],
        "values": [describe(value) for value in values],
        "metadata": {entry.key: entry.value for entry in model.metadata_props},
        "sha256": hashlib.sha256(written).hexdigest(),
    }


for argument in sys.argv[1:]:
    print(json.dumps(check(argument)))
