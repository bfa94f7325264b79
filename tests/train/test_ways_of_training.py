"""Every way of sharing and of balancing: trained, resumed, kept and opened like any other run."""

import math
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from toy_runs import KilledError, Train, differing, kill_in_epoch, weights

from iae.config import BalanceConfig, ExperimentConfig, LossConfig, ModelConfig, to_mapping
from iae.errors import CheckpointError, ConfigError, DataError
from iae.nn.branches import BranchedNet
from iae.train.backward import DivergedError
from iae.train.checkpoint import load_model
from iae.train.initial import initial_network, preprocess_spec
from iae.train.keep import RESUME
from iae.train.module import JointTraining
from iae.train.prepare import prepare

BALANCES = ("uncertainty", "dwa", "gradnorm", "pcgrad", "upgrad")
SHARING: dict[str, dict[str, object]] = {
    "single": {},
    "cross-stitch": {"fuse_after": (4, 5)},
    "nddr": {"fuse_after": (4, 5), "nddr_shortcut": True},
    "afa": {"self_weight": 0.9, "stop_gradient_from": ("emotion",)},
}


def shared_as(config: ExperimentConfig, sharing: str, **options: object) -> ExperimentConfig:
    model = {"sharing": sharing, "trunk_stages": 3, **SHARING.get(sharing, {}), **options}
    return replace(config, model=replace(config.model, **model))  # type: ignore[arg-type]


def balanced_by(config: ExperimentConfig, method: str) -> ExperimentConfig:
    return replace(config, balance=BalanceConfig(method=method))  # type: ignore[arg-type]


def check_that_it_resumes(train_toys: Train, settings: ExperimentConfig, folder: Path) -> None:
    """A run killed in its second epoch ends with the weights of one that was not."""
    whole = train_toys(folder / "whole", settings)
    assert all(math.isfinite(value) for value in whole.metrics.values())
    with pytest.MonkeyPatch.context() as patch:
        kill_in_epoch(1, patch)
        with pytest.raises(KilledError):
            train_toys(folder / "killed", settings)
    train_toys(folder / "killed", settings, resume=True)
    assert differing(weights(folder / "killed"), weights(folder / "whole")) == set()


def mostly_slow(names: Iterable[str], quick: str) -> list[object]:
    """One of several in every test run, since each takes three runs of training; else slow."""
    return [pytest.param(name, marks=() if name == quick else pytest.mark.slow) for name in names]


@pytest.mark.parametrize("sharing", mostly_slow(SHARING, quick="afa"))
def test_any_sharing_trains_resumes_and_is_opened_as_what_it_was(
    train_toys: Train, config: ExperimentConfig, tmp_path: Path, sharing: str
):
    check_that_it_resumes(train_toys, shared_as(config, sharing), tmp_path)
    net, record = load_model(tmp_path / "whole" / "best")
    assert isinstance(net, BranchedNet)
    assert (net.sharing, net.trunk_stages) == (sharing, 3)
    assert record.network["sharing"] == sharing


@pytest.mark.parametrize("method", mostly_slow(BALANCES, quick="uncertainty"))
def test_any_balancing_trains_and_resumes(
    train_toys: Train, config: ExperimentConfig, tmp_path: Path, method: str
):
    check_that_it_resumes(train_toys, balanced_by(config, method), tmp_path)


def test_fusions_and_balancing_go_together(
    train_toys: Train, config: ExperimentConfig, tmp_path: Path
):
    settings = balanced_by(shared_as(config, "afa"), "pcgrad")
    result = train_toys(tmp_path / "run", settings)
    assert math.isfinite(result.metrics["score"])


def test_a_batch_in_pieces_trains_the_same_network(
    train_toys: Train, config: ExperimentConfig, tmp_path: Path
):
    model = replace(config.model, dropout=0.0)
    for pieces in (1, 3):
        settings = replace(config, model=model,
                           train=replace(config.train, epochs=1, pieces=pieces))  # fmt: skip
        train_toys(tmp_path / f"{pieces}", settings)
    whole, divided = (weights(tmp_path / name) for name in ("1", "3"))
    moved = max((whole[n] - divided[n]).abs().max().item() for n in whole)
    assert moved < 0.05 * config.train.lr


def test_a_task_whose_loss_has_no_weight_is_left_out(
    train_toys: Train, config: ExperimentConfig, tmp_path: Path
):
    settings = replace(config, loss=LossConfig(emotion=0))
    metrics = train_toys(tmp_path / "run", settings).metrics
    assert "srcc" in metrics
    assert "emotion_accuracy" not in metrics
    assert metrics["score"] == pytest.approx(metrics["srcc"])
    state = weights(tmp_path / "run", "best")
    assert not state["heads.emotion.weight"].any()
    assert state["heads.aesthetic.weight"].any()


def test_only_photos_with_a_label_of_a_trained_task_are_passed_over(
    train_toys: Train, config: ExperimentConfig, tmp_path: Path
):
    rated = replace(config.sources["labelled"], emotion=None)
    settings = replace(config, sources={**config.sources, "labelled": rated},
                       loss=LossConfig(aesthetic_mean=0, level_shares=0))  # fmt: skip
    told: list[str] = []
    train_toys(tmp_path / "run", settings, report=told.append)
    assert "labelled: 0 train, 0 val, 0 test" in told
    assert any(line.startswith("voted: ") and " 0 train" not in line for line in told)


def without_emotions(config: ExperimentConfig) -> ExperimentConfig:
    sources = {
        name: replace(source, emotion=None, emotion_votes={}, neutral_votes=None)
        for name, source in config.sources.items()
    }
    return replace(config, sources=sources)


