"""``Ratings``: who gave which image what score, in memory that grows with the ratings alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iae.labels import LEVEL_SCORES, SCORE_MAX, SCORE_MIN


@dataclass(frozen=True, kw_only=True, eq=False)
class Ratings:
    """R single ratings of N items by M raters, in any order; most of the N × M may be missing."""

    items: Sequence[str]
    """(N,) names of the images."""
    raters: Sequence[str]
    """(M,) names of the raters."""
    item: NDArray[np.int32]
    """(R,) index into ``items``."""
    rater: NDArray[np.int32]
    """(R,) index into ``raters``."""
    value: NDArray[np.float64]
    """(R,) scores on [1, 10], whatever the scale the raters saw."""
    scale: tuple[float, float] = (SCORE_MIN, SCORE_MAX)
    """Worst and best score that the raters could give."""

    @classmethod
    def from_matrix(
        cls,
        matrix: NDArray[np.floating],
        *,
        items: Sequence[str] | None = None,
        raters: Sequence[str] | None = None,
        scale: tuple[float, float] = (SCORE_MIN, SCORE_MAX),
    ) -> "Ratings":
        """From (N, M) scores on [1, 10], NaN where one is missing; names default to 0, 1 …"""
        item, rater = np.nonzero(~np.isnan(matrix))
        return cls(
            items=items if items is not None else [str(i) for i in range(matrix.shape[0])],
            raters=raters if raters is not None else [str(j) for j in range(matrix.shape[1])],
            item=item.astype(np.int32),
            rater=rater.astype(np.int32),
            value=matrix[item, rater].astype(np.float64),
            scale=scale,
        )

    def to_matrix(self) -> NDArray[np.float64]:
        """(N, M), NaN where a rating is missing; of a rater's repeats the last is kept."""
        matrix = np.full((len(self.items), len(self.raters)), np.nan)
        matrix[self.item, self.rater] = self.value
        return matrix

    @property
    def are_levels(self) -> bool:
        """Whether every rating is one of the four levels 1, 4, 7 and 10."""
        return bool(np.isin(self.value, LEVEL_SCORES).all())

    def counts_per_item(self) -> NDArray[np.int64]:
        """(N,) ratings that each item has."""
        return np.bincount(self.item, minlength=len(self.items))

    def mean_per_item(self) -> NDArray[np.float64]:
        """(N,) mean score on [1, 10]; NaN for an item nobody rated."""
        counts = self.counts_per_item()
        sums = np.bincount(self.item, self.value, minlength=len(self.items))
        mean: NDArray[np.float64] = np.full(len(counts), np.nan)
        np.divide(sums, counts, out=mean, where=counts > 0)
        return mean
