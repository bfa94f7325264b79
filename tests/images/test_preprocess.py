import json
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from PIL import Image

from iae.errors import CheckpointError, ImageError
from iae.images.preprocess import PreprocessSpec, load_pixels, to_pixels

SPEC = PreprocessSpec(size=48, aspect="crop", mean=(0.485, 0.456, 0.406), std=(0.2, 0.3, 0.4))


@pytest.mark.parametrize("aspect", ["squeeze", "crop"])
@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
@pytest.mark.parametrize("size", [(96, 64), (1, 1), (1, 3000), (3000, 1), (48, 48)])
def test_pixels_are_a_square_of_bytes(aspect, interpolation, size):
    spec = PreprocessSpec(size=48, aspect=aspect, interpolation=interpolation)
    pixels = to_pixels(Image.new("RGB", size, (10, 20, 30)), spec)
    assert (pixels.shape, pixels.dtype) == ((48, 48, 3), np.uint8)
    assert np.unique(pixels.reshape(-1, 3), axis=0).tolist() == [[10, 20, 30]]


def test_a_photo_of_the_right_size_is_not_changed(picture):
    square = picture.crop((0, 0, 64, 64))
    np.testing.assert_array_equal(to_pixels(square, PreprocessSpec(size=64)), np.asarray(square))


@pytest.mark.parametrize(
    ("interpolation", "pillow_filter"),
    [("bicubic", Image.Resampling.BICUBIC), ("bilinear", Image.Resampling.BILINEAR)],
)
def test_squeeze_shows_the_whole_photo(picture, interpolation, pillow_filter):
    spec = PreprocessSpec(size=48, interpolation=interpolation)
    expected = picture.resize((48, 48), pillow_filter)
    np.testing.assert_array_equal(to_pixels(picture, spec), np.asarray(expected))


@pytest.mark.parametrize("upright", [False, True])
def test_crop_shows_the_centre_square(picture, upright):
    photo = picture.transpose(Image.Transpose.ROTATE_90) if upright else picture
    box = (0, 16, 64, 80) if upright else (16, 0, 80, 64)
    expected = photo.crop(box).resize((48, 48), Image.Resampling.BICUBIC)
    found = to_pixels(photo, PreprocessSpec(size=48, aspect="crop"))
    # Pillow's box lets the filter look past its edge, a picture cut out beforehand does not.
    np.testing.assert_allclose(found.astype(int), np.asarray(expected).astype(int), atol=2)


def test_crop_of_an_odd_rest_is_centred_to_half_a_pixel(picture):
    photo = picture.crop((0, 0, 65, 64))
    spec = PreprocessSpec(size=64, aspect="crop")
    mirrored = to_pixels(photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT), spec)
    np.testing.assert_allclose(
        to_pixels(photo, spec).astype(int), mirrored[:, ::-1].astype(int), atol=1
    )


def test_shrinking_averages_and_skips_no_pixel():
    stripes = np.zeros((480, 480, 3), np.uint8)
    stripes[:, ::2] = 200
    pixels = to_pixels(Image.fromarray(stripes), PreprocessSpec(size=48))
    np.testing.assert_allclose(pixels.astype(int), 100, atol=6)


def test_a_file_is_prepared_like_the_picture_in_it(tmp_path, picture):
    picture.save(tmp_path / "a.png")
    np.testing.assert_array_equal(load_pixels(tmp_path / "a.png", SPEC), to_pixels(picture, SPEC))


def test_a_large_jpeg_is_prepared_nearly_as_if_it_were_decoded_in_full(tmp_path, picture):
    large = picture.resize((1920, 1280), Image.Resampling.BICUBIC)
    large.save(tmp_path / "a.jpg", quality=95)
    with Image.open(tmp_path / "a.jpg") as image:
        full = to_pixels(image, SPEC).astype(int)
    assert np.abs(load_pixels(tmp_path / "a.jpg", SPEC) - full).mean() < 1


def test_a_file_that_is_no_photo_gives_its_reason(tmp_path):
    (tmp_path / "a.jpg").write_text("hello")
    with pytest.raises(ImageError, match="not a photo"):
        load_pixels(tmp_path / "a.jpg", SPEC)


def test_photos_are_decoded_at_twice_the_input_or_more():
    assert PreprocessSpec(size=224).decode_side == 448


def test_a_spec_survives_json():
    assert PreprocessSpec.from_dict(json.loads(json.dumps(SPEC.to_dict()))) == SPEC


def test_a_spec_cannot_be_changed_afterwards():
    with pytest.raises(FrozenInstanceError):
        SPEC.size = 64  # type: ignore[misc]


def test_an_unknown_field_is_refused():
    with pytest.raises(CheckpointError, match="has the fields .*'gamma'.* use the version that"):
        PreprocessSpec.from_dict({**SPEC.to_dict(), "gamma": 2.2})


@pytest.mark.parametrize("field", PreprocessSpec.__dataclass_fields__)
def test_a_missing_field_is_refused_even_if_it_has_a_default(field):
    values = SPEC.to_dict()
    del values[field]
    with pytest.raises(CheckpointError, match=rf"this version reads \[.*'{field}'"):
        PreprocessSpec.from_dict(values)


INVALID = [
    ("size", 31),
    ("size", 224.5),
    ("interpolation", "nearest"),
    ("aspect", "pad"),
    ("mean", (0.5, 0.5)),
    ("mean", (0.5, 0.5, float("nan"))),
    ("std", (0.5, 0.5)),
    ("std", (0.5, 0.5, 0.0)),
    ("std", (0.5, 0.5, float("inf"))),
    ("colour", "AdobeRGB"),
]


@pytest.mark.parametrize(("field", "value"), INVALID)
def test_a_value_out_of_range_is_refused(field, value):
    with pytest.raises(ValueError, match=f"PreprocessSpec: {field} cannot be "):
        PreprocessSpec(**{field: value})


@pytest.mark.parametrize(
    ("field", "value"), [*INVALID, ("size", "big"), ("mean", None), ("std", "abc"), ("aspect", [])]
)
def test_a_model_with_damaged_preprocessing_is_refused(field, value):
    with pytest.raises(CheckpointError, match="the model's preprocessing is damaged: "):
        PreprocessSpec.from_dict({**SPEC.to_dict(), field: value})
