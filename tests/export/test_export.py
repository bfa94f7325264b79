"""Exported files: what they hold, how near they are to the checkpoint, and which are refused."""

import re
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper

from iae import export
from iae.errors import DataError
from iae.evaluate.model import open_model
from iae.export import Exported, export_model
from iae.images.preprocess import load_pixels
from iae.metrics import level_mean
from iae.scoring.session import ModelSession
from iae.train.checkpoint import load_model


@pytest.fixture(scope="module")
def exported(
    toy_run: Path, toy_roots: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Exported]:
    out = tmp_path_factory.mktemp("onnx")
    with pytest.MonkeyPatch.context() as patch:
        # One photo of ten changing its rank is more than is allowed; here all files are wanted.
        patch.setattr(export, "MAX_SRCC_LOSS", 2)
        patch.setattr(export, "MAX_ACCURACY_LOSS", 1)
        entries = export_model(toy_run / "best", out, toy_roots, calibration_photos=16)
    return {entry.precision: entry for entry in entries}


@pytest.fixture(scope="module")
def pixels(toy_run: Path, example_photos: list[Path]) -> np.ndarray:
    _, record = load_model(toy_run / "best")
    return np.stack([load_pixels(path, record.preprocess) for path in example_photos])


Outputs = tuple[np.ndarray, np.ndarray]


@pytest.fixture(scope="module")
def checkpoint_says(toy_run: Path, pixels: np.ndarray) -> Outputs:
    return open_model(toy_run / "best").predict(pixels)


def says(entry: Exported, pixels: np.ndarray) -> Outputs:
    return open_model(entry.path).predict(pixels)


def test_the_float_file_scores_real_photos_like_the_checkpoint(
    exported: dict[str, Exported], pixels: np.ndarray, checkpoint_says: Outputs
):
    for ours, theirs in zip(says(exported["float"], pixels), checkpoint_says, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)


def test_the_float_file_gives_the_pooled_features_of_the_checkpoint(
    exported: dict[str, Exported], toy_run: Path, pixels: np.ndarray
):
    net, _ = load_model(toy_run / "best")
    with torch.inference_mode():
        features = net.features(torch.from_numpy(pixels)).numpy()
    embedding = ModelSession(exported["float"].path).predict(pixels).embedding
    np.testing.assert_allclose(embedding, features, atol=1e-4)


def test_half_storage_is_about_half_as_large(exported: dict[str, Exported]):
    # Not quite half: the graph and its description stay.
    assert exported["half"].megabytes < 0.65 * exported["float"].megabytes


def test_half_storage_scores_real_photos_within_a_hundredth(
    exported: dict[str, Exported], pixels: np.ndarray, checkpoint_says: Outputs
):
    levels, emotions = says(exported["half"], pixels)
    assert np.abs(level_mean(levels) - level_mean(checkpoint_says[0])).max() < 0.01
    np.testing.assert_allclose(emotions, checkpoint_says[1], atol=2e-3)


@pytest.mark.parametrize("precision", ["float", "half", "int8"])
def test_every_file_gives_probabilities(
    exported: dict[str, Exported], pixels: np.ndarray, precision: str
):
    for shares in says(exported[precision], pixels):
        assert (shares >= 0).all()
        np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-5)


def test_int8_weights_are_stored_in_eight_bits(exported: dict[str, Exported]):
    tensors = onnx.load(exported["int8"].path).graph.initializer
    large = [t for t in tensors if np.prod(t.dims) >= 1000]
    assert large
    assert {t.data_type for t in large} == {onnx.TensorProto.INT8}


@pytest.mark.parametrize("precision", ["float", "half", "int8"])
def test_every_file_is_a_valid_onnx_model(exported: dict[str, Exported], precision: str):
    onnx.checker.check_model(onnx.load(exported[precision].path), full_check=True)


@pytest.mark.parametrize("precision", ["float", "half", "int8"])
def test_every_file_says_what_it_is(exported: dict[str, Exported], toy_run: Path, precision: str):
    _, record = load_model(toy_run / "best")
    info = ModelSession(exported[precision].path).info
    assert info.precision == precision
    assert info.preprocess == record.preprocess
    assert info.calibration == record.calibration
    assert info.licence == "research only: toy photos"
    assert info.metrics == record.metrics
    assert info.data == record.data
    assert set(info.experiment["sources"]) == {"labelled", "voted"}


