"""Inputs of networks whose preprocessing subtracts a mean image: Pillow resizes, NumPy cuts, subtracts and mirrors.

    python3 make_mean_images.py IMAGENET_MEAN.binaryproto OUTPUT_FOLDER    # pillow 13.0.0, numpy 2.4.6, protobuf 7.36.2

Writes mean-images.json.gz: small pictures and means of a seed; the means also as files, NumPy's own and Caffe's BlobProto
written by protobuf's library; for each case the input [C, H, W]. The last case is Caffe's mean of ImageNet, read by
protobuf's library, of which only checksums are kept. A value is

    (picture[y, x] * scale - mean[y', x']) / std        in float32, each step rounded

before mirroring. A mean that is as large as the resized picture, or as the square in its middle, lies there, and (y', x')
counts from its corner, as in src/caffe/data_transformer.cpp of github.com/BVLC/caffe; one that is as large as the input
goes with the crop.
Shares no code with this project.
"""

import base64
import gzip
import hashlib
import io
import json
import sys
from pathlib import Path

import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from PIL import Image

SEED = 20120930
SIDE, CROP = 16, 13
rng = np.random.default_rng(SEED)


def pack(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def blob_type():
    """BlobProto of src/caffe/proto/caffe.proto, as far as a mean has it."""
    file = descriptor_pb2.FileDescriptorProto(name="mean.proto", package="caffe", syntax="proto2")
    message = file.message_type.add(name="BlobProto")
    for number, name in enumerate(["num", "channels", "height", "width"], 1):
        message.field.add(name=name, number=number, type=5, label=1)
    data = message.field.add(name="data", number=5, type=2, label=3)
    data.options.packed = True
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("caffe.BlobProto"))


BlobProto = blob_type()


def read_blob(data):
    blob = BlobProto.FromString(data)
    return np.array(blob.data, np.float32).reshape(blob.channels, blob.height, blob.width)


def write_blob(mean):
    channels, height, width = mean.shape
    blob = BlobProto(num=1, channels=channels, height=height, width=width)
    blob.data.extend(mean.ravel().tolist())
    return blob.SerializeToString()


def write_npy(array):
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def noise(width, height, channels):
    values = rng.integers(0, 256, (height, width, channels), dtype=np.uint8)
    return values[..., 0] if channels == 1 else values


SOURCES = {"wide": noise(31, 22, 3), "tall": noise(17, 33, 3), "square": noise(SIDE, SIDE, 3), "grey": noise(20, 18, 1)}
# Red first; of the resized picture, of the input, and of grey pictures.
WHOLE = rng.uniform(60, 190, (3, SIDE, SIDE)).astype(np.float32)
SMALL = rng.uniform(60, 190, (3, CROP, CROP)).astype(np.float32)
GREY = rng.uniform(60, 190, (1, SIDE, SIDE)).astype(np.float32)
MEANS = {"whole": WHOLE, "small": SMALL, "grey": GREY}

FILES = {
    "whole.binaryproto": ("whole", write_blob(WHOLE[::-1])),
    "small.binaryproto": ("small", write_blob(SMALL[::-1])),
    "whole.npy": ("whole", write_npy(WHOLE)),
    "whole-float64.npy": ("whole", write_npy(WHOLE.astype(np.float64))),
    "whole-fortran.npy": ("whole", write_npy(np.asfortranarray(WHOLE))),
    "whole-hwc.npy": ("whole", write_npy(WHOLE.transpose(1, 2, 0))),
    "whole-batch.npy": ("whole", write_npy(WHOLE[None])),
    "small.npy": ("small", write_npy(SMALL)),
    "grey.npy": ("grey", write_npy(GREY[0])),
    "grey.binaryproto": ("grey", write_blob(GREY)),
}

CAFFE = {"resize": "exact", "channels": "BGR", "scale": 1, "std": [1, 1, 1]}
PAPER = {"resize": "short-side", "channels": "RGB", "scale": 1, "std": [58, 58, 58]}
UNIT = {"resize": "exact", "channels": "RGB", "scale": 255, "std": [0.229, 0.224, 0.225]}
GREYS = {"resize": "exact", "channels": "grey", "scale": 1, "std": [3]}

