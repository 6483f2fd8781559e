"""GIF, AVIF, TIFF and BMP files, and the pixels that Pillow decodes from them.

    python3 make_picture_formats.py OUTPUT_FOLDER      # with pillow 13.0.0 and numpy

Writes picture-formats.json.gz: for each file its bytes, and the pixels of its first frame as [height, width, channels],
turned as EXIF says; grey files have one channel, all others are converted to RGB. Pictures are waves and noise of a
seed, so they are nobody's. BMP variants that Pillow reads and does not write are put together here, byte by byte.
Shares no code with this project.
"""

import base64
import gzip
import io
import json
import struct
import sys

import numpy as np
from PIL import Image, ImageOps

WIDTH, HEIGHT = 37, 23
rng = np.random.default_rng(20120930)


def waves(channels, width=WIDTH, height=HEIGHT):
    y, x, c = np.mgrid[0:height, 0:width, 0:channels]
    values = 127 + 120 * np.sin(x / 7 + c) * np.cos(y / 5 - c)
    return values.round().astype(np.uint8)


RGB = Image.fromarray(waves(3))
GREY = Image.fromarray(waves(1)[..., 0])
PALETTE = RGB.quantize(32)
BITS = GREY.convert("1")
ALPHA = Image.fromarray(np.dstack([waves(3), waves(1)]))


def save(picture, kind, **options):
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def bmp(bits, rows, compression=0, palette=(), masks=(), height=HEIGHT, data=None, width=WIDTH):
    """A BMP of the header of Windows 3 (40 bytes), with what follows it."""
    colours = b"".join(struct.pack("<BBBx", b, g, r) for r, g, b in palette)
    extra = b"".join(struct.pack("<I", mask) for mask in masks)
    body = b"".join(row + bytes(-len(row) % 4) for row in rows) if data is None else data
    offset = 14 + 40 + len(extra) + len(colours)
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, len(body), 2835, 2835, len(palette), 0)
    return b"BM" + struct.pack("<IHHI", offset + len(body), 0, 0, offset) + header + extra + colours + body


