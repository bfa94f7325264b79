"""The percentile bootstrap for figures that are functions of counts, fast enough for whole sets.

:func:`iae.metrics.bootstrap` draws images and computes any figure on them. The figures of a data
set need only how many images of each kind were drawn, and several of them come from one draw. With
few kinds (two qualities × eight emotions, means of ten ratings) a thousand draws are one
multinomial, which is the same distribution and takes milliseconds instead of seconds.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from iae.metrics.bootstrap import Interval, bounds

Counts = NDArray[np.float64]
"""(B, K) images drawn of each kind, in each of B draws."""

_BLOCK = 2_000_000
"""Numbers held at once."""


def drawn_counts(
    kind: NDArray[np.intp],
    kinds: int,
    *,
    groups: NDArray[np.intp] | None = None,
    resamples: int = 1000,
    seed: int = 0,
) -> Iterator[Counts]:
    """Images of each kind among images drawn with replacement, in blocks of draws.

    Args:
        kind: (N,) which of the kinds 0 … K-1 each image is; N ≥ 1.
        kinds: K.
        groups: (N,) group number of each image, from 0 without gaps; whole groups are drawn,
            because shots of one scene are not independent. None draws images.
        resamples: number of draws.
        seed: of the draws; the same seed gives the same draws.

    Yields:
        (B, K), together ``resamples`` rows.
    """
    rng = np.random.default_rng(seed)
    block = max(1, _BLOCK // kinds)
    for start in range(0, resamples, block):
        draws = min(block, resamples - start)
        if groups is not None:
            yield np.stack([_by_group(kind, kinds, groups, rng) for _ in range(draws)])
        elif kinds <= len(kind) // 8:
            shares = np.bincount(kind, minlength=kinds) / len(kind)
            yield rng.multinomial(len(kind), shares, size=draws).astype(np.float64)
        else:
            yield np.stack([_by_image(kind, kinds, rng) for _ in range(draws)])


def _by_group(
    kind: NDArray[np.intp], kinds: int, groups: NDArray[np.intp], rng: np.random.Generator
) -> NDArray[np.float64]:
    count = int(groups.max()) + 1
    times = np.bincount(rng.integers(0, count, count), minlength=count)
    return np.bincount(kind, weights=times[groups], minlength=kinds).astype(np.float64)


def _by_image(kind: NDArray[np.intp], kinds: int, rng: np.random.Generator) -> NDArray[np.float64]:
    drawn = rng.integers(0, len(kind), len(kind))
    return np.bincount(kind[drawn], minlength=kinds).astype(np.float64)


def bootstrap_counts(
    figures: Callable[[Counts], NDArray[np.float64]],
    kind: NDArray[np.intp],
    kinds: int,
    *,
    groups: NDArray[np.intp] | None = None,
    resamples: int = 1000,
    seed: int = 0,
) -> list[Interval]:
    """95 % percentile intervals of several figures of one set of images.

    Args:
        figures: (B, K) counts -> (B, S) figures; NaN where one is not defined.
        kind: see :func:`drawn_counts`, as are the others.
        kinds: K.
        groups: (N,) or None.
        resamples: number of draws.
        seed: of the draws.

    Returns:
        S intervals: the figure on all images and its bounds. Draws without a defined figure are
        left out, as :func:`iae.metrics.bootstrap` does; NaN bounds where none is left.
    """
    whole = figures(np.bincount(kind, minlength=kinds).astype(np.float64)[None])[0]
    blocks = drawn_counts(kind, kinds, groups=groups, resamples=resamples, seed=seed)
    drawn = np.concatenate([figures(block) for block in blocks])  # (R, S)
    return [
        Interval(float(value), *bounds(column))
        for value, column in zip(whole, drawn.T, strict=True)
    ]
