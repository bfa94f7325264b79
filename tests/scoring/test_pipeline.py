"""Photos through decoding and the network: one result each, in order, whatever goes with them."""

from pathlib import Path

import numpy as np
import pytest

from iae.errors import ImageError
from iae.images.preprocess import load_pixels
from iae.scoring.find import Found
from iae.scoring.gallery import THUMBNAILS, thumbnail_name
from iae.scoring.pipeline import ScoredPhoto, score_photos
from iae.scoring.scorer import Scorer
from iae.scoring.session import BATCH


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return Scorer()


@pytest.fixture(scope="module")
def found(example_photos: list[Path], tmp_path_factory: pytest.TempPathFactory) -> list[Found]:
    """The example photos, a text, a file that is gone, and one that was not even tried."""
    text = tmp_path_factory.mktemp("text") / "text.jpg"
    text.write_text("no photo")
    photos = [Found(path) for path in example_photos]
    photos.insert(3, Found(text))
    photos.insert(9, Found(text.with_name("gone.jpg")))
    photos.insert(0, Found(text.with_name("film.psd"), ImageError("PSD files are not read")))
    assert len(photos) > BATCH
    return photos


@pytest.fixture(scope="module")
def thumbnails(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out")
    (out / THUMBNAILS).mkdir()
    return out


@pytest.fixture(scope="module")
def scored(found: list[Found], scorer: Scorer, thumbnails: Path) -> list[ScoredPhoto]:
    return list(score_photos(found, scorer, thumbnails=thumbnails, workers=2))


def test_there_is_one_result_a_photo_in_the_order_found(found, scored):
    assert [result.score.path for result in scored] == [photo.name for photo in found]


def test_what_cannot_be_read_has_its_reason_and_no_embedding(scored):
    unreadable = {Path(r.score.path).name: r.score.error for r in scored if r.score.error}
    assert list(unreadable) == ["film.psd", "text.jpg", "gone.jpg"]
    assert unreadable["film.psd"] == "PSD files are not read"
    assert all((result.embedding is None) == bool(result.score.error) for result in scored)
    assert all((result.score.facts is None) == bool(result.score.error) for result in scored)


def test_scores_and_embeddings_are_those_of_the_photo_alone(scored, scorer):
    for result in (scored[1], scored[-1]):
        pixels = load_pixels(Path(result.score.path), scorer.info.preprocess)
        alone = scorer.predict(pixels[None])
        assert np.allclose(result.embedding, alone.embedding[0], atol=1e-5)
        expected = scorer.score(result.score.path)
        assert result.score.aesthetic_mean == expected.aesthetic_mean
        assert result.score.emotions == expected.emotions


def test_facts_can_be_left_away_and_change_no_score(found, scored, scorer):
    plain = list(score_photos(found, scorer, thumbnails=None, facts=False, workers=2))
    assert {result.score.facts for result in plain} == {None}
    assert [r.score.aesthetic_mean for r in plain] == [r.score.aesthetic_mean for r in scored]


@pytest.mark.parametrize("workers", [1, 4])
def test_results_and_thumbnails_are_the_same_bytes_for_any_number_of_workers(
    found, scored, scorer, thumbnails, tmp_path, workers
):
    (tmp_path / THUMBNAILS).mkdir()
    results = list(score_photos(found, scorer, thumbnails=tmp_path, workers=workers))
    assert [result.score for result in results] == [result.score for result in scored]
    for result, other in zip(results, scored, strict=True):
        if other.embedding is not None:
            assert result.embedding is not None
            assert result.embedding.tobytes() == other.embedding.tobytes()
    assert files_in(tmp_path) == files_in(thumbnails)
    assert set(files_in(tmp_path)) == {
        thumbnail_name(result.score.path) for result in results if not result.score.error
    }


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_results_come_while_later_photos_are_not_yet_listed(found, scorer):
    """The first batch is there before the last photos are taken: memory stays bounded."""
    results = score_photos(found * 8, scorer, thumbnails=None, workers=2)
    assert next(results).score.path == found[0].name
    results.close()


def test_nothing_is_started_for_photos_that_were_not_even_tried(scorer):
    photos = [Found(Path("a.psd"), ImageError("PSD files are not read"))]
    [result] = score_photos(photos, scorer, thumbnails=None)
    assert result.score.error == "PSD files are not read"


def test_no_photos_give_no_results(scorer):
    assert list(score_photos([], scorer, thumbnails=None)) == []
