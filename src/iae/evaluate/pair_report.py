"""Preferences of a model and of simple rules become figures with intervals. Opens no file."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from iae.data.pair_set import PairSet
from iae.metrics import Interval, bootstrap, expected_calibration_error
from iae.metrics.pairwise import (
    BANDS,
    agreement_band,
    best_found,
    both_orders,
    pair_agreement,
    pair_hits,
    pair_log_loss,
    preference,
)
from iae.stats.bradley_terry import by_series, fit_series

Floats = NDArray[np.float64]

_TIED = 1e-6
"""Utilities of people this close are one; what a solver leaves of a share of one half."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Opinion:
    """What one judge thinks of the photos of a ``PairSet``."""

    name: str
    utilities: Floats
    """(N, 2) as the first and as the second photo of a pair; equal where the order is no matter."""
    is_probability: bool = False
    """Whether differences are log-odds; otherwise they give an order and nothing else."""


@dataclass(frozen=True, kw_only=True)
class PairReport:
    """The whole evaluation of one judge on pairs, with others beside it."""

    model: str
    source: str
    split: str
    pairs: int
    series: int
    listed: int
    """Pairs that were asked for."""
    missing: dict[str, str]
    """Photo -> why it is not there; its pairs are left out."""
    ties: int
    """Pairs at a share of exactly one half: in no accuracy, but in agreement, log-loss and ECE."""
    series_with_ties: int
    """Series in which two photos or more are best by the shares; any of them is right."""
    series_without_order: int
    """Series whose pairs do not link all photos; they have no best one and are in no top figure."""
    rows: dict[str, dict[str, Interval]]
    """Judge -> figure -> value and 95 % bootstrap interval, whole series being drawn."""
    bands: dict[str, dict[str, Interval | int]]
    """Agreement of people -> pairs, and the model's accuracy and agreement there."""
    best: dict[str, float] = field(default_factory=dict)
    """What answering each pair as the shares do would get: agreement and log-loss."""


def report_pairs(
    pairs: PairSet, judges: list[Opinion], *, source: str, split: str, resamples: int = 1000
) -> PairReport:
    """Figures of the first judge, the model, and of those it is held against."""
    bests = best_photos(pairs)
    own = [Opinion(name="chance", utilities=np.zeros((len(pairs.photos), 2)), is_probability=True),
           Opinion(name="first photo", utilities=_earlier_first(len(pairs.photos)))]  # fmt: skip
    model, *rules = judges
    everyone = [model, *own, *rules]
    shares = np.maximum(pairs.share, 1 - pairs.share)
    return PairReport(
        model=model.name,
        source=source,
        split=split,
        pairs=len(pairs.pairs),
        series=len(pairs.series_names),
        listed=pairs.listed,
        missing=dict(pairs.missing),
        ties=int((pairs.share == 0.5).sum()),
        series_with_ties=sum(len(best) > 1 for best in bests.values()),
        series_without_order=len(pairs.series_names) - len(bests),
        rows={judge.name: judge_figures(pairs, judge, bests, resamples) for judge in everyone},
        bands=band_figures(pairs, model, resamples),
        best={
            "agreement": float(shares.mean()),
            "log_loss": float(
                pair_log_loss(np.log(np.clip(pairs.share, 1e-6, 1 - 1e-6))
                              - np.log(np.clip(1 - pairs.share, 1e-6, 1 - 1e-6)),
                              pairs.share).mean()
            ),
        },
    )  # fmt: skip


def best_photos(pairs: PairSet) -> dict[int, list[int]]:
    """Series -> numbers of its best photos by the Bradley-Terry utilities of its shares.

    A series whose pairs do not link all of its photos is left out.
    """
    number = {name: k for k, name in enumerate(pairs.photos)}
    found = {}
    for k, listed in enumerate(by_series(pairs.pairs).values()):
        fit = fit_series(listed)
        if fit.connected:
            top = fit.utilities >= fit.utilities.max() - _TIED
            found[k] = [number[name] for name, one in zip(fit.photos, top, strict=True) if one]
    return found


