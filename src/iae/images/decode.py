"""A photo file becomes an upright RGB picture in sRGB, or an :class:`ImageError` with its reason.

Photos are only ever read. What the file is, its content decides, not its name; only formats on
the list are tried, so an obscure decoder of the imaging library cannot be reached.
"""

import io
import re
import stat
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import ExifTags, Image, ImageCms, ImageOps, UnidentifiedImageError, features

from iae.errors import ImageError
from iae.images.heif import open_heic
from iae.images.kind import OPTIONAL_SUFFIX_KINDS, SUFFIX_KINDS, kind_of
from iae.images.raw import is_raw_tiff, read_raw

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF")
"""Formats that every installation reads. JPEG includes MPO, a JPEG with a second view as many
phones write. HEIC and RAW need an extra each, AVIF a Pillow that was built with it."""

_KINDS = (*FORMATS, "AVIF", "HEIC", "RAW")

SUFFIXES = frozenset(SUFFIX_KINDS)
"""File names of these formats: what data sets consist of."""

PHOTO_SUFFIXES = SUFFIXES | frozenset(OPTIONAL_SUFFIX_KINDS)
"""File names that are taken for photos when a folder is searched. Those that need something which
is not installed are found too, and their reason says what to install."""

UNREAD_SUFFIXES = frozenset({".jxl", ".psd"})
"""Photos of kinds that are not read: listed with that reason, rather than passed over."""

MAX_PIXELS = 2 * (Image.MAX_IMAGE_PIXELS or 89_478_485)
"""Largest picture that is decoded, about 179 megapixels: Pillow's own limit against bombs."""

# Pillow warns of large pictures and of slips in metadata; one line a photo on a run of thousands
# tells nobody anything, and under `python -W error` each would cost a good photo.
# (catch_warnings would be local but is not safe with decoding threads.)
warnings.filterwarnings("ignore", module=r"PIL\.")

_SRGB = ImageCms.createProfile("sRGB")


@dataclass(frozen=True)
class DecodedPhoto:
    """A photo's pixels, and how large the photo is that they come from."""

    image: Image.Image
    """Upright, RGB, 8 bit, sRGB; perhaps decoded at a fraction of its size."""
    width: int
    height: int
    """Size in pixels of the full photo, upright."""


def load_photo(source: Path | BinaryIO, *, min_side: int | None = None) -> Image.Image:
    """The picture of :func:`decode_photo` alone; arguments and errors as there."""
    return decode_photo(source, min_side=min_side).image


def decode_photo(source: Path | BinaryIO, *, min_side: int | None = None) -> DecodedPhoto:
    """Decode one photo: upright, RGB, 8 bit, sRGB, transparency laid over white.

    Args:
        source: the file, or an open one at its beginning (of a member of an archive, say), which
            stays open; its first frame is taken.
        min_side: if given, the photo may be decoded at a fraction of its size, as long as neither
            side falls below this: a JPEG at 1/2, 1/4 or 1/8 (libjpeg's scaled decoding, several
            times faster), a HEIC or RAW photo from the preview inside.

    Raises:
        ImageError: the file cannot be read as a photo; the text is the reason, without the path.
    """
    try:
        if not isinstance(source, Path):
            return _decode(source, min_side)
        _check_file(source)
        # Opened here: Pillow would map some files into memory, and a mapped file that shrinks
        # while it is read ends the process.
        with source.open("rb") as file:
            return _decode(file, min_side)
    except ImageError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large(_pixels_of(error)) from None
    except FileNotFoundError:
        raise ImageError("the file is gone or is a broken link") from None
    except PermissionError:
        raise ImageError("no permission to read the file") from None
    except MemoryError:
        raise ImageError("not enough memory to decode it") from None
    except Exception as error:  # Pillow meets hostile bytes with any kind; which one is chance
        raise ImageError(_reason(error)) from None


def _decode(file: BinaryIO, min_side: int | None) -> DecodedPhoto:
    start = file.tell()
    kind = kind_of(file.read(32))
    file.seek(start)
    if kind == "RAW" or (kind == "TIFF" and is_raw_tiff(file)):
        read = read_raw(
            file,
            min_side=min_side,
            max_pixels=MAX_PIXELS,
            open_picture=lambda preview: _lying(preview, min_side),
        )
        return DecodedPhoto(*read)
    with _open(file, kind) as image:
        width, height = image.size
        _check_size(width, height)
        if min_side is not None:
            image.draft(None, (min_side, min_side))
        image.load()
        if _is_turned(image):
            width, height = height, width
        return DecodedPhoto(_to_srgb(_upright(image)), width, height)


