"""RAW photos through LibRaw (the extra ``raw``): the camera's own preview, or developed.

Nearly every camera puts a JPEG of its own making into a RAW file. Where that is large enough it is
taken: it looks as the photographer saw it, and is there in a fiftieth of the time.
"""

import io
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, BinaryIO

from PIL import ExifTags, Image, TiffImagePlugin

from iae.errors import ImageError, MissingExtraError

if TYPE_CHECKING:
    import rawpy

_DNG_VERSION, _CFA, _LINEAR_RAW = 50706, 32803, 34892
"""A tag and two values of PhotometricInterpretation in the DNG specification 1.7."""

_TURNED = {3: Image.Transpose.ROTATE_180, 5: Image.Transpose.ROTATE_90,
           6: Image.Transpose.ROTATE_270}  # fmt: skip
"""LibRaw's ``flip`` -> what makes the picture upright."""

_SAME_SHAPE = 0.05
"""How far a preview's sides may be from the photo's proportions: a letter-boxed one is further."""

OpenPicture = Callable[[BinaryIO], Image.Image]
"""Opens an encoded picture and decodes it, perhaps at a fraction of its size; unturned."""


def is_raw_tiff(file: BinaryIO) -> bool:
    """Whether a TIFF file holds a sensor's data; the file is left where it was.

    That is a DNG, a picture of one colour a pixel, or a small picture at the beginning with others
    below it, which is how Nikon, Sony and Samsung keep theirs.
    """
    place = file.tell()
    try:
        tags = TiffImagePlugin.ImageFileDirectory_v2(file.read(8))
        file.seek(place + tags.next)
        tags.load(file)
        is_reduced = bool(tags.get(ExifTags.Base.NewSubfileType, 0) & 1)
        return (
            _DNG_VERSION in tags
            or tags.get(ExifTags.Base.PhotometricInterpretation) in (_CFA, _LINEAR_RAW)
            or (is_reduced and ExifTags.Base.SubIFDs in tags)
        )
    except Exception:  # damaged: then Pillow says how
        return False
    finally:
        file.seek(place)


def read_raw(
    file: BinaryIO, *, min_side: int | None, max_pixels: int, open_picture: OpenPicture
) -> tuple[Image.Image, int, int]:
    """An upright RGB picture of a RAW photo in sRGB, and the full photo's width and height.

    Args:
        file: at its beginning.
        min_side: if given, the preview is taken where its sides are at least this, else every
            second row and column is developed where that is enough. Without it the photo is
            developed in full.
        max_pixels: a larger photo is refused.
        open_picture: how the preview, a JPEG, is decoded.

    Raises:
        ImageError: the extra is not installed, or LibRaw does not know the file or its contents.
    """
    try:
        import rawpy
    except ImportError:
        raise ImageError(str(MissingExtraError("raw", "a RAW photo"))) from None
    try:
        with closing(rawpy.imread(file)) as photo:
            width, height = photo.sizes.width, photo.sizes.height
            if width * height > max_pixels:
                raise ImageError(f"too large to decode safely ({width}×{height} pixels; "
                                 f"the limit is {max_pixels:,} pixels)")  # fmt: skip
            if photo.sizes.flip in (5, 6):
                width, height = height, width
            picture = None if min_side is None else _preview(photo, min_side, open_picture)
            if picture is None:
                half = min_side is not None and min(width, height) // 2 >= min_side
                picture = _developed(photo, half_size=half)
            return picture, width, height
    except rawpy.LibRawUnsufficientMemoryError:
        raise MemoryError from None
    except rawpy.LibRawError as error:
        raise ImageError(f"damaged, or of an unknown camera: {_text(error)}") from None


def _developed(photo: "rawpy.RawPy", *, half_size: bool) -> Image.Image:
    """Demosaiced, in the white balance the camera chose, brightened as LibRaw does by default."""
    gamma = (2.4, 12.92)  # sRGB's; LibRaw's default is that of television (BT.709), which is darker
    values = photo.postprocess(use_camera_wb=True, half_size=half_size, gamma=gamma)
    return Image.fromarray(values)


def _preview(photo: "rawpy.RawPy", min_side: int, open_picture: OpenPicture) -> Image.Image | None:
    """The camera's preview, upright; None where it has none that is large enough and sound."""
    import rawpy

    try:
        thumbnail = photo.extract_thumb()
        if thumbnail.format is not rawpy.ThumbFormat.JPEG:
            return None
        picture = open_picture(io.BytesIO(bytes(thumbnail.data)))
    except MemoryError:
        raise
    except Exception:  # missing, of an unknown kind, or damaged: the photo itself may be sound
        return None
    width, height = picture.size
    wanted = photo.sizes.width / photo.sizes.height
    if min(width, height) < min_side or abs(width / height / wanted - 1) > _SAME_SHAPE:
        return None
    # The preview lies as the sensor does; its own EXIF block, if any, says the same.
    turn = _TURNED.get(photo.sizes.flip)
    return picture if turn is None else picture.transpose(turn)


def _text(error: Exception) -> str:
    """LibRaw's text; rawpy hands it on as bytes."""
    text = error.args[0] if error.args else type(error).__name__
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
