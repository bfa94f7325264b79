"""A photo file becomes an upright RGB picture in sRGB, or an :class:`ImageError` with its reason.

Photos are only ever read. What the file is, its content decides, not its name; only formats on
the list are tried, so an obscure decoder of the imaging library cannot be reached.
"""

import io
import stat
import warnings
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from iae.errors import ImageError
from iae.images.kind import SUFFIX_KINDS

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF")
"""Formats that are opened. JPEG includes MPO, a JPEG with a second view as many phones write."""

SUFFIXES = frozenset(SUFFIX_KINDS)
"""File names that are taken for photos when a folder is searched."""

UNREAD_SUFFIXES = frozenset({".heic", ".heif", ".avif", ".dng", ".nef", ".cr2", ".cr3", ".arw",
                             ".orf", ".rw2", ".raf", ".pef", ".srw", ".jxl", ".psd"})  # fmt: skip
"""Photos of kinds that are not read yet: listed with that reason, rather than passed over."""

MAX_PIXELS = 2 * (Image.MAX_IMAGE_PIXELS or 89_478_485)
"""Largest picture that is decoded, about 179 megapixels: Pillow's own limit against bombs."""

# Pillow warns of large pictures and of slips in metadata; one line a photo on a run of thousands
# tells nobody anything, and under `python -W error` each would cost a good photo.
# (catch_warnings would be local but is not safe with decoding threads.)
warnings.filterwarnings("ignore", module=r"PIL\.")

_SRGB = ImageCms.createProfile("sRGB")


def load_photo(source: Path | BinaryIO, *, min_side: int | None = None) -> Image.Image:
    """Decode one photo: upright, RGB, 8 bit, sRGB, transparency laid over white.

    Args:
        source: the file, or an open one at its beginning (of a member of an archive, say), which
            stays open; its first frame is taken.
        min_side: if given, a JPEG may be decoded at 1/2, 1/4 or 1/8 of its size (libjpeg's scaled
            decoding, several times faster), as long as neither side falls below this.

    Raises:
        ImageError: the file cannot be read as a photo; the text is the reason, without the path.
    """
    try:
        if isinstance(source, Path):
            _check_file(source)
        with Image.open(source, formats=FORMATS) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise _too_large(f"{width}×{height} pixels")
            if min_side is not None:
                image.draft(None, (min_side, min_side))
            image.load()
            return _to_srgb(_upright(image))
    except ImageError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large(str(error)) from None
    except FileNotFoundError:
        raise ImageError("the file is gone or is a broken link") from None
    except PermissionError:
        raise ImageError("no permission to read the file") from None
    except UnidentifiedImageError:
        raise ImageError(f"not a photo in a format that is read ({', '.join(FORMATS)})") from None
    except MemoryError:
        raise ImageError("not enough memory to decode it") from None
    except Exception as error:  # Pillow meets hostile bytes with any kind; which one is chance
        raise ImageError(_reason(error)) from None


def _check_file(path: Path) -> None:
    facts = path.stat()
    if not stat.S_ISREG(facts.st_mode):  # opening a pipe would wait for its writer for ever
        raise ImageError("not a regular file")
    if facts.st_size == 0:
        raise ImageError("the file is empty (0 bytes)")


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
    values = np.asarray(image).astype(np.float64)
    if image.mode == "F":
        values = values * 255 if np.nanmax(values, initial=0.0) <= 1 else values
    elif values.max(initial=0) > 255 or image.mode.startswith("I;16"):
        values = values / 257  # 65535 -> 255
    return Image.fromarray(np.nan_to_num(values).clip(0, 255).round().astype(np.uint8), "L")
