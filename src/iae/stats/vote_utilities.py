"""Bradley-Terry utilities from raw votes: maximum likelihood instead of least squares on shares.

Votes are few, and often unanimous, so that log-odds of shares are no use; the likelihood knows how
many votes there are. A small penalty keeps utilities of unanimous photos finite.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iae.data.records import PairVotes, PhotoPair
from iae.stats.bradley_terry import by_series, fit_series

Floats = NDArray[np.float64]

PENALTY = 0.1
"""Weight of the squared utilities in the negative log-likelihood; half a vote or so."""

_STEPS, _CLOSE = 50, 1e-9


def fit_votes(
    first: NDArray[np.integer],
    second: NDArray[np.integer],
    wins: Floats,
    losses: Floats,
    *,
    penalty: float = PENALTY,
) -> Floats:
    """Utilities of K photos numbered 0 … K-1 that make the votes on P pairs likeliest.

    Args:
        first: (P,) first photo of each pair.
        second: (P,) second photo.
        wins: (P,) votes for the first; 0 or more.
        losses: (P,) votes for the second.
        penalty: of the sum of squared utilities; positive.

    Returns:
        (K,) log-odds, mean 0, by Newton's method on the penalised likelihood (Bradley & Terry
        1952; the penalty is that of ``choix.opt_pairwise``).
    """
    count = int(max(first.max(), second.max())) + 1
    design = np.zeros((len(first), count))
    rows = np.arange(len(first))
    design[rows, first], design[rows, second] = 1, -1
    total, utilities = wins + losses, np.zeros(count)
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-design @ utilities))
        slope = design.T @ (wins - total * chance) - 2 * penalty * utilities
        curve = (design.T * (total * chance * (1 - chance))) @ design
        step = np.linalg.solve(curve + 2 * penalty * np.eye(count), slope)
        utilities = utilities + np.clip(step, -2, 2)  # far from the top a full step may overshoot
        if np.abs(step).max() < _CLOSE:
            break
    return np.asarray(utilities - utilities.mean(), np.float64)


@dataclass(frozen=True, kw_only=True)
class VoteFit:
    """How well one utility a photo explains the votes, and whether the pair lists say the same."""

    series: int
    """Series of three photos or more."""
    pairs: int
    misfit: float
    """Pearson's chi-squared for each degree of freedom: 1 where the votes scatter about the model
    as independent votes do, more where one utility a photo does not explain them."""
    listed: int
    """Series, of any size, that are in the pair lists with as many photos."""
    correlation: float
    """Of the utilities of votes with those of the lists, photos of both put in order within their
    series, because they are numbered differently; NaN without such series."""
    of_strangers: float
    """The same with the lists of other series of as many photos: what putting in order makes by
    itself, and so the zero of ``correlation``."""


def vote_fit(votes: Sequence[PairVotes], pairs: Sequence[PhotoPair]) -> VoteFit | None:
    """Fit every series of the votes; None without a series of three photos.

    Degrees of freedom of a series: its pairs with votes less its photos but one.
    """
    grouped: dict[str, list[PairVotes]] = defaultdict(list)
    for pair in votes:
        if pair.votes_a + pair.votes_b:
            grouped[pair.series].append(pair)
    lists = by_series(pairs)
    chi, freedom, larger, counted = 0.0, 0, 0, 0
    ours: dict[int, list[Floats]] = defaultdict(list)
    theirs: dict[int, list[Floats]] = defaultdict(list)
    for name, own in grouped.items():
        utilities, squared = _fit_one(own)
        if len(utilities) >= 3:
            larger, counted = larger + 1, counted + len(own)
            chi, freedom = chi + squared, freedom + len(own) - (len(utilities) - 1)
        if name in lists:
            listed = fit_series(lists[name]).utilities
            if len(listed) == len(utilities):
                ours[len(listed)].append(np.sort(utilities))
                theirs[len(listed)].append(np.sort(listed))
    if not larger:
        return None
    return VoteFit(
        series=larger,
        pairs=counted,
        misfit=chi / freedom if freedom else float("nan"),
        listed=sum(map(len, ours.values())),
        correlation=_correlation(ours, theirs, shift=0),
        of_strangers=_correlation(ours, theirs, shift=1),
    )


def _correlation(
    ours: Mapping[int, list[Floats]], theirs: Mapping[int, list[Floats]], *, shift: int
) -> float:
    """Over the photos of all series, each set against the ``shift``-th after it of its size."""
    sizes = [size for size, own in ours.items() if len(own) > shift]
    if not sizes:
        return float("nan")
    a = np.concatenate([np.ravel(ours[size]) for size in sizes])
    b = np.concatenate([np.ravel(np.roll(theirs[size], shift, axis=0)) for size in sizes])
    return float(np.corrcoef(a, b)[0, 1])


def _fit_one(votes: Sequence[PairVotes]) -> tuple[Floats, float]:
    """Utilities of one series, and Pearson's chi-squared of its pairs."""
    names = dict.fromkeys(name for pair in votes for name in (pair.photo_a, pair.photo_b))
    number = {name: k for k, name in enumerate(names)}
    first = np.array([number[pair.photo_a] for pair in votes])
    second = np.array([number[pair.photo_b] for pair in votes])
    wins = np.array([pair.votes_a for pair in votes], float)
    losses = np.array([pair.votes_b for pair in votes], float)
    utilities = fit_votes(first, second, wins, losses)
    chance = 1 / (1 + np.exp(utilities[second] - utilities[first]))
    total = wins + losses
    return utilities, float(((wins - total * chance) ** 2 / (total * chance * (1 - chance))).sum())
