"""How far people agree on the better of two shots: the ceiling of whoever predicts it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iae.data.records import PairVotes, PhotoPair
from iae.metrics import Interval, bootstrap
from iae.stats.bradley_terry import SeriesFit, by_series, fit_series


@dataclass(frozen=True, kw_only=True)
class PairStatistics:
    """What a pair list says of how far people agree, and whether it is consistent."""

    pairs: int
    series: int
    ties: int
    """Pairs with a share of exactly .5: neither photo is the better one."""
    majority_share: Interval
    """Mean of max(share, 1 - share): how many agree with the majority; drawn over series."""
    first_preferred: float
    """Share of pairs, ties apart, whose first photo is preferred: what always saying so gets."""
    chance_top1: float
    """Mean over series of 1 / photos: how often a blind choice is the best photo."""
    first_top1: float
    """Share of series with one best photo where that is the one with the smallest number."""
    contradictions: int
    """Pairs, ties apart, whose share prefers one photo and whose ranks the other."""
    misfit: "Misfit | None"
    """How far Bradley-Terry utilities are from the shares; None without series of three photos."""


@dataclass(frozen=True, kw_only=True)
class Misfit:
    """Distance of stated shares from those of one Bradley-Terry model a series, of 3 photos up."""

    series: int
    pairs: int
    largest: float
    """Largest distance of a stated and a fitted share, in [0, 1]."""
    within_003: float
    """Share of pairs at most .003 away."""
    same_order: int
    """Series whose published ranks are the order of the utilities, tied photos in any order."""
    tied: int
    """Series among them in which two photos of different rank have the same utility."""


def pair_statistics(pairs: Sequence[PhotoPair], *, resamples: int = 1000) -> PairStatistics:
    """Count and fit one pair list (of one split).

    Raises:
        ValueError: there is no pair.
    """
    if not pairs:
        raise ValueError("no pair")
    share = np.array([pair.share for pair in pairs])
    series = by_series(pairs)
    number = {name: index for index, name in enumerate(series)}
    majority = np.maximum(share, 1 - share)
    decided = [pair for pair in pairs if pair.share != 0.5]
    return PairStatistics(
        pairs=len(pairs),
        series=len(series),
        ties=len(pairs) - len(decided),
        majority_share=bootstrap(
            lambda drawn: float(majority[drawn].mean()),
            len(pairs),
            groups=np.array([number[pair.series] for pair in pairs]),
            resamples=resamples,
        ),
        first_preferred=float((share > 0.5).sum() / max(len(decided), 1)),
        chance_top1=float(np.mean([1 / len(_photos(of)) for of in series.values()])),
        first_top1=_first_top1(series.values()),
        contradictions=sum(contradicts(pair) for pair in decided),
        misfit=_misfit([fit_series(of) for of in series.values() if len(_photos(of)) >= 3]),
    )


def contradicts(pair: PhotoPair) -> bool:
    """Whether the share prefers one photo and the ranks the other; never so for a tie at .5.

    Equal ranks contradict any share but .5; a missing rank contradicts nothing.
    """
    if pair.share == 0.5 or pair.rank_a is None or pair.rank_b is None:
        return False
    return pair.rank_a == pair.rank_b or (pair.share > 0.5) != (pair.rank_a < pair.rank_b)


def _photos(pairs: Sequence[PhotoPair]) -> set[str]:
    return {name for pair in pairs for name in (pair.photo_a, pair.photo_b)}


def _first_top1(series: Iterable[Sequence[PhotoPair]]) -> float:
    hits = []
    for pairs in series:
        ranks = {p.photo_a: p.rank_a for p in pairs} | {p.photo_b: p.rank_b for p in pairs}
        best = [name for name, rank in ranks.items() if rank == 1]
        if len(best) == 1:
            hits.append(best[0] == min(ranks))
    return float(np.mean(hits)) if hits else float("nan")


def _misfit(fits: Sequence[SeriesFit]) -> Misfit | None:
    if not fits:
        return None
    misfits = np.concatenate([fit.misfits for fit in fits])
    return Misfit(
        series=len(fits),
        pairs=len(misfits),
        largest=float(misfits.max()),
        within_003=float((misfits <= 0.003).mean()),
        same_order=sum(fit.agrees_with_ranks is True for fit in fits),
        tied=sum(fit.agrees_with_ranks is True and fit.tied for fit in fits),
    )


@dataclass(frozen=True, kw_only=True)
class HumanCeiling:
    """How often one vote agrees with the majority of the other votes on the same pair.

    Nobody who predicts single votes can be right more often than the majority of people is.
    """

    pairs: int
    votes: int
    ties_half: Interval
    """Share of votes, ties among the others counted as half; drawn over series."""
    ties_dropped: Interval
    """The same without the votes whose others are tied or absent."""


def human_ceiling(votes: Sequence[PairVotes], *, resamples: int = 1000) -> HumanCeiling:
    """Leave-one-vote-out agreement over pairs.

    Each of the ``a`` votes for a photo meets the others, ``a - 1`` against ``b``: it agrees with
    their majority when a - 1 > b. A pair with a single vote has no others: a tie.

    Raises:
        ValueError: there is no vote.
    """
    a = np.array([pair.votes_a for pair in votes], dtype=float)
    b = np.array([pair.votes_b for pair in votes], dtype=float)
    total = a + b
    if total.sum() == 0:
        raise ValueError("no vote")
    agree = np.where(a - 1 > b, a, 0.0) + np.where(b - 1 > a, b, 0.0)
    tied = np.where(a - 1 == b, a, 0.0) + np.where(b - 1 == a, b, 0.0)
    names = {name: index for index, name in enumerate(dict.fromkeys(v.series for v in votes))}
    groups = np.array([names[pair.series] for pair in votes])

    def over_series(hits: NDArray[np.float64], counted: NDArray[np.float64]) -> Interval:
        return bootstrap(
            lambda drawn: _ratio(hits[drawn].sum(), counted[drawn].sum()),
            len(votes), groups=groups, resamples=resamples,
        )  # fmt: skip

    return HumanCeiling(
        pairs=len(votes),
        votes=int(total.sum()),
        ties_half=over_series(agree + tied / 2, total),
        ties_dropped=over_series(agree, total - tied),
    )


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else float("nan")
