"""The Lightning module: one step, one validation, one optimizer for the joint network."""

import math
from typing import Any

import lightning
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from iae.config import LossConfig, TrainConfig
from iae.labels import EMOTIONS
from iae.metrics import accuracy, emd, level_mean, level_std, macro_f1, plcc, softmax, srcc
from iae.nn.joint import JointNet
from iae.nn.losses import joint_losses, weighted_sum
from iae.train.dataset import Batch

Arrays = dict[str, NDArray[Any]]


class JointTraining(lightning.LightningModule):
    """Trains a :class:`JointNet` on batches in which any label may be missing."""

    def __init__(
        self, net: JointNet, loss: LossConfig, train: TrainConfig, *, variance: float
    ) -> None:
        """Hold the network and its settings; ``variance`` is that of the training scores."""
        super().__init__()
        self.net, self.loss_config, self.train_config = net, loss, train
        self.variance = variance
        ema = get_ema_multi_avg_fn(train.ema_decay)  # type: ignore[no-untyped-call]
        self.averaged = AveragedModel(net, multi_avg_fn=ema)
        self._seen: list[Batch] = []
        self.validation: Arrays = {}
        """Logits and labels of the last validation, for calibration."""

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """The weighted joint loss of one batch; its randomness depends on seed and step only."""
        # By step and not by epoch: starting a data loader draws a number too, and a resumed run
        # starts it at another moment.
        torch.manual_seed((self.train_config.seed << 32) + self.global_step)
        pixels = batch["pixels"]
        if self.train_config.flip:
            pixels = _mirror_half(pixels, seed=[self.train_config.seed, self.global_step])
        parts = joint_losses(self.net(pixels), batch, variance=self.variance)
        total = weighted_sum(parts, self.loss_config)
        self.log("loss", total.detach(), prog_bar=True)
        self.log_dict({f"train/{name}": part.detach() for name, part in parts.items()})
        return total

    def on_train_batch_end(self, outputs: object, batch: Batch, batch_idx: int) -> None:
        """Take the new weights into the moving average."""
        self.averaged.update_parameters(self.net)

    @property
    def kept_net(self) -> JointNet:
        """The network that is validated and kept: the one with averaged weights."""
        net = self.averaged.module
        assert isinstance(net, JointNet)
        return net

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Keep logits and labels; figures need all of them."""
        logits = self.kept_net(batch["pixels"])
        kept = {"mean": batch["mean"], "shares": batch["shares"], "label": batch["emotion_label"]}
        self._seen.append({**{task: out.float() for task, out in logits.items()}, **kept})

    def on_validation_epoch_end(self) -> None:
        """Figures of both tasks, and ``val/score``, by which the best model is chosen."""
        self.validation = {
            name: torch.cat([part[name] for part in self._seen]).cpu().numpy()
            for name in self._seen[0]
        }
        self._seen.clear()
        figures = validation_figures(self.validation)
        self.log_dict({f"val/{name}": value for name, value in figures.items()})
        shown = ("score", "srcc", "emotion_accuracy")
        self.log_dict({k: figures[k] for k in shown if k in figures}, prog_bar=True, logger=False)

    def configure_optimizers(self) -> Any:
        """AdamW with faster heads; warm-up, then a cosine down to zero, step by step."""
        config = self.train_config
        optimizer = torch.optim.AdamW(param_groups(self.net, config), lr=config.lr)
        steps = int(self.trainer.estimated_stepping_batches)
        warmup = max(1, round(steps * config.warmup))

        def rate(step: int) -> float:
            if step < warmup:
                return (step + 1) / warmup
            return 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup)))

        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def param_groups(net: JointNet, config: TrainConfig) -> list[dict[str, Any]]:
    """AdamW's groups: heads faster than the backbone; vectors (biases, scales) never decayed."""
    groups: dict[tuple[bool, bool], list[torch.nn.Parameter]] = {}
    for name, parameter in net.named_parameters():
        if parameter.requires_grad:
            groups.setdefault((name.startswith("heads."), parameter.ndim > 1), []).append(parameter)
    return [
        {
            "params": parameters,
            "lr": config.lr * (config.head_lr_factor if is_head else 1.0),
            "weight_decay": config.weight_decay if decays else 0.0,
        }
        for (is_head, decays), parameters in groups.items()
    ]


def _mirror_half(pixels: Tensor, *, seed: list[int]) -> Tensor:
    """Mirror each photo left to right with chance one half; (N, H, W, 3) -> the same."""
    mirrored = np.random.default_rng(seed).random(len(pixels)) < 0.5
    chosen = torch.from_numpy(mirrored).to(pixels.device).view(-1, 1, 1, 1)
    return torch.where(chosen, pixels.flip(2), pixels)


def validation_figures(outputs: Arrays) -> dict[str, float]:
    """Figures from logits and labels; a task without labels has none.

    Returns:
        ``srcc``, ``plcc``; ``emd`` and ``std_mae`` (before calibration) where shares are known;
        ``emotion_accuracy``, ``emotion_macro_f1``; and ``score``, the mean of SRCC and emotion
        accuracy (of those there are): the figure that chooses the best model.
    """
    figures: dict[str, float] = {}
    shares = softmax(outputs["aesthetic"])
    rated = ~np.isnan(outputs["mean"])
    if rated.sum() > 1:
        figures["srcc"] = srcc(level_mean(shares[rated]), outputs["mean"][rated])
        figures["plcc"] = plcc(level_mean(shares[rated]), outputs["mean"][rated])
    known = ~np.isnan(outputs["shares"]).any(axis=1)
    if known.any():
        truth = outputs["shares"][known]
        figures["emd"] = float(emd(shares[known], truth).mean())
        figures["std_mae"] = float(np.abs(level_std(shares[known]) - level_std(truth)).mean())
    labelled = outputs["label"] >= 0
    if labelled.any():
        predicted = outputs["emotion"][labelled].argmax(axis=1)
        labels = outputs["label"][labelled]
        figures["emotion_accuracy"] = accuracy(predicted, labels)
        figures["emotion_macro_f1"] = macro_f1(predicted, labels, len(EMOTIONS))
    main = [figures[name] for name in ("srcc", "emotion_accuracy") if name in figures]
    figures["score"] = float(np.mean(np.nan_to_num(main))) if main else 0.0
    return figures
