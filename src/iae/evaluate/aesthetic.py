"""Figures of the aesthetic head: scores, the chance of high, the interval, the level shares."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from iae.data.records import ImageRecord
from iae.evaluate.figures import Figure, Figures, calibration_error, group_numbers, intervals
from iae.labels import HIGH_THRESHOLD
from iae.metrics import Calibration, accuracy, emd, level_mean, level_std, plcc, srcc

Floats = NDArray[np.float64]


def add_score_figures(
    found: Figures,
    records: Sequence[ImageRecord],
    level_probs: Floats,
    calibration: Calibration,
    resamples: int,
) -> None:
    """How well means are predicted; N photos that are rated, (N, 4)."""
    rating = np.array([record.aesthetic_mean for record in records], np.float64)
    score, groups = level_mean(level_probs), group_numbers(records)
    is_high, said_high = rating >= HIGH_THRESHOLD, score >= HIGH_THRESHOLD
    found.values |= intervals(
        groups,
        {
            "srcc": lambda i: srcc(score[i], rating[i]),
            "plcc": lambda i: plcc(score[i], rating[i]),
            "mae": lambda i: float(np.abs(score[i] - rating[i]).mean()),
            "high_low_accuracy": lambda i: accuracy(said_high[i], is_high[i]),
        },
        resamples,
    )
    share_high = is_high.mean()
    found.baselines |= {
        "srcc": 0.0,
        "plcc": 0.0,
        "mae": float(np.abs(rating - np.median(rating)).mean()),
        "high_low_accuracy": float(max(share_high, 1 - share_high)),
    }
    found.values["high_prob_ece"], found.baselines["high_prob_ece"] = calibration_error(
        groups, calibration.high_prob(level_probs), is_high, resamples
    )
    bounds = calibration.interval(level_probs)
    if bounds is not None:
        found.values |= intervals(groups, _interval_figures(bounds, rating, said_high), resamples)


def _interval_figures(
    bounds: Floats, rating: Floats, said_high: NDArray[np.bool_]
) -> dict[str, Figure]:
    """Share of ratings within the 90 % interval, also by the side it was fitted for; its width."""
    # A rating may lie on a bound; a mean of shares in single precision misses it by its rounding.
    inside = (bounds[:, 0] - 1e-6 <= rating) & (rating <= bounds[:, 1] + 1e-6)
    width = bounds[:, 1] - bounds[:, 0]

    def share_of(side: NDArray[np.bool_]) -> Figure:
        def share(i: NDArray[np.intp]) -> float:
            held = inside[i][side[i]]
            return float(held.mean()) if held.size else float("nan")

        return share

    return {
        "interval_coverage": share_of(np.ones_like(inside)),
        "interval_coverage_if_low": share_of(~said_high),
        "interval_coverage_if_high": share_of(said_high),
        "interval_width": lambda i: float(width[i].mean()),
    }


def add_share_figures(
    found: Figures,
    records: Sequence[ImageRecord],
    level_probs: Floats,
    calibration: Calibration,
    resamples: int,
) -> None:
    """How well the distribution was learned; baselines: the mean distribution of these photos."""
    truth = np.array([record.level_shares for record in records], np.float64)
    spread, true_spread = calibration.spread(level_probs), level_std(truth)
    distance = emd(level_probs, truth)
    found.values |= intervals(
        group_numbers(records),
        {
            "emd": lambda i: float(distance[i].mean()),
            "std_mae": lambda i: float(np.abs(spread[i] - true_spread[i]).mean()),
            "std_srcc": lambda i: srcc(spread[i], true_spread[i]),
        },
        resamples,
    )
    found.baselines |= {
        "emd": float(emd(truth.mean(axis=0)[None], truth).mean()),
        "std_mae": float(np.abs(true_spread - np.median(true_spread)).mean()),
        "std_srcc": 0.0,
    }
