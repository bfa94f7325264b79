"""Photos as large as a camera's, made from small real ones: mosaics with sensor-like noise.

An enlarged photo is smooth between its pixels: its file is small, and it is decoded much faster
than what a camera writes. Many small real photos side by side have edges and texture everywhere,
and photon noise (its variance grows with the light) fills the rest, so that a JPEG of quality 92
gets a camera's size: 8-12 MB at 24 megapixels, 4-6 MB at 12.

Few large canvases are made; every photo is another crop of one. Crops do not start on the 8×8
grid of JPEG, so no two files share their data.
"""

import io
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

QUALITY = 92

Canvas = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Size:
    """One size of the benchmark."""

    name: str
    width: int
    height: int
    tile: int
    """Side of one small photo in the mosaic, in pixels; 0: no mosaic, one photo a file."""
    noise: float
    """Variance of the noise at full light, in squared grey levels; half of it at half light."""
    count: int
    """Photos made unless told otherwise."""
    crops: int
    """Photos cut from one canvas."""
    plain: int
    """Photos that the plain way is timed on; it is slow, and steady."""


SIZES = (
    Size(name="24MP", width=6000, height=4000, tile=448, noise=80, count=120, crops=40, plain=8),
    Size(name="12MP", width=4000, height=3000, tile=448, noise=80, count=120, crops=40, plain=12),
    Size(name="1080x800", width=1080, height=800, tile=270, noise=20, count=600, crops=15,
         plain=40),
    Size(name="224", width=224, height=224, tile=0, noise=20, count=800, crops=1, plain=60),
)  # fmt: skip


def make_photos(size: Size, count: int, sources: Sequence[Path], folder: Path) -> list[Path]:
    """``count`` JPEGs of a size in ``folder``; those of an earlier run are used again."""
    wanted = [folder / f"{i:05}.jpg" for i in range(count)]
    if not all(path.exists() for path in wanted):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for path, photo in zip(wanted, _photos(size, count, sources), strict=True):
            photo.save(path, "JPEG", quality=QUALITY, subsampling="4:2:2")
    return wanted


def enlarged_photo(path: Path, size: Size, seed: int) -> bytes:
    """One real photo filling a whole picture of that size, with the same noise, as a JPEG."""
    with Image.open(path) as image:
        canvas = image.convert("RGB").resize((size.width, size.height), Image.Resampling.BICUBIC)
    file = io.BytesIO()
    photo = Image.fromarray(
        _with_noise(np.asarray(canvas), size.noise, np.random.default_rng(seed))
    )
    photo.save(file, "JPEG", quality=QUALITY, subsampling="4:2:2")
    return file.getvalue()


def _photos(size: Size, count: int, sources: Sequence[Path]) -> Iterator[Image.Image]:
    rng = np.random.default_rng(size.width)
    spare_x, spare_y = (size.width // 8, size.height // 8) if size.crops > 1 else (0, 0)
    for i in range(count):
        if i % size.crops == 0:
            chosen = [sources[k] for k in rng.permutation(len(sources))]
            if size.tile == 0:
                chosen = [sources[i % len(sources)]]
            canvas = _canvas(size.width + spare_x, size.height + spare_y, size.tile, chosen)
            canvas = _with_noise(canvas, size.noise, rng)
        left, top = int(rng.integers(spare_x + 1)), int(rng.integers(spare_y + 1))
        yield Image.fromarray(canvas[top : top + size.height, left : left + size.width])


def _canvas(width: int, height: int, tile: int, sources: Sequence[Path]) -> Canvas:
    canvas = Image.new("RGB", (width, height))
    step = tile or max(width, height)
    corners = [(x, y) for y in range(0, height, step) for x in range(0, width, step)]
    for i, corner in enumerate(corners):
        with Image.open(sources[i % len(sources)]) as image:
            canvas.paste(
                image.convert("RGB").resize((step, step), Image.Resampling.BICUBIC), corner
            )
    return np.asarray(canvas)


def _with_noise(canvas: Canvas, variance: float, rng: np.random.Generator) -> Canvas:
    """Photon noise: its standard deviation grows with the root of the light, from a dark floor."""
    noisy = np.empty_like(canvas)
    for i, row in enumerate(canvas):  # a row at a time: a canvas in floats would be a gigabyte
        light = np.sqrt(row.astype(np.float32) * (variance / 255) + 2)
        noise = rng.standard_normal(row.shape, dtype=np.float32) * light
        noisy[i] = (row + noise).clip(0, 255).round()
    return noisy
