"""Runs a model with onnx's own evaluator, which computes in the types that the file says, with numpy.

Usage: python run_reference.py MODEL.onnx INPUT.bin
INPUT.bin holds the float32 values of the input, one picture. Prints the outputs as one line of JSON by their names.
"""

import json
import sys

import numpy as np
import onnx
from onnx.reference import ReferenceEvaluator

model = onnx.load(sys.argv[1])
shape = [1] + [dim.dim_value for dim in model.graph.input[0].type.tensor_type.shape.dim[1:]]
image = np.fromfile(sys.argv[2], np.float32).reshape(shape)
names = [output.name for output in model.graph.output]
values = ReferenceEvaluator(model).run(names, {model.graph.input[0].name: image})
print(json.dumps({name: value.ravel().tolist() for name, value in zip(names, values)}))
