"""Makes the golden pictures: what Pillow and torchvision give for small generated pictures.

    pip install pillow==13.0.0 torchvision==0.29.2 torch==2.15.0 numpy==2.4.6 imagecodecs==2026.3.6
    python tests/golden/make_pictures.py [DATA]

Writes to tests/golden/pictures: pictures.json.gz (the cases), pictures.bin (their bytes), encoded/ (files to
decode) and README.md (versions and checksums). With DATA, the folder of the real data's tar files, also
photographs.json.gz: checksums of photographs as Pillow decodes them; no photograph is copied.
"""

import gzip
import hashlib
import io
import json
import struct
import sys
import tarfile
import zlib
from pathlib import Path

import imagecodecs
import numpy as np
import PIL
import torch
import torchvision
from PIL import Image, ImageCms, ImageOps
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as F

SEED = 20120930
SIZE, CROP = 14, 12  # of the inputs made of the decoded files
OUT = Path(__file__).parent / "pictures"
FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}
MODES = {"bilinear": InterpolationMode.BILINEAR, "bicubic": InterpolationMode.BICUBIC}
IMAGENET = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}

rng = np.random.default_rng(SEED)


class Blob:
    """Arrays in one file, one after another."""

    def __init__(self):
        self.parts, self.length = [], 0

    def add(self, array):
        data = np.ascontiguousarray(array).tobytes()
        start, self.length = self.length, self.length + len(data)
        self.parts.append(data)
        return {"offset": start, "bytes": len(data)}

    def add_picture(self, picture):
        channels = len(picture.getbands())
        return {"width": picture.width, "height": picture.height, "channels": channels, **self.add(np.asarray(picture))}


blob = Blob()


def noise(width, height, channels):
    """Every level, hard edges: what shows a rounding that is off."""
    values = rng.integers(0, 256, (height, width, channels), dtype=np.uint8)
    return Image.fromarray(values[..., 0] if channels == 1 else values)


def waves(width, height, channels, mode=None):
    """Smooth with a little noise: what codecs are made for."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [127 + 90 * np.sin(x / (5 + 2 * c) + c) + 30 * np.cos(y / (4 + c)) for c in range(channels)]
    values = np.clip(np.stack(planes, -1) + rng.normal(0, 5, (height, width, channels)), 0, 255).astype(np.uint8)
    return Image.frombytes(mode or ("L" if channels == 1 else "RGB"), (width, height), values.tobytes())


SOURCES = {
    "rgb": noise(31, 23, 3),
    "grey": noise(29, 37, 1),
    "row": noise(17, 1, 3),
    "column": noise(1, 13, 1),
    "pixel": noise(1, 1, 3),
    "wide": noise(97, 5, 3),
}
SIZES = {
    "rgb": [(31, 23), (62, 46), (47, 31), (13, 7), (31, 9), (9, 23), (1, 1), (2, 3), (16, 12), (32, 22), (5, 40)],
    "grey": [(28, 28), (7, 5), (64, 64), (29, 36), (1, 37), (29, 1)],
    "row": [(5, 1), (40, 3), (1, 1), (17, 2)],
    "column": [(1, 5), (3, 30), (2, 2)],
    "pixel": [(1, 1), (3, 2)],
    "wide": [(10, 10), (200, 2), (96, 5), (7, 5)],
}


def make_resizes():
    for source, sizes in SIZES.items():
        for width, height in sizes:
            for name, resampling in FILTERS.items():
                result = SOURCES[source].resize((width, height), resampling)
                yield {"source": source, "filter": name, "result": blob.add_picture(result)}


def make_short_sides():
    for source in ("rgb", "grey", "wide"):
        for size in (3, 12, 23, 32):
            result = F.resize(SOURCES[source], size, MODES["bilinear"], antialias=True)
            yield {"source": source, "size": size, "result": blob.add_picture(result)}


def make_plain_resizes():
    """Without antialiasing, in float64 and rounded once: bytes between the passes may differ by one."""
    for source, size in (("rgb", (10, 9)), ("rgb", (13, 23)), ("grey", (28, 28)), ("wide", (20, 4)), ("rgb", (50, 40))):
        pixels = np.asarray(SOURCES[source]).astype(np.float64)
        planes = torch.from_numpy(pixels.reshape(*pixels.shape[:2], -1).transpose(2, 0, 1))[None]
        result = torch.nn.functional.interpolate(planes, (size[1], size[0]), mode="bilinear", align_corners=False)
        values = np.rint(result[0].numpy().transpose(1, 2, 0)).astype(np.uint8)
        channels = values.shape[2]
        place = {"width": size[0], "height": size[1], "channels": channels, **blob.add(values)}
        yield {"source": source, "result": place}


def make_crops():
    for source in SOURCES:
        for height, width in ((1, 1), (4, 4), (5, 8), (8, 5), (22, 30), (23, 31), (24, 32), (40, 40)):
            result = F.center_crop(SOURCES[source], [height, width])
            yield {"source": source, "result": blob.add_picture(result)}


def make_parts():
    """RandomResizedCrop's last step, and the mirror after it."""
    cases = (("rgb", (3, 5, 11, 17)), ("rgb", (0, 0, 23, 31)), ("grey", (30, 2, 7, 27)), ("wide", (1, 90, 4, 7)))
    for source, (top, left, height, width) in cases:
        for name, mode in MODES.items():
            part = F.resized_crop(SOURCES[source], top, left, height, width, [12, 12], mode)
            box = {"top": top, "left": left, "height": height, "width": width}
            yield {"source": source, "filter": name, "box": box, "result": blob.add_picture(F.hflip(part))}


