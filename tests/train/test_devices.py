"""Several processes train the network that one would: same batches, same figures, one writer."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
import toy_processes
from test_batches import numbered_photos
from toy_runs import Train, weights

from iae.config import BalanceConfig, ExperimentConfig
from iae.errors import CheckpointError, ConfigError, DataError
from iae.train import run
from iae.train.backward import DivergedError
from iae.train.dataset import EpochShuffle, SharedBatches, make_loader
from iae.train.prepare import Prepared
from iae.train.processes import Work, run_in_processes
from iae.train.share import Share
from iae.train.views import one_view


def quiet(config: ExperimentConfig, **options: object) -> ExperimentConfig:
    """Without dropout, in which processes differ; batches of 7, which two cannot halve.

    At this rate a weight moves by 1e-4 a step at most, whatever Adam makes of a small gradient.
    """
    train = {"epochs": 1, "batch_size": 7, "lr": 1e-4, "refit_emotion_l2": (), **options}
    return replace(config, model=replace(config.model, dropout=0.0),
                   train=replace(config.train, **train))  # type: ignore[arg-type]  # fmt: skip


# The shares


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_shares_of_all_processes_are_the_batches_of_one(count: int):
    whole = list(SharedBatches(EpochShuffle(20, 3), 7, Share()))
    shares = [list(SharedBatches(EpochShuffle(20, 3), 7, Share(r, count))) for r in range(count)]
    for step, batch in enumerate(whole):
        assert sorted(place for share in shares for place in share[step]) == sorted(batch)
    assert {len(share) for share in shares} == {len(whole)}


def test_a_share_of_a_last_batch_may_be_empty_and_still_is_a_batch():
    *_, last = make_loader(numbered_photos(14), 6, seed=0, share=Share(1, 2))
    assert last["pixels"].shape == (0, 4, 4, 3)
    assert last["mean"].shape == (0,)


def test_a_photo_is_mirrored_in_a_share_as_it_is_in_the_whole():
    pixels = torch.arange(9 * 2 * 4 * 3).reshape(9, 2, 4, 3)
    whole = one_view({"pixels": pixels}, mirror_seed=[5, 1])["pixels"]
    assert not whole.equal(pixels)
    for rank in range(2):
        share = one_view({"pixels": pixels[rank::2]}, mirror_seed=[5, 1], share=Share(rank, 2))
        assert share["pixels"].equal(whole[rank::2])


# Whole runs


@pytest.mark.slow
@pytest.mark.parametrize("method", ["fixed", "pcgrad"])
def test_two_processes_get_the_weights_and_figures_of_one(
    train_toys: Train, config: ExperimentConfig, tmp_path: Path, method: str
):
    settings = replace(quiet(config), balance=BalanceConfig(method=method))  # type: ignore[arg-type]
    one = train_toys(tmp_path / "one", settings)
    two = train_toys(tmp_path / "two", settings, devices=2)
    alone, together = weights(tmp_path / "one"), weights(tmp_path / "two")
    for name, value in alone.items():
        torch.testing.assert_close(together[name], value, rtol=0, atol=1e-5, msg=name)
    assert dict(two.metrics) == pytest.approx(dict(one.metrics), abs=1e-4)
    assert two.best == tmp_path / "two" / "best"


@pytest.mark.slow
def test_what_two_processes_left_can_be_resumed_by_one(
    train_toys: Train, config: ExperimentConfig, tmp_path: Path
):
    settings = quiet(config, epochs=2)
    train_toys(tmp_path / "whole", settings)
    told: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        # The children import anew, so the parent can only pass it on.
        patch.setattr(run, "_train_share", toy_processes.train_share_killed_in_the_second_epoch)
        with pytest.raises(CheckpointError, match=r"process 2 of 2 was ended from outside"):
            train_toys(tmp_path / "run", settings, devices=2, report=told.append)
    assert sum(line.startswith("labelled: ") for line in told) == 1, "one process reports"
    train_toys(tmp_path / "run", settings, resume=True)
    for name, value in weights(tmp_path / "whole").items():
        torch.testing.assert_close(weights(tmp_path / "run")[name], value, rtol=0, atol=2e-5)


@pytest.mark.slow
def test_a_loss_that_is_no_number_ends_all_processes_with_the_batch_named(
    train_toys: Train, config: ExperimentConfig, tmp_path: Path
):
    settings = quiet(config, lr=0.9, head_lr_factor=1e30)
    with pytest.raises(DivergedError, match=r"^epoch 1, batch 2: the loss is not finite any more"):
        train_toys(tmp_path / "run", settings, devices=2)


def test_more_processes_than_validation_photos_are_refused(
    train_toys: Train, config: ExperimentConfig, tmp_path: Path
):
    prepared = Prepared(config, {}, {"val": np.arange(3)}, {}, 1.0)
    with pytest.raises(ConfigError, match="4 devices share 3 photos of the val split; use no more"):
        run._check_that_all_can_validate(prepared, Share(0, 4))


def test_no_devices_are_refused(train_toys: Train, tmp_path: Path):
    with pytest.raises(ConfigError, match="devices must be at least 1, got 0"):
        train_toys(tmp_path / "run", devices=0)


# Processes that meet and part


def in_two(work: Work) -> object:
    return run_in_processes(work, 2, on_gpus=False, report=print, progress=print)


@pytest.mark.slow
def test_rows_of_all_processes_are_joined_in_their_order():
    assert in_two(toy_processes.join_rows) == [0.0, 1.0, 2.0, 3.0, 4.0]


@pytest.mark.slow
@pytest.mark.parametrize("rank", [0, 1])
def test_an_error_of_one_process_ends_the_one_that_waits_for_it(rank: int):
    with pytest.raises(DataError, match=f"^process {rank} has no data$"):
        in_two(partial(toy_processes.fail, rank))


@pytest.mark.slow
def test_a_bug_in_a_process_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError) as raised:
        in_two(toy_processes.divide_by_zero)
    assert "in divide_by_zero" in "".join(raised.value.__notes__)
