"""A model of either kind over labelled photos, from files to a report."""

import json
import math
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from iae.cli.main import main
from iae.errors import CheckpointError, DataError
from iae.evaluate.model import open_model, predict_records, select_records
from iae.evaluate.output import format_report
from iae.evaluate.report import Report, evaluate_predictions, not_trained


def evaluate(model: Path, roots: dict[str, Path], out: Path) -> dict[str, dict[str, float]]:
    arguments = ["evaluate", str(model), "--split", "all", "-o", str(out), "--resamples", "100"]
    for name, root in roots.items():
        arguments += ["--data", f"{name}={root}"]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    report = json.loads((out / "report.json").read_text("utf-8"))
    return {
        name: {figure: interval["value"] for figure, interval in source["figures"].items()}
        for name, source in report["sources"].items()
    }


def test_a_checkpoint_and_its_exported_file_get_the_same_figures(
    toy_run: Path, toy_onnx: Path, toy_roots: dict[str, Path], tmp_path: Path
):
    checkpoint = evaluate(toy_run / "best", toy_roots, tmp_path / "a")
    exported = evaluate(toy_onnx, toy_roots, tmp_path / "b")
    assert set(checkpoint) == {"labelled", "voted"}
    for name, figures in checkpoint.items():
        assert exported[name] == pytest.approx(figures, abs=1e-3)


def test_an_undefined_figure_of_an_exported_model_is_null_in_the_file_and_nan_when_read(
    toy_run: Path, toy_onnx: Path, tmp_path: Path
):
    import onnx

    from iae.export import METADATA_KEY, with_metadata
    from iae.scoring.session import ModelSession
    from iae.train.checkpoint import load_card

    record = replace(load_card(toy_run / "best"), metrics={"srcc": math.nan})
    model = with_metadata(onnx.load(toy_onnx), record, "float")
    (said,) = [entry.value for entry in model.metadata_props if entry.key == METADATA_KEY]
    assert "NaN" not in said
    onnx.save(model, tmp_path / "a.onnx")
    assert math.isnan(ModelSession(tmp_path / "a.onnx").info.metrics["srcc"])


def test_a_task_that_was_not_trained_is_said_and_has_no_figures(
    toy_onnx: Path, toy_roots: dict[str, Path]
):
    model = open_model(toy_onnx)
    loss = {**model.experiment["loss"], "aesthetic_mean": 0.0, "level_shares": 0.0}
    single = replace(model, experiment={**model.experiment, "loss": loss})
    records = select_records(single, {"labelled": toy_roots["labelled"]}, "all")
    predictions = predict_records(single, records)
    sources = evaluate_predictions(predictions, calibration=single.calibration, resamples=20)
    report = Report(model="a", split="all", sources=sources,
                    not_trained=not_trained(predictions))  # fmt: skip
    assert report.not_trained == ("aesthetic",)
    assert {"srcc", "high_low_accuracy"}.isdisjoint(sources["labelled"].figures)
    text = format_report(report)
    assert "not trained: aesthetic; the model says nothing of it" in text
    assert "high at" not in text, "the share of high scores, of a network without scores"


def test_figures_of_a_task_that_was_not_trained_are_left_out_whatever_labels_there_are(
    toy_onnx: Path, toy_roots: dict[str, Path]
):
    model = open_model(toy_onnx)
    predictions = predict_records(model, select_records(model, toy_roots, "test"))
    scores_only = replace(predictions, tasks=("aesthetic",))
    sources = evaluate_predictions(scores_only, calibration=model.calibration, resamples=20)
    assert "srcc" in sources["labelled"].figures
    assert not sources["labelled"].emotions


def test_the_figures_of_a_checkpoint_on_validation_are_those_it_was_kept_for(
    toy_run: Path, toy_roots: dict[str, Path]
):
    from iae.metrics import level_mean, srcc
    from iae.train.checkpoint import load_model

    model = open_model(toy_run / "best")
    predictions = predict_records(model, select_records(model, toy_roots, "val"))
    rated = [r.aesthetic_mean for r in predictions.records]
    assert srcc(level_mean(predictions.level_probs), rated) == pytest.approx(
        load_model(toy_run / "best")[1].metrics["srcc"], abs=1e-6
    )