def make_greys():
    for source in ("rgb", "row", "wide"):
        yield {"source": source, "result": blob.add_picture(SOURCES[source].convert("L"))}


def make_inputs():
    """From picture to tensor, by torchvision's own steps."""
    recipes = (
        ("rgb", 20, 18, IMAGENET, "RGB"),
        ("rgb", 30, 33, IMAGENET, "RGB"),
        ("wide", 12, 12, {"mean": [0.5, 0.25, 0.1], "std": [0.5, 0.3, 0.7]}, "RGB"),
        ("grey", 28, 28, {"mean": [0.1307], "std": [0.3081]}, "L"),
        ("rgb", 16, 16, {"mean": [0.1307], "std": [0.3081]}, "L"),
        ("grey", 16, 16, IMAGENET, "RGB"),
    )
    for source, size, crop, norm, mode in recipes:
        picture = F.center_crop(F.resize(SOURCES[source], size, MODES["bilinear"]), [crop, crop])
        tensor = F.normalize(F.to_tensor(picture.convert(mode)), **norm)
        shape = list(tensor.shape)
        yield {"source": source, "size": size, "crop": crop, **norm, "mode": mode, "result": {"shape": shape, **blob.add(tensor.numpy())}}


def make_ten_crops():
    """From picture to the tensors of TenCrop, by torchvision's own steps; odd margins make the two middles differ."""
    recipes = (
        ("rgb", 20, [15, 15], IMAGENET, "RGB"),
        ("rgb", 24, [13, 16], IMAGENET, "RGB"),
        ("wide", 12, [12, 12], IMAGENET, "RGB"),
        ("grey", 28, [23, 21], {"mean": [0.1307], "std": [0.3081]}, "L"),
    )
    for source, size, crop, norm, mode in recipes:
        resized = F.resize(SOURCES[source].convert(mode), size, MODES["bilinear"])
        tensor = torch.stack([F.normalize(F.to_tensor(picture), **norm) for picture in F.ten_crop(resized, crop)])
        shape = list(tensor.shape)
        yield {"source": source, "size": size, **norm, "mode": mode, "result": {"shape": shape, **blob.add(tensor.numpy())}}


def make_levels():
    """All bytes through ToTensor and Normalize."""
    ramp = Image.fromarray(np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, 2))
    tensor = F.normalize(F.to_tensor(ramp), **IMAGENET)
    return {**IMAGENET, "result": {"shape": [3, 256], **blob.add(tensor.numpy())}}


ADAM7 = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))


