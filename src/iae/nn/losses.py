"""Losses over a batch in which any label may be missing. A missing label adds nothing."""

from collections.abc import Mapping

import torch
from torch import Tensor

from iae.config import LossConfig
from iae.nn.joint import expected_score


def mean_score_loss(level_logits: Tensor, mean: Tensor, *, variance: float) -> Tensor:
    """Squared error of the distribution's mean, in units of the labels' variance.

    Args:
        level_logits: (N, 4) logits of the levels, worst first.
        mean: (N,) rated mean score in [1, 10]; NaN where unknown.
        variance: of the rated means in training, so that 1 is what a constant guess gets.

    Returns:
        () mean over the photos with a known mean; 0, with gradient 0, if there is none.
    """
    known = ~mean.isnan()
    error = expected_score(level_logits) - mean.where(known, 0.0)
    return _masked_mean(error.pow(2) / variance, known.to(error.dtype))


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
    known = ~shares.isnan().any(dim=1)
    target = shares.where(known[:, None], 0.0)
    cdf_gap = level_logits.softmax(dim=1).cumsum(dim=1) - target.cumsum(dim=1)  # (N, 4)
    return _masked_mean(cdf_gap.pow(2).mean(dim=1), known.to(cdf_gap.dtype))


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
    log_probs = logits.masked_fill(~offered, float("-inf")).log_softmax(dim=1)
    # 0 * -inf would be NaN where an emotion was not offered.
    per_photo = -(target * log_probs.where(offered, 0.0)).sum(dim=1)
    return _masked_mean(per_photo, weight)


def _masked_mean(values: Tensor, weight: Tensor) -> Tensor:
    return (values * weight).sum() / weight.sum().clamp(min=torch.finfo(values.dtype).eps)


def joint_losses(
    logits: Mapping[str, Tensor], batch: Mapping[str, Tensor], *, variance: float
) -> dict[str, Tensor]:
    """The unweighted parts of the joint loss, by the names of ``LossConfig``; each ()."""
    aesthetic, emotion = logits["aesthetic"].float(), logits["emotion"].float()
    return {
        "aesthetic_mean": mean_score_loss(aesthetic, batch["mean"], variance=variance),
        "level_shares": emd_loss(aesthetic, batch["shares"]),
        "emotion": emotion_loss(
            emotion, batch["emotion"], batch["emotion_offered"], batch["emotion_weight"]
        ),
    }


def weighted_sum(parts: Mapping[str, Tensor], weights: LossConfig) -> Tensor:
    """The joint loss: its parts, each times the weight of its name; ()."""
    return torch.stack([getattr(weights, name) * part for name, part in parts.items()]).sum()