# Where the window of 13 begins on the resized picture, left and top; None is the middle.
CASES = [
    ("wide", "whole", CAFFE, None, False),
    ("tall", "whole", CAFFE, None, True),
    ("wide", "whole", CAFFE, (0, 0), False),
    ("wide", "whole", CAFFE, (3, 1), False),
    ("wide", "whole", CAFFE, (1, 3), True),
    ("square", "whole", CAFFE, (2, 0), True),
    ("wide", "small", CAFFE, (0, 3), False),
    ("wide", "small", CAFFE, (3, 2), True),
    ("wide", "whole", PAPER, None, False),
    ("tall", "whole", PAPER, None, True),
    ("wide", "whole", PAPER, (6, 3), True),
    ("tall", "whole", PAPER, (0, 10), False),
    ("tall", "small", UNIT, None, False),
    ("wide", "whole", UNIT, (2, 2), True),
    ("grey", "grey", GREYS, None, False),
    ("grey", "grey", GREYS, (0, 2), True),
]


def resize(pixels, mode, side=SIDE):
    picture = Image.fromarray(pixels)
    width, height = picture.size
    short = min(width, height)
    size = (side, side) if mode == "exact" else (side * width // short, side * height // short)
    return np.asarray(picture.resize(size, Image.Resampling.BILINEAR))


def middle(length, part):
    return round((length - part) / 2)  # Python rounds halves to even, as torchvision's CenterCrop does


def make_input(pixels, mean, how, window, mirror, side=SIDE, crop=CROP):
    picture = resize(pixels, how["resize"], side)
    planes = picture[None] if picture.ndim == 2 else picture.transpose(2, 0, 1)
    if how["channels"] == "BGR":
        planes, mean = planes[::-1], mean[::-1]
    _, height, width = planes.shape
    left, top = window or (middle(width, crop), middle(height, crop))
    x, y = left - middle(width, mean.shape[2]), top - middle(height, mean.shape[1])
    if mean.shape[1] == crop:
        x, y = 0, 0
    scale = np.float32(how["scale"])
    values = planes[:, top : top + crop, left : left + crop].astype(np.float32) / scale
    less = mean[:, y : y + crop, x : x + crop] / scale
    assert less.shape == values.shape, (less.shape, values.shape)
    result = (values - less) / np.array(how["std"], np.float32)[:, None, None]
    assert result.dtype == np.float32
    return result[..., ::-1] if mirror else result


def pack_picture(pixels):
    height, width = pixels.shape[:2]
    return {"width": width, "height": height, "channels": 1 if pixels.ndim == 2 else 3, "pixels": pack(pixels)}


def make_cases():
    for source, mean, how, window, mirror in CASES:
        values = make_input(SOURCES[source], MEANS[mean], how, window, mirror)
        yield {"source": source, "mean": mean, **how, "window": window, "mirror": mirror, "result": pack(values)}


def make_imagenet(path):
    """A picture that any program can make again, prepared as Caffe prepares it."""
    data = Path(path).read_bytes()
    y, x, c = np.mgrid[0:300, 0:400, 0:3]
    pixels = ((7 * y + 13 * x + 29 * c + x * y % 31) % 256).astype(np.uint8)
    mean = read_blob(data)[::-1]  # to red first
    whole = make_input(pixels, mean, CAFFE, None, False, 256, 227)
    random = make_input(pixels, mean, CAFFE, (29, 3), True, 256, 227)
    sums = [hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest() for values in (whole, random)]
    return {"mean": hashlib.sha256(data).hexdigest(), "middle": sums[0], "mirrored": sums[1], "first": whole[0, 0, :4].tolist()}


def main(mean, out):
    cases = {
        "side": SIDE,
        "crop": CROP,
        "sources": {name: pack_picture(pixels) for name, pixels in SOURCES.items()},
        "means": {name: {"shape": values.shape, "values": pack(values)} for name, values in MEANS.items()},
        "files": {name: {"mean": mean, "bytes": base64.b64encode(data).decode()} for name, (mean, data) in FILES.items()},
        "cases": list(make_cases()),
        "imagenet": make_imagenet(mean),
    }
    data = gzip.compress(json.dumps(cases, separators=(",", ":")).encode(), mtime=0)
    (Path(out) / "mean-images.json.gz").write_bytes(data)
    print(hashlib.sha256(data).hexdigest(), len(data))


main(*sys.argv[1:])
