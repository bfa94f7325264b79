"""Heat maps by occlusion: they point at what a value depends on, and at nothing else."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from iae import PhotoScore, Scorer
from iae.errors import ImageError, OutputError
from iae.images.preprocess import Pixels
from iae.labels import EMOTIONS
from iae.scoring.explain import STEPS, TARGETS, Explanation, explain_photo, occlusion
from iae.scoring.explain_extremes import explain_extremes
from iae.scoring.heat_picture import (
    LONGEST_SIDE,
    draw_explanation,
    full_colour,
    legend_words,
    write_explanation,
)

ROUGH = np.random.default_rng(0).integers(0, 256, (96, 96, 3)).astype(np.uint8)


def detail_within(top: int, bottom: int, left: int, right: int):
    """A value that looks at one place only: how much neighbouring pixels differ there."""

    def value(pixels: Pixels) -> NDArray[np.float64]:
        part = pixels[:, top:bottom, left:right].astype(np.float64)
        return np.abs(np.diff(part, axis=1)).mean(axis=(1, 2, 3))

    return value


@pytest.mark.parametrize("place", [(20, 40, 60, 80), (0, 16, 0, 16), (70, 96, 5, 30)])
def test_the_heat_lies_where_the_value_looks(place: tuple[int, int, int, int]):
    top, bottom, left, right = place
    _, heat = occlusion(ROUGH, detail_within(*place))
    row, column = np.unravel_index(heat.argmax(), heat.shape)
    assert top <= row < bottom
    assert left <= column < right
    inside = np.zeros(heat.shape, bool)
    inside[top:bottom, left:right] = True
    assert heat[inside].mean() > 5 * np.abs(heat[~inside]).mean()


def test_detail_that_lowers_a_value_is_cold():
    value = detail_within(20, 40, 60, 80)
    warm, cold = (occlusion(ROUGH, f)[1] for f in (value, lambda pixels: -value(pixels)))
    assert np.allclose(cold, -warm)


def test_the_baseline_is_the_value_of_the_whole_picture():
    value = detail_within(0, 96, 0, 96)
    assert occlusion(ROUGH, value)[0] == value(ROUGH[None])[0]


def test_the_half_of_a_picture_that_is_blurred_already_is_cooler_than_the_sharp_one():
    picture = ROUGH.copy()
    picture[:, :48] = np.asarray(Image.fromarray(ROUGH).filter(ImageFilter.GaussianBlur(8)))[:, :48]
    heat = occlusion(picture, detail_within(0, 96, 0, 96))[1]
    assert heat[:, :32].mean() < 0.1 * heat[:, 64:].mean()


def test_a_picture_of_one_colour_has_no_heat_whatever_is_asked():
    plain = np.full((64, 80, 3), 90, np.uint8)
    heat = occlusion(plain, lambda pixels: pixels.mean(axis=(1, 2, 3)))[1]
    assert heat.shape == (64, 80)
    assert not heat.any()


def test_a_mirrored_picture_has_the_mirrored_heat():
    value = detail_within(20, 40, 0, 96)
    heat = occlusion(ROUGH, value)[1]
    mirrored = occlusion(ROUGH[:, ::-1], value)[1]
    assert np.allclose(mirrored, heat[:, ::-1], atol=0.02 * heat.max())


def test_no_call_asks_for_more_pictures_than_one_batch():
    asked = []

    def value(pixels: Pixels) -> NDArray[np.float64]:
        asked.append(len(pixels))
        return np.zeros(len(pixels))

    occlusion(ROUGH, value)
    assert asked == [1] + [STEPS] * STEPS


@pytest.fixture(scope="module")
def scorer(toy_onnx: Path) -> Scorer:
    return Scorer(toy_onnx)


@pytest.fixture(scope="module")
def explanation(scorer: Scorer, example_photos: list[Path]) -> Explanation:
    return explain_photo(scorer, example_photos[0])


def test_the_explained_score_is_the_one_that_is_given(
    scorer: Scorer, explanation: Explanation, example_photos: list[Path]
):
    score = scorer.score(example_photos[0])
    assert score.aesthetic_mean == round(explanation.baseline, 4)
    assert explanation.heat.shape == (64, 64)
    assert np.isfinite(explanation.heat).all()
    awe = explain_photo(scorer, example_photos[0], "awe")
    assert score.emotions is not None
    assert awe.baseline == pytest.approx(score.emotions[EMOTIONS.index("awe")], abs=5e-5)


def test_the_bundled_model_finds_less_in_the_blurred_half_of_a_photo(
    tmp_path: Path, example_photos: list[Path]
):
    path = next(path for path in example_photos if path.name == "coffee-cup.jpg")
    with Image.open(path) as photo:
        photo.load()
    blurred = photo.filter(ImageFilter.GaussianBlur(30))
    half = blurred.crop((0, 0, photo.width // 2, photo.height))
    photo.paste(half, (0, 0))
    photo.save(tmp_path / "half.png")
    heat = np.abs(explain_photo(Scorer(), tmp_path / "half.png").heat)
    assert heat[:, :75].mean() < 0.6 * heat[:, 149:].mean()


def test_an_unknown_target_is_refused_with_the_known_ones(scorer: Scorer, tmp_path: Path):
    with pytest.raises(ValueError, match="'joy' cannot be explained; choose one of aesthetic, amu"):
        explain_photo(scorer, tmp_path, "joy")
    assert list(TARGETS) == ["aesthetic", *EMOTIONS]


def test_a_photo_that_cannot_be_read_is_named_with_its_reason(scorer: Scorer, tmp_path: Path):
    with pytest.raises(ImageError, match=r"gone\.jpg: the file is gone"):
        explain_photo(scorer, tmp_path / "gone.jpg")


def made(heat: NDArray[np.float64], size: tuple[int, int], **changes: object) -> Explanation:
    fields = {"target": "aesthetic", "baseline": 6.5, "heat": heat,
              "photo": Image.new("RGB", size, (128, 128, 128)), "box": (0, 0, *size)}  # fmt: skip
    return Explanation(**(fields | changes))  # type: ignore[arg-type]


def test_warm_places_are_orange_cold_ones_blue_and_the_rest_the_photo_in_grey():
    heat = np.zeros((30, 30))
    heat[:10], heat[20:] = 0.4, -0.4
    drawn = np.asarray(draw_explanation(made(heat, (600, 600)), name="a.jpg")).astype(int)
    top, middle, bottom = (
        drawn[round(LONGEST_SIDE * y), LONGEST_SIDE // 2] for y in (0.1, 0.5, 0.9)
    )
    assert top[0] > top[2] + 50
    assert bottom[2] > bottom[0] + 50
    assert middle.tolist() == [128, 128, 128]


@pytest.mark.parametrize("size", [(4000, 3000), (30, 20), (1, 900), (900, 1)])
def test_a_photo_of_any_size_and_shape_gets_a_picture_with_a_legend_below(size):
    drawn = draw_explanation(made(np.ones((30, 30)), size), name="a.jpg")
    assert LONGEST_SIDE // 2 <= drawn.width <= LONGEST_SIDE
    assert drawn.height > round(size[1] * LONGEST_SIDE / max(size))


def test_outside_what_the_network_saw_there_is_no_colour():
    drawn = draw_explanation(made(np.ones((30, 30)), (960, 480), box=(240, 0, 720, 480)), name="a")
    row = np.asarray(drawn)[240].astype(int)
    assert (row[:200] == 128).all()
    assert (row[300:600, 0] > row[300:600, 2]).all()


def test_a_heat_of_next_to_nothing_is_not_drawn_in_full_colour():
    assert full_colour(made(np.full((9, 9), 0.001), (9, 9))) == 0.05
    assert full_colour(made(np.full((9, 9), -0.3), (9, 9))) == 0.3
    assert full_colour(made(np.zeros((9, 9)), (9, 9), target="awe")) == 0.01


def test_the_legend_says_the_value_the_photo_and_what_full_colour_means():
    (raises, lowers), heading = legend_words(made(np.zeros((9, 9)), (9, 9)), 0.25, "a\nb.jpg")
    assert (raises, lowers) == ("raise it by 0.25 points", "lower it by 0.25 points")
    assert heading == "score 6.50 of 10: a\\nb.jpg"
    awe = made(np.zeros((9, 9)), (9, 9), target="awe", baseline=0.42)
    assert legend_words(awe, 0.031, "a")[1] == "awe 42%: a"
    assert legend_words(awe, 0.031, "a")[0][1] == "lower it by 3.1 percentage points"


def test_the_picture_is_a_png_whatever_its_name(tmp_path: Path, explanation: Explanation):
    write_explanation(tmp_path / "new" / "heat.out", explanation, name="a" * 500)
    with Image.open(tmp_path / "new" / "heat.out") as drawn:
        assert drawn.format == "PNG"
    with pytest.raises(OutputError, match="Is a directory"):
        write_explanation(tmp_path, explanation, name="a")


def test_the_best_and_the_worst_are_explained_none_twice_and_old_pictures_go(
    tmp_path: Path, scorer: Scorer, example_photos: list[Path]
):
    photos = [(PhotoScore(path=path.name, aesthetic_mean=mean), path)
              for path, mean in zip(example_photos, (5.0, 9.0, 2.0), strict=False)]  # fmt: skip
    photos.append((PhotoScore(path="b", error="gone"), tmp_path / "b"))
    photos.append((PhotoScore(path="lost", aesthetic_mean=1.0), tmp_path / "lost.jpg"))
    (tmp_path / "explain").mkdir()
    for name in ("best-07.png", "mine.png"):
        (tmp_path / "explain" / name).touch()
    done: list[tuple[int, int]] = []
    written = explain_extremes(tmp_path, photos, scorer, 3, progress=lambda *at: done.append(at))
    assert [getattr(path, "name", path) for path in written[:3]] == [
        "best-01.png", "best-02.png", "best-03.png"]  # fmt: skip
    assert isinstance(written[3], ImageError)
    assert sorted(path.name for path in (tmp_path / "explain").iterdir()) == [
        "best-01.png", "best-02.png", "best-03.png", "mine.png"]  # fmt: skip
    assert done == [(1, 4), (2, 4), (3, 4), (4, 4)]
