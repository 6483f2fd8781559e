"""Checks a file that outputs were appended to: inferred shapes in, onnx.checker finds it complete.

Usage: python check_appended.py MODEL.onnx
Prints the outputs as one line of JSON: [name, element type, shape].
"""

import json
import sys

import onnx

model = onnx.shape_inference.infer_shapes(onnx.load(sys.argv[1]), strict_mode=True)
onnx.checker.check_model(model, full_check=True)
outputs = []
for value in model.graph.output:
    tensor = value.type.tensor_type
    shape = [dim.dim_param or dim.dim_value for dim in tensor.shape.dim]
    outputs.append([value.name, tensor.elem_type, shape])
print(json.dumps(outputs))
