"""Whether images of positive emotions are more often of high quality."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iae.labels import EMOTIONS, POSITIVE_EMOTIONS
from iae.metrics import Interval
from iae.stats.count_bootstrap import Counts, bootstrap_counts
from iae.stats.counts import ImageLabels, quality_by_emotion

_Z = 1.959963984540054
"""97.5 % point of the standard normal distribution."""

Table = NDArray[np.floating] | NDArray[np.integer]
_POSITIVES = len(POSITIVE_EMOTIONS)


def odds_ratio(tables: Table) -> NDArray[np.float64]:
    """Odds of high among positive over odds of high among negative; (…, 2, 2) -> (…).

    Rows are positive and negative, columns high and low. NaN where a cell is empty: the ratio of
    the sample is then 0, infinite or undefined, and none of these is an estimate.
    """
    a, b, c, d = (tables[..., i, j].astype(np.float64) for i in (0, 1) for j in (0, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((a > 0) & (b > 0) & (c > 0) & (d > 0), a * d / (b * c), np.nan)


def wald_odds_ratio(table: NDArray[np.integer]) -> Interval:
    """The odds ratio of a (2, 2) table with Woolf's 95 % interval, exp(log OR ± 1.96 se).

    se² is the sum of the reciprocal cells (Woolf 1955); it takes images as independent. NaN where
    a cell is empty.
    """
    value = float(odds_ratio(table))
    if math.isnan(value):
        return Interval(value, value, value)
    spread = math.exp(_Z * math.sqrt((1 / table).sum()))
    return Interval(value, value / spread, value * spread)


def phi(tables: Table) -> NDArray[np.float64]:
    """The φ coefficient, Pearson's correlation of the two yes/no variables; (…, 2, 2) -> (…).

    In [-1, 1]; NaN where a row or a column is empty.
    """
    a, b, c, d = (tables[..., i, j].astype(np.float64) for i in (0, 1) for j in (0, 1))
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(margins > 0, (a * d - b * c) / np.sqrt(margins), np.nan)


def wilson_interval(hits: int, of: int) -> Interval:
    """A share with its 95 % score interval (Wilson 1927); NaN of nothing.

    Unlike a bootstrap interval it has a width when the share is 0 or 1.
    """
    if of == 0:
        return Interval(math.nan, math.nan, math.nan)
    share, z2 = hits / of, _Z * _Z
    centre = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z / (1 + z2 / of) * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    return Interval(share, max(0.0, centre - half), min(1.0, centre + half))


@dataclass(frozen=True, kw_only=True)
class PolarityClaim:
    """How quality goes with the polarity of the emotion, on images that have both."""

    table: tuple[tuple[int, int], tuple[int, int]]
    """Rows positive, negative; columns high, low."""
    grouped: bool
    """Whether images come in groups: all intervals are then of the bootstrap over whole groups,
    except Wald's, which knows no groups and is too narrow."""
    high_shares: Mapping[str, Interval]
    """``positive``, ``negative`` -> share of high images; Wilson's interval without groups."""
    difference: Interval
    """High share of positive minus that of negative; bootstrap."""
    odds_ratio: Interval
    """Bootstrap."""
    odds_ratio_wald: Interval
    phi: Interval
    """Bootstrap."""
    emotions: Mapping[str, Interval]
    """Emotion -> share of high images, as ``high_shares``; NaN of an emotion without images."""

    @property
    def direction(self) -> str:
        """``more``, ``less`` or ``unclear``: how often positive images are high, against negative.

        Unclear where the interval of the difference holds 0 or there is no difference to tell.
        """
        if self.difference.low > 0:
            return "more"
        return "less" if self.difference.high < 0 else "unclear"


def polarity_claim(labels: ImageLabels, *, resamples: int = 1000, seed: int = 0) -> PolarityClaim:
    """Test "positive emotions come with high quality" on the images that have both labels.

    Figures of an empty row are NaN.

    Raises:
        ValueError: no image has both an emotion and a quality.
    """
    both = (labels.emotion >= 0) & (labels.quality >= 0)
    if not both.any():
        raise ValueError("no image has both an emotion and a quality")
    groups = renumbered(labels.groups, both)
    intervals = bootstrap_counts(
        _figures, labels.emotion[both] * 2 + labels.quality[both], 16,
        groups=groups, resamples=resamples, seed=seed,
    )  # fmt: skip
    table = quality_by_emotion(labels)
    halves = by_polarity(table)
    if groups is None:
        shares = [wilson_interval(int(row[0]), int(row.sum())) for row in (*halves, *table)]
    else:
        shares = intervals[3:]
    (a, b), (c, d) = halves.tolist()
    return PolarityClaim(
        table=((a, b), (c, d)),
        grouped=groups is not None,
        difference=intervals[0],
        odds_ratio=intervals[1],
        odds_ratio_wald=wald_odds_ratio(halves),
        phi=intervals[2],
        high_shares=dict(zip(("positive", "negative"), shares[:2], strict=True)),
        emotions=dict(zip(EMOTIONS, shares[2:], strict=True)),
    )


