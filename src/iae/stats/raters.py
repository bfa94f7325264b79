"""Each rater's bias and inconsistency, estimated together with the quality of the items."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from iae.data.ratings import Ratings
from iae.stats.rating_design import panels

Floats = NDArray[np.float64]

_MAX_ROUNDS = 200
_TOLERANCE = 1e-5  # of a point; scores are read to the second decimal
_LEAST_NOISE = 1e-3  # points; keeps the weight of a rater who always agrees finite
_LEAST_FREEDOM = 1e-6  # degrees of freedom below this are rounding errors


@dataclass(frozen=True, kw_only=True, eq=False)
class RaterModel:
    """score = quality of the item + bias of the rater + inconsistency of the rater · noise."""

    quality: Floats
    """(N,) items on [1, 10], as an average rater sees them; NaN without ratings."""
    bias: Floats
    """(M,) points above (mild) or below (harsh) the average rater of the panel: mean 0 in each."""
    bias_error: Floats
    """(M,) standard error of the bias."""
    inconsistency: Floats
    """(M,) standard deviation of a rater's scores around quality + bias, points."""
    panel: NDArray[np.int32]
    """(M,) raters linked by common items (``rating_design.panels``); -1 without ratings."""
    rounds: int
    converged: bool


def rater_model(ratings: Ratings) -> RaterModel:
    """Quality, bias and inconsistency by alternating estimation, as in ITU-T P.910 and P.913.

    The model of Li & Bampis (DCC 2017) by the alternating projection of ITU-T P.910 (2022): quality
    is the mean of an item's scores less the raters' biases, weighted by 1/inconsistency²; bias is a
    rater's mean distance from quality; inconsistency is the spread of what is left.

    Two things differ, because the published rule, used with few raters or few ratings, makes the
    rater that happens to lie nearest to the mean ever more certain, until nobody else counts. The
    spread is divided by the degrees of freedom left to the rater, not by the number of ratings; and
    each rater is given one more rating of average noise. With many ratings neither matters.

    Biases are comparable only where raters are linked by common items, within a panel.

    Returns:
        NaN for an item or a rater without ratings. Inconsistency and error are NaN also for one who
        rated one item, or nothing that anybody else rated: nothing then tells the rater from the
        items. A single rater has the bias 0. No repeats (see ``without_repeats``).
    """
    sums = _Sums(ratings)
    noise, bias = np.ones(len(ratings.raters)), np.zeros(len(ratings.raters))
    quality, weights = sums.quality(noise, bias)
    rounds, change = 0, np.inf
    while rounds < _MAX_ROUNDS and change > _TOLERANCE:
        rounds += 1
        bias, noise, known = sums.bias_and_noise(quality, weights, noise)
        before = quality
        quality, weights = sums.quality(noise, bias)
        change = float(np.abs(quality - before).max(initial=0.0))
    rated, rates = sums.n_item > 0, sums.n_rater > 0
    inconsistency = np.where(known, noise, np.nan)
    return RaterModel(
        quality=np.where(rated, quality + sums.centre, np.nan),
        bias=np.where(rates, bias, np.nan),
        bias_error=inconsistency / np.sqrt(np.maximum(sums.n_rater, 1)),
        inconsistency=inconsistency,
        panel=sums.panel,
        rounds=rounds,
        converged=change <= _TOLERANCE,
    )


class _Sums:
    """Sums over the ratings of an item or of a rater, as products with two sparse matrices."""

    def __init__(self, ratings: Ratings) -> None:
        shape = (len(ratings.items), len(ratings.raters))
        self.centre = ratings.value.mean() if len(ratings.value) else 0.0
        value = ratings.value - self.centre  # squares of small numbers lose fewer digits
        places = (ratings.item, ratings.rater)
        self._value = sparse.coo_array((value, places), shape=shape).tocsr()
        self._given = sparse.csr_array(
            (np.ones_like(self._value.data), self._value.indices, self._value.indptr), shape=shape
        )
        self.n_item = np.bincount(ratings.item, minlength=shape[0])
        self.n_rater = np.bincount(ratings.rater, minlength=shape[1])
        self.panel = panels(ratings)
        self._sum = np.bincount(ratings.rater, value, minlength=shape[1])
        self._squares = np.bincount(ratings.rater, value * value, minlength=shape[1])

    def quality(self, noise: Floats, bias: Floats) -> tuple[Floats, Floats]:
        """(N,) quality, 0 for an item without ratings, and (N,) the sum of its raters' weights."""
        weight = 1 / np.maximum(noise, _LEAST_NOISE) ** 2
        weights = np.asarray(self._given @ weight)
        total = self._value @ weight - self._given @ (weight * bias)
        return np.divide(total, weights, out=np.zeros_like(weights), where=weights > 0), weights

    def bias_and_noise(
        self, quality: Floats, weights: Floats, noise: Floats
    ) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """(M,) biases around 0, (M,) noise, and (M,) whether the noise could be told.

        A rating whose own weight is the share h of its item's weights pulls quality towards it, and
        so leaves 1 - h of a degree of freedom; the bias takes 1/n of what a rater has left.
        """
        n = np.maximum(self.n_rater, 1)
        gap = (self._sum - self._given.T @ quality) / n
        squares = self._squares - 2 * (self._value.T @ quality) + self._given.T @ quality**2
        squares = np.maximum(squares - n * gap**2, 0.0)
        inverse = np.divide(1.0, weights, out=np.zeros_like(weights), where=weights > 0)
        own = (self._given.T @ inverse) / np.maximum(noise, _LEAST_NOISE) ** 2
        freedom = np.maximum(self.n_rater - own, 0.0) * (1 - 1 / n)
        known = freedom > _LEAST_FREEDOM
        pooled = squares[known].sum() / freedom[known].sum() if known.any() else 1.0
        variance = np.where(known, (squares + pooled) / (freedom + 1), pooled)
        return self._around_zero(gap), np.sqrt(variance), known

    def _around_zero(self, bias: Floats) -> Floats:
        """The biases less the mean bias of their panels; 0 for a rater without ratings."""
        rates = self.panel >= 0
        of_panel = np.bincount(self.panel[rates], bias[rates]) / np.bincount(self.panel[rates])
        centred = np.zeros_like(bias)
        centred[rates] = bias[rates] - of_panel[self.panel[rates]]
        return centred