def png(values, colour_type, extra=(), interlaced=False):
    """What Pillow does not write: 16-bit colour, chunks of our choice, Adam7's interlacing."""
    height, width = values.shape[:2]
    bits = 16 if values.dtype.itemsize > 1 else 8

    def rows(part):
        return b"".join(b"\0" + row.astype(f">u{bits // 8}").tobytes() for row in part if row.size)

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    passes = (values[y::dy, x::dx] for y, x, dy, dx in (ADAM7 if interlaced else ((0, 0, 1, 1),)))
    head = struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, int(interlaced))
    body = zlib.compress(b"".join(map(rows, passes)))
    chunks = ((b"IHDR", head), *extra, (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*one) for one in chunks)


def encode_all():
    width, height = 27, 18
    rgb, grey = waves(width, height, 3), waves(width, height, 1)
    rgba, cmyk = waves(width, height, 4, "RGBA"), waves(width, height, 4, "CMYK")

    def profile(space):
        """Without the date of its making, so that the file comes out the same again."""
        data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile(space)).tobytes())
        data[24:36] = bytes(12)
        return bytes(data)

    def turned(orientation):
        exif = Image.Exif()
        exif[0x0112] = orientation
        return exif

    def save(picture, kind, **options):
        file = io.BytesIO()
        picture.save(file, kind, **options)
        return file.getvalue()

    yield "baseline-420.jpg", save(rgb, "JPEG", quality=85)
    yield "baseline-422.jpg", save(rgb, "JPEG", quality=90, subsampling=1)
    yield "baseline-444.jpg", save(rgb, "JPEG", quality=95, subsampling=0)
    yield "progressive.jpg", save(rgb, "JPEG", quality=80, progressive=True)
    yield "grey.jpg", save(grey, "JPEG", quality=85)
    yield "grey-progressive.jpg", save(grey, "JPEG", progressive=True)
    yield "cmyk.jpg", save(cmyk, "JPEG", quality=90)
    for orientation in range(1, 9):
        yield f"exif-{orientation}.jpg", save(rgb, "JPEG", exif=turned(orientation))
    yield "grey-exif-6.jpg", save(grey, "JPEG", exif=turned(6))
    yield "profile-srgb.jpg", save(rgb, "JPEG", icc_profile=profile("sRGB"))
    yield "profile-xyz.jpg", save(rgb, "JPEG", icc_profile=profile("XYZ"))
    yield "rgb.png", save(rgb, "PNG")
    yield "rgba.png", save(rgba, "PNG")
    yield "grey.png", save(grey, "PNG")
    yield "grey-alpha.png", save(rgba.convert("LA"), "PNG")
    yield "palette.png", save(rgb.quantize(17), "PNG")
    yield "palette-transparent.png", save(rgb.quantize(17), "PNG", transparency=3)
    yield "one-bit.png", save(grey.convert("1"), "PNG")
    yield "colour-key.png", save(rgb, "PNG", transparency=rgb.getpixel((3, 3)))
    yield "exif-6.png", save(rgb, "PNG", exif=turned(6))
    yield "rgb-16.png", png(rng.integers(0, 65536, (9, 13, 3)), 2)
    yield "rgba-16.png", png(rng.integers(0, 65536, (9, 13, 4)), 6)
    yield "lossy.webp", save(rgb, "WEBP", quality=80)
    yield "lossless.webp", save(rgb, "WEBP", lossless=True)
    yield "alpha.webp", save(rgba, "WEBP", quality=80)
    yield "alpha-lossless.webp", save(rgba, "WEBP", lossless=True, exact=True)
    yield "exif-6.webp", save(rgb, "WEBP", exif=turned(6), quality=80)
    yield "animated.webp", save(rgb, "WEBP", save_all=True, append_images=[ImageOps.mirror(rgb)], quality=80)
    yield from encode_rarer(save, profile, turned)


