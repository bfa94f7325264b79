"""Bradley-Terry utilities of the photos of a series, from the shares who prefer one to another.

Bradley and Terry (1952): the log-odds that photo a is preferred to photo b is the difference of
their utilities, u_a - u_b.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iae.data.records import PhotoPair

_SHARE_LIMIT = 1e-3
"""Shares are published with three digits; 0 and 1, whose log-odds are infinite, count as this far
from the end of the scale."""

_TIE = 1e-6
"""Utilities this close are tied: what the solver leaves of a share of exactly one half."""


@dataclass(frozen=True, eq=False)
class SeriesFit:
    """One series with the utilities that explain its shares best."""

    series: str
    photos: tuple[str, ...]
    """(K,) names, in order of their first appearance."""
    utilities: NDArray[np.float64]
    """(K,) log-odds, mean 0; photos of separate components are not comparable."""
    misfits: NDArray[np.float64]
    """(P,) absolute difference of stated and fitted share of each pair, in [0, 1]."""
    connected: bool
    """Whether a chain of pairs links all photos, so that all utilities are comparable."""
    agrees_with_ranks: bool | None
    """Whether the published order is the fitted one, tied photos in any order; None where ranks are
    missing or the photos are not connected."""
    tied: bool
    """Whether two photos of different rank have the same utility."""


def log_odds(share: NDArray[np.floating]) -> NDArray[np.float64]:
    """ln(share / (1 - share)); shares within .001 of 0 or 1 are moved to .001 and .999."""
    clipped = np.clip(share, _SHARE_LIMIT, 1 - _SHARE_LIMIT)
    return np.asarray(np.log(clipped / (1 - clipped)), dtype=np.float64)


def fit_utilities(
    photo_a: NDArray[np.integer], photo_b: NDArray[np.integer], share: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Least-squares utilities of K photos numbered 0 … K-1, from the log-odds of P pairs.

    Args:
        photo_a: (P,) first photo of each pair.
        photo_b: (P,) second photo of each pair.
        share: (P,) share of people who prefer the first, in [0, 1].

    Returns:
        (K,) utilities of smallest norm, so their mean is 0 in each connected component.
    """
    count = int(max(photo_a.max(), photo_b.max())) + 1
    design = np.zeros((len(share), count))
    rows = np.arange(len(share))
    design[rows, photo_a] = 1
    design[rows, photo_b] = -1
    return np.asarray(np.linalg.lstsq(design, log_odds(share), rcond=None)[0])


def by_series(pairs: Sequence[PhotoPair]) -> dict[str, list[PhotoPair]]:
    """The pairs of each series, in their order."""
    series: dict[str, list[PhotoPair]] = defaultdict(list)
    for pair in pairs:
        series[pair.series].append(pair)
    return dict(series)


def fit_series(pairs: Sequence[PhotoPair]) -> SeriesFit:
    """Utilities of one series, and how far its shares and ranks are from them."""
    photos = tuple(dict.fromkeys(name for p in pairs for name in (p.photo_a, p.photo_b)))
    number = {name: index for index, name in enumerate(photos)}
    first = np.array([number[pair.photo_a] for pair in pairs])
    second = np.array([number[pair.photo_b] for pair in pairs])
    share = np.array([pair.share for pair in pairs])
    utilities = fit_utilities(first, second, share)
    fitted = 1 / (1 + np.exp(utilities[second] - utilities[first]))
    connected = _connected(first, second, len(photos))
    gaps = _gaps_by_rank(utilities, _ranks(pairs, number))
    return SeriesFit(
        series=pairs[0].series,
        photos=photos,
        utilities=utilities,
        misfits=np.abs(fitted - share),
        connected=connected,
        agrees_with_ranks=bool((gaps > -_TIE).all()) if connected and gaps is not None else None,
        tied=gaps is not None and bool((np.abs(gaps) <= _TIE).any()),
    )


def _connected(first: NDArray[np.integer], second: NDArray[np.integer], count: int) -> bool:
    reached = {0}
    links = list(zip(first.tolist(), second.tolist(), strict=True))
    while True:
        more = {b for a, b in links if a in reached} | {a for a, b in links if b in reached}
        if more <= reached:
            return len(reached) == count
        reached |= more


def _ranks(pairs: Sequence[PhotoPair], number: dict[str, int]) -> NDArray[np.float64]:
    """(K,) published ranks; NaN where one is missing or a photo has two."""
    ranks = np.full(len(number), np.nan)
    doubtful = set()
    for pair in pairs:
        for name, rank in ((pair.photo_a, pair.rank_a), (pair.photo_b, pair.rank_b)):
            place = number[name]
            if rank is None or (not np.isnan(ranks[place]) and ranks[place] != rank):
                doubtful.add(place)
            else:
                ranks[place] = rank
    ranks[list(doubtful)] = np.nan
    return ranks


def _gaps_by_rank(
    utilities: NDArray[np.float64], ranks: NDArray[np.float64]
) -> NDArray[np.float64] | None:
    """Utility of the better ranked photo less that of the worse, of all pairs; None if unknown."""
    if np.isnan(ranks).any():
        return None
    better = ranks[:, None] < ranks[None, :]
    return (utilities[:, None] - utilities[None, :])[better]
