"""What the integers of the folder release mean, which its publishers do not say.

Whether 0 or 1 is high, the ratings tell, else the counts; which emotion each of the eight integers
is, the counts tell: the likelihood of the copy's counts per (emotion, quality) under the published
bar chart is compared for all 8! orders. A file ``labels.txt`` beside the lists may state both.
"""

from functools import lru_cache
from itertools import permutations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iae.data.published import IAE_BARS
from iae.labels import EMOTIONS

_ENOUGH_IMAGES = 200
"""Fewer do not tell an order from chance."""

_MARGIN = 7.0
"""The best reading must be e^7 ≈ 1,100 times as likely as the next one."""

_BASE_DISTANCE = 0.05
"""Shares may differ this much in all from the chart's (which is read to ±25 images) …"""

_CHANCE_DISTANCE = 2.0
"""… plus this over √n for the chance of which images a smaller copy holds."""


class Reading(NamedTuple):
    """One reading of the integers."""

    order: tuple[int, ...]
    """Index into ``EMOTIONS`` of each of the eight classes."""
    is_flipped: bool
    """Whether the smaller of the two aesthetic integers is high."""


class Inference(NamedTuple):
    """What the counts say."""

    reading: Reading
    """The most likely one."""
    emotions_clear: bool
    """Whether its order of emotions can be relied on."""
    quality_clear: bool
    """Whether its meaning of the aesthetic integers can be relied on."""


def infer(
    counts: NDArray[np.float64],
    order: tuple[int, ...] | None = None,
    is_flipped: bool | None = None,
) -> Inference:
    """The reading of a copy's labels under which its counts are likeliest.

    Args:
        counts: (8, 2) images per emotion integer and (smaller, larger) aesthetic integer, or
            (8, 1) where nothing is known of quality.
        order: the order of the emotions, where it is known.
        is_flipped: the meaning of the aesthetic integers, where it is known.
    """
    orders = _all_orders() if order is None else np.array([order])
    flips = (False, True) if is_flipped is None else (is_flipped,)
    likelihood = np.stack([_log_likelihoods(counts, orders, flip) for flip in flips])  # (F, O)
    best_flip, best = (int(i) for i in np.unravel_index(likelihood.argmax(), likelihood.shape))
    reading = Reading(tuple(int(i) for i in orders[best]), flips[best_flip])
    fits = _fits(counts, reading)
    used = counts.sum(axis=1) > 0  # two classes without an image may change places
    others = (orders[:, used] != orders[best, used]).any(axis=1)
    top = likelihood[best_flip, best]
    return Inference(
        reading,
        fits and bool(top - likelihood[:, others].max(initial=-np.inf) > _MARGIN),
        fits and bool(top - likelihood[[i != best_flip for i in range(len(flips))]].max(
            initial=-np.inf) > _MARGIN),
    )  # fmt: skip


def infer_quality(counts: NDArray[np.float64]) -> bool | None:
    """Whether the smaller aesthetic integer is high, by (2,) counts alone; None if unclear."""
    total = counts.sum()
    shares = _published().sum(axis=0)  # (high, low)
    margin = (counts[0] - counts[1]) * np.log(shares[0] / shares[1])
    distance = abs(counts.max() / max(total, 1) - shares.max())
    if total < _ENOUGH_IMAGES or abs(margin) < _MARGIN or distance > _allowed_distance(total):
        return None
    return bool(margin > 0)


@lru_cache(maxsize=1)
def _all_orders() -> NDArray[np.int64]:
    return np.array(list(permutations(range(len(EMOTIONS)))))  # (40320, 8)


def _published(width: int = 2) -> NDArray[np.float64]:
    """(8, 2) shares of (high, low) images per emotion, or (8, 1) of all images."""
    bars = np.array([IAE_BARS[emotion] for emotion in EMOTIONS], dtype=np.float64)
    shares: NDArray[np.float64] = bars / bars.sum()
    return shares if width == 2 else shares.sum(axis=1, keepdims=True)


def _log_likelihoods(
    counts: NDArray[np.float64], orders: NDArray[np.int64], is_flipped: bool
) -> NDArray[np.float64]:
    """(O,) log-likelihood of the counts under each order of the emotions."""
    high_low = counts if is_flipped else counts[:, ::-1]
    per_class = high_low @ np.log(_published(counts.shape[1])).T  # (8 classes, 8 emotions)
    total: NDArray[np.float64] = per_class[np.arange(len(EMOTIONS)), orders].sum(axis=1)
    return total


def _fits(counts: NDArray[np.float64], reading: Reading) -> bool:
    """Whether the copy looks like the published one at all, under its best reading."""
    total = counts.sum()
    if total < _ENOUGH_IMAGES:
        return False
    high_low = counts if reading.is_flipped else counts[:, ::-1]
    published = _published(counts.shape[1])[list(reading.order)]
    distance = np.abs(high_low / total - published).sum() / 2
    return bool(distance <= _allowed_distance(total))


def _allowed_distance(total: float) -> float:
    return _BASE_DISTANCE + _CHANCE_DISTANCE / float(np.sqrt(total))
