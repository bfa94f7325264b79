"""How far the scores of a data set are from a Gaussian, and bins that fit their steps."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtr

from iae.metrics import Interval
from iae.stats.count_bootstrap import Counts, bootstrap_counts

MIN_SCORES = 8
"""With fewer scores a fit says nothing, and the critical values below are not good."""

_LEAST_VALUES = 8  # two or three values have a common divisor by chance


@dataclass(frozen=True, kw_only=True)
class GaussianFit:
    """A Gaussian with the mean and sd of the scores, and how well it describes them.

    At many thousand scores every real distribution is rejected, however near it is, so the tests
    are to be read with ``gap``, which says how far off the Gaussian is.
    """

    scores: int
    distinct: int
    """Different scores; few when they are means of few ratings on few levels."""
    mean: float
    sd: float
    """With N - 1."""
    skewness: float
    """g1; 0 for a Gaussian."""
    kurtosis: float
    """Excess, g2; 0 for a Gaussian."""
    ks: Interval
    """Kolmogorov-Smirnov's D, the largest gap between the two CDFs, in [0, 1]; bootstrap interval.
    A sample of few distinct scores has at least half of its largest step."""
    ks_critical: tuple[float, float]
    """What D exceeds in 5 % and in 1 % of samples of a Gaussian whose mean and sd are estimated
    (Lilliefors 1967, in the form of Stephens 1974): the usual table of D does not hold."""
    gap: Interval
    """Largest CDF gap half-way between neighbouring distinct scores, in [0, 1]: what is left of D
    when the steps themselves are not held against the Gaussian. The effect size."""
    anderson: float
    """Anderson-Darling's A², which weighs the tails more."""
    anderson_critical: tuple[float, float]
    """What A² exceeds in 5 % and in 1 % of such samples (D'Agostino & Stephens 1986, case 3)."""


def gaussian_fit(
    scores: NDArray[np.floating],
    *,
    groups: NDArray[np.intp] | None = None,
    resamples: int = 1000,
    seed: int = 0,
) -> GaussianFit:
    """Fit a Gaussian to (N,) scores and test it.

    The intervals are of the percentile bootstrap: mean and sd are estimated anew in each draw, and
    groups are drawn whole. A drawn gap is a little larger than the true one, by about .5 / √N.

    Args:
        scores: (N,) without NaN.
        groups: (N,) group numbers from 0 without gaps, or None.
        resamples: bootstrap draws.
        seed: of the draws.

    Raises:
        ValueError: fewer than 8 scores, or all of them equal.
    """
    values, kind = np.unique(scores, return_inverse=True)
    if len(scores) < MIN_SCORES or len(values) < 2:
        raise ValueError(f"{len(scores)} scores, {len(values)} distinct; wanted at least "
                         f"{MIN_SCORES}, not all equal")  # fmt: skip
    mean, sd = float(np.mean(scores)), float(np.std(scores, ddof=1))
    z = (scores - mean) / np.std(scores)
    root = math.sqrt(len(scores))
    ks, gap = bootstrap_counts(
        lambda counts: _gaps(counts, values), kind, len(values),
        groups=groups, resamples=resamples, seed=seed,
    )  # fmt: skip
    lilliefors = root - 0.01 + 0.85 / root
    shrink = 1 + 0.75 / len(scores) + 2.25 / len(scores) ** 2
    return GaussianFit(
        scores=len(scores),
        distinct=len(values),
        mean=mean,
        sd=sd,
        skewness=float(np.mean(z**3)),
        kurtosis=float(np.mean(z**4)) - 3,
        ks=ks,
        ks_critical=(0.895 / lilliefors, 1.035 / lilliefors),
        gap=gap,
        anderson=_anderson((np.sort(scores) - mean) / sd),
        anderson_critical=(0.752 / shrink, 1.035 / shrink),
    )


def _gaps(counts: Counts, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Counts (B, K) of the sorted distinct values (K,) -> (B, 2): D, and the gap between steps."""
    total = counts.sum(axis=1, keepdims=True)
    mean = counts @ values[:, None] / total  # (B, 1)
    variance = counts @ (values**2)[:, None] / total - mean**2
    with np.errstate(divide="ignore", invalid="ignore"):
        sd = np.sqrt(np.maximum(variance, 0) * total / (total - 1))
        sd[sd < 1e-9] = np.nan  # one value only was drawn
    below = np.cumsum(counts, axis=1) / total  # (B, K): CDF at each value
    gaussian = ndtr((values - mean) / sd)
    largest = np.maximum(np.abs(below - gaussian), np.abs(below - counts / total - gaussian))
    between = ndtr(((values[1:] + values[:-1]) / 2 - mean) / sd)
    return np.column_stack([largest.max(axis=1), np.abs(below[:, :-1] - between).max(axis=1)])


def _anderson(z: NDArray[np.float64]) -> float:
    """A² of sorted standardised values (N,) (Anderson & Darling 1954)."""
    n = len(z)
    weights = 2 * np.arange(1, n + 1) - 1
    return float(-n - np.mean(weights * (log_ndtr(z) + log_ndtr(-z[::-1]))))


def score_step(scores: NDArray[np.floating]) -> float | None:
    """The step between the values that scores can take, or None where there is none to see.

    Means of ten ratings on 1, 4, 7 and 10 lie .3 apart. It is the greatest common divisor of the
    differences between the most frequent values, those of a quarter of the scores and at least
    eight: means of another number of raters, if they are the fewer, do not hide the step.
    """
    values, counts = np.unique(np.round(scores, 9), return_counts=True)
    order = np.argsort(-counts, kind="stable")
    needed = int(np.searchsorted(np.cumsum(counts[order]), len(scores) / 4)) + 1
    frequent = np.sort(values[order[: max(needed, _LEAST_VALUES)]])
    if len(frequent) < 2:
        return None
    step = 0.0
    for difference in np.unique(np.diff(frequent)):
        step = _common_divisor(float(difference), step)
    return step if step > (values[-1] - values[0]) / 2000 else None


def _common_divisor(a: float, b: float) -> float:
    while b > 1e-6:  # scores are rounded to nine decimals, so less than this is 0
        a, b = b, a % b
        if a - b < 1e-6:  # a % b just short of a is 0 as well
            b = 0.0
    return a


def score_bins(scores: NDArray[np.floating]) -> NDArray[np.float64]:
    """Edges of histogram bins; (N,) -> (B + 1,).

    As wide as Freedman & Diaconis (1981) advise, in whole steps where the scores have steps, with
    the edges half-way between possible values: other bins would hold now two, now three of the
    possible values and show teeth that are not there. Between 1 and about 80 bins.
    """
    low, high = float(np.min(scores)), float(np.max(scores))
    quartiles = np.quantile(scores, (0.25, 0.75))
    width = 2 * float(quartiles[1] - quartiles[0]) / len(scores) ** (1 / 3)
    width = max(width, (high - low) / 80) or 1.0
    step = score_step(scores)
    if step is None:
        return low + np.arange(max(1, math.ceil((high - low) / width)) + 1) * width
    width = max(1, round(width / step)) * step
    start = _most_frequent(scores) - step / 2
    start += math.floor((low - start) / width) * width
    return start + np.arange(math.floor((high - start) / width) + 2) * width


def _most_frequent(scores: NDArray[np.floating]) -> float:
    """It lies on the grid, whatever others do."""
    values, counts = np.unique(np.round(scores, 9), return_counts=True)
    return float(values[counts.argmax()])
