"""Corrections fitted on validation, and whether a probability of .8 is right eight in ten."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iae.labels import HIGH_THRESHOLD, SCORE_MAX, SCORE_MIN
from iae.metrics.distribution import level_mean, level_std, normal_cdf

INTERVAL_COVERAGE = 0.9
"""Share of rated means that the interval of a score is made to hold."""


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """A few numbers fitted on validation photos; the defaults correct nothing but P(high)."""

    emotion_temperature: float = 1.0
    """Emotion logits are divided by this (Guo et al. 2017); an exported model has done so."""
    high_sigma: float = 1.0
    """Standard deviation of the error of predicted means that P(high) reckons with, in points."""
    spread_offset: float = 0.0
    spread_slope: float = 1.0
    """Spread = offset + slope * standard deviation of the level shares, in points. Networks that
    see few score distributions exaggerate how much spreads differ from photo to photo."""
    margin_if_low: float | None = None
    margin_if_high: float | None = None
    """Half the width of the 90 % interval of scores below 5, and of 5 and above, in points (split
    conformal, :func:`iae.metrics.conformal_margin`). None: not fitted; models of before have none.
    """

    def high_prob(self, level_probs: ArrayLike) -> NDArray[np.float64]:
        """Probability that the mean rating is 5 or more; (..., 4) -> (...) in [0, 1]."""
        return normal_cdf((level_mean(level_probs) - HIGH_THRESHOLD) / self.high_sigma)

    def spread(self, level_probs: ArrayLike) -> NDArray[np.float64]:
        """Predicted spread of single ratings around their mean; (..., 4) -> (...) in [0, 4.5]."""
        spread = self.spread_offset + self.spread_slope * level_std(level_probs)
        limited: NDArray[np.float64] = np.clip(spread, 0, (SCORE_MAX - SCORE_MIN) / 2)
        return limited

    def interval(self, level_probs: ArrayLike) -> NDArray[np.float64] | None:
        """Bounds that hold the mean rating of 90 % of photos; (..., 4) -> (..., 2) in [1, 10].

        Lower and upper bound; cut where the scale ends, which loses no rating. None where no
        margins were fitted.
        """
        if self.margin_if_low is None or self.margin_if_high is None:
            return None
        score = level_mean(level_probs)
        margin = np.where(score < HIGH_THRESHOLD, self.margin_if_low, self.margin_if_high)
        bounds = np.stack([score - margin, score + margin], axis=-1)
        return np.clip(bounds, SCORE_MIN, SCORE_MAX)


def expected_calibration_error(
    confidence: ArrayLike, correct: ArrayLike, *, bins: int = 15
) -> float:
    """Expected calibration error over equally wide bins (Guo et al. 2017, eq. 3).

    Args:
        confidence: (N,) stated probabilities in [0, 1].
        correct: (N,) whether what was stated came true, 0 or 1.
        bins: number of bins between 0 and 1.

    Returns:
        A value in [0, 1]: the mean gap between confidence and accuracy, weighted by how many
        images fall into each bin. NaN without images.
    """
    stated, came_true = np.asarray(confidence, np.float64), np.asarray(correct, np.float64)
    if stated.size == 0:
        return float("nan")
    index = np.clip(np.ceil(stated * bins).astype(int) - 1, 0, bins - 1)
    gap = np.bincount(index, weights=came_true - stated, minlength=bins)
    return float(np.abs(gap).sum() / stated.size)


def calibrated_ece(
    confidence: ArrayLike, *, bins: int = 15, draws: int = 200, seed: int = 0
) -> float:
    """The calibration error that these probabilities would show if every one of them were true.

    A finite set of photos never comes out even: a perfectly calibrated model has an ECE above 0
    too, and the more so the fewer photos there are. This is its mean when outcomes are drawn as
    stated (the consistency resampling of Bröcker & Smith 2007); an ECE near it finds no fault.

    Args:
        confidence: (N,) stated probabilities in [0, 1].
        bins: number of bins between 0 and 1.
        draws: outcomes drawn for the mean.
        seed: of the draws.

    Returns:
        A value in [0, 1]; NaN without images.
    """
    stated, rng = np.asarray(confidence, np.float64), np.random.default_rng(seed)
    return float(
        np.mean(
            [
                expected_calibration_error(stated, rng.random(stated.shape) < stated, bins=bins)
                for _ in range(draws)
            ]
        )
    )
