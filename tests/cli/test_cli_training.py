"""``iae train``, ``evaluate`` and ``export`` at the door."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from iae.cli.main import main

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)

    def invoke(*words: str | Path) -> Result:
        return CliRunner().invoke(main, list(map(str, words)), catch_exceptions=False)

    return invoke


@pytest.fixture
def data(toy_roots: dict[str, Path]) -> list[str]:
    return [word for name, root in toy_roots.items() for word in ("--data", f"{name}={root}")]


def assert_one_line(result: Result, text: str) -> None:
    assert result.exit_code == 2
    assert result.stderr.startswith("iae: ")
    assert result.stderr.count("\n") == 1
    assert text in result.stderr


def test_training_ends_with_the_figures_and_the_next_command(
    run: Run, toy_experiment: Path, toy_cache: Path, data: list[str]
):
    short = Path("short.toml")
    text = toy_experiment.read_text("utf-8")
    short.write_text(text.replace("epochs = 2", "epochs = 1").replace("probe_epochs = 3", ""))
    result = run("train", short, *data, "--cache", toy_cache, "--device", "cpu")
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert "best model: runs/short/best" in lines
    assert lines[-1].startswith("next: iae export runs/short/best --data labelled=")
    assert any(line.startswith("validation srcc: ") for line in lines)
    assert Path("runs/short/best/model.safetensors").is_file()


def test_a_seed_names_the_run_folder_and_overrules_the_experiment(
    run: Run, toy_experiment: Path, toy_cache: Path, data: list[str]
):
    short = Path("short.toml")
    text = toy_experiment.read_text("utf-8")
    short.write_text(text.replace("epochs = 2", "epochs = 1").replace("probe_epochs = 3", ""))
    run("train", short, *data, "--cache", toy_cache, "--device", "cpu", "--seed", "7")
    settings = json.loads(Path("runs/short-seed7/experiment.json").read_text("utf-8"))
    assert settings["train"]["seed"] == 7


def test_a_missing_experiment_is_an_error(run: Run):
    assert_one_line(run("train", "gone.toml"), "cannot read the experiment file gone.toml: No such")


def test_a_misspelt_setting_is_refused_and_the_nearest_named(run: Run, toy_experiment: Path):
    Path("a.toml").write_text(toy_experiment.read_text("utf-8").replace("epochs =", "epoch =", 1))
    result = run("train", "a.toml")
    assert_one_line(result, "unknown setting 'epoch' for TrainConfig; did you mean 'epochs'?")


def test_an_experiment_that_is_no_toml_is_refused(run: Run):
    Path("a.toml").write_text("epochs: 3")
    assert_one_line(run("train", "a.toml"), "a.toml: ")


@pytest.mark.parametrize("word", ["labelled", "labelled=", "=there"])
def test_data_without_a_name_or_a_path_is_refused(run: Run, toy_experiment: Path, word: str):
    result = run("train", toy_experiment, "--data", word)
    assert result.exit_code == 2
    assert f"'{word}' is not NAME=PATH, for example fi8=datasets/fi8" in result.stderr


def test_data_that_is_not_there_is_refused(run: Run, toy_experiment: Path):
    result = run("train", toy_experiment, "--data", "labelled=nowhere")
    assert result.exit_code == 2
    assert "there is no folder nowhere (for labelled)" in result.stderr


def test_a_data_set_with_two_folders_is_refused(run: Run, toy_experiment: Path, data: list[str]):
    result = run("train", toy_experiment, *data, *data[:2])
    assert result.exit_code == 2
    assert "'labelled' is given twice; a data set has one folder" in result.stderr


def test_data_of_an_unknown_name_is_refused_and_the_nearest_named(
    run: Run, toy_experiment: Path, data: list[str], tmp_path: Path
):
    result = run("train", toy_experiment, *data, "--data", f"voter={tmp_path}")
    assert_one_line(result, "known: labelled, voted; did you mean 'voted'?")


def test_data_that_is_needed_and_not_given_is_named(run: Run, toy_experiment: Path):
    assert_one_line(run("train", toy_experiment), "no folder given for labelled, voted; add --data")


def test_nothing_to_resume_is_an_error(run: Run, toy_experiment: Path, data: list[str]):
    result = run("train", toy_experiment, *data, "--resume", "-o", "new")
    assert_one_line(result, "nothing to resume in new: it has no resume.ckpt")


def test_a_folder_that_holds_a_run_is_not_overwritten(
    run: Run, toy_experiment: Path, data: list[str], toy_run: Path
):
    result = run("train", toy_experiment, *data, "-o", toy_run)
    assert_one_line(result, "already holds a run; add --resume to go on with it, or choose another")


def test_a_run_cannot_go_to_a_file(run: Run, toy_experiment: Path, data: list[str]):
    Path("file").write_text("mine")
    result = run("train", toy_experiment, *data, "-o", "file")
    assert_one_line(result, "cannot make the folder file: a file has that name")


def test_an_evaluation_prints_the_table_and_writes_nothing_unless_told(
    run: Run, toy_onnx: Path, toy_roots: dict[str, Path], tmp_path: Path
):
    root = toy_roots["labelled"]
    result = run("evaluate", toy_onnx, "--data", f"labelled={root}", "--split", "all",
                 "--resamples", "100")  # fmt: skip
    assert result.exit_code == 0, result.stderr
    assert "labelled: 40 photos" in result.stdout
    assert "95 % interval" in result.stdout
    assert list(tmp_path.iterdir()) == []


def test_an_evaluation_without_data_is_an_error(run: Run, toy_onnx: Path):
    assert_one_line(run("evaluate", toy_onnx), "no data given; add --data NAME=PATH for one")


def test_an_evaluation_of_no_model_is_an_error(run: Run):
    assert_one_line(run("evaluate", "nowhere"), "there is no model nowhere; wanted an .onnx file")


def test_a_report_cannot_go_to_a_file(run: Run, toy_onnx: Path, toy_roots: dict[str, Path]):
    Path("file").write_text("mine")
    result = run("evaluate", toy_onnx, "--data", f"labelled={toy_roots['labelled']}",
                 "--resamples", "100", "-o", "file")  # fmt: skip
    assert_one_line(result, "cannot make the folder file: a file has that name")


def test_an_export_prints_the_comparison_and_the_files(
    run: Run, toy_run: Path, data: list[str], monkeypatch: pytest.MonkeyPatch
):
    from iae import export

    monkeypatch.setattr(export, "MAX_SRCC_LOSS", 2)
    monkeypatch.setattr(export, "MAX_ACCURACY_LOSS", 1)
    result = run("export", toy_run / "best", *data, "-o", "onnx", "--calibration-photos", "16")
    assert result.exit_code == 0, result.stderr
    for precision in ("float", "half", "int8"):
        assert f"wrote onnx/{precision}.onnx" in result.stdout
        assert Path(f"onnx/{precision}.onnx").is_file()


def test_an_export_that_is_refused_says_why_and_leaves_no_file(
    run: Run, toy_run: Path, data: list[str], monkeypatch: pytest.MonkeyPatch
):
    from iae import export

    monkeypatch.setattr(export, "MAX_SRCC_LOSS", -2)
    result = run("export", toy_run / "best", *data, "-o", "onnx", "--calibration-photos", "16")
    assert result.exit_code == 2
    assert result.stdout.count("refused: ") == 3
    assert "SRCC, -2 is allowed" in result.stdout
    assert not list(Path().rglob("*.onnx"))


def test_an_export_of_no_checkpoint_is_an_error(run: Run, tmp_path: Path):
    assert_one_line(run("export", tmp_path), "is no model folder: it has no model.json")
