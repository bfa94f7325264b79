"""Vectors of photos: shots of one scene are alike, and the shipped space belongs to the model."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from iae.errors import CheckpointError
from iae.images.fingerprint import small_copy
from iae.images.preprocess import load_pixels
from iae.images.similar import describe
from iae.scoring.session import DEFAULT_MODEL, ModelSession
from iae.series.grouping import group_shots
from iae.series.shots import COMPOSITION_WEIGHT, ShotSpace, load_space, shot_vectors


@pytest.fixture(scope="module")
def vectors_of_examples(example_photos: list[Path]) -> tuple[list[str], np.ndarray]:
    session = ModelSession(threads=1)
    pixels = np.stack([load_pixels(path, session.info.preprocess) for path in example_photos])
    small = np.stack([small_copy(Image.fromarray(one)) for one in pixels])
    vectors = shot_vectors(session.predict(pixels).embedding, small, load_space())
    return [path.name for path in example_photos], vectors


def any_space() -> ShotSpace:
    rng = np.random.default_rng(0)
    return ShotSpace(
        mean=rng.normal(size=6).astype(np.float32),
        projection=rng.normal(size=(6, 4)).astype(np.float32),
        model="",
    )


def test_of_the_example_photos_only_the_series_is_one(vectors_of_examples):
    names, vectors = vectors_of_examples
    series = [[names[i] for i in own] for own in group_shots(vectors) if len(own) > 1]
    assert series == [["series-1-sharp.jpg", "series-2-soft.jpg", "series-3-dark.jpg"]]


def test_the_shipped_space_is_of_the_shipped_model():
    # Fails when the model is replaced: then make the space anew and look at docs/series.md.
    load_space().check_model(DEFAULT_MODEL)


def test_a_space_of_another_model_is_refused(tmp_path: Path):
    other = tmp_path / "other.onnx"
    other.write_bytes(b"another model")
    with pytest.raises(CheckpointError, match=r"series are not known for the model .*other\.onnx"):
        load_space().check_model(other)


def test_a_file_that_is_no_space_is_refused(tmp_path: Path):
    with pytest.raises(CheckpointError, match="is no file of benchmarks/series_space.py"):
        load_space(tmp_path / "gone.npz")
    np.savez(tmp_path / "other.npz", mean=np.zeros(3))
    with pytest.raises(CheckpointError, match="is no file of benchmarks/series_space.py"):
        load_space(tmp_path / "other.npz")


def test_the_cosine_is_the_weighted_mean_of_both_cosines():
    rng = np.random.default_rng(1)
    embeddings = rng.normal(size=(2, 6)).astype(np.float32)
    small = rng.integers(0, 256, (2, 1152), dtype=np.uint8)
    space = any_space()
    vectors = shot_vectors(embeddings, small, space)
    white = (embeddings - space.mean) @ space.projection
    features = white[0] @ white[1] / np.linalg.norm(white[0]) / np.linalg.norm(white[1])
    composition = float(np.dot(*describe(small)))
    expected = (features + COMPOSITION_WEIGHT * composition) / (1 + COMPOSITION_WEIGHT)
    assert vectors[0] @ vectors[1] == pytest.approx(expected, abs=1e-5)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1], abs=1e-5)


def test_wrong_arrays_are_refused():
    small = np.zeros((2, 1152), np.uint8)
    with pytest.raises(ValueError, match=r"wanted embeddings \(N, 6\), got \(2, 5\)"):
        shot_vectors(np.ones((2, 5), np.float32), small, any_space())
    with pytest.raises(ValueError, match="3 embeddings, but 2 small copies"):
        shot_vectors(np.ones((3, 6), np.float32), small, any_space())
