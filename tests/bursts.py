"""Shots of a few scenes as a camera would write them: cuts of free photographs, with EXIF times."""

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from PIL import Image, ImageFilter
from PIL.ExifTags import IFD, Base

PHOTOS = Path(__file__).parent.parent / "examples" / "photos"
NOON = datetime(2024, 5, 18, 12, 0, 0)
SIDE = 480


@cache
def _scene(number: int) -> Image.Image:
    path = sorted(PHOTOS.glob("*.jpg"))[number]
    photo = Image.open(path)
    photo.draft("RGB", (SIDE, SIDE))
    return photo.convert("RGB").resize((SIDE, SIDE * 3 // 4))


def shoot(
    path: Path,
    scene: int,
    *,
    seconds: float | None = None,
    step: int = 0,
    blur: float = 0,
    brighter: float = 1,
    camera: str = "R6",
    year: int = NOON.year,
    turned: bool = False,
) -> Path:
    """Write one shot; returns its path.

    Args:
        path: where; its folder is made.
        scene: which photograph, from 0.
        seconds: after noon when it was taken; None writes no time.
        step: pixels the camera had moved to the right.
        blur: radius of a Gaussian blur in pixels.
        brighter: factor on every pixel.
        camera: its model.
        year: by the camera's clock.
        turned: whether the camera was held upright.
    """
    picture = _scene(scene).crop((step, 0, SIDE - 40 + step, SIDE * 3 // 4))
    if blur:
        picture = picture.filter(ImageFilter.GaussianBlur(blur))
    if brighter != 1:
        picture = picture.point(lambda value: min(255, round(value * brighter)))
    if turned:
        picture = picture.crop((100, 0, 100 + SIDE // 2, SIDE * 3 // 4))
    exif = Image.Exif()
    exif[Base.Make], exif[Base.Model] = "Canon", camera
    if seconds is not None:
        time = (NOON + timedelta(seconds=seconds)).replace(year=year)
        details = exif.get_ifd(IFD.Exif)
        details[Base.DateTimeOriginal] = time.strftime("%Y:%m:%d %H:%M:%S")
        details[Base.SubsecTimeOriginal] = f"{time.microsecond // 10_000:02}"
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, quality=90, exif=exif)
    return path


def walk(folder: Path) -> Path:
    """Two series, of three shots and of two, and one photo alone; the second shot is sharpest."""
    for number, (scene, seconds, step, blur) in enumerate(
        [
            (0, 0, 0, 2),
            (0, 0.5, 4, 0),
            (0, 1.2, 8, 2),
            (1, 300, 0, 0),
            (2, 600, 0, 0),
            (2, 601, 6, 3),
        ]
    ):
        shoot(folder / f"IMG_{number}.jpg", scene, seconds=seconds, step=step, blur=blur)
    return folder
