"""The Lightning module: one step, one validation, one optimizer for a joint network."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import lightning
import torch
from torch import Tensor
from torch.nn import Parameter
from torch.nn.utils import clip_grad_norm_
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from iae.config import LossConfig, TrainConfig
from iae.errors import CheckpointError
from iae.nn.balance.fixed import Fixed
from iae.nn.balance.method import Balance
from iae.nn.losses import LossSum, joint_loss_sums, label_counts
from iae.nn.network import Network
from iae.train.backward import (
    BalancedBackward,
    DivergedError,
    StepLosses,
    pieces_of,
    shared_and_own,
)
from iae.train.dataset import Batch
from iae.train.figures import Arrays, kept_labels, validation_figures
from iae.train.optimizer import param_groups, warmup_and_cosine
from iae.train.share import Share
from iae.train.views import logits_of, one_view

_BALANCE = "balance"
_PATIENCE = "patience"


class JointTraining(lightning.LightningModule):
    """Trains a :class:`Network` on batches in which any label may be missing.

    Gradients are made by a ``BalancedBackward``, so the optimization is manual.
    """

    def __init__(
        self,
        net: Network,
        loss: LossConfig,
        train: TrainConfig,
        *,
        variance: float,
        balance: Balance | None = None,
        share: Share | None = None,
    ) -> None:
        """Hold the network, of which what is to be frozen already is, and its settings.

        Args:
            net: the network.
            loss: weights of the losses; of a task without weight nothing is trained.
            train: how to train.
            variance: of the training scores.
            balance: of the tasks of ``loss``; None: fixed weights.
            share: this process's part of batches and validation; None: all.
        """
        super().__init__()
        self.automatic_optimization = False
        self.net, self.train_config, self.variance = net, train, variance
        self.share = share or Share()
        self.tasks = loss.tasks()
        self.balance = balance or Fixed(list(self.tasks))
        self.balanced = BalancedBackward(
            self.balance, self.tasks, *_shared_and_own(net, self.tasks)
        )
        ema = get_ema_multi_avg_fn(train.ema_decay)  # type: ignore[no-untyped-call]
        self.averaged = AveragedModel(net, multi_avg_fn=ema)
        self._best_score, self._epochs_since = -math.inf, 0
        self._seen: list[Batch] = []
        self.validation: Arrays = {}
        """Logits and labels of the last validation, for calibration."""

    def training_step(self, batch: Batch, batch_idx: int) -> None:
        """Balanced gradients of one batch, and a step; its randomness depends on seed and step.

        Of several processes each drops features of its own; all else is as in one.

        Raises:
            DivergedError: a loss or a gradient is no number; the batch is named.
        """
        seed, step = self.train_config.seed, self.global_step
        # By step and not by epoch: starting a data loader draws a number too, and a resumed run
        # starts it at another moment.
        torch.manual_seed((seed << 32) + (self.share.rank << 24) + step)
        mirror_seed = [seed, step] if self.train_config.flip else None
        view = one_view(batch, mirror_seed=mirror_seed, share=self.share)
        pieces = pieces_of(view, self.train_config.pieces)
        try:
            losses = self.balanced(pieces, self._losses, label_counts(view))
        except DivergedError as error:
            raise DivergedError(f"epoch {self.current_epoch + 1}, batch {batch_idx + 1}: {error}; "
                                "what earlier epochs left is as it was") from None  # fmt: skip
        self._step()
        self._log(losses)

    def _losses(self, piece: Mapping[str, Tensor]) -> dict[str, LossSum]:
        return joint_loss_sums(logits_of(self.net, dict(piece)), piece, variance=self.variance)

    def _step(self) -> None:
        """One step down the gradients there are, and one of the schedule."""
        optimizer: Any = self.optimizers()
        if self.train_config.gradient_clip:
            trained = [p for group in optimizer.param_groups for p in group["params"]]
            clip_grad_norm_(trained, self.train_config.gradient_clip)
        optimizer.step()
        schedule: Any = self.lr_schedulers()
        schedule.step()

    def _log(self, losses: StepLosses) -> None:
        self.log("loss", float(sum(losses.tasks.values())), prog_bar=True)
        self.log_dict({f"train/{name}": value for name, value in losses.parts.items()})
        if len(losses.passes) == 1:
            (weights,) = losses.passes.values()
            self.log_dict({f"weight/{task}": weight for task, weight in weights.items()})

    def on_train_batch_end(self, outputs: object, batch: Batch, batch_idx: int) -> None:
        """Take the new weights into the moving average."""
        self.averaged.update_parameters(self.net)

    @property
    def kept_net(self) -> Network:
        """The network that is validated and kept: the one with averaged weights."""
        net = self.averaged.module
        assert isinstance(net, Network)
        return net

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Keep logits and labels; figures need all of them."""
        logits = logits_of(self.kept_net, one_view(batch))
        said = {task: out.float() for task, out in logits.items()}
        self._seen.append({**said, **kept_labels(batch)})

    def on_validation_epoch_end(self) -> None:
        """Figures of the tasks, and ``val/score``, by which the best model is chosen."""
        self.validation = {
            name: self.share.joined(torch.cat([part[name] for part in self._seen])).cpu().numpy()
            for name in self._seen[0]
        }
        self._seen.clear()
        figures = validation_figures(self.validation, self.tasks)
        self.log_dict({f"val/{name}": value for name, value in figures.items()})
        self._note(figures["score"])
        shown = ("score", "srcc", "emotion_accuracy")
        self.log_dict({k: figures[k] for k in shown if k in figures}, prog_bar=True, logger=False)

    def _note(self, score: float) -> None:
        """Whether that was worth the epoch; every process comes to the same conclusion."""
        better = score > self._best_score
        self._best_score = max(score, self._best_score)
        self._epochs_since = 0 if better else self._epochs_since + 1
        self._stop_if_patience_is_over()

    def _stop_if_patience_is_over(self) -> None:
        if 0 < self.train_config.patience <= self._epochs_since:
            self.trainer.should_stop = True

    def on_train_start(self) -> None:
        """A resumed run that had stopped early goes no further."""
        self._stop_if_patience_is_over()

    def configure_optimizers(self) -> Any:
        """AdamW with faster heads and fusions; warm-up, then a cosine down to 0, step by step."""
        config = self.train_config
        optimizer = torch.optim.AdamW(param_groups(self.net, config), lr=config.lr)
        rate = warmup_and_cosine(int(self.trainer.estimated_stepping_batches), config.warmup)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Keep what the balance has learned, and how long nothing became better."""
        checkpoint[_BALANCE] = self.balance.state_dict()
        checkpoint[_PATIENCE] = {"best": self._best_score, "since": self._epochs_since}

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Take up the balance and the patience of the interrupted run.

        Raises:
            CheckpointError: the state is of a version without one, or of another balance.
        """
        if _BALANCE not in checkpoint:
            raise CheckpointError("the state to resume from was left by an earlier version, which "
                                  "kept no balance; start a new run with another -o")  # fmt: skip
        self.balance.load_state_dict(checkpoint[_BALANCE])
        kept = checkpoint.get(_PATIENCE, {"best": -math.inf, "since": 0})
        self._best_score, self._epochs_since = kept["best"], kept["since"]


def _shared_and_own(net: Network, tasks: Iterable[str]) -> tuple[list[Parameter], list[Parameter]]:
    """Found out from a black photo; in eval mode, in which no random number is drawn."""
    size = net.spec.size
    device = net.get_buffer("scale").device
    net.eval()
    logits = net(torch.zeros(1, size, size, 3, dtype=torch.uint8, device=device))
    net.train()
    return shared_and_own(net, {task: logits[task] for task in tasks})
