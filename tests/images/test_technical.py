"""Technical facts of a photo: worked examples, independent references, and what must not change."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from scipy import ndimage

from iae.images.decode import DecodedPhoto, decode_photo
from iae.images.technical import (
    FACTS,
    MEASURED_SIDE,
    TechnicalFacts,
    colourfulness,
    noise,
    sharpness,
    technical_facts,
)

MEASURED = FACTS[2:]


def facts_of(image: Image.Image) -> TechnicalFacts:
    return technical_facts(DecodedPhoto(image.convert("RGB"), *image.size))


def grey(values: NDArray[np.floating]) -> Image.Image:
    return Image.fromarray(values.clip(0, 255).round().astype(np.uint8))


def grainy(image: Image.Image, level: float) -> Image.Image:
    grain = np.random.default_rng(0).normal(0, level, (image.height, image.width, 1))
    return grey(np.asarray(image) + grain)


@pytest.fixture(scope="module")
def photos(example_photos: list[Path]) -> list[Image.Image]:
    return [decode_photo(path, min_side=MEASURED_SIDE).image for path in example_photos[::3]]


def test_the_facts_come_in_the_documented_order():
    assert FACTS == ("width", "height", "sharpness", "noise", "contrast", "colourfulness",
                     "brightness", "clipped_highlights", "clipped_shadows")  # fmt: skip


def test_the_size_is_that_of_the_whole_photo_not_of_the_decoding(example_photos: list[Path]):
    path = next(path for path in example_photos if path.name == "honey-bee.jpg")
    facts = technical_facts(decode_photo(path, min_side=MEASURED_SIDE))
    assert (facts.width, facts.height) == (1280, 1011)


def test_light_of_a_half_black_half_white_picture_is_that_worked_by_hand():
    picture = np.zeros((40, 40), np.float64)
    picture[:, 20:] = 255
    facts = facts_of(grey(picture))
    assert (facts.brightness, facts.contrast) == (0.5, 0.5)
    assert (facts.clipped_highlights, facts.clipped_shadows) == (0.5, 0.5)


def test_what_nearly_reaches_white_or_black_counts_as_clipped_and_the_next_level_does_not():
    facts = facts_of(grey(np.array([[255, 253, 252, 3, 2, 128, 128, 128, 128, 0.0]])))
    assert (facts.clipped_highlights, facts.clipped_shadows) == (0.2, 0.2)


def test_colourfulness_of_red_and_black_is_that_worked_by_hand():
    # rg is 255 and 0, yb 127.5 and 0: deviations and means are both 127.5 and 63.75.
    picture = np.zeros((8, 8, 3), np.uint8)
    picture[:4, :, 0] = 255
    assert colourfulness(picture) == pytest.approx(1.3 * np.hypot(127.5, 63.75), rel=1e-6)


def test_a_grey_photo_has_no_colour():
    ramp = np.tile(np.arange(0, 250, dtype=np.float64), (60, 1))
    assert facts_of(grey(ramp)).colourfulness == 0


def test_noise_in_one_tile_agrees_with_the_published_mask_in_scipy():
    luma = np.random.default_rng(1).integers(60, 200, (22, 25)).astype(np.uint8)
    mask = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]])
    response = np.abs(ndimage.convolve(luma.astype(int), mask))[1:-1, 1:-1]
    height, width = luma.shape
    published = np.sqrt(np.pi / 2) * response.sum() / (6 * (width - 2) * (height - 2))
    assert noise(luma) == pytest.approx(published, rel=1e-9)


def test_sharpness_in_one_tile_agrees_with_the_laplacian_of_scipy():
    luma = np.random.default_rng(2).integers(60, 200, (21, 30)).astype(np.uint8)
    laplacian = ndimage.laplace(luma.astype(float))[1:-1, 1:-1]
    published = np.sqrt((laplacian**2).mean()) / (140 + 16)
    assert sharpness(luma, 140) == pytest.approx(published, rel=1e-9)


@pytest.mark.parametrize("level", [2, 5, 10])
def test_noise_of_a_known_level_on_a_smooth_picture_is_found(level: float):
    plane = Image.fromarray(np.tile(np.linspace(60, 190, 448), (300, 1)).astype(np.uint8))
    assert facts_of(grainy(plane.convert("RGB"), level)).noise == pytest.approx(level, rel=0.12)


def test_texture_in_half_of_a_picture_is_not_taken_for_noise():
    texture = np.random.default_rng(3).normal(128, 40, (320, 320))
    texture[:, 160:] = np.random.default_rng(4).normal(128, 3, (320, 160))
    assert facts_of(grey(texture)).noise == pytest.approx(3, rel=0.15)


def test_a_clipped_sky_does_not_hide_the_noise_of_the_rest():
    picture = np.random.default_rng(5).normal(110, 6, (320, 320))
    picture[:200] = 255
    assert facts_of(grey(picture)).noise == pytest.approx(6, rel=0.15)


def test_noise_added_to_a_photo_raises_noise_and_hardly_moves_sharpness(photos):
    for photo in photos:
        clean, worse, worst = (facts_of(grainy(photo, level)) for level in (0, 5, 10))
        assert clean.noise < worse.noise < worst.noise
        assert worst.sharpness == pytest.approx(clean.sharpness, rel=0.3, abs=0.03)


def test_blur_lowers_sharpness_and_more_blur_lowers_it_more(photos):
    for photo in photos:
        levels = [facts_of(photo.filter(ImageFilter.GaussianBlur(r))).sharpness for r in (0, 1, 3)]
        assert levels[0] > levels[1] > levels[2]


def test_a_sharp_subject_before_a_blurred_background_counts_as_sharp(photos):
    photo = photos[0].resize((448, 448))
    blurred = photo.filter(ImageFilter.GaussianBlur(6))
    subject = blurred.copy()
    subject.paste(photo.crop((112, 112, 336, 336)), (112, 112))
    whole, part, none = (facts_of(image).sharpness for image in (photo, subject, blurred))
    assert part > 0.7 * whole
    assert none < 0.3 * whole


def test_halving_the_contrast_halves_contrast_and_leaves_sharpness(photos):
    for photo in photos:
        strong, faint = facts_of(photo), facts_of(photo.point(lambda level: 64 + level / 2))
        assert faint.contrast == pytest.approx(strong.contrast / 2, rel=0.02)
        assert faint.sharpness == pytest.approx(strong.sharpness, rel=0.15)


def test_a_brighter_photo_has_more_brightness_and_no_less_clipping(photos):
    for photo in photos:
        dark, bright = facts_of(photo), facts_of(photo.point(lambda level: min(255, level * 1.4)))
        assert bright.brightness > dark.brightness
        assert bright.clipped_highlights >= dark.clipped_highlights


@pytest.mark.parametrize(
    "turn", [Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.ROTATE_90, Image.Transpose.TRANSPOSE]
)
def test_turning_and_mirroring_a_photo_changes_nothing(photos, turn: Image.Transpose):
    for photo in photos:
        facts, turned = facts_of(photo), facts_of(photo.transpose(turn))
        for name in MEASURED:
            # Reducing rounds to whole levels on the way, which is not quite the same either way.
            assert getattr(turned, name) == pytest.approx(getattr(facts, name), rel=0.02, abs=2e-3)


def test_at_the_measured_scale_turning_changes_nothing_at_all(picture: Image.Image):
    facts, turned = facts_of(picture), facts_of(picture.transpose(Image.Transpose.ROTATE_180))
    assert facts == turned


def test_a_photo_decoded_whole_and_reduced_while_decoding_has_nearly_the_same_facts(
    example_photos: list[Path],
):
    reduced = 0
    for path in example_photos:
        whole, quick = decode_photo(path), decode_photo(path, min_side=MEASURED_SIDE)
        if whole.image.size == quick.image.size:
            continue
        reduced += 1
        for name in MEASURED:
            expected = pytest.approx(getattr(technical_facts(whole), name), rel=0.12, abs=2e-3)
            assert getattr(technical_facts(quick), name) == expected, (path.name, name)
    assert reduced >= 3


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (1, 30_000), (30_000, 1), (2, 500), (3, 3)])
@pytest.mark.parametrize(("level", "high", "low"), [(255, 1.0, 0.0), (0, 0.0, 1.0), (128, 0, 0)])
def test_pictures_of_one_tone_and_any_shape_have_zeros_and_their_brightness(size, level, high, low):
    facts = facts_of(Image.new("L", size, level))
    assert (facts.width, facts.height) == size
    assert facts.brightness == round(level / 255, 4)
    assert (facts.clipped_highlights, facts.clipped_shadows) == (high, low)
    zeros = (facts.sharpness, facts.noise, facts.contrast, facts.colourfulness)
    assert zeros == (0, 0, 0, 0)


def test_a_chequerboard_of_pixels_is_as_sharp_as_can_be():
    board = 255.0 * (np.indices((64, 64)).sum(axis=0) % 2)
    # |Laplacian| is 4 · 255 throughout; the range gets 16 levels added.
    assert sharpness(board.astype(np.uint8), 255) == pytest.approx(4 * 255 / (255 + 16))


def test_a_few_specks_on_a_plane_are_no_sharp_photo():
    specks = np.full((448, 448), 40.0)
    specks[::150, ::150] = 42
    assert facts_of(grey(specks)).sharpness < 0.1
