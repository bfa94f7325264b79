"""Networks with branches and models of one task leave by the same door as any other."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from iae import export
from iae.config import load_experiment
from iae.errors import DataError
from iae.evaluate.model import open_model, predict_records, select_records
from iae.export import export_model, to_onnx, with_metadata
from iae.images.preprocess import load_pixels
from iae.metrics import level_mean
from iae.nn.branches import BranchedNet
from iae.nn.joint import ScoringNet
from iae.scoring.session import ModelSession
from iae.train.checkpoint import load_model
from iae.train.run import train


def trained(
    experiment: Path, roots: dict[str, Path], cache: Path, out: Path, **changes: dict
) -> Path:
    config = load_experiment(experiment)
    settings = {name: replace(getattr(config, name), **values) for name, values in changes.items()}
    short = replace(settings.pop("train", config.train), epochs=1)
    train(replace(config, **settings, train=short), roots, out, cache, device="cpu")
    return out / "best"


@pytest.fixture(scope="module")
def branched_run(
    toy_roots: dict[str, Path], toy_experiment: Path, toy_cache: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:  # fmt: skip
    """AFA between two branches, trained on the output of a trunk that was computed once."""
    return trained(
        toy_experiment, toy_roots, toy_cache, tmp_path_factory.mktemp("afa") / "run",
        model={"sharing": "afa", "trunk_stages": 3, "fuse_after": (4, 5)},
        train={"freeze_stages": 3, "cache_trunk": True},
    )  # fmt: skip


@pytest.fixture(scope="module")
def rated_only(
    toy_roots: dict[str, Path], toy_experiment: Path, toy_cache: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:  # fmt: skip
    return trained(
        toy_experiment, toy_roots, toy_cache, tmp_path_factory.mktemp("single") / "run",
        loss={"emotion": 0.0},
    )  # fmt: skip


def test_an_exported_network_with_branches_scores_like_its_checkpoint(
    branched_run: Path, example_photos: list[Path], tmp_path: Path
):
    net, record = load_model(branched_run)
    assert isinstance(net, BranchedNet)
    scoring = ScoringNet(net, emotion_temperature=record.calibration.emotion_temperature).eval()
    pixels = np.stack([load_pixels(path, record.preprocess) for path in example_photos])
    expected = open_model(branched_run).predict(pixels)
    file = tmp_path / "float.onnx"
    onnx.save(with_metadata(to_onnx(scoring, record), record, "float"), file)
    found = ModelSession(file).predict(pixels)
    np.testing.assert_allclose(found.level_probs, expected[0], atol=1e-4)
    np.testing.assert_allclose(found.emotion_probs, expected[1], atol=1e-4)
    assert found.embedding.shape == (len(pixels), 2 * net.width)


def test_the_figures_of_a_network_trained_on_a_cached_trunk_are_those_of_its_pixels(
    branched_run: Path, toy_roots: dict[str, Path]
):
    from iae.metrics import srcc

    model = open_model(branched_run)
    predictions = predict_records(model, select_records(model, toy_roots, "val"))
    rated = [record.aesthetic_mean for record in predictions.records]
    kept = load_model(branched_run)[1].metrics
    assert srcc(level_mean(predictions.level_probs), rated) == pytest.approx(kept["srcc"], abs=0.1)


def test_a_model_of_one_task_says_nothing_about_the_other(
    rated_only: Path, toy_roots: dict[str, Path]
):
    model = open_model(rated_only)
    records = select_records(model, toy_roots, "val")
    assert records
    assert all(r.emotion is None and r.emotion_votes is None for r in records)
    predictions = predict_records(model, records)
    np.testing.assert_allclose(predictions.emotion_probs, 1 / 8, atol=1e-6)


def test_a_model_of_one_task_is_exported(
    rated_only: Path, toy_roots: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(export, "MAX_SRCC_LOSS", 2)
    entries = export_model(rated_only, tmp_path, toy_roots, calibration_photos=16)
    assert [entry.refused for entry in entries] == [""] * 3
    assert np.isnan(entries[0].emotion_accuracy)


def test_data_without_the_task_of_a_model_cannot_be_evaluated(
    toy_roots: dict[str, Path], toy_experiment: Path, rated_only: Path, tmp_path: Path
):
    other = tmp_path / "emotions.toml"
    other.write_text('[sources.labelled]\nimage = "photo"\nemotion = "mood"\n', "utf-8")
    only = {"labelled": toy_roots["labelled"]}
    with pytest.raises(DataError, match="trained for aesthetic only, and no photo .* such a label"):
        select_records(open_model(rated_only), only, "all", other)
