"""Complete linkage: groups in which every two are alike, not only neighbours of a chain."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Places = NDArray[np.intp]


def complete_linkage(likeness: Floats, least: float) -> NDArray[np.intp]:
    """Group number of each of M items: the complete-linkage tree, cut at ``least``.

    Two groups are joined while the *least* alike of their pairs reaches ``least``, the most alike
    groups first, by chains of nearest neighbours (Murtagh 1983, "A survey of recent advances in
    hierarchical clustering algorithms"), in O(M²) time and memory.

    Args:
        likeness: (M, M) symmetric; the diagonal is not looked at. It is overwritten.
        least: smallest likeness of any pair within a group.

    Returns:
        (M,) for each item the number of the group's smallest member. Of equally alike groups the
        one with the smaller numbers is joined first.
    """
    np.fill_diagonal(likeness, -np.inf)
    group = np.arange(len(likeness))
    for start in np.flatnonzero(likeness.max(axis=1, initial=-np.inf) >= least):
        chain = [int(start)] if group[start] == start else []
        while chain:
            last = chain[-1]
            nearest = int(likeness[last].argmax())
            value = likeness[last, nearest]
            if value < least:  # of a chain of one: the others are at least as alike as their link
                chain.pop()  # for good, as a group only ever becomes less alike to others
            elif len(chain) > 1 and likeness[last, chain[-2]] >= value:
                low, high = sorted(chain[-2:])
                _join(likeness, group, low, high)
                chain[-2:] = [] if len(chain) > 2 else [low]
            else:
                chain.append(nearest)
    return _roots(group)


def _join(likeness: Floats, group: Places, low: int, high: int) -> None:
    np.minimum(likeness[low], likeness[high], out=likeness[low])
    likeness[low, low] = -np.inf
    likeness[:, low] = likeness[low]
    likeness[high] = -np.inf
    likeness[:, high] = -np.inf
    group[high] = low


def _roots(group: Places) -> Places:
    while True:
        above = group[group]
        if np.array_equal(above, group):
            return group
        group = above


class Components:
    """Connected components of N items, from links that come bit by bit and are not kept."""

    def __init__(self, count: int) -> None:
        self.label: Places = np.arange(count)
        """(N,) the smallest item that each is connected with."""

    def link(self, a: Places, b: Places) -> None:
        """Connect a[i] with b[i]; O(N + links) a round, of which there are few."""
        while True:
            low, high = self.label[a], self.label[b]
            new = low != high
            if not new.any():
                return
            a, b = a[new], b[new]
            low, high = np.minimum(low[new], high[new]), np.maximum(low[new], high[new])
            parent = np.arange(len(self.label))
            np.minimum.at(parent, high, low)
            self.label = _roots(parent)[self.label]

    def sets(self) -> Iterator[Places]:
        """Components of two or more, their items in ascending order."""
        order = np.argsort(self.label, kind="stable")
        starts = np.flatnonzero(np.diff(self.label[order], prepend=-1))
        for start, end in zip(starts, [*starts[1:], len(order)], strict=True):
            if end - start > 1:
                yield order[start:end]
