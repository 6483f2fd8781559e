"""Makes the golden augmentations: what torchvision makes of small generated pictures with given parameters, and how its
parameters are spread.

    pip install pillow==13.0.0 torchvision==0.29.2 torch==2.15.0 numpy==2.4.6
    python tests/golden/make_augmentations.py

Writes tests/golden/augmentations/augmentations.json.gz and README.md (versions, seed, checksum).
"""

import base64
import gzip
import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import PIL
import torch
import torchvision
from PIL import Image
from torchvision.transforms import ColorJitter, InterpolationMode, RandomErasing, RandomResizedCrop
from torchvision.transforms import functional as F

SEED = 20121203
DRAWS = 40_000
OUT = Path(__file__).parent / "augmentations"
IMAGENET = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}

rng = np.random.default_rng(SEED)
torch.manual_seed(SEED)


def pack(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def pack_picture(picture):
    return {"width": picture.width, "height": picture.height, "channels": len(picture.getbands()), "pixels": pack(np.asarray(picture))}


def every_colour():
    """18 levels of each channel, the ends included, and their neighbours by way of noise."""
    levels = np.arange(0, 256, 15)
    colours = np.stack(np.meshgrid(levels, levels, levels), -1).reshape(-1, 3)
    near = np.clip(colours + rng.integers(-3, 4, colours.shape), 0, 255)
    return Image.fromarray(np.concatenate([colours, near]).astype(np.uint8).reshape(108, 108, 3))


def noise(width, height, channels):
    values = rng.integers(0, 256, (height, width, channels), dtype=np.uint8)
    return Image.fromarray(values[..., 0] if channels == 1 else values)


SOURCES = {
    "colours": every_colour(),
    "rgb": noise(23, 16, 3),
    "grey": noise(13, 17, 1),
    "dark": Image.fromarray(rng.integers(0, 4, (9, 7, 3), dtype=np.uint8)),
    "pixel": noise(1, 1, 3),
}

ADJUST = {
    "brightness": F.adjust_brightness,
    "contrast": F.adjust_contrast,
    "saturation": F.adjust_saturation,
    "hue": F.adjust_hue,
}
VALUES = {
    "brightness": (0, 0.3, 0.87, 1, 1.0001, 1.4, 7),
    "contrast": (0, 0.31, 0.999, 1, 1.37, 3),
    "saturation": (0, 0.45, 0.8, 1, 1.21, 5),
    "hue": (-0.5, -0.131, -0.002, 0, 0.01, 0.1, 0.333, 0.5),
}


def make_adjustments():
    for source, picture in SOURCES.items():
        for kind, values in VALUES.items():
            for value in values if source in ("colours", "grey") else values[::3]:
                yield {"source": source, "steps": [{"kind": kind, "value": value}], "result": pack(np.asarray(ADJUST[kind](picture, value)))}
    for order in ("hue saturation contrast brightness", "contrast hue brightness saturation"):
        steps = [{"kind": kind, "value": round(float(rng.uniform(-0.2, 0.2)) + (kind != "hue"), 6)} for kind in order.split()]
        for source in ("colours", "grey"):
            picture = SOURCES[source]
            for step in steps:
                picture = ADJUST[step["kind"]](picture, step["value"])
            yield {"source": source, "steps": steps, "result": pack(np.asarray(picture))}


def make_rotations():
    for source in ("rgb", "grey", "pixel"):
        for degrees in (-180, -90, -33.3, -7.25, 0, 0.01, 5, 45, 90, 119.5, 180):
            result = F.rotate(SOURCES[source], degrees, InterpolationMode.BILINEAR)
            yield {"source": source, "degrees": degrees, "result": pack(np.asarray(result))}


def make_inputs():
    """Colour noise by its definition in the paper (NumPy, float32), then RandomErasing's last step."""
    covariance = np.cov(np.asarray(SOURCES["colours"]).reshape(-1, 3).T / 255.0, bias=True)
    eigenvalues, vectors = np.linalg.eigh(covariance)
    order = np.argsort(eigenvalues)[::-1]
    eigenvalues, vectors = eigenvalues[order], vectors[:, order]
    for channels in ("RGB", "BGR"):
        for box in (None, {"top": 3, "left": 5, "height": 6, "width": 9}):
            shift = vectors @ (eigenvalues * rng.normal(0, 0.1, 3))
            tensor = F.normalize(F.to_tensor(SOURCES["rgb"]), **IMAGENET).numpy()
            tensor = tensor + (shift / np.array(IMAGENET["std"])).astype(np.float32)[:, None, None]
            mean, std = IMAGENET["mean"], IMAGENET["std"]
            if channels == "BGR":
                tensor, mean, std = tensor[::-1].copy(), mean[::-1], std[::-1]
            if box:
                tensor = F.erase(torch.from_numpy(tensor), box["top"], box["left"], box["height"], box["width"], 0).numpy()
            yield {"source": "rgb", "channels": channels, "mean": mean, "std": std, "shift": shift.tolist(), "erased": box, "result": pack(tensor)}


def moments(values):
    values = np.asarray(values, dtype=np.float64)
    return {"mean": float(values.mean()), "std": float(values.std())}


def make_draws():
    """Mean and standard deviation of what torchvision draws."""
    picture = torch.empty(3, 80, 100)
    scale, ratio = [0.08, 1.0], [3 / 4, 4 / 3]
    boxes = np.array([RandomResizedCrop.get_params(picture, scale, ratio) for _ in range(DRAWS)])
    top, left, height, width = boxes.T
    yield "crop", {"area": moments(height * width / 8000), "aspect": moments(np.log(width / height)), "top": moments(top), "left": moments(left)}
    erased = [RandomErasing.get_params(picture, (0.02, 0.33), (0.3, 3.3), [0]) for _ in range(DRAWS)]
    top, left, height, width = np.array([e[:4] for e in erased if e[2] < 80 or e[3] < 100]).T
    yield "erasing", {"area": moments(height * width / 8000), "aspect": moments(np.log(height / width)), "top": moments(top), "left": moments(left)}
    jitter = ColorJitter(0.4, 0.4, 0.4, 0.1)
    draws = [ColorJitter.get_params(jitter.brightness, jitter.contrast, jitter.saturation, jitter.hue) for _ in range(DRAWS)]
    names = ("brightness", "contrast", "saturation", "hue")
    yield "jitter", {name: moments([draw[1 + i] for draw in draws]) for i, name in enumerate(names)}
    yield "order", {name: moments([draw[0].tolist().index(i) for draw in draws]) for i, name in enumerate(names)}


def measure(pictures):
    """NumPy in float64 over all pixels; a grey pixel has three equal channels."""
    arrays = [np.asarray(picture).reshape(picture.height, picture.width, -1) for picture in pictures]
    channels = max(array.shape[2] for array in arrays)
    pixels = np.concatenate([np.broadcast_to(a, (*a.shape[:2], channels)).reshape(-1, channels) for a in arrays]) / 255.0
    covariance = np.cov(pixels.T, bias=True).reshape(channels, channels)
    eigenvalues, vectors = np.linalg.eigh(covariance)
    order = np.argsort(eigenvalues)[::-1]
    vectors = vectors[:, order].T
    signs = np.sign(vectors[np.arange(channels), np.abs(vectors).argmax(1)])
    return {
        "pixels": len(pixels),
        "mean": pixels.mean(0).tolist(),
        "std": pixels.std(0).tolist(),
        "covariance": covariance.tolist(),
        "eigenvalues": eigenvalues[order].tolist(),
        "eigenvectors": (vectors * signs[:, None]).tolist(),
    }


def make_statistics():
    for names in (["rgb", "grey", "dark", "pixel"], ["colours"], ["grey", "grey"]):
        yield {"sources": names, "meanImage": None, **measure([SOURCES[name] for name in names])}
    names = ["rgb", "grey", "dark"]
    sized = [F.center_crop(F.resize(SOURCES[name], 12), [10, 10]) for name in names]
    stack = np.stack([np.broadcast_to(np.asarray(p).reshape(10, 10, -1), (10, 10, 3)) for p in sized]) / 255.0
    yield {"sources": names, "meanImage": stack.mean(0).ravel().tolist(), **measure(sized)}


README = """# Golden augmentations

What torchvision {torchvision} makes of PIL pictures (Pillow {pillow}, PyTorch {torch}, numpy {numpy}, Python {python}), seed {seed}, by
`tests/golden/make_augmentations.py`: `augmentations.json.gz`, sha256 `{sha256}`. Bytes and float32 (little-endian) are in base64. `draws` holds
mean and standard deviation of {draws} draws of torchvision's parameters for a picture of 100 x 80.
"""


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    cases = {
        "sources": {name: pack_picture(picture) for name, picture in SOURCES.items()},
        "adjustments": list(make_adjustments()),
        "rotations": list(make_rotations()),
        "inputs": list(make_inputs()),
        "draws": dict(make_draws()),
        "statistics": list(make_statistics()),
    }
    data = gzip.compress(json.dumps(cases, separators=(",", ":")).encode(), mtime=0)
    (OUT / "augmentations.json.gz").write_bytes(data)
    versions = {"torchvision": torchvision.__version__, "pillow": PIL.__version__, "torch": torch.__version__, "numpy": np.__version__}
    (OUT / "README.md").write_text(
        README.format(**versions, python=sys.version.split()[0], seed=SEED, draws=DRAWS, sha256=hashlib.sha256(data).hexdigest())
    )


main()