def _open(file: BinaryIO, kind: str | None) -> Image.Image:
    try:
        return _open_kind(file, kind)
    except UnidentifiedImageError:
        if kind in _KINDS:
            raise ImageError(f"damaged: the header of this {kind} file cannot be read") from None
        raise ImageError(f"not a photo in a format that is read ({', '.join(_KINDS)})") from None


def _open_kind(file: BinaryIO, kind: str | None) -> Image.Image:
    if kind == "HEIC":
        return open_heic(file)
    if kind == "AVIF":
        if not features.check("avif"):
            raise ImageError("an AVIF photo needs another build of Pillow; "
                             "run: pip install --upgrade 'pillow>=11.3'")  # fmt: skip
        return Image.open(file, formats=("AVIF",))
    return Image.open(file, formats=FORMATS)


def _lying(preview: BinaryIO, min_side: int | None) -> Image.Image:
    """The JPEG inside a RAW photo, in sRGB and not turned: how it lies, the RAW photo tells."""
    with Image.open(preview, formats=("JPEG",)) as image:
        _check_size(*image.size)
        if min_side is not None:
            image.draft(None, (min_side, min_side))
        image.load()
        return _to_srgb(image)


def _check_file(path: Path) -> None:
    facts = path.stat()
    if not stat.S_ISREG(facts.st_mode):  # opening a pipe would wait for its writer for ever
        raise ImageError("not a regular file")
    if facts.st_size == 0:
        raise ImageError("the file is empty (0 bytes)")


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise _too_large(f"{width}×{height} pixels")


def _pixels_of(error: Exception) -> str:
    """Pillow's text on a bomb, shortened to the size that it found."""
    size = re.search(r"(\d+) pixels", str(error))
    return str(error) if size is None else f"{int(size[1]):,} pixels"


def _too_large(found: str) -> ImageError:
    return ImageError(f"too large to decode safely ({found}; the limit is {MAX_PIXELS:,} pixels)")


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:  # the system's; Pillow gives a text only
        return f"cannot read the file: {error.strerror}"
    return f"damaged: {' '.join(str(error).split())[:200] or type(error).__name__}"


def _upright(image: Image.Image) -> Image.Image:
    """Turn the picture as its EXIF orientation says; a broken EXIF block turns nothing."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # the EXIF parser raises anything on broken blocks
        return image


def _is_turned(image: Image.Image) -> bool:
    """Whether the EXIF orientation exchanges the sides; Pillow has turned a TIFF by now."""
    try:
        return image.getexif().get(ExifTags.Base.Orientation) in (5, 6, 7, 8)
    except Exception:  # as in _upright
        return False


def _to_srgb(image: Image.Image) -> Image.Image:
    """RGB in sRGB from any mode: profiles are applied, 16 bit is scaled, alpha lies on white."""
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I") or image.mode == "F":
        image = _eight_bit(image)
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        image = Image.new("RGB", rgba.size, "white")
        image.paste(rgba, mask=rgba.getchannel("A"))
    elif image.mode not in ("RGB", "CMYK", "L"):
        image = image.convert("RGB")
    if isinstance(profile, bytes) and len(profile) > 128:  # a damaged TIFF gives any type
        image = _apply_profile(image, profile)
    return image if image.mode == "RGB" else image.convert("RGB")


def _apply_profile(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        converted = ImageCms.profileToProfile(
            image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), _SRGB, outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image  # a broken profile, or one for another mode: the pixels as they are
    return converted if converted is not None else image


def _eight_bit(image: Image.Image) -> Image.Image:
    """One 16- or 32-bit grey channel to 8 bit: by its type's range, floats in [0, 1] times 255."""
    values = np.asarray(image).astype(np.float32)  # in place from here: it can be large
    if image.mode == "F":
        values *= 255 if np.nanmax(values, initial=0.0) <= 1 else 1
    elif values.max(initial=0) > 255 or image.mode.startswith("I;16"):
        values /= 257  # 65535 -> 255
    np.nan_to_num(values, copy=False)
    np.rint(values.clip(0, 255, out=values), out=values)
    return Image.fromarray(values.astype(np.uint8), "L")
