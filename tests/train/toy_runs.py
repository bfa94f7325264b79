"""Helpers for tests of whole runs: what they left, and how they end suddenly."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from iae.train.module import JointTraining
from iae.train.run import TrainResult

Train = Callable[..., TrainResult]


class KilledError(BaseException):
    """As sudden as a power cut, as far as the run can tell."""


def weights(run_folder: Path, which: str = "last") -> dict[str, torch.Tensor]:
    return load_file(run_folder / which / "model.safetensors")


def differing(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> set[str]:
    assert a.keys() == b.keys()
    return {name for name in a if not a[name].equal(b[name])}


def kill_in_epoch(epoch: int, patch: pytest.MonkeyPatch) -> None:
    """Kill the run after the first step of an epoch."""
    step = JointTraining.training_step

    def killed_step(self: JointTraining, batch: object, batch_idx: int) -> None:
        if self.current_epoch == epoch and batch_idx == 1:
            raise KilledError
        step(self, batch, batch_idx)  # type: ignore[arg-type]

    patch.setattr(JointTraining, "training_step", killed_step)
