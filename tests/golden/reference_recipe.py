"""What the make_reference_*.py scripts share: numbers from a hash, and how results are written down.

Weights and pictures are hashed values, which tests/golden/hashed-values.ts makes again: the files hold, for
each array, only its shape, seed, bound and offset. Of results they hold norms and some elements.

Shares no code with this project. Needs numpy only.
"""

import gzip
import hashlib
import json
import math

import numpy as np

SAMPLES = 64


def hashed(seed, count, bound=1.0):
    """float32 numbers in [-bound, bound) from a 32-bit integer hash (lowbias32) of seed and position."""
    with np.errstate(over="ignore"):
        h = np.arange(count, dtype=np.uint32) + np.uint32((seed * 0x9E3779B9) & 0xFFFFFFFF)
        h ^= h >> np.uint32(16)
        h *= np.uint32(0x7FEB352D)
        h ^= h >> np.uint32(15)
        h *= np.uint32(0x846CA68B)
        h ^= h >> np.uint32(16)
    unit = (h >> np.uint32(8)).astype(np.float64) / 2**23 - 1.0
    return (unit * bound).astype(np.float32)


class Recipe:
    """Parameters of one network in the order of its layers: NCHW, OIHW, [out, in], as this project keeps them.

    `new` returns float32 values and notes how they were made.
    """

    def __init__(self, image_shape, image_bound, batch=2):
        self.parameters = []
        self.image = {"shape": [batch, *image_shape], "seed": 1, "bound": image_bound, "offset": 0}
        self.picture = self.values(self.image)

    def new(self, name, shape, bound, offset=0):
        entry = {
            "name": name,
            "shape": list(shape),
            "seed": 100 + len(self.parameters),
            "bound": bound,
            "offset": offset,
        }
        self.parameters.append(entry)
        return self.values(entry)

    def layer(self, name, weight_shape, gain=1.0):
        """Weights uniform as He's times a gain, so that signals keep their size; biases up to 1/2."""
        bound = gain * math.sqrt(6 / math.prod(weight_shape[1:]))
        weight = self.new(f"{name}.weight", weight_shape, bound)
        return weight, self.new(f"{name}.bias", weight_shape[:1], 0.5)

    def batch_norm(self, name, channels):
        """Running statistics far from 0 and 1."""
        return (
            self.new(f"{name}.scale", (channels,), 0.5, 1),
            self.new(f"{name}.bias", (channels,), 0.5),
            self.new(f"{name}.mean", (channels,), 0.5),
            self.new(f"{name}.variance", (channels,), 0.75, 1),
        )

    @staticmethod
    def values(entry):
        values = hashed(entry["seed"], math.prod(entry["shape"]), entry["bound"])
        return (np.float32(entry["offset"]) + values).reshape(entry["shape"])


def to_hwio(weight):
    return weight.transpose(2, 3, 1, 0)


def to_nhwc(x):
    return x.transpose(0, 2, 3, 1)


def to_dense(weight, pixels=None):
    """[out, in] to [in, out]; with pixels = (H, W, C), from a flattened CHW to a flattened HWC."""
    if pixels is not None:
        height, width, channels = pixels
        weight = weight.reshape(-1, channels, height, width).transpose(0, 2, 3, 1)
    return weight.reshape(len(weight), -1).T


def to_nchw(value):
    value = np.asarray(value)
    return value.transpose(0, 3, 1, 2) if value.ndim == 4 else value


def flat_chw(value):
    return to_nchw(value).reshape(len(value), -1)


def describe(value, seed):
    """Size of an array, and some of its values: at hashed positions. NCHW or [N, features]."""
    value = np.asarray(value)
    flat = value.astype(np.float64).ravel()
    assert np.isfinite(flat).all() and flat.std() > 1e-3 * np.abs(flat).max()
    whole = ((hashed(seed, SAMPLES).astype(np.float64) + 1) * 2**23).astype(np.int64)
    return {
        "shape": list(value.shape),
        "max": short(np.abs(flat).max()),
        "l1": short(np.abs(flat).sum()),
        "l2": short(np.sqrt((flat * flat).sum())),
        "sum": short(flat.sum()),
        "samples": [short(each) for each in flat[whole * flat.size // 2**24]],
    }


def short(number):
    return float(f"{number:.12g}")


def network(preset, options, source, recipe, depths, precision="float64"):
    """One forward pass. `depths`: what conv2, conv3, the first and the last dense layer read, and the logits."""
    assert list(depths) == ["conv2", "conv3", "dense", "last", "logits"]
    return {
        "preset": preset,
        "options": options,
        "source": source,
        "precision": precision,
        "image": recipe.image,
        "parameters": recipe.parameters,
        "depths": {
            name: describe(value, 5000 + index) for index, (name, value) in enumerate(depths.items())
        },
    }


def write(path, value):
    text = json.dumps(value, separators=(",", ":"))
    packed = gzip.compress(text.encode(), mtime=0)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packed)
    print(f"{path.name}: {hashlib.sha256(packed).hexdigest()}, {len(packed):,} bytes")
