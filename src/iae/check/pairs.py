"""Defects of pair lists: shares, ranks and the order they are written in.

The shares of a series can come from one ranking of utilities: with the Bradley-Terry model (1952),
``share(a, b) = 1 / (1 + exp(u_b - u_a))``, log-odds are differences of utilities. A least-squares
fit gives the utilities back, and shares that no utilities explain show.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from iae.data.defects import Defect
from iae.data.records import PhotoPair
from iae.stats.bradley_terry import by_series, fit_series
from iae.stats.pairs import contradicts

SHARE_TOLERANCE = 0.02
"""Largest gap between a share and its fit; rounded to three decimals, the published ones are within
.006."""

_TIE = 0.01
"""Photos whose fitted share is so near to .5 are tied: either may have the better rank."""


def pair_defects(pairs: Sequence[PhotoPair]) -> Iterator[Defect]:
    """What contradicts itself within lines, and within series of pairs."""
    contradicted = set()
    for pair in pairs:
        if contradicts(pair):
            contradicted.add(pair.series)
            better = pair.photo_a if pair.share > 0.5 else pair.photo_b
            text = (f"share {pair.share:g} prefers {better}, the ranks of {pair.photo_a} and "
                    f"{pair.photo_b} are {pair.rank_a} and {pair.rank_b}")  # fmt: skip
            yield Defect("pair-share-contradicts-ranks", _where(pair), text)
        if pair.photo_a > pair.photo_b:
            text = f"{pair.photo_a} before {pair.photo_b}"
            yield Defect("pair-order", _where(pair), text)
    for series, own in by_series(pairs).items():
        yield from _doubled(own)
        yield from _series_defects(series, own, ranks=series not in contradicted)


def _doubled(pairs: Sequence[PhotoPair]) -> Iterator[Defect]:
    first: dict[frozenset[str], PhotoPair] = {}
    for pair in pairs:
        known = first.setdefault(frozenset((pair.photo_a, pair.photo_b)), pair)
        if known is not pair:
            text = f"{pair.photo_a} and {pair.photo_b} stand at {_where(known)} already"
            yield Defect("doubled-pair", _where(pair), text)


def _series_defects(series: str, pairs: Sequence[PhotoPair], *, ranks: bool) -> Iterator[Defect]:
    rank = _ranks(pairs) if ranks else {}
    if rank is None:
        yield Defect("pair-ranks-inconsistent", f"series {series}",
                     "a photo has different ranks on different lines")  # fmt: skip
        return
    if len(pairs) < 2:
        return
    fit = fit_series(pairs)
    utility = dict(zip(fit.photos, fit.utilities.tolist(), strict=True))
    worst = int(fit.misfits.argmax())
    if fit.misfits[worst] > SHARE_TOLERANCE:
        pair = pairs[worst]
        fitted = 1 / (1 + np.exp(utility[pair.photo_b] - utility[pair.photo_a]))
        text = (f"the share {pair.share:g} at {_where(pair)} would have to be {fitted:.3f} to "
                "agree with the others")  # fmt: skip
        yield Defect("pair-share-inconsistent", f"series {series}", text)
    elif fit.connected and (wrong := _wrong_order(utility, rank)):
        text = f"{wrong[0]} is ranked before {wrong[1]}, by the shares it is worse"
        yield Defect("pair-ranks-inconsistent", f"series {series}", text)


def _ranks(pairs: Sequence[PhotoPair]) -> dict[str, int] | None:
    """Rank of each photo of a series that has one; None if a photo has two."""
    ranks: dict[str, int] = {}
    for pair in pairs:
        for photo, rank in ((pair.photo_a, pair.rank_a), (pair.photo_b, pair.rank_b)):
            if rank is not None and ranks.setdefault(photo, rank) != rank:
                return None
    return ranks


def _wrong_order(utility: dict[str, float], ranks: dict[str, int]) -> tuple[str, str] | None:
    """Two photos whose ranks and fitted utilities say the opposite, beyond ties; or None."""
    tie = float(np.log((0.5 + _TIE) / (0.5 - _TIE)))
    for better, worse in combinations(sorted(ranks, key=lambda photo: ranks[photo]), 2):
        if utility[worse] - utility[better] > tie and ranks[better] != ranks[worse]:
            return better, worse
    return None


def _where(pair: PhotoPair) -> str:
    return pair.where or f"{pair.photo_a} {pair.photo_b}"