def test_a_task_without_any_label_is_left_out_with_a_notice(
    train_toys: Train, config: ExperimentConfig, tmp_path: Path
):
    told: list[str] = []
    train_toys(tmp_path / "run", without_emotions(config), report=told.append)
    assert any(line.startswith("notice: no training photo has a label of emotion") for line in told)
    _, record = load_model(tmp_path / "run" / "best")
    assert record.experiment["loss"]["emotion"] == 0


def test_sharing_with_a_task_without_any_label_is_refused(
    train_toys: Train, config: ExperimentConfig, tmp_path: Path
):
    settings = without_emotions(shared_as(config, "afa"))
    with pytest.raises(
        ConfigError, match="only aesthetic is trained, so there is nothing to share"
    ):
        train_toys(tmp_path / "run", settings)


def test_data_without_any_task_is_refused(
    config: ExperimentConfig, toy_roots: dict[str, Path], toy_cache: Path
):
    from iae.train.initial import preprocess_spec

    settings = without_emotions(config)
    sources = {name: replace(source, aesthetic_mean=None, score_counts={})
               for name, source in settings.sources.items()}  # fmt: skip
    with pytest.raises(DataError, match="no training photo has a label of aesthetic or emotion"):
        prepare(replace(settings, sources=sources), toy_roots, preprocess_spec(config), toy_cache,
                report=print, progress=lambda done, total: None)  # fmt: skip


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"trunk_stages": 5}, "no stage is left for branches"),
        ({"fuse_after": (2,)}, r"fuse_after has stage 2; between the branches are stages 4\.\.5"),
        ({"stop_gradient_from": ("mood",)}, "stop_gradient_from names 'mood'; the tasks are"),
        ({"backbone": "test_mambaout"}, "cannot be taken apart into stages"),
    ],
)
def test_a_network_that_cannot_be_built_is_refused(
    train_toys: Train, config: ExperimentConfig, tmp_path: Path, options: dict, message: str
):
    settings = shared_as(config, "afa", **{"stop_gradient_from": (), **options})
    with pytest.raises(ConfigError, match=message):
        train_toys(tmp_path / "run", settings)


def test_a_loss_that_is_no_number_names_the_batch_and_leaves_the_models(
    train_toys: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    step = JointTraining.training_step

    def poisoned(self: JointTraining, batch: dict[str, torch.Tensor], batch_idx: int) -> None:
        if self.current_epoch == 1 and batch_idx == 2:
            batch["emotion_weight"] = batch["emotion_weight"] * torch.nan
        step(self, batch, batch_idx)

    with monkeypatch.context() as patch:
        patch.setattr(JointTraining, "training_step", poisoned)
        with pytest.raises(
            DivergedError, match=r"^epoch 2, batch 3: the loss is not .*emotion = nan"
        ):
            train_toys(tmp_path / "run")
    assert load_model(tmp_path / "run" / "last")[1].metrics["epoch"] == 1
    assert torch.load(tmp_path / "run" / RESUME, weights_only=True)["epoch"] == 0


def test_a_state_of_the_loop_without_a_balance_is_refused(
    train_toys: Train, config: ExperimentConfig, tmp_path: Path
):
    settings = replace(config, train=replace(config.train, epochs=1, probe_epochs=0))
    train_toys(tmp_path / "run", settings)
    path = tmp_path / "run" / RESUME
    state = torch.load(path, weights_only=True)
    del state["balance"]
    torch.save(state, path)
    with pytest.raises(CheckpointError, match=r"left by an earlier version.*start a new run"):
        train_toys(tmp_path / "run", settings, resume=True)


def test_settings_saved_before_there_was_sharing_are_those_of_hard_sharing(
    config: ExperimentConfig,
):
    values = to_mapping(config)
    assert values["model"]["sharing"] == "hard"
    assert ModelConfig() == ModelConfig(sharing="hard", trunk_stages=0)


@pytest.mark.parametrize("sharing", ["hard", "single"])
def test_another_question_is_learned_as_a_task_of_its_own_and_opened_again(
    train_toys: Train, config: ExperimentConfig, tmp_path: Path, sharing: str
):
    asked = replace(config.sources["labelled"], attributes={"bright": "score"})
    learned = replace(
        config,
        sources={**config.sources, "labelled": asked},
        loss=replace(config.loss, attributes=0.5),
    )
    settings = learned if sharing == "hard" else shared_as(learned, sharing)
    result = train_toys(tmp_path / "run", settings)
    net, record = load_model(tmp_path / "run" / "best")
    assert list(record.attributes) == ["bright"]
    assert net.heads["attributes"].weight.shape == (1, net.heads["emotion"].in_features)
    assert -1 <= record.metrics["attributes_srcc"] <= 1
    assert result.metrics["attributes_srcc"] == record.metrics["attributes_srcc"]
    start = initial_network(settings, preprocess_spec(settings))
    assert not net.heads["attributes"].weight.equal(start.heads["attributes"].weight)


def test_a_weight_for_other_questions_that_no_source_answers_is_refused(config: ExperimentConfig):
    with pytest.raises(ConfigError, match=r"no source names a column in .*attributes"):
        replace(config, loss=replace(config.loss, attributes=0.5))


def test_other_questions_without_a_weight_are_no_task(config: ExperimentConfig):
    asked = replace(config.sources["labelled"], attributes={"bright": "score"})
    settings = replace(config, sources={**config.sources, "labelled": asked})
    assert settings.attributes == ()
    assert set(initial_network(settings, preprocess_spec(settings)).heads) == {
        "aesthetic",
        "emotion",
    }
