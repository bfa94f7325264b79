"""What cannot be read as a photo is an ``ImageError`` with its reason: no crash, no hang."""

import contextlib
import os
import random
import struct
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from iae.errors import ImageError
from iae.images.decode import load_photo

NOT_A_PHOTO = (
    r"^not a photo in a format that is read "
    r"\(JPEG, PNG, WEBP, TIFF, BMP, GIF, AVIF, HEIC, RAW\)$"
)

EXIF = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<HHHIII", 1, 0x0112, 3, 1, 6, 0)  # turned

# Name of the file -> how Pillow writes it
KINDS: dict[str, dict[str, object]] = {
    "baseline.jpg": {"exif": EXIF},
    "progressive.jpg": {"progressive": True},
    "views.mpo": {"save_all": True},
    "photo.png": {},
    "photo.webp": {},
    "plain.tif": {},
    "lzw.tif": {"compression": "tiff_lzw"},
    "jpeg.tif": {"compression": "jpeg"},
    "photo.bmp": {},
    "photo.gif": {},
}


def stored(folder: Path, picture: Image.Image, name: str) -> Path:
    options = dict(KINDS[name])
    if options.get("save_all"):
        options["append_images"] = [picture]
    picture.save(folder / name, **options)
    return folder / name


def png(width: int, height: int, *, bits: int = 8) -> bytes:
    """A grey PNG that promises this size and holds almost no pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 100))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


# Things that are no photo


def test_a_missing_file_is_said_to_be_gone(tmp_path):
    with pytest.raises(ImageError, match="^the file is gone or is a broken link$"):
        load_photo(tmp_path / "gone.jpg")


def test_a_broken_link_is_said_to_be_broken(tmp_path):
    (tmp_path / "link.jpg").symlink_to("gone.jpg")
    with pytest.raises(ImageError, match="^the file is gone or is a broken link$"):
        load_photo(tmp_path / "link.jpg")


def test_a_link_to_itself_is_refused(tmp_path):
    (tmp_path / "link.jpg").symlink_to("link.jpg")
    with pytest.raises(ImageError, match="^cannot read the file: Too many levels of symbolic"):
        load_photo(tmp_path / "link.jpg")


def test_a_link_to_a_photo_is_that_photo(tmp_path, picture):
    path = stored(tmp_path, picture, "photo.png")
    (tmp_path / "link.png").symlink_to(path)
    assert load_photo(tmp_path / "link.png").size == picture.size


@pytest.mark.parametrize("kind", ["folder", "device"])
def test_what_is_no_file_is_refused(tmp_path, kind):
    with pytest.raises(ImageError, match="^not a regular file$"):
        load_photo(tmp_path if kind == "folder" else Path("/dev/zero"))


def test_a_pipe_is_refused_at_once(tmp_path):
    pipe = tmp_path / "pipe.jpg"
    os.mkfifo(pipe)
    reasons: list[str] = []

    def load() -> None:
        try:
            load_photo(pipe)
        except ImageError as error:
            reasons.append(str(error))

    thread = threading.Thread(target=load, daemon=True)
    thread.start()
    thread.join(timeout=10)
    assert reasons == ["not a regular file"]


@contextlib.contextmanager
def without_root() -> Iterator[None]:
    """Root may read everything; so be nobody for a moment."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


def test_a_file_that_may_not_be_read_is_said_to_be_forbidden(tmp_path, picture):
    path = stored(tmp_path, picture, "photo.png")
    load_photo(path)  # loads Pillow's parts, which nobody may not be allowed to
    path.chmod(0)
    with without_root(), pytest.raises(ImageError, match="^no permission to read the file$"):
        load_photo(path)


def test_a_name_too_long_for_the_file_system_is_refused_without_repeating_it(tmp_path):
    with pytest.raises(ImageError, match="^cannot read the file: File name too long$"):
        load_photo(tmp_path / ("x" * 300 + ".jpg"))


def test_a_name_with_a_null_byte_is_refused(tmp_path):
    with pytest.raises(ImageError, match="null"):
        load_photo(tmp_path / "a\0b.jpg")


def test_an_empty_file_is_said_to_be_empty(tmp_path):
    (tmp_path / "a.jpg").touch()
    with pytest.raises(ImageError, match=r"^the file is empty \(0 bytes\)$"):
        load_photo(tmp_path / "a.jpg")


@pytest.mark.parametrize("content", [b"\0", b"hello, world\n", b"<html>", b"\xff\xd8", b"GIF"])
def test_a_file_that_is_no_picture_is_refused_whatever_its_name(tmp_path, content):
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    with pytest.raises(ImageError, match=NOT_A_PHOTO):
        load_photo(path)