@pytest.mark.parametrize("precision", ["float", "half", "int8"])
def test_no_file_holds_paths_of_the_machine_that_made_it(
    exported: dict[str, Exported], toy_run: Path, precision: str
):
    content = exported[precision].path.read_bytes()
    repository = Path(export.__file__).parents[2]
    for folder in (repository, toy_run, Path(onnx.__file__).parents[1], Path.home()):
        assert str(folder).encode() not in content
    assert not re.search(rb"\.py\b", content)


def test_the_comparison_tells_how_far_a_file_is_from_the_checkpoint(exported: dict[str, Exported]):
    entry = exported["float"]
    assert entry.srcc_loss == pytest.approx(0, abs=1e-9)
    assert entry.mean_score_change < 1e-4
    assert entry.top_emotion_change == 0
    assert entry.megabytes == entry.path.stat().st_size / 1e6


def comparison(**losses: float) -> Exported:
    figures = {"srcc_loss": 0.0, "accuracy_loss": 0.0, **losses}
    return Exported(
        precision="int8",
        path=Path("int8.onnx"),
        megabytes=1,
        srcc=0.5,
        emotion_accuracy=0.5,
        mean_score_change=0,
        top_emotion_change=0,
        **figures,
    )


def test_a_file_that_loses_nothing_is_kept():
    assert comparison().refused == ""


def test_a_file_that_gains_is_kept():
    assert comparison(srcc_loss=-0.2, accuracy_loss=-0.2).refused == ""


def test_a_file_without_any_labels_to_compare_on_is_kept():
    assert comparison(srcc_loss=float("nan"), accuracy_loss=float("nan")).refused == ""


def test_a_loss_of_rank_correlation_is_a_reason_to_refuse():
    assert comparison(srcc_loss=0.02).refused == "loses 0.020 SRCC, 0.01 is allowed"


def test_a_loss_of_accuracy_is_a_reason_to_refuse():
    assert comparison(accuracy_loss=0.034).refused == "loses 3.4% accuracy, 1% is allowed"


@pytest.fixture
def broken_int8(exported: dict[str, Exported], monkeypatch: pytest.MonkeyPatch) -> None:
    """Quantisation that loses everything: each photo gets the same scores."""
    model = onnx.load(exported["float"].path)

    def broken(model: onnx.ModelProto, calibration: np.ndarray) -> onnx.ModelProto:
        copy = onnx.ModelProto()
        copy.CopyFrom(model)
        for tensor in copy.graph.initializer:
            if tensor.data_type == onnx.TensorProto.FLOAT:
                zeros = np.zeros_like(numpy_helper.to_array(tensor))
                tensor.CopyFrom(numpy_helper.from_array(zeros, tensor.name))
        return copy

    monkeypatch.setattr(export, "to_onnx", lambda scoring, record: model)
    monkeypatch.setattr(export, "to_int8", broken)


@pytest.mark.usefixtures("broken_int8")
def test_a_file_that_gives_every_photo_one_score_is_refused_and_removed(
    toy_run: Path, toy_roots: dict[str, Path], tmp_path: Path
):
    entries = export_model(toy_run / "best", tmp_path, toy_roots, calibration_photos=16)
    refused = {entry.precision: entry.refused for entry in entries}
    assert "SRCC" in refused["int8"]
    assert refused["float"] == ""
    assert not (tmp_path / "int8.onnx").exists()
    assert (tmp_path / "float.onnx").exists()


def test_without_data_there_is_nothing_to_compare_on(toy_run: Path, tmp_path: Path):
    with pytest.raises(DataError, match="no data given; add --data NAME=PATH .*labelled, voted"):
        export_model(toy_run / "best", tmp_path, {})


def test_calibration_photos_that_cannot_be_read_are_an_error(
    toy_run: Path, toy_roots: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(export, "_readable_pixels", lambda records, model: [])
    with pytest.raises(DataError, match="not one of the training photos for int8 calibration"):
        export_model(toy_run / "best", tmp_path, toy_roots)