def test_an_evaluation_writes_tables_and_pictures(
    toy_onnx: Path, toy_roots: dict[str, Path], tmp_path: Path
):
    evaluate(toy_onnx, {"labelled": toy_roots["labelled"]}, tmp_path)
    # The toy model may or may not be wrong about an emotion.
    figures = ("scores", "high-reliability", "confusion", "emotion-reliability")
    assert {path.name for path in tmp_path.iterdir()} - {"worst-emotion.png"} == {
        "report.txt", "report.json", "worst-aesthetic.png",
        *(f"labelled-{name}.png" for name in figures)}  # fmt: skip


def test_a_part_of_the_data_is_split_as_it_was_in_training(
    toy_onnx: Path, toy_roots: dict[str, Path]
):
    model = open_model(toy_onnx)
    together = select_records(model, toy_roots, "test")
    alone = select_records(model, {"labelled": toy_roots["labelled"]}, "test")
    assert alone == [record for record in together if record.source == "labelled"]


def test_the_parts_share_no_photo_and_miss_none(toy_onnx: Path, toy_roots: dict[str, Path]):
    model = open_model(toy_onnx)
    parts = [select_records(model, toy_roots, split) for split in ("train", "val", "test")]  # type: ignore[arg-type]
    paths = [record.path for part in parts for record in part]
    assert sorted(paths) == sorted(r.path for r in select_records(model, toy_roots, "all"))


def test_unreadable_photos_are_left_out_and_named(
    toy_onnx: Path, toy_roots: dict[str, Path], tmp_path: Path
):
    root = shutil.copytree(toy_roots["labelled"], tmp_path / "copy")
    (root / "07.jpg").write_bytes(b"")
    model = open_model(toy_onnx)
    predictions = predict_records(model, select_records(model, {"labelled": root}, "all"))
    assert len(predictions.records) == len(predictions.level_probs) == 39
    assert [(r.name, why) for r, why in predictions.unreadable] == [
        ("07.jpg", "the file is empty (0 bytes)")]  # fmt: skip


def test_photos_that_are_all_unreadable_are_an_error(toy_onnx: Path, tmp_path: Path):
    (tmp_path / "a.jpg").write_text("no photo")
    (tmp_path / "labels.csv").write_text("photo,score,mood,scene\na.jpg,5,awe,x\n")
    model = open_model(toy_onnx)
    records = select_records(model, {"labelled": tmp_path}, "all")
    with pytest.raises(DataError, match=r"none of 1 photos could be read, e\.g\. .*a\.jpg: not a"):
        predict_records(model, records)


def test_no_data_at_all_is_an_error_that_names_the_sources(toy_onnx: Path):
    with pytest.raises(DataError, match="no data given; add --data NAME=PATH .*labelled, voted"):
        select_records(open_model(toy_onnx), {}, "test")


def test_an_unknown_source_is_refused_and_the_nearest_named(
    toy_onnx: Path, toy_roots: dict[str, Path]
):
    with pytest.raises(DataError, match="did you mean 'labelled'"):
        select_records(open_model(toy_onnx), {"labeled": toy_roots["labelled"]}, "test")


def test_an_empty_part_is_an_error(toy_onnx: Path, tmp_path: Path):
    (tmp_path / "a.jpg").write_text("no photo")
    (tmp_path / "labels.csv").write_text("photo,score,mood,scene\na.jpg,5,awe,x\n")
    with pytest.raises(DataError, match="the test split of labelled is empty"):
        select_records(open_model(toy_onnx), {"labelled": tmp_path}, "test")


def test_another_experiment_describes_other_data(toy_onnx: Path, tmp_path: Path):
    (tmp_path / "a.jpg").write_text("not opened here")
    (tmp_path / "mine.csv").write_text("file,stars\na.jpg,4\n")
    experiment = tmp_path / "mine.toml"
    experiment.write_text('[sources.mine]\ntable = "mine.csv"\nimage = "file"\nscale = [1, 5]\n'
                          'aesthetic_mean = "stars"\n')  # fmt: skip
    records = select_records(open_model(toy_onnx), {"mine": tmp_path}, "all", experiment)
    assert [record.aesthetic_mean for record in records] == [7.75]


def test_a_path_that_is_no_model_is_refused(tmp_path: Path):
    with pytest.raises(CheckpointError, match=r"is no model folder: it has no model\.json"):
        open_model(tmp_path)
