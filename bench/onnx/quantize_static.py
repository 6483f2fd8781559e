"""onnxruntime's own quantiser, static, QDQ, a scale for each channel, on pictures that are prepared already.

Usage: python quantize_static.py IN.onnx PICTURES.bin COUNT OUT.onnx     (PyPI: onnx, onnxruntime)
"""

import sys

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

source, pictures, count, target = sys.argv[1:]
shape = [dim.dim_value for dim in onnx.load(source).graph.input[0].type.tensor_type.shape.dim[1:]]
images = np.fromfile(pictures, np.float32).reshape(int(count), *shape)


class Reader(CalibrationDataReader):
    def __init__(self):
        self.batches = iter(np.array_split(images, max(1, len(images) // 8)))

    def get_next(self):
        batch = next(self.batches, None)
        return None if batch is None else {"image": batch}


quantize_static(
    source,
    target,
    Reader(),
    quant_format=QuantFormat.QDQ,
    per_channel=True,
    weight_type=QuantType.QInt8,
    activation_type=QuantType.QInt8,
)
