"""What the raters said of each item: mean, spread, level shares and how sure the mean is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from iae.data.rated import level_shares_per_item
from iae.data.ratings import Ratings
from iae.labels import HIGH_THRESHOLD

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class ItemStatistics:
    """One entry an item, in the order of ``Ratings.items``; scores on [1, 10]."""

    count: NDArray[np.int64]
    """(N,) ratings."""
    mean: Floats
    """(N,) NaN without ratings."""
    sd: Floats
    """(N,) sample standard deviation (n - 1), points; NaN below two ratings."""
    level_shares: Floats
    """(N, 4) share of raters per level, worst first; NaN without ratings."""
    mean_low: Floats
    """(N,) lower end of the 95 % interval of the mean; NaN below two ratings."""
    mean_high: Floats
    """(N,) upper end; as Student's interval has no bounds, it may leave [1, 10]."""

    @property
    def is_high(self) -> NDArray[np.bool_]:
        """(N,) whether the mean is 5 or more (``labels.is_high``); False without ratings."""
        return self.mean >= HIGH_THRESHOLD

    @property
    def is_settled(self) -> NDArray[np.bool_]:
        """(N,) whether the interval lies on one side of 5, so that the label is beyond doubt."""
        return (self.mean_low >= HIGH_THRESHOLD) | (self.mean_high < HIGH_THRESHOLD)


def item_statistics(ratings: Ratings) -> ItemStatistics:
    """Mean, spread, level shares and Student's 95 % interval of the mean, of each item.

    The interval is mean ± t(.975, n - 1) · sd / √n: of the mean over raters like these. Where all
    raters agree it has width 0, which says that they agree and not that others would.
    """
    items = len(ratings.items)
    count, mean = ratings.counts_per_item(), ratings.mean_per_item()
    gap = ratings.value - mean[ratings.item]
    squares = np.bincount(ratings.item, gap * gap, minlength=items)
    several = count > 1
    sd: Floats = np.full(items, np.nan)
    sd[several] = np.sqrt(squares[several] / (count[several] - 1))
    half: Floats = np.full(items, np.nan)
    half[several] = stdtrit(count[several] - 1, 0.975) * sd[several] / np.sqrt(count[several])
    return ItemStatistics(
        count=count,
        mean=mean,
        sd=sd,
        level_shares=level_shares_per_item(ratings),
        mean_low=mean - half,
        mean_high=mean + half,
    )