def by_polarity(table: NDArray[np.integer]) -> NDArray[np.int64]:
    """Rows of eight emotions summed into two of positive and negative; (8, C) -> (2, C)."""
    return np.stack([table[:_POSITIVES].sum(axis=0), table[_POSITIVES:].sum(axis=0)])


def _figures(counts: Counts) -> NDArray[np.float64]:
    """(B, 16) -> (B, 13): difference, odds ratio, φ, two high shares, eight high shares."""
    tables = counts.reshape(-1, 8, 2)
    halves = np.stack(
        [tables[:, :_POSITIVES].sum(axis=1), tables[:, _POSITIVES:].sum(axis=1)], axis=1
    )  # (B, 2, 2)
    rows = np.concatenate([halves, tables], axis=1)  # (B, 10, 2)
    totals = rows.sum(axis=2)
    with np.errstate(invalid="ignore"):
        shares = np.where(totals > 0, rows[..., 0] / totals, np.nan)
    return np.column_stack([shares[:, 0] - shares[:, 1], odds_ratio(halves), phi(halves), shares])


def renumbered(
    groups: NDArray[np.intp] | None, chosen: NDArray[np.bool_]
) -> NDArray[np.intp] | None:
    """Group numbers of the chosen images, without gaps; None when each is alone in its group."""
    if groups is None:
        return None
    names, numbers = np.unique(groups[chosen], return_inverse=True)
    return numbers if len(names) < len(numbers) else None


@dataclass(frozen=True, kw_only=True)
class ScoreMeans:
    """Mean scores of the images of each emotion and polarity, with 95 % bootstrap intervals."""

    emotions: Mapping[str, Interval]
    """NaN of an emotion without images."""
    polarities: Mapping[str, Interval]
    """``positive``, ``negative``."""
    difference: Interval
    """Positive minus negative."""


def score_means(labels: ImageLabels, *, resamples: int = 1000, seed: int = 0) -> ScoreMeans:
    """Mean score per emotion, on the images that have a score and an emotion.

    Raises:
        ValueError: no image has both.
    """
    both = (labels.emotion >= 0) & ~np.isnan(labels.score)
    if not both.any():
        raise ValueError("no image has both an emotion and a score")
    levels, level = np.unique(labels.score[both], return_inverse=True)
    pairs, kind = np.unique(labels.emotion[both] * len(levels) + level, return_inverse=True)
    belongs = np.zeros((len(pairs), len(EMOTIONS)))  # (K, 8)
    belongs[np.arange(len(pairs)), pairs // len(levels)] = 1
    scores = levels[pairs % len(levels)]

    def figures(counts: Counts) -> NDArray[np.float64]:
        images, sums = counts @ belongs, (counts * scores) @ belongs  # (B, 8)
        images, sums = _with_polarities(images), _with_polarities(sums)  # (B, 10)
        with np.errstate(invalid="ignore"):
            means = np.where(images > 0, sums / images, np.nan)
        return np.column_stack([means[:, 0] - means[:, 1], means])

    intervals = bootstrap_counts(
        figures, kind, len(pairs), groups=renumbered(labels.groups, both),
        resamples=resamples, seed=seed,
    )  # fmt: skip
    return ScoreMeans(
        difference=intervals[0],
        polarities=dict(zip(("positive", "negative"), intervals[1:3], strict=True)),
        emotions=dict(zip(EMOTIONS, intervals[3:], strict=True)),
    )


def _with_polarities(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """(B, 8) -> (B, 10), the sums over positive and negative emotions first."""
    return np.column_stack(
        [columns[:, :_POSITIVES].sum(axis=1), columns[:, _POSITIVES:].sum(axis=1), columns]
    )
