"""Technical facts of a photo, measured in its decoded pixels: sharpness, noise, light, colour.

Everything is measured on luma or RGB in [0, 255] as displayed (sRGB, gamma-coded, ITU-R BT.601
luma), never on linear light: these are statements about what is seen.

**Scale.** Everything but the size is measured on the photo as it looks when its short side is
``MEASURED_SIDE`` pixels: larger decodings are reduced to that first, so that neither the camera's
resolution nor how far a JPEG was reduced while decoding changes the numbers much. Smaller photos
are not enlarged; they are measured pixel by pixel, and tend to look sharper and noisier. What
vanishes at that scale cannot be seen here: slight blur and fine noise of a 24-megapixel file.
"""

from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from iae.images.decode import DecodedPhoto

FACTS_VERSION = 2
"""Raised whenever a number changes, so that stored facts are known to be of another measure."""

MEASURED_SIDE = 448
"""Short side in pixels at which photos are measured."""

DECIMALS = 4
"""Numbers are rounded to this."""

WHITE, BLACK = 253, 2
"""Luma from which a pixel counts as clipped: a JPEG's own rounding moves a 255 or 0 this far."""

_TILE = 16
"""Side of the tiles in pixels: 27×27 of them in a square photo."""

_SHARPEST, _SMOOTHEST = 0.95, 0.1
"""Quantiles over the tiles, of sharpness and of noise."""

_MOSTLY_CLIPPED = 0.1
"""Share of clipped pixels from which a tile says nothing of noise."""

_RANGE = (0.01, 0.99)
"""Quantiles between which the range of luma lies."""

_FAINTEST = 16
"""Levels of 255 added to that range, so that a plane with a few specks is not called sharp."""


@dataclass(frozen=True, kw_only=True)
class TechnicalFacts:
    """What is measured in one photo."""

    width: int
    """Of the whole photo, upright, in pixels."""
    height: int
    """… its height."""
    sharpness: float
    """Steepness of the sharpest edges, in [0, 4]; everyday photos between .1 and .6."""
    noise: float
    """Standard deviation of the noise in luma, in levels of [0, 255]; 0 or more."""
    contrast: float
    """Standard deviation of luma, in [0, 0.5] (RMS contrast, Peli 1990)."""
    colourfulness: float
    """Hasler and Süsstrunk's M3: 0 without colour, about 15 slightly, 45 averagely, 80 highly
    colourful; seldom above 110."""
    brightness: float
    """Mean luma, in [0, 1]."""
    clipped_highlights: float
    """Share of pixels in [0, 1] that are white: luma of 253 or more of 255."""
    clipped_shadows: float
    """Share of pixels in [0, 1] that are black: luma of 2 or less of 255."""


FACTS = tuple(field.name for field in fields(TechnicalFacts))
"""Names of the facts, in order."""


def technical_facts(photo: DecodedPhoto) -> TechnicalFacts:
    """Measure one decoded photo; see the module's text for the scale and what it cannot see.

    Of a picture of one tone everything but its size and light is 0. Where a side is below three
    pixels there is no sharpness and no noise to be measured, and both are 0.
    """
    seen = _at_scale(photo.image.convert("L"))
    tones, luma = _Tones.of(seen), np.asarray(seen)
    level = noise(luma)
    values = {
        "sharpness": sharpness(luma, tones.range, noise_level=level),
        "noise": level,
        "contrast": tones.contrast,
        "colourfulness": colourfulness(_sample(photo.image)),
        "brightness": tones.brightness,
        "clipped_highlights": tones.share(WHITE, 255),
        "clipped_shadows": tones.share(0, BLACK),
    }
    rounded = {name: round(float(value), DECIMALS) for name, value in values.items()}
    return TechnicalFacts(width=photo.width, height=photo.height, **rounded)


@dataclass(frozen=True)
class _Tones:
    """The histogram of luma."""

    shares: NDArray[np.float64]
    """(256,) share of pixels at each level; sums to 1."""

    @classmethod
    def of(cls, luma: Image.Image) -> "_Tones":
        counts = np.array(luma.histogram(), np.float64)
        return cls(counts / counts.sum())

    @property
    def brightness(self) -> float:
        return float(self.shares @ np.arange(256)) / 255

    @property
    def contrast(self) -> float:
        levels = np.arange(256) / 255
        return float(np.sqrt(self.shares @ (levels - self.brightness) ** 2))

    @property
    def range(self) -> int:
        """Levels between the quantiles of ``_RANGE``."""
        darkest, brightest = np.searchsorted(np.cumsum(self.shares), _RANGE)
        return int(brightest - darkest)

    def share(self, lowest: int, highest: int) -> float:
        """Share of pixels between two levels, both included."""
        return float(self.shares[lowest : highest + 1].sum())


