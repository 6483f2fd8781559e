"""JPEGs, and what Pillow makes of them when it decodes at a reduced scale: `Image.draft` to at least twice the sides
wanted, then `resize`, as its `thumbnail` does.

    python3 make_shrunk_jpegs.py OUTPUT_FOLDER      # with pillow 13.0.0 and numpy

Writes shrunk-jpegs.json.gz: for each file its bytes, and the pixels as [height, width, channels]. Pictures are noise of
a seed, stronger the longer its waves are, as in photographs, so they are nobody's. Shares no code with this project.
"""

import base64
import gzip
import io
import json
import sys

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 444, 333
SHORT_SIDE = 40
rng = np.random.default_rng(20120930)


def photograph(channels):
    """Noise whose amplitude falls with the frequency."""
    y, x = np.meshgrid(np.fft.fftfreq(HEIGHT), np.fft.fftfreq(WIDTH), indexing="ij")
    falling = 1 / np.maximum(np.hypot(x, y), 1 / WIDTH)
    planes = []
    for _ in range(channels):
        waves = np.fft.fft2(rng.standard_normal((HEIGHT, WIDTH))) * falling
        plane = np.fft.ifft2(waves).real
        planes.append(np.clip(128 + 50 * plane / plane.std(), 0, 255).round().astype(np.uint8))
    # Colours of photographs are alike.
    grey = planes[0].astype(np.float64)
    return np.dstack([(0.7 * grey + 0.3 * plane).round().astype(np.uint8) for plane in planes])


def main(folder):
    colours = Image.fromarray(photograph(3))
    grey = Image.fromarray(photograph(1)[..., 0])
    files = {
        "4:2:0": (colours, {"quality": 85}),
        "4:4:4, progressive": (colours, {"quality": 92, "subsampling": 0, "progressive": True}),
        "grey": (grey, {"quality": 85}),
    }
    cases = []
    for name, (picture, options) in files.items():
        out = io.BytesIO()
        picture.save(out, "JPEG", **options)
        loaded = Image.open(io.BytesIO(out.getvalue()))
        wanted = (SHORT_SIDE * WIDTH // HEIGHT, SHORT_SIDE)
        _, box = loaded.draft(None, (2 * wanted[0], 2 * wanted[1]))
        assert loaded.size[0] < WIDTH
        pixels = np.asarray(loaded.resize(wanted, Image.Resampling.BILINEAR, box=box))
        cases.append({
            "file": name,
            "bytes": base64.b64encode(out.getvalue()).decode("ascii"),
            "width": wanted[0], "height": wanted[1], "channels": 1 if pixels.ndim == 2 else 3,
            "pixels": base64.b64encode(pixels.tobytes()).decode("ascii"),
        })
    with open(folder + "/shrunk-jpegs.json.gz", "wb") as out:
        with gzip.GzipFile(fileobj=out, mode="wb", mtime=0, filename="") as packed:
            packed.write(json.dumps(cases, separators=(",", ":")).encode("ascii"))


if __name__ == "__main__":
    main(sys.argv[1])
