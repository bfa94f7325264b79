"""Who rated what: repeats left out, ratings in order, and which raters can be compared."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from iae.data.ratings import Ratings


def without_repeats(ratings: Ratings) -> tuple[Ratings, int]:
    """The ratings sorted by item and rater, of a rater's repeats on an item the last alone.

    Sorted, every pass over ten million ratings reads memory in order, which the statistics here
    profit from; they are right in any order.

    Returns:
        The ratings, and how many repeats were left out.
    """
    key = ratings.item.astype(np.int64) * len(ratings.raters) + ratings.rater
    order = np.argsort(key, kind="stable") if (np.diff(key) <= 0).any() else np.arange(len(key))
    key = key[order]
    last = np.ones(len(key), bool)
    last[:-1] = key[1:] != key[:-1]
    kept = order if last.all() else order[last]
    sorted_ = replace(ratings, item=ratings.item[kept], rater=ratings.rater[kept],
                      value=ratings.value[kept])  # fmt: skip
    return sorted_, len(order) - len(kept)


def is_complete(ratings: Ratings) -> bool:
    """Whether every rater who rated anything rated every item that was rated. No repeats."""
    items = np.count_nonzero(ratings.counts_per_item())
    raters = np.count_nonzero(np.bincount(ratings.rater, minlength=len(ratings.raters)))
    return bool(len(ratings.value) == items * raters)


def panels(ratings: Ratings) -> NDArray[np.int32]:
    """(M,) which panel each rater belongs to, from 0 in the order of the raters; -1: no ratings.

    Two raters are of one panel when items rated in common link them, over other raters if need be.
    Across panels nothing tells harsh raters with good images from mild ones with bad images.
    """
    raters, items = len(ratings.raters), len(ratings.items)
    panel = np.full(raters, -1, np.int32)
    if not len(ratings.value):
        return panel
    busy = np.bincount(ratings.rater, minlength=raters) > 0
    if _reaches_all(ratings):  # nearly every study, at the price of a few passes
        panel[busy] = 0
        return panel
    links = sparse.coo_array(
        (
            np.ones(len(ratings.value), np.int8),
            (ratings.item, ratings.rater.astype(np.int32) + items),
        ),
        shape=(items + raters, items + raters),
    )
    label = csgraph.connected_components(links, directed=False)[1][items:]
    _, first, number = np.unique(label[busy], return_index=True, return_inverse=True)
    panel[busy] = np.argsort(np.argsort(first))[number]
    return panel


def _reaches_all(ratings: Ratings) -> bool:
    """Whether the first rater is linked to every other."""
    items = np.zeros(len(ratings.items), bool)
    raters = np.zeros(len(ratings.raters), bool)
    raters[ratings.rater[0]] = True
    reached = 0
    while raters.sum() > reached:
        reached = int(raters.sum())
        items[ratings.item[raters[ratings.rater]]] = True
        raters[ratings.rater[items[ratings.item]]] = True
    return bool(raters[ratings.rater].all())