def sharpness(luma: NDArray[np.uint8], tonal_range: float, *, noise_level: float = 0.0) -> float:
    """How steep the edges of the sharpest tiles are, in [0, 4]; (H, W) luma in [0, 255].

    The root mean square of the Laplacian (Pech-Pacheco et al. 2000; LAPV in the comparison of
    Pertuz et al. 2013) over tiles of 16×16, at its 95 % quantile over the tiles, so that a sharp
    subject before a blurred background counts as sharp. What noise adds is taken off (a Laplacian
    of noise of standard deviation s has the variance 20 s²), and the rest is divided by the range
    of luma, so that a faint photo can be as sharp as a strong one. Everyday photos lie between .1
    and .6; a chequerboard of single pixels has about 4. 0 without edges, or where a side is below
    three pixels.
    """
    if min(luma.shape) < 3:
        return 0.0
    signed = luma.astype(np.int16)
    laplacian = signed[:-2, 1:-1] + signed[2:, 1:-1]
    laplacian += signed[1:-1, :-2]  # in place: fresh memory costs more than the sum
    laplacian += signed[1:-1, 2:]
    laplacian -= 4 * signed[1:-1, 1:-1]
    energy = np.quantile(_tile_means(laplacian, squared=True), _SHARPEST)
    edges = np.sqrt(max(energy - 20 * noise_level**2, 0))
    return min(float(edges / (tonal_range + _FAINTEST)), 4.0)


def noise(luma: NDArray[np.uint8]) -> float:
    """Standard deviation of the noise, in levels of [0, 255]; (H, W) luma in [0, 255].

    Immerkaer (1996), "Fast noise variance estimation": the mean absolute response to a mask that
    is blind to planes and straight edges along the axes. Taken tile by tile, of the tiles the 10 %
    quantile, so that texture elsewhere does not count as noise; tiles that are clipped to white or
    black, where noise is cut off, are left out. A photo that is texture all over still reads as
    noisier than it is, and smoothing in the camera as cleaner. 0 where a side is below three
    pixels, or all is clipped.
    """
    if min(luma.shape) < 3:
        return 0.0
    response = _bend(_bend(luma.astype(np.int16)).T).T
    np.abs(response, out=response)
    usable = _tile_means(response)[~_mostly_clipped(luma[1:-1, 1:-1])]
    if not usable.size:
        return 0.0
    return float(np.quantile(usable, _SMOOTHEST) * np.sqrt(np.pi / 2) / 6)


def colourfulness(rgb: NDArray[np.uint8]) -> float:
    """M3 of Hasler and Süsstrunk (2003), "Measuring colourfulness in natural images"; (H, W, 3).

    With rg = R - G and yb = (R + G) / 2 - B: the length of their standard deviations plus 0.3
    times the length of their means.
    """
    red, green, blue = (rgb[..., i].astype(np.float32) for i in range(3))
    rg, yb = red - green, (red + green) / 2 - blue
    return float(np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean()))


def _at_scale(image: Image.Image) -> Image.Image:
    factor = MEASURED_SIDE / min(image.size)
    if factor >= 1:
        return image
    size = tuple(max(round(side * factor), 1) for side in image.size)
    return image.resize((size[0], size[1]), Image.Resampling.BILINEAR)


def _sample(image: Image.Image) -> NDArray[np.uint8]:
    """One pixel in so many, some twenty thousand in all: enough for means and deviations."""
    step = max(4 * min(image.size) // MEASURED_SIDE, 1)
    size = (max(image.width // step, 1), max(image.height // step, 1))
    return np.asarray(image if step == 1 else image.resize(size, Image.Resampling.NEAREST))


def _bend(values: NDArray[np.int16]) -> NDArray[np.int16]:
    """Second difference from row to row; (H, W) -> (H - 2, W)."""
    bend = values[2:] + values[:-2]
    bend -= values[1:-1]  # in place: fresh memory costs more than the sum
    bend -= values[1:-1]
    return bend


def _mostly_clipped(luma: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which tiles have a tenth or more of their pixels clipped; (H, W) -> (rows, columns)."""
    clipped = (luma >= WHITE) | (luma <= BLACK)
    return _tile_means(clipped.view(np.uint8)) >= _MOSTLY_CLIPPED


def _tile_means(values: NDArray[np.integer], *, squared: bool = False) -> NDArray[np.float64]:
    """Means over tiles of about 16×16; (H, W) -> (rows, columns), mirror-symmetric tiling.

    Args:
        values: of 16 bits at most.
        squared: whether to take the means of the squares.
    """
    rows, columns = (_edges(length) for length in values.shape)
    # Band by band, what is widened stays in the processor's cache: half the time of the whole.
    bands = (values[start:end] for start, end in pairwise(rows.tolist()))
    sums = np.stack([_squares(band) if squared else band.sum(axis=0, dtype=np.int32)
                     for band in bands])  # fmt: skip
    sums = np.add.reduceat(sums, columns[:-1], axis=1)
    areas = np.outer(np.diff(rows), np.diff(columns))
    return np.asarray(sums / areas, np.float64)


def _squares(band: NDArray[np.integer]) -> NDArray[np.int32]:
    """Sum of the squares of every column; (h, W) -> (W,)."""
    wide = band.astype(np.int32)
    wide *= wide
    return np.asarray(wide.sum(axis=0, dtype=np.int32))


def _edges(length: int) -> NDArray[np.intp]:
    """Where tiles of about 16 begin, and the end; the same from either side."""
    count = max(length // _TILE, 1) - 1 | 1  # odd: the middle tile takes what does not divide
    half = np.arange((count + 1) // 2) * length // count
    return np.concatenate([half, length - half[::-1]])
