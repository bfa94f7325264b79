"""What processes of a test do; they import it anew, so it stands apart from the tests."""

import os
import signal
from typing import Any

import torch

from iae.errors import DataError
from iae.train import run
from iae.train.module import JointTraining
from iae.train.processes import Progress, Report
from iae.train.share import Share

_train_share = run._train_share  # the tests put another in its place


def join_rows(*, share: Share, report: Report, progress: Progress) -> list[float]:
    """Five rows, three of them in the first of two processes."""
    return share.joined(torch.arange(5.0)[share.rank :: share.count]).tolist()


def fail(rank: int, *, share: Share, report: Report, progress: Progress) -> None:
    if share.rank == rank:
        raise DataError(f"process {rank} has no data")
    share.wait_for_all()


def divide_by_zero(*, share: Share, report: Report, progress: Progress) -> float:
    return 1 / (share.rank * 0)


def train_share_killed_in_the_second_epoch(*given: Any, share: Share, **options: Any) -> Any:
    """The second process ends in the second step of the second epoch, as if memory ran out."""
    step = JointTraining.training_step

    def killed_step(self: JointTraining, batch: Any, batch_idx: int) -> None:
        if share.rank == 1 and self.current_epoch == 1 and batch_idx == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        step(self, batch, batch_idx)

    JointTraining.training_step = killed_step  # type: ignore[method-assign]
    return _train_share(*given, share=share, **options)
