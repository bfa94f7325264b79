"""An explanation as a picture: the photo in grey, the heat over it, a legend below."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from iae.files import written_whole
from iae.scoring.explain import AESTHETIC, Explanation
from iae.text import one_line

LONGEST_SIDE = 960
"""Of the photo in the picture, in pixels; smaller photos are enlarged, to leave room for words."""

FAINTEST = {True: 0.05, False: 0.01}
"""Heat that has full colour at least, in points of a score (True) or in probability (False): what
is next to nothing is not blown up to a finding."""

# Orange and blue, which colour-blind eyes tell apart as well.
_RAISES = np.array([222, 80, 20], np.float32)
_LOWERS = np.array([20, 100, 190], np.float32)
_MARGIN, _BAR = 16, 14


def write_explanation(target: Path, explanation: Explanation, *, name: str) -> None:
    """Write the picture as PNG; ``name`` is what the photo is called in its legend.

    Raises:
        OutputError: it cannot be written.
    """
    picture = draw_explanation(explanation, name=name)
    with written_whole(target) as part, part.open("wb") as file:
        picture.save(file, "PNG")


def draw_explanation(explanation: Explanation, *, name: str) -> Image.Image:
    """The photo in grey with the heat in colour, and below it what the colours mean."""
    strongest = full_colour(explanation)
    photo = _coloured(explanation, strongest)
    scale = LONGEST_SIDE / max(photo.size)
    size = (max(round(photo.width * scale), 1), max(round(photo.height * scale), 1))
    photo = photo.resize(size, Image.Resampling.BICUBIC)
    legend = _legend(explanation, strongest, name, max(photo.width, LONGEST_SIDE // 2))
    sheet = Image.new("RGB", (legend.width, photo.height + legend.height), "white")
    sheet.paste(photo, ((sheet.width - photo.width) // 2, 0))
    sheet.paste(legend, (0, photo.height))
    return sheet


def full_colour(explanation: Explanation) -> float:
    """The heat that is drawn in full colour: the strongest, or ``FAINTEST`` if that is more."""
    found = float(np.abs(explanation.heat).max())
    return max(found, FAINTEST[explanation.target == AESTHETIC])


def _coloured(explanation: Explanation, strongest: float) -> Image.Image:
    photo = explanation.photo
    left, top, right, bottom = explanation.box
    seen = (right - left, bottom - top)
    heat = Image.fromarray((explanation.heat / strongest).astype(np.float32), "F")
    heat = heat.resize(seen, Image.Resampling.BILINEAR)
    whole = Image.new("F", photo.size)
    whole.paste(heat, (left, top))
    grey = np.asarray(photo.convert("L").convert("RGB"), np.float32)
    return Image.fromarray(_mixed(grey, np.asarray(whole)))


def _mixed(grey: NDArray[np.float32], heat: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Grey (H, W, 3) under colour as strong as the heat (H, W) in [-1, 1] is."""
    colour = np.where(heat[..., None] > 0, _RAISES, _LOWERS)
    share = 0.7 * np.abs(heat).clip(0, 1)[..., None]  # the photo stays visible below
    return (grey * (1 - share) + colour * share).round().astype(np.uint8)


def _legend(explanation: Explanation, strongest: float, name: str, width: int) -> Image.Image:
    font = ImageFont.load_default(18)
    ends, heading = legend_words(explanation, strongest, name)
    line = 26
    legend = Image.new("RGB", (width, 2 * _MARGIN + _BAR + 3 * line), "white")
    draw = ImageDraw.Draw(legend)
    draw.text((_MARGIN, _MARGIN // 2), _fitting(heading, font, width - 2 * _MARGIN), "black", font)
    draw.text((_MARGIN, _MARGIN // 2 + line), "Hiding the detail there would", "black", font)
    ramp = np.linspace(-1, 1, width - 2 * _MARGIN, dtype=np.float32)
    bar = _mixed(np.full((_BAR, len(ramp), 3), 235, np.float32), np.tile(ramp, (_BAR, 1)))
    legend.paste(Image.fromarray(bar), (_MARGIN, _MARGIN // 2 + 2 * line + 4))
    below = _MARGIN // 2 + 2 * line + _BAR + 8
    draw.text((_MARGIN, below), ends[0], "black", font)
    draw.text((width - _MARGIN - font.getlength(ends[1]), below), ends[1], "black", font)
    return legend


def legend_words(
    explanation: Explanation, strongest: float, name: str
) -> tuple[tuple[str, str], str]:
    """Words at either end of the bar, and the heading."""
    if explanation.target == AESTHETIC:
        value, unit = f"score {explanation.baseline:.2f} of 10", f"{strongest:.2f} points"
    else:
        value = f"{explanation.target} {explanation.baseline:.0%}"
        unit = f"{100 * strongest:.1f} percentage points"
    return (f"raise it by {unit}", f"lower it by {unit}"), f"{value}: {one_line(name)}"


def _fitting(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> str:
    """As much of the text as fits, with … for the rest."""
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text + "…"
