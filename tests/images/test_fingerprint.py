"""Fingerprints: copies of a real photograph are near to it, other photographs are not."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from iae.errors import ImageError
from iae.images.fingerprint import SMALL_BYTES, Fingerprint, pixel_digest, take_fingerprint
from iae.images.similar import describe, difference, same_pictures

COPIES: dict[str, tuple[Callable[[Image.Image], Image.Image], dict[str, object]]] = {
    "quality 90": (lambda im: im, {"format": "JPEG", "quality": 90}),
    "quality 20": (lambda im: im, {"format": "JPEG", "quality": 20}),
    "half size": (
        lambda im: im.resize((im.width // 2, im.height // 2)), {"format": "JPEG", "quality": 80}
    ),
    "small": (lambda im: im.resize((96, 96 * im.height // im.width)), {"format": "PNG"}),
    "squeezed to 224": (lambda im: im.resize((224, 224)), {"format": "WEBP"}),
    "grey": (lambda im: im.convert("L"), {"format": "JPEG"}),
    "256 colours": (lambda im: im.quantize(256), {"format": "GIF"}),
    "mirrored": (ImageOps.mirror, {"format": "JPEG", "quality": 70}),
}  # fmt: skip


def encoded(image: Image.Image, **options: object) -> io.BytesIO:
    file = io.BytesIO()
    image.save(file, **options)
    return io.BytesIO(file.getvalue())


def fingerprint_of(path: Path) -> Fingerprint:
    with path.open("rb") as file:
        return take_fingerprint(file)


@pytest.fixture(scope="module")
def photos(example_photos: list[Path]) -> list[Image.Image]:
    # Half as wide and high, so that the tests are quick.
    opened = (Image.open(path).convert("RGB") for path in example_photos)
    return [image.resize((image.width // 2, image.height // 2)) for image in opened]


def prints(images: list[Image.Image], **options: object) -> np.ndarray:
    return np.stack([take_fingerprint(encoded(image, **options)).small for image in images])


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_is_found_and_nothing_else(photos: list[Image.Image], name: str):
    change, options = COPIES[name]
    copies = prints([change(photo) for photo in photos], **options)
    both = np.concatenate([prints(photos, format="JPEG", quality=95), copies])
    found = same_pictures(both)
    assert [(p.a, p.b) for p in found] == [(i, i + len(photos)) for i in range(len(photos))]
    assert {p.mirrored for p in found} == {name == "mirrored"}


def test_no_two_example_photos_are_the_same_picture(example_photos: list[Path]):
    small = np.stack([fingerprint_of(path).small for path in example_photos])
    assert same_pictures(small) == []


def test_descriptors_have_length_one(photos: list[Image.Image]):
    lengths = np.linalg.norm(describe(prints(photos, format="BMP")), axis=1)
    assert lengths == pytest.approx(1, abs=1e-5)


def test_turning_signs_describes_the_mirrored_picture(photos: list[Image.Image]):
    from iae.images.similar import _mirror_signs

    turned = describe(prints(photos, format="BMP")) * _mirror_signs()
    mirrored = describe(prints([ImageOps.mirror(photo) for photo in photos], format="BMP"))
    assert turned == pytest.approx(mirrored, abs=0.01)


def test_the_transform_is_that_of_scipy():
    from scipy.fft import dctn

    from iae.images.similar import _dct

    planes = np.random.default_rng(0).random((3, 32, 32)).astype(np.float32)
    expected = dctn(planes, axes=(1, 2), norm="ortho")[:, :10, :10] / 32
    assert _dct(planes, 10) == pytest.approx(expected, abs=1e-5)


def test_the_difference_is_the_mean_of_grey_levels():
    a, b = np.zeros((1, SMALL_BYTES), np.uint8), np.zeros((1, SMALL_BYTES), np.uint8)
    b[0, :512] = 10  # the upper half of the brightness
    assert difference(a, b, mirrored=False) == pytest.approx([5.0])
    b[0, 1024:] = 200  # colour does not count
    assert difference(a, b, mirrored=True) == pytest.approx([5.0])


def test_all_pairs_are_found_across_blocks(monkeypatch: pytest.MonkeyPatch):
    import iae.images.similar as similar

    monkeypatch.setattr(similar, "_BLOCK", 4)
    rng = np.random.default_rng(0)
    small = rng.integers(0, 256, (11, SMALL_BYTES), dtype=np.uint8)
    small[[3, 9]] = small[1]
    assert [p[:2] for p in same_pictures(small)] == [(1, 3), (1, 9), (3, 9)]


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_pictures_have_no_pairs(count: int):
    assert same_pictures(np.zeros((count, SMALL_BYTES), np.uint8)) == []


def test_the_size_is_that_of_the_upright_picture_also_where_it_was_decoded_small(picture):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    large = picture.resize((960, 640))
    found = take_fingerprint(encoded(large, format="JPEG", exif=exif))
    assert (found.width, found.height) == (640, 960)
    assert found.pixels is None


def test_lossless_copies_have_the_same_pixels(picture):
    png = take_fingerprint(encoded(picture, format="PNG"))
    webp = take_fingerprint(encoded(picture, format="WEBP", lossless=True))
    assert png.pixels == webp.pixels == pixel_digest(encoded(picture, format="BMP"))


def test_one_changed_pixel_is_another_digest(picture):
    changed = picture.copy()
    changed.putpixel((5, 5), (1, 2, 3))
    assert pixel_digest(encoded(picture, format="PNG")) != pixel_digest(
        encoded(changed, format="PNG")
    )


def test_pixels_in_another_shape_are_another_digest():
    assert pixel_digest(encoded(Image.new("RGB", (8, 2)), format="PNG")) != pixel_digest(
        encoded(Image.new("RGB", (2, 8)), format="PNG")
    )


def test_what_is_no_photo_is_an_image_error(bad_photos):
    with pytest.raises(ImageError, match="not a photo in a format that is read"):
        take_fingerprint(io.BytesIO(bad_photos["text"]))


def test_noise_of_a_dark_frame_is_flat_and_a_picture_is_not(picture):
    noise = np.random.default_rng(0).integers(0, 12, (300, 300, 3), dtype=np.uint8)
    assert take_fingerprint(encoded(Image.fromarray(noise), format="PNG")).is_flat
    assert not take_fingerprint(encoded(picture, format="PNG")).is_flat
