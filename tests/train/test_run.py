"""A whole training run on toy photos: what it leaves, what it refuses, and how it goes on."""

import csv
import json
import math
import shutil
import signal
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from toy_runs import KilledError, Train, differing, kill_in_epoch, weights

from iae.config import ExperimentConfig, TrainConfig
from iae.errors import CheckpointError, ConfigError, DataError
from iae.train import module
from iae.train.checkpoint import load_model
from iae.train.dataset import Batch
from iae.train.initial import initial_network, preprocess_spec
from iae.train.keep import RESUME, WholeCheckpoints
from iae.train.module import JointTraining
from iae.train.run import train


def test_a_run_leaves_its_best_and_its_last_model_and_logs(toy_run: Path):
    for which in ("best", "last"):
        load_model(toy_run / which)
    assert list((toy_run / "tensorboard").glob("events.out.tfevents.*"))


def test_only_the_best_model_has_a_refitted_emotion_head(toy_run: Path):
    best, last = (load_model(toy_run / which)[1] for which in ("best", "last"))
    assert best.metrics["refit_emotion_l2"] in best.experiment["train"]["refit_emotion_l2"]
    assert "refit_emotion_l2" not in last.metrics


def test_a_refitted_head_that_is_worse_than_the_trained_one_is_not_kept(
    train_toys: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def always_the_same(net: torch.nn.Module, *_: object) -> float:
        for name, parameter in net.named_parameters():
            if "emotion" in name:
                parameter.data.zero_()
        return 1.0

    monkeypatch.setattr("iae.train.run.refit_emotion_head", always_the_same)
    result = train_toys(tmp_path / "run")
    best = load_model(result.best)[1]
    assert "refit_emotion_l2" not in best.metrics
    assert result.metrics["emotion_accuracy"] == best.metrics["emotion_accuracy"] > 0.2


def test_resuming_a_finished_run_changes_no_model(train_toys: Train, tmp_path: Path):
    train_toys(tmp_path / "run")
    before = {which: weights(tmp_path / "run", which) for which in ("best", "last")}
    train_toys(tmp_path / "run", resume=True)
    for which, old in before.items():
        assert not differing(old, weights(tmp_path / "run", which))


def test_the_validation_figures_of_a_model_are_finite_and_come_with_it(toy_run: Path):
    _, record = load_model(toy_run / "best")
    assert {"srcc", "plcc", "emd", "emotion_accuracy", "score"} <= set(record.metrics)
    assert all(math.isfinite(value) for value in record.metrics.values())


def test_a_model_tells_its_settings_data_and_licence(toy_run: Path, config: ExperimentConfig):
    _, record = load_model(toy_run / "last")
    assert record.experiment["train"]["lr"] == config.train.lr
    assert sum(record.data["labelled"].values()) == 40
    assert sum(record.data["voted"].values()) == 24
    assert record.licence == "research only: toy photos"


def test_training_learns_the_toy_photos(
    train_toys: Train, config: ExperimentConfig, tmp_path: Path
):
    longer = replace(config.train, epochs=15, probe_epochs=0, lr=5e-3, head_lr_factor=2)
    settings = replace(config, train=longer, model=replace(config.model, dropout=0.0))
    figures = train_toys(tmp_path / "run", settings).metrics
    # Brightness is the score and hue the emotion; guessing gets 0 and .25.
    assert figures["plcc"] > 0.6
    assert figures["emotion_accuracy"] >= 0.5


def test_training_changes_no_statistics_of_the_normalisation(toy_run: Path):
    state = weights(toy_run)
    means = [value for name, value in state.items() if name.endswith("running_mean")]
    assert means
    assert all((mean == 0).all() for mean in means)


def test_without_a_probe_the_statistics_of_the_normalisation_stay_too(
    train_toys: Train, config: ExperimentConfig, tmp_path: Path
):
    settings = replace(config, train=replace(config.train, probe_epochs=0, epochs=1))
    train_toys(tmp_path / "run", settings)
    state = weights(tmp_path / "run")
    assert all((v == 0).all() for name, v in state.items() if name.endswith("running_mean"))


def test_the_same_settings_give_the_same_weights(train_toys: Train, toy_run: Path, tmp_path: Path):
    train_toys(tmp_path / "again")
    assert differing(weights(tmp_path / "again"), weights(toy_run)) == set()


def test_a_run_killed_in_its_second_epoch_resumes_to_the_same_weights(
    train_toys: Train, toy_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    out = tmp_path / "run"
    with monkeypatch.context() as patch:
        kill_in_epoch(1, patch)
        with pytest.raises(KilledError):
            train_toys(out)
    result = train_toys(out, resume=True)
    assert differing(weights(out, "last"), weights(toy_run, "last")) == set()
    assert differing(weights(out, "best"), weights(toy_run, "best")) == set()
    assert dict(result.metrics) == dict(load_model(toy_run / "best")[1].metrics)


def test_a_run_killed_before_its_first_epoch_ended_can_be_started_again(
    train_toys: Train, toy_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    out = tmp_path / "run"
    with monkeypatch.context() as patch:
        kill_in_epoch(0, patch)
        with pytest.raises(KilledError):
            train_toys(out)
    train_toys(out)
    assert differing(weights(out), weights(toy_run)) == set()


def test_resuming_a_finished_run_changes_nothing(
    train_toys: Train, config: ExperimentConfig, tmp_path: Path
):
    settings = replace(config, train=replace(config.train, epochs=1, probe_epochs=0))
    first = train_toys(tmp_path / "run", settings)
    before = weights(tmp_path / "run")
    second = train_toys(tmp_path / "run", settings, resume=True)
    assert differing(weights(tmp_path / "run"), before) == set()
    assert dict(second.metrics) == dict(first.metrics)


def test_ctrl_c_says_how_to_go_on(
    train_toys: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def interrupted(self: JointTraining, batch: object, batch_idx: int) -> torch.Tensor:
        raise KeyboardInterrupt

    monkeypatch.setattr(JointTraining, "training_step", interrupted)
    handler = signal.getsignal(signal.SIGINT)
    try:
        with pytest.raises(CheckpointError, match="stopped before the end; begin again without"):
            train_toys(tmp_path / "run")
    finally:
        signal.signal(signal.SIGINT, handler)  # Lightning ignores further ones


def test_the_state_to_resume_from_can_be_read_without_running_code(toy_run: Path):
    state = torch.load(toy_run / RESUME, weights_only=True)
    assert state["epoch"] == 1


def test_a_state_that_is_half_written_does_not_take_the_place_of_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path / "resume.ckpt"
    WholeCheckpoints().save_checkpoint({"epoch": 1}, path)

    def killed(state: object, file: object) -> None:
        raise KilledError

    monkeypatch.setattr(torch, "save", killed)
    with pytest.raises(KilledError):
        WholeCheckpoints().save_checkpoint({"epoch": 2}, path)
    assert torch.load(path, weights_only=True) == {"epoch": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_a_run_whose_patience_is_over_stops_there_and_resumes_no_further(
    train_toys: Train, config: ExperimentConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    scores = iter([0.5, 0.6, 0.6, 0.55, 0.9])
    real = module.validation_figures
    monkeypatch.setattr(
        module, "validation_figures", lambda *args: {**real(*args), "score": next(scores)}
    )
    patient = replace(config, train=replace(config.train, epochs=5, patience=2))
    for resume in (False, True):
        train_toys(tmp_path / "run", patient, resume=resume)
        state = torch.load(tmp_path / "run" / RESUME, weights_only=True)
        assert state["epoch"] == 3
    assert next(scores) == 0.9


def test_resuming_with_other_settings_is_refused(
    train_toys: Train, config: ExperimentConfig, toy_run: Path
):
    other = replace(config, train=replace(config.train, lr=2e-3))
    with pytest.raises(ConfigError, match="begun with other settings .*another -o"):
        train_toys(toy_run, other, resume=True)


def test_resuming_with_other_photos_is_refused(
    train_toys: Train, config: ExperimentConfig, toy_roots: dict[str, Path], tmp_path: Path
):
    optional = {name: replace(source, optional=name == "voted")
                for name, source in config.sources.items()}  # fmt: skip
    settings = replace(config, sources=optional, train=replace(config.train, epochs=1))
    train_toys(tmp_path / "run", settings)
    only = {"labelled": toy_roots["labelled"]}
    with pytest.raises(ConfigError, match=r"begun with other data .*voted.*resume with the same"):
        train_toys(tmp_path / "run", settings, roots=only, resume=True)


def test_nothing_to_resume_is_said(train_toys: Train, tmp_path: Path):
    with pytest.raises(CheckpointError, match="nothing to resume in .*new: it has no resume.ckpt"):
        train_toys(tmp_path / "new", resume=True)


def test_a_folder_that_holds_a_run_is_not_overwritten(train_toys: Train, toy_run: Path):
    with pytest.raises(ConfigError, match="already holds a run; add --resume .* or choose another"):
        train_toys(toy_run)


def test_a_source_without_its_folder_is_named(
    train_toys: Train, toy_roots: dict[str, Path], tmp_path: Path
):
    with pytest.raises(DataError, match="no folder given for voted; add --data voted=PATH"):
        train_toys(tmp_path / "run", roots={"labelled": toy_roots["labelled"]})


def test_a_backbone_that_timm_does_not_have_is_named(
    train_toys: Train, config: ExperimentConfig, tmp_path: Path
):
    settings = replace(config, model=replace(config.model, backbone="no_such_net"))
    with pytest.raises(ConfigError, match="timm has no model 'no_such_net'"):
        train_toys(tmp_path / "run", settings)


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without CUDA")
def test_asking_for_a_gpu_where_there_is_none_is_refused(train_toys: Train, tmp_path: Path):
    with pytest.raises(ConfigError, match="no CUDA device here; use --device cpu or auto"):
        train_toys(tmp_path / "run", device="cuda")


def test_unreadable_photos_are_named_and_left_out(
    config: ExperimentConfig, toy_roots: dict[str, Path], tmp_path: Path
):
    roots = {name: shutil.copytree(root, tmp_path / name) for name, root in toy_roots.items()}
    (roots["labelled"] / "03.jpg").write_text("no photo")
    settings = replace(config, train=replace(config.train, epochs=1, probe_epochs=0))
    told: list[str] = []
    train(settings, roots, tmp_path / "run", tmp_path / "cache", device="cpu", report=told.append)
    assert any("left out: " in line and "03.jpg: not a photo" in line for line in told)
    assert sum(load_model(tmp_path / "run" / "last")[1].data["labelled"].values()) == 39


def test_mixed_precision_trains(train_toys: Train, config: ExperimentConfig, tmp_path: Path):
    fast = TrainConfig(epochs=1, probe_epochs=1, batch_size=16, precision="bf16-mixed")
    result = train_toys(tmp_path / "run", replace(config, train=fast))
    assert all(math.isfinite(value) for value in result.metrics.values())


def test_each_step_mirrors_other_photos(
    train_toys: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    seeds: list[tuple[int, ...]] = []

    def witness(
        batch: Batch, *, mirror_seed: list[int] | None = None, share: object = None
    ) -> Batch:
        seeds.extend([] if mirror_seed is None else [tuple(mirror_seed)])
        return batch

    monkeypatch.setattr(module, "one_view", witness)
    train_toys(tmp_path / "run")
    assert len(set(seeds)) == len(seeds) > 10


def test_frozen_stages_are_the_same_at_the_end(
    train_toys: Train, config: ExperimentConfig, toy_run: Path, tmp_path: Path
):
    settings = replace(config, train=replace(config.train, epochs=1, freeze_stages=2))
    train_toys(tmp_path / "run", settings)
    # The seed makes the same network; nothing of these stages may have moved from there.
    torch_state, moved = weights(tmp_path / "run"), weights(toy_run)
    stem = "backbone.conv_stem.weight"
    start = initial_weights(settings)
    assert torch_state[stem].equal(start[stem])
    assert not moved[stem].equal(start[stem])


def initial_weights(settings: ExperimentConfig) -> dict[str, torch.Tensor]:
    torch.manual_seed(settings.train.seed)
    return initial_network(settings, preprocess_spec(settings)).state_dict()


@pytest.mark.parametrize("scores", ["all alike", "only in validation"])
def test_scores_that_cannot_be_compared_do_not_break_training(
    config: ExperimentConfig, toy_roots: dict[str, Path], tmp_path: Path, scores: str
):
    root = toy_roots["labelled"]
    with (root / "labels.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for i, row in enumerate(rows):
        row["photo"] = str(root / row["photo"])
        row["part"] = "train" if i < 30 else "val"
        row["scene"] = row["photo"]
        row["score"] = "5" if scores == "all alike" or i >= 30 else ""
    with (tmp_path / "labels.csv").open("w", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    source = replace(config.sources["labelled"], split="part")
    settings = replace(config, sources={"labelled": source},
                       train=replace(config.train, epochs=1, probe_epochs=1))  # fmt: skip
    train(settings, {"labelled": tmp_path}, tmp_path / "run", tmp_path / "cache", device="cpu")
    assert all(value.isfinite().all() for value in weights(tmp_path / "run").values())


def test_the_settings_of_a_run_stand_beside_it(toy_run: Path):
    assert json.loads((toy_run / "experiment.json").read_text("utf-8"))["train"]["epochs"] == 2
