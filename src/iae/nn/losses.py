"""Losses over a batch in which any label may be missing. A missing label adds nothing.

Each loss is a mean over labels. When a batch is divided, into pieces or between processes, its mean
is not the mean of the parts' means, for they may hold more labels or fewer. So each loss is also to
be had as a :class:`LossSum`, and :func:`label_counts` tells how many labels a batch has before it
has gone through a network.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from iae.config import LossConfig
from iae.labels import SCORE_MAX, SCORE_MIN
from iae.nn.joint import expected_score


@dataclass(frozen=True)
class LossSum:
    """A loss summed over labels, and what the sum is to be divided by."""

    total: Tensor
    """() the sum over the labels, each times its weight."""
    count: Tensor
    """() the sum of the weights: the number of labels, where all have weight 1."""

    def mean(self) -> Tensor:
        """() the loss a label; 0, with gradient 0, if there is no label."""
        return self.total / self.count.clamp(min=torch.finfo(self.total.dtype).eps)


def mean_score_loss(level_logits: Tensor, mean: Tensor, *, variance: float) -> Tensor:
    """Squared error of the distribution's mean, in units of the labels' variance.

    Args:
        level_logits: (N, 4) logits of the levels, worst first.
        mean: (N,) rated mean score in [1, 10]; NaN where unknown.
        variance: of the rated means in training, so that 1 is what a constant guess gets.

    Returns:
        () mean over the photos with a known mean; 0, with gradient 0, if there is none.
    """
    return mean_score_sum(level_logits, mean, variance=variance).mean()


def mean_score_sum(level_logits: Tensor, mean: Tensor, *, variance: float) -> LossSum:
    """What :func:`mean_score_loss` is the mean of."""
    known = _known_means(mean)
    error = expected_score(level_logits) - mean.where(known, 0.0)
    return _masked_sum(error.pow(2) / variance, known.to(error.dtype))


def emd_loss(level_logits: Tensor, shares: Tensor) -> Tensor:
    """Squared earth mover's distance between predicted and rated level shares.

    The training loss of NIMA (Talebi & Milanfar 2018, eq. 1, r = 2, without the root, whose
    gradient is unbounded at a perfect prediction): ``mean_k (CDF(p)_k - CDF(q)_k)^2``.

    Args:
        level_logits: (N, 4) logits of the levels, worst first.
        shares: (N, 4) share of raters per level; a row of NaN where unknown.

    Returns:
        () in [0, 1], mean over the photos with known shares; 0 if there is none.
    """
    return emd_sum(level_logits, shares).mean()


def emd_sum(level_logits: Tensor, shares: Tensor) -> LossSum:
    """What :func:`emd_loss` is the mean of."""
    known = _known_shares(shares)
    target = shares.where(known[:, None], 0.0)
    cdf_gap = level_logits.softmax(dim=1).cumsum(dim=1) - target.cumsum(dim=1)  # (N, 4)
    return _masked_sum(cdf_gap.pow(2).mean(dim=1), known.to(cdf_gap.dtype))


def emotion_loss(logits: Tensor, target: Tensor, offered: Tensor, weight: Tensor) -> Tensor:
    """Cross-entropy against an emotion distribution, over the emotions that were offered.

    Args:
        logits: (N, 8) logits of the emotions.
        target: (N, 8) wanted probabilities; 0 where not offered, rows sum to 1.
        offered: (N, 8) bool; an emotion the raters could not choose is left out of the softmax,
            so its absence is no evidence against it.
        weight: (N,) how much each photo counts; 0 where its emotion is unknown.

    Returns:
        () weighted mean; 0 if all weights are 0.
    """
    return emotion_sum(logits, target, offered, weight).mean()


def emotion_sum(logits: Tensor, target: Tensor, offered: Tensor, weight: Tensor) -> LossSum:
    """What :func:`emotion_loss` is the weighted mean of."""
    log_probs = logits.masked_fill(~offered, float("-inf")).log_softmax(dim=1)
    # 0 * -inf would be NaN where an emotion was not offered.
    per_photo = -(target * log_probs.where(offered, 0.0)).sum(dim=1)
    return _masked_sum(per_photo, weight)


def attribute_sum(outputs: Tensor, means: Tensor, *, variance: float) -> LossSum:
    """Squared errors of other questions' mean ratings, in units of a variance.

    Args:
        outputs: (N, A) what the head says, counted from the middle of the scale.
        means: (N, A) rated means in [1, 10]; NaN where unknown.
        variance: of the rated aesthetic means in training.

    Returns:
        The sum over all known ratings; its mean is 0 if there is none.
    """
    known = ~means.isnan()
    error = outputs + (SCORE_MIN + SCORE_MAX) / 2 - means.where(known, 0.0)
    return _masked_sum(error.pow(2) / variance, known.to(error.dtype))


def _known_means(mean: Tensor) -> Tensor:
    return ~mean.isnan()


def _known_shares(shares: Tensor) -> Tensor:
    return ~shares.isnan().any(dim=1)


def _masked_sum(values: Tensor, weight: Tensor) -> LossSum:
    return LossSum((values * weight).sum(), weight.sum())


def joint_losses(
    logits: Mapping[str, Tensor], batch: Mapping[str, Tensor], *, variance: float
) -> dict[str, Tensor]:
    """The unweighted parts of the joint loss, by the names of ``LossConfig``; each ()."""
    sums = joint_loss_sums(logits, batch, variance=variance)
    return {name: part.mean() for name, part in sums.items()}


def joint_loss_sums(
    logits: Mapping[str, Tensor], batch: Mapping[str, Tensor], *, variance: float
) -> dict[str, LossSum]:
    """What :func:`joint_losses` are the means of, for batches that are divided."""
    aesthetic, emotion = logits["aesthetic"].float(), logits["emotion"].float()
    sums = {
        "aesthetic_mean": mean_score_sum(aesthetic, batch["mean"], variance=variance),
        "level_shares": emd_sum(aesthetic, batch["shares"]),
        "emotion": emotion_sum(
            emotion, batch["emotion"], batch["emotion_offered"], batch["emotion_weight"]
        ),
    }
    if "attributes" in logits:
        outputs = logits["attributes"].float()
        sums["attributes"] = attribute_sum(outputs, batch["attributes"], variance=variance)
    return sums


def label_counts(batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The counts of :func:`joint_loss_sums`, from the labels alone; each ()."""
    counts = {
        "aesthetic_mean": _known_means(batch["mean"]).float().sum(),
        "level_shares": _known_shares(batch["shares"]).float().sum(),
        "emotion": batch["emotion_weight"].float().sum(),
    }
    if "attributes" in batch:
        counts["attributes"] = (~batch["attributes"].isnan()).float().sum()
    return counts


def weighted_sum(parts: Mapping[str, Tensor], weights: LossConfig) -> Tensor:
    """The joint loss: its parts, each times the weight of its name; ()."""
    return torch.stack([getattr(weights, name) * part for name, part in parts.items()]).sum()
