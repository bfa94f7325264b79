"""Which shot of a series people would like most: pure, numbers of the shots in, an order out.

Utilities are on the scale of Bradley and Terry (1952), "Rank analysis of incomplete block designs":
the chance that shot a is preferred to shot b is ``1 / (1 + exp(u_b - u_a))``. The utility is a sum
of few measured numbers with fixed weights (:class:`Mixture`). A network beside it was tried and
was not better where people had judged (docs/series.md, benchmarks/series_ranker.py).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

FLAT = 0.02
"""Sharpness below which it is taken for this: a plane without edges is not infinitely less sharp
than a nearly plain one. Everyday photos have .1 to .6."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ShotFeatures:
    """What the shots of one series are ranked by; (N,) each, NaN where it is not known."""

    score: ArrayLike
    """Predicted mean rating, in [1, 10] (``PhotoScore.aesthetic_mean``)."""
    sharpness: ArrayLike
    """``TechnicalFacts.sharpness``, in [0, 4]."""
    clipped: ArrayLike
    """Share of pixels that are pure white or pure black, in [0, 1]."""


@dataclass(frozen=True, kw_only=True)
class Mixture:
    """The weights of a shot's utility.

    ``u = score · s + sharpness · ln(sharpness of the shot) - clipped · c``, each number less its
    mean over the series, so that only differences within a series count. The defaults are those of
    a Bradley-Terry regression on half of PARA's series, rounded (docs/series.md).
    """

    score: float = 1.5
    """For each point of the predicted mean rating."""
    sharpness: float = 0.5
    """For each factor of e (2.7) in sharpness."""
    clipped: float = 0.9
    """Taken off if all pixels were clipped."""


TOO_CLOSE = 0.55
"""Least chance that the best shot is preferred to the runner-up; below, it is too close to call.
Chosen on half of PARA's series (docs/series.md)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Ranking:
    """The shots of one series from best to worst."""

    order: NDArray[np.intp]
    """(N,) places of the shots in what was given, the best first; equal ones stay in their order.
    """
    utilities: Floats
    """(N,) in the order given; they sum to 0."""
    preference: float
    """Chance in [.5, 1] that the best is preferred to the runner-up; 1 where there is none."""
    too_close: bool
    """Whether that is too close to call."""

    @property
    def ranks(self) -> NDArray[np.intp]:
        """(N,) from 1, in the order given."""
        ranks = np.empty(len(self.order), np.intp)
        ranks[self.order] = np.arange(1, len(self.order) + 1)
        return ranks


def rank_series(
    shots: ShotFeatures, mixture: Mixture = Mixture(), *, too_close: float = TOO_CLOSE
) -> Ranking:
    """Rank the N shots of one series, N from 1.

    What is not known of a shot counts as the mean of those where it is: it speaks neither for nor
    against it. Of two equal shots the earlier one comes first, with a preference of .5.

    Args:
        shots: what is known of them.
        mixture: how that is weighed.
        too_close: see :data:`TOO_CLOSE`.

    Raises:
        ValueError: there is no shot, or the numbers differ in length.
    """
    sharpness = np.log(np.maximum(np.asarray(shots.sharpness, np.float64), FLAT))
    parts = (
        mixture.score * _centred(shots.score),
        mixture.sharpness * _centred(sharpness),
        -mixture.clipped * _centred(shots.clipped),
    )
    if not len(parts[0]) or len({len(part) for part in parts}) > 1:
        raise ValueError(f"wanted as many numbers of each kind, from 1, "
                         f"got {[len(part) for part in parts]}")  # fmt: skip
    return ranking_of(parts[0] + parts[1] + parts[2], too_close=too_close)


def ranking_of(utilities: ArrayLike, *, too_close: float = TOO_CLOSE) -> Ranking:
    """The ranking that (N,) utilities give, N from 1; for any way to come by them."""
    u = np.asarray(utilities, np.float64)
    order = np.argsort(-u, kind="stable")
    preference = 1.0 if len(u) == 1 else preferred(u[order[0]], u[order[1]])
    return Ranking(
        order=order,
        utilities=u,
        preference=preference,
        too_close=len(u) > 1 and preference < too_close,
    )


def preferred(utility_a: float, utility_b: float) -> float:
    """Chance in [0, 1] that a is preferred to b.

    >>> preferred(1.0, 1.0), round(preferred(1.0, 0.0), 3), round(preferred(0.0, 1.0), 3)
    (0.5, 0.731, 0.269)
    """
    return float(1 / (1 + np.exp(np.clip(utility_b - utility_a, -50, 50))))


def _centred(values: ArrayLike) -> Floats:
    """Less their mean; 0 where unknown."""
    given = np.asarray(values, np.float64)
    known = np.isfinite(given)
    mean = given[known].mean() if known.any() else 0.0
    centred: Floats = np.where(known, given - mean, 0.0)
    return centred