def encode_rarer(save, profile, turned):
    """What decoders are known to disagree about, or might."""
    width, height = 37, 29
    rgb, grey = waves(width, height, 3), waves(width, height, 1)
    cmyk, noisy = waves(width, height, 4, "CMYK"), noise(width, height, 3)
    levels, alpha = np.asarray(noisy), rng.integers(0, 256, (height, width, 1), dtype=np.uint8)
    alpha[::3] = 0  # hides colours that are there all the same
    deep = rng.integers(0, 65536, (height, width, 2)).astype(np.uint16)
    gamma, linear = struct.pack(">I", 45455), struct.pack(">I", 100000)
    srgb, xyz = profile("sRGB"), profile("XYZ")

    for name, subsampling in (("411", "411"), ("440", "440")):
        data = imagecodecs.jpeg8_encode(levels, level=90, subsampling=subsampling)
        yield f"baseline-{name}.jpg", bytes(data)
    yield "noise.jpg", save(noisy, "JPEG", quality=40)
    yield "restart.jpg", save(rgb, "JPEG", restart_marker_blocks=2)
    yield "adobe-rgb.jpg", save(rgb, "JPEG", keep_rgb=True)
    ycck = imagecodecs.jpeg8_encode(np.asarray(cmyk), level=90, colorspace="CMYK", outcolorspace="YCCK")
    yield "ycck.jpg", bytes(ycck)
    yield "cmyk-progressive.jpg", save(cmyk, "JPEG", progressive=True)
    for orientation in (0, 9):
        yield f"exif-{orientation}.jpg", save(rgb, "JPEG", exif=turned(orientation))
    yield "exif-big-endian.jpg", save(rgb, "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0")
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r tiff:Orientation="6"/></x:xmpmeta>'
    yield "xmp-6.jpg", save(rgb, "JPEG", xmp=xmp)
    yield "profile-xyz-grey.jpg", save(grey, "JPEG", icc_profile=xyz)
    yield "profile-xyz.png", save(rgb, "PNG", icc_profile=xyz)
    yield "profile-srgb.png", save(rgb, "PNG", icc_profile=srgb)
    yield "profile-xyz.webp", save(rgb, "WEBP", icc_profile=xyz, quality=80)
    yield "gamma.png", png(levels, 2, [(b"gAMA", gamma)])
    yield "gamma-linear.png", png(levels, 2, [(b"gAMA", linear)])
    yield "primaries.png", png(levels, 2, [(b"gAMA", gamma), (b"cHRM", struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000))])
    yield "cicp-pq.png", png(levels, 2, [(b"cICP", bytes((9, 16, 0, 1)))])
    yield "interlaced.png", png(levels, 2, interlaced=True)
    yield "interlaced-16.png", png(deep[..., :1], 0, interlaced=True)
    yield "grey-16.png", png(deep[..., :1], 0)
    yield "grey-alpha-16.png", png(deep, 4)
    yield "hidden.png", png(np.concatenate([levels, alpha], 2), 6)
    yield "hidden-interlaced.png", png(np.concatenate([levels, alpha], 2), 6, interlaced=True)
    yield "grey-key.png", save(grey, "PNG", transparency=grey.getpixel((3, 3)))
    yield "palette-2-bit.png", save(rgb.quantize(4), "PNG")
    yield "palette-alpha.png", save(rgb.quantize(17), "PNG", transparency=bytes(range(0, 170, 10)))
    yield "animated.png", save(rgb, "PNG", save_all=True, append_images=[ImageOps.mirror(rgb)])
    yield "animated-apart.png", save(rgb, "PNG", save_all=True, default_image=True, append_images=[ImageOps.mirror(rgb)])
    hidden = Image.fromarray(np.concatenate([levels, alpha], 2), "RGBA")
    yield "hidden.webp", save(hidden, "WEBP", lossless=True, exact=True)
    for orientation in range(2, 9):
        yield f"exif-{orientation}-lossless.webp", save(noisy, "WEBP", lossless=True, exif=turned(orientation))
    yield "exif-alpha.webp", save(hidden, "WEBP", quality=80, exif=turned(8))


def decode(file, is_grey=False):
    """Turned as EXIF says; grey stays one channel, everything else becomes RGB."""
    picture = ImageOps.exif_transpose(Image.open(file))
    return picture.convert("L" if is_grey or picture.mode in ("1", "L", "LA", "I;16") else "RGB")


