"""What the make_onnx_imports_*.py scripts share: small numbers, and how a case is written down.

Shares no code with this project. Needs numpy; `run` needs onnxruntime.
"""

import base64
import gzip
import json

import numpy as np
from reference_recipe import hashed


def coarse(seed, shape, bound):
    """float32 numbers in [-bound, bound) of 6 bits: exact in float16, and files of them pack well."""
    count = int(np.prod(shape))
    step = bound / 32
    return (np.round(hashed(seed, count, bound) / step) * step).astype(np.float32).reshape(shape)


def weights_for(seed, shape):
    """Of a layer whose signals keep their size: a power of two near He's bound."""
    fan_in = int(np.prod(shape[1:]))
    return coarse(seed, shape, 2.0 ** np.round(np.log2(np.sqrt(6 / fan_in))))


def picture(shape):
    """What every case is run on: tests/golden/hashed-values.ts makes it again, seed 1, bound 2."""
    return hashed(1, int(np.prod(shape)), 2.0).reshape(shape)


def run(model_bytes, image, output=None):
    """What onnxruntime makes of a picture."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model_bytes, options, providers=["CPUExecutionProvider"])
    (name,) = [i.name for i in session.get_inputs() if len(i.shape) == 4]
    return session.run([output] if output else None, {name: image})[0]


class Cases:
    def __init__(self):
        self.cases = []

    def add(self, name, model, expected, shape, *, by, files=None, preset=None, layers=None, **more):
        """`shape` is that of the picture as this project has it, [N, C, H, W]."""
        self.cases.append(
            {
                "name": name,
                "model": base64.b64encode(model).decode(),
                "files": {key: base64.b64encode(value).decode() for key, value in (files or {}).items()},
                "image": {"shape": list(shape), "seed": 1, "bound": 2},
                "expected": [float(value) for value in np.asarray(expected, np.float64).ravel()],
                "by": by,
                "preset": preset,
                "layers": layers,
                **more,
            }
        )
        print(f"{name}: {len(model)} bytes, {np.round(np.asarray(expected).ravel()[:4], 4)}")

    def write(self, path, versions):
        text = json.dumps({"versions": versions, "cases": self.cases}, separators=(",", ":"))
        path.write_bytes(gzip.compress(text.encode(), mtime=0))
        print(path, path.stat().st_size)