def judge_figures(
    pairs: PairSet, judge: Opinion, bests: Mapping[int, list[int]], resamples: int
) -> dict[str, Interval]:
    """All figures of one judge; log-loss and ECE only of one that gives probabilities."""
    logits = both_orders(judge.utilities, pairs.first, pairs.second)
    hits = np.stack([pair_hits(row, pairs.share) for row in logits])
    agreement = np.mean([pair_agreement(row, pairs.share) for row in logits], axis=0)
    by_pair = {
        "accuracy": hits.mean(axis=0),
        "accuracy_as_listed": hits[0],
        "accuracy_swapped": hits[1],
        "answers_by_order": (np.sign(logits[0]) != np.sign(logits[1])).astype(float),
        "agreement": agreement,
    }
    if judge.is_probability:
        losses = [pair_log_loss(row, pairs.share) for row in logits]
        by_pair["log_loss"] = np.mean(losses, axis=0)
    found = {name: _mean(v, pairs.series, resamples) for name, v in by_pair.items()}
    if judge.is_probability:
        found["ece"] = _calibration(pairs, logits, resamples)
    found |= _series_figures(pairs, judge.utilities.mean(axis=1), bests, resamples)
    return found


def band_figures(
    pairs: PairSet, judge: Opinion, resamples: int
) -> dict[str, dict[str, Interval | int]]:
    """Accuracy and agreement by how far people agree; bands without a pair are left out."""
    logits = both_orders(judge.utilities, pairs.first, pairs.second)
    hits = np.mean([pair_hits(row, pairs.share) for row in logits], axis=0)
    agreement = np.mean([pair_agreement(row, pairs.share) for row in logits], axis=0)
    band = agreement_band(pairs.share)
    found: dict[str, dict[str, Interval | int]] = {}
    for k, (low, high) in enumerate(BANDS):
        inside = np.flatnonzero(band == k)
        if len(inside):
            series = pairs.series[inside]
            found[f"{low:.1f} – {high:.1f}"] = {
                "pairs": len(inside),
                "accuracy": _mean(hits[inside], series, resamples),
                "agreement": _mean(agreement[inside], series, resamples),
            }
    return found


def _earlier_first(count: int) -> Floats:
    """Utilities that prefer the photo with the smaller number; (N, 2)."""
    return np.repeat(-np.arange(count, dtype=float)[:, None], 2, axis=1)


def _mean(values: Floats, groups: NDArray[np.intp] | None, resamples: int) -> Interval:
    def figure(drawn: NDArray[np.intp]) -> float:
        known = values[drawn]
        known = known[~np.isnan(known)]
        return float(known.mean()) if known.size else float("nan")

    return bootstrap(figure, len(values), groups=groups, resamples=resamples)


def _calibration(pairs: PairSet, logits: Floats, resamples: int) -> Interval:
    """Of both photos of each pair in both orders, so that no order is favoured."""
    stated = preference(np.concatenate([logits, -logits]))  # (4, P)
    true = np.stack([pairs.share, pairs.share, 1 - pairs.share, 1 - pairs.share])

    def figure(drawn: NDArray[np.intp]) -> float:
        return expected_calibration_error(stated[:, drawn].ravel(), true[:, drawn].ravel())

    return bootstrap(figure, len(pairs.share), groups=pairs.series, resamples=resamples,
                     pivotal=True)  # fmt: skip


def _series_figures(
    pairs: PairSet, utility: Floats, bests: Mapping[int, list[int]], resamples: int
) -> dict[str, Interval]:
    members: dict[int, set[int]] = {}
    for a, b, k in zip(pairs.first, pairs.second, pairs.series, strict=True):
        members.setdefault(int(k), set()).update((int(a), int(b)))
    found = np.array(
        [best_found(utility[sorted(members[k])], np.isin(sorted(members[k]), best))
         for k, best in bests.items()]
    ).reshape(-1, 3)  # fmt: skip
    if not len(found):
        return {}
    names = ("top1", "top2", "mrr")
    return {name: _mean(found[:, k], None, resamples) for k, name in enumerate(names)}