def to_input(picture, size, crop):
    """What torchvision's ImageNet models are given."""
    cropped = F.center_crop(F.resize(picture.convert("RGB"), size, MODES["bilinear"]), [crop, crop])
    return F.normalize(F.to_tensor(cropped), **IMAGENET).numpy()


def make_decoded():
    folder = OUT / "encoded"
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in encode_all():
        (folder / name).write_bytes(data)
        # 16-bit grey with alpha opens as RGBA of equal channels.
        picture = decode(io.BytesIO(data), is_grey=name.startswith("grey-alpha"))
        tensor = blob.add(to_input(picture, SIZE, CROP))
        yield {"file": name, "result": blob.add_picture(picture), "input": {"shape": [3, CROP, CROP], **tensor}}


def make_photographs(data):
    """A dozen from each tar, spread over it, and some that are grey."""
    for path in sorted(data.glob("*-short*.tar")):
        with tarfile.open(path) as tar:
            members = [m for m in tar.getmembers() if m.name.lower().endswith((".jpg", ".jpeg"))]
            chosen = members[:: len(members) // 12][:12]
            if path.name.startswith("imagenet"):
                grey = (m for m in members if Image.open(tar.extractfile(m)).mode == "L")
                chosen += [member for member, _ in zip(grey, range(4))]
            for member in chosen:
                picture = decode(tar.extractfile(member))
                yield {
                    "tar": path.name,
                    "file": member.name,
                    "width": picture.width,
                    "height": picture.height,
                    "channels": len(picture.getbands()),
                    "sha256": hashlib.sha256(picture.tobytes()).hexdigest(),
                    "inputSha256": hashlib.sha256(to_input(picture, 256, 224).tobytes()).hexdigest(),
                }


def write_json(path, value):
    path.write_bytes(gzip.compress(json.dumps(value, separators=(",", ":")).encode(), mtime=0))


README = """# Golden pictures

What Pillow {pillow}, torchvision {torchvision}, PyTorch {torch} and numpy {numpy} give (Python {python}), seed {seed}. Made by
`tests/golden/make_pictures.py`; the pictures are generated, so they are nobody's.

`pictures.json.gz` has the cases, `pictures.bin` their bytes (pixels as [height, width, channels], float32 inputs as
[C, H, W], little-endian), `encoded/` the files to decode. `photographs.json.gz` holds checksums of photographs of the
real data as Pillow decodes them, not the photographs.

| file | bytes | sha256 |
| --- | --- | --- |
{rows}
"""


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    cases = {
        "sources": {name: blob.add_picture(picture) for name, picture in SOURCES.items()},
        "resizes": list(make_resizes()),
        "shortSides": list(make_short_sides()),
        "plainResizes": list(make_plain_resizes()),
        "crops": list(make_crops()),
        "parts": list(make_parts()),
        "greys": list(make_greys()),
        "inputs": list(make_inputs()),
        "levels": make_levels(),
        "decoded": list(make_decoded()),
        "tenCrops": list(make_ten_crops()),
    }
    write_json(OUT / "pictures.json.gz", cases)
    (OUT / "pictures.bin").write_bytes(b"".join(blob.parts))
    if len(sys.argv) > 1:
        photographs = list(make_photographs(Path(sys.argv[1])))
        write_json(OUT / "photographs.json.gz", {"photographs": photographs})
    made = [OUT / "pictures.json.gz", OUT / "pictures.bin", OUT / "photographs.json.gz", *(OUT / "encoded").iterdir()]
    files = sorted(path for path in made if path.exists())
    rows = "\n".join(
        f"| {p.relative_to(OUT)} | {p.stat().st_size} | {hashlib.sha256(p.read_bytes()).hexdigest()} |" for p in files
    )
    versions = {
        "pillow": PIL.__version__,
        "torchvision": torchvision.__version__,
        "torch": torch.__version__,
        "numpy": np.__version__,
        "python": sys.version.split()[0],
    }
    (OUT / "README.md").write_text(README.format(rows=rows, seed=SEED, **versions))


main()