def core_bmp():
    """OS/2's header of 12 bytes, whose palette has three bytes for a colour."""
    indices = (waves(1)[::-1, :, 0] // 16).astype(np.uint8)
    colours = b"".join(struct.pack("<BBB", i * 16, 255 - i * 16, i * 9) for i in range(16)) + bytes(3 * 240)
    rows = b"".join(row.tobytes() + bytes(-len(row) % 4) for row in indices)
    return b"BM" + struct.pack("<IHHI", 14 + 12 + 768 + len(rows), 0, 0, 14 + 12 + 768) + struct.pack("<IHHHH", 12, WIDTH, HEIGHT, 1, 8) + colours + rows


def sixteen(five_six_five):
    r, g, b = (waves(3)[::-1, :, c].astype(np.uint16) for c in range(3))
    values = (r >> 3 << 11) | (g >> 2 << 5) | b >> 3 if five_six_five else (r >> 3 << 10) | (g >> 3 << 5) | b >> 3
    return [row.astype("<u2").tobytes() for row in values]


def nibbles():
    rows = []
    for row in waves(1)[::-1, :, 0] // 16:
        row = np.append(row, 0)[: WIDTH + WIDTH % 2]
        rows.append((row[0::2] << 4 | row[1::2]).astype(np.uint8).tobytes())
    return rows


def run_lengths():
    """RLE8: runs, an absolute part of odd length, a jump, ends of lines, the end."""
    out = bytearray()
    for y in range(HEIGHT):
        if y == 3:
            out += bytes([0, 2, 5, 0, WIDTH - 5, 7])
        else:
            out += bytes([10, y]) + bytes([0, 5, 1, 2, 3, 4, 5, 0]) + bytes([WIDTH - 15, 40 + y])
        out += bytes([0, 0])
    return bytes(out + bytes([0, 1]))


COLOURS = [(i * 5 % 256, 255 - i, i * 11 % 256) for i in range(256)]
FEW = [(i * 16, 255 - i * 16, i * 9) for i in range(16)]


def bmps():
    rgb32 = [np.dstack([waves(3)[..., ::-1], waves(1)])[::-1][y].tobytes() for y in range(HEIGHT)]
    down = [row.tobytes() for row in waves(3)[..., ::-1]]
    return {
        "rgb.bmp": save(RGB, "BMP"),
        "grey.bmp": save(GREY, "BMP"),
        "palette.bmp": save(PALETTE, "BMP"),
        "one-bit.bmp": save(BITS, "BMP"),
        "alpha.bmp": save(ALPHA, "BMP"),
        "rgb-32.bmp": bmp(32, rgb32),
        "masks-32.bmp": bmp(32, rgb32, 3, masks=(0xFF0000, 0xFF00, 0xFF)),
        "top-down.bmp": bmp(24, down, height=-HEIGHT),
        "four-bit.bmp": bmp(4, nibbles(), palette=FEW),
        "rgb-555.bmp": bmp(16, sixteen(False)),
        "rgb-565.bmp": bmp(16, sixteen(True), 3, masks=(0xF800, 0x7E0, 0x1F)),
        "rle-8.bmp": bmp(8, [], 1, palette=COLOURS, data=run_lengths()),
        "core.bmp": core_bmp(),
    }


def tiffs():
    exif = Image.Exif()
    exif[0x0112] = 6
    grey16 = Image.fromarray((waves(1)[..., 0].astype(np.uint16) << 8) | 77)
    pages = io.BytesIO()
    RGB.save(pages, "TIFF", save_all=True, append_images=[GREY])
    return {
        "rgb.tif": save(RGB, "TIFF"),
        "lzw.tif": save(RGB, "TIFF", compression="tiff_lzw"),
        "deflate.tif": save(RGB, "TIFF", compression="tiff_adobe_deflate"),
        "packbits.tif": save(RGB, "TIFF", compression="packbits"),
        "jpeg.tif": save(RGB, "TIFF", compression="jpeg", quality=90),
        "grey.tif": save(GREY, "TIFF"),
        "grey-16.tif": save(grey16, "TIFF"),
        "palette.tif": save(PALETTE, "TIFF"),
        "one-bit.tif": save(BITS, "TIFF"),
        "group-4.tif": save(BITS, "TIFF", compression="group4"),
        "alpha.tif": save(ALPHA, "TIFF"),
        "cmyk.tif": save(RGB.convert("CMYK"), "TIFF"),
        "exif-6.tif": save(RGB, "TIFF", exif=exif),
        "pages.tif": pages.getvalue(),
    }


def gifs():
    hidden = PALETTE.copy()
    frames = [Image.fromarray(waves(3) // n).quantize(32) for n in (2, 3)]
    return {
        "palette.gif": save(PALETTE, "GIF", interlace=False),
        "interlaced.gif": save(PALETTE, "GIF", interlace=True),
        "grey.gif": save(GREY, "GIF"),
        "transparent.gif": save(hidden, "GIF", transparency=3),
        "animated.gif": save(PALETTE, "GIF", save_all=True, append_images=frames, duration=40),
    }


def avifs():
    exif = Image.Exif()
    exif[0x0112] = 6
    return {
        "444.avif": save(RGB, "AVIF", quality=90, subsampling="4:4:4", codec="aom", speed=8, max_threads=1),
        "420.avif": save(RGB, "AVIF", quality=75, subsampling="4:2:0", codec="aom", speed=8, max_threads=1),
        "alpha.avif": save(ALPHA, "AVIF", quality=90, subsampling="4:4:4", codec="aom", speed=8, max_threads=1),
        "exif-6.avif": save(RGB, "AVIF", quality=90, subsampling="4:4:4", exif=exif, codec="aom", speed=8, max_threads=1),
    }


def decode(data):
    picture = Image.open(io.BytesIO(data))
    picture.seek(0)
    picture = ImageOps.exif_transpose(picture)
    is_grey = picture.mode in ("1", "L", "LA", "I;16", "I")
    array = np.asarray(picture.convert("L" if is_grey else "RGB"))
    return array[..., None] if is_grey else array


def main(folder):
    cases = []
    for made in (bmps(), tiffs(), gifs(), avifs()):
        for name, data in made.items():
            pixels = decode(data)
            cases.append({
                "file": name,
                "bytes": base64.b64encode(data).decode("ascii"),
                "height": pixels.shape[0], "width": pixels.shape[1], "channels": pixels.shape[2],
                "pixels": base64.b64encode(pixels.tobytes()).decode("ascii"),
            })
    with open(folder + "/picture-formats.json.gz", "wb") as out:
        with gzip.GzipFile(fileobj=out, mode="wb", mtime=0, filename="") as packed:
            packed.write(json.dumps(cases, separators=(",", ":")).encode("ascii"))


if __name__ == "__main__":
    main(sys.argv[1])
