"""Intraclass correlations from variance components, for complete and incomplete designs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from iae.data.ratings import Ratings
from iae.stats.dot import dot

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Icc:
    """How much of the variance is the items'; components in squared points of ten."""

    icc1: float
    """ICC(1): one rating, each item by raters of its own."""
    icc2: float
    """ICC(2,1): one rating, raters drawn at random, absolute agreement."""
    icc2k: float
    """ICC(2,k): the mean of k ratings."""
    k: float
    """Ratings an item: their harmonic mean over the rated items."""
    item_variance: float
    rater_variance: float
    """Variance of the raters' biases."""
    rest_variance: float
    """Noise, and tastes that differ."""


class VarianceSums:
    """The sums that variance components need, for items taken any number of times.

    ICC(1) is the one-way analysis of variance with unequal groups. ICC(2,·) come from Henderson's
    method I for the two-way random model without interaction, y = μ + item + rater + e (Henderson
    1953; Searle, Casella & McCulloch 1992, ch. 5): the sums T₀ = Σ y², T_item = Σ y_i.²/n_i.,
    T_rater = Σ y_.j²/n_.j and T_μ = y..²/n are set equal to their expectations. They are linear
    in the number of ratings, need no complete design, and equal the analysis of variance, hence
    Shrout & Fleiss (1979), on a complete one. No repeats (see ``without_repeats``).
    """

    def __init__(self, ratings: Ratings) -> None:
        shape = (len(ratings.items), len(ratings.raters))
        value = ratings.value - (ratings.value.mean() if len(ratings.value) else 0.0)
        places = (ratings.item, ratings.rater)
        self._sums = sparse.coo_array((value, places), shape=shape).tocsr()
        self._given = sparse.csr_array(
            (np.ones_like(self._sums.data), self._sums.indices, self._sums.indptr), shape=shape
        )
        self._n = ratings.counts_per_item().astype(np.float64)
        self._y = _sums(ratings.item, value, shape[0])
        self._y2 = _sums(ratings.item, value * value, shape[0])

    def icc(self, weight: Floats | None = None) -> Icc:
        """The correlations with each item taken ``weight`` times, (N,); None: once.

        Estimates are not cut at 0: on data without any agreement they scatter around it.

        Returns:
            NaN for ICC(1) with fewer than two items or none rated twice, or without any variance;
            NaN for ICC(2,·) also with one rater, or when raters and items cannot be told apart.
        """
        w = np.ones_like(self._n) if weight is None else weight
        rated = self._n > 0
        per_rater = self._given.T @ w  # (M,)
        rater_sum = self._sums.T @ w
        n, items = dot(w, self._n), float(w[rated].sum())
        if not n:
            return Icc(**dict.fromkeys(Icc.__dataclass_fields__, float("nan")))
        inverse = np.divide(1.0, self._n, out=np.zeros_like(self._n), where=rated)
        busy = per_rater > 0
        t_0, t_mu = dot(w, self._y2), dot(w, self._y) ** 2 / n
        t_item = dot(w, self._y**2 * inverse)
        t_rater = float((rater_sum[busy] ** 2 / per_rater[busy]).sum())
        k_item, k_rater = dot(w, self._n**2) / n, dot(per_rater, per_rater) / n
        k = items / dot(w, inverse)
        raters = float(busy.sum())
        expectations = np.array(
            [
                [n - k_item, items - k_rater, items - 1],
                [raters - k_item, n - k_rater, raters - 1],
                [k_item - raters, k_rater - items, n - items - raters + 1],
            ]
        )
        found = np.array([t_item - t_mu, t_rater - t_mu, t_0 - t_item - t_rater + t_mu])
        a, b, e = _solved(expectations, found)
        return Icc(
            icc1=_one_way(t_item - t_mu, t_0 - t_item, n, items, k_item),
            icc2=_ratio(a, a + b + e),
            icc2k=_ratio(a, a + (b + e) / k),
            k=k,
            item_variance=a,
            rater_variance=b,
            rest_variance=e,
        )


def _sums(item: NDArray[np.int32], value: Floats, items: int) -> Floats:
    return np.bincount(item, value, minlength=items).astype(np.float64)


def _solved(matrix: Floats, right: Floats) -> tuple[float, float, float]:
    if np.linalg.matrix_rank(matrix) < 3:
        return (float("nan"),) * 3
    a, b, e = np.linalg.solve(matrix, right)
    return float(a), float(b), float(e)


def _one_way(between: float, within: float, n: float, items: float, k_item: float) -> float:
    if items < 2 or n <= items:
        return float("nan")
    ms_between, ms_within = between / (items - 1), within / (n - items)
    n_0 = (n - k_item) / (items - 1)
    return _ratio(ms_between - ms_within, ms_between + (n_0 - 1) * ms_within)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 1e-12 else float("nan")