@pytest.mark.parametrize("kind", ["PPM", "EPS", "ICO", "PDF", "TGA", "PCX", "SGI", "DDS", "IM"])
def test_a_format_off_the_list_is_refused_under_the_name_of_a_jpeg(tmp_path, picture, kind):
    path = tmp_path / "photo.jpg"
    picture.save(path, format=kind)
    with pytest.raises(ImageError, match=NOT_A_PHOTO):
        load_photo(path)


@pytest.mark.parametrize("name", KINDS)
def test_the_reason_is_one_line_without_the_path(tmp_path, picture, name):
    path = stored(tmp_path, picture, name)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
    with pytest.raises(ImageError) as caught:
        load_photo(path)
    assert "\n" not in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


# Too large


@pytest.mark.parametrize(("width", "height"), [(50_000, 50_000), (2**31 - 1, 1), (13_400, 13_400)])
def test_a_picture_over_the_limit_is_refused_before_it_is_decoded(tmp_path, width, height):
    (tmp_path / "a.png").write_bytes(png(width, height))
    with pytest.raises(ImageError, match=r"^too large to decode safely \(.*178,956,970 pixels\)$"):
        load_photo(tmp_path / "a.png")


def test_the_limit_holds_where_pillows_own_was_switched_off(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    (tmp_path / "a.png").write_bytes(png(50_000, 50_000))
    with pytest.raises(ImageError, match=r"too large to decode safely \(50000×50000 pixels; the"):
        load_photo(tmp_path / "a.png")


def test_a_picture_of_which_pillow_only_warns_is_not_too_large(tmp_path):
    (tmp_path / "a.png").write_bytes(png(9_500, 9_500, bits=1))
    with pytest.raises(ImageError, match="^damaged: "):  # it lacks its pixels, that is all
        load_photo(tmp_path / "a.png")


# Damage


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("kept", [0.02, 0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_truncated_photo_is_refused(tmp_path, picture, name, kept):
    path = stored(tmp_path, picture, name)
    size = path.stat().st_size
    if name == "views.mpo":
        size //= 2  # the first view is all that is read
    path.write_bytes(path.read_bytes()[: int(kept * size)])
    with pytest.raises(ImageError, match=r"^(damaged: .+|not a photo in a format .*)$"):
        load_photo(path)


def test_a_photo_cut_within_its_header_is_called_damaged_and_by_its_kind(tmp_path, picture):
    path = stored(tmp_path, picture, "photo.png")
    path.write_bytes(path.read_bytes()[:10])
    with pytest.raises(ImageError, match="^damaged: the header of this PNG file cannot be read$"):
        load_photo(path)


def test_the_size_of_a_bomb_is_told_once(tmp_path):
    (tmp_path / "a.png").write_bytes(png(50_000, 50_000))
    with pytest.raises(
        ImageError, match=r"\(2,500,000,000 pixels; the limit is 178,956,970 pixels"
    ):
        load_photo(tmp_path / "a.png")


@pytest.mark.parametrize("name", ["baseline.jpg", "photo.png"])
def test_a_photo_cut_anywhere_is_refused_or_whole(tmp_path, picture, name):
    path = stored(tmp_path, picture, name)
    data, whole = path.read_bytes(), load_photo(path)
    for end in range(1, len(data), 29):
        path.write_bytes(data[:end])
        try:
            photo = load_photo(path)
        except ImageError:
            continue
        assert photo.tobytes() == whole.tobytes(), end


@pytest.mark.parametrize("name", KINDS)
def test_flipped_bits_give_a_picture_or_a_reason_and_nothing_else(tmp_path, picture, name):
    path = stored(tmp_path, picture, name)
    data = path.read_bytes()
    random_bits = random.Random(name)
    for attempt in range(60):
        damaged = bytearray(data)
        for _ in range(random_bits.randint(1, 4)):
            reach = 300 if attempt % 3 else len(data)  # mostly the header
            damaged[random_bits.randrange(min(reach, len(data)))] ^= 1 << random_bits.randrange(8)
        path.write_bytes(damaged)
        try:
            photo = load_photo(path, min_side=random_bits.choice([None, 16]))
        except ImageError:
            continue
        assert photo.mode == "RGB"


@pytest.mark.parametrize("magic", [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*", b"BM",
                                   b"GIF89a", b"RIFF\xff\0\0\0WEBPVP8 "])  # fmt: skip
def test_random_bytes_after_a_known_beginning_give_a_reason_or_a_picture(tmp_path, magic):
    path = tmp_path / "a.jpg"
    for seed in range(20):
        path.write_bytes(magic + random.Random(seed).randbytes(500))
        with contextlib.suppress(ImageError):
            load_photo(path)
