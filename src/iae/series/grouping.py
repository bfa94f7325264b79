"""Which photos are shots of one scene: groups in which every two look alike.

Two photos are as alike as the cosine of their vectors; taken close together, or next to each other
in the order of their files, the distance (1 - cosine) counts less; taken surely apart, they are not
alike at all. Groups are complete-linkage clusters (:mod:`iae.series.linkage`), so that a chain of
photos, each like the next, does not become one series.

Compared are photos of one clock within one run of shots (:mod:`iae.series.clocks`), and all those
whose times say nothing about each other, in blocks. With times that is O(N · R · D) for runs of R
shots, without O(N² · D), and O(C² · D) in time and O(C²) in memory for each component of C photos
connected through likeness; C is bounded by ``MAX_COMPONENT``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iae.errors import ConfigError
from iae.series.clocks import time_windows
from iae.series.likeness import Shots, sorted_shots
from iae.series.linkage import Components, complete_linkage

Floats = NDArray[np.float32]
Places = NDArray[np.intp]

ALIKE = 0.6
"""Default of ``GroupConfig.alike``: .58 was best on half of PARA; docs/series.md has the table."""

MAX_COMPONENT = 6000
"""Photos of which all pairs are held at a time (144 MB). What is connected beyond is divided by
more likeness first and, where even that leaves more together, in the order of the files."""

_STEPS = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9)
"""How much of the way to 1 the threshold is raised within components that are too large."""


@dataclass(frozen=True, kw_only=True)
class GroupConfig:
    """What makes photos a series."""

    alike: float = ALIKE
    """Least likeness of any two photos of a series, in (0, 1): higher makes more and smaller
    series. Its meaning depends on the vectors; the default is for those of ``shot_vectors``."""
    gap: float = 60.0
    """Longest pause within a series, in seconds, between photos of one camera."""

    def __post_init__(self) -> None:
        if not 0 < self.alike < 1:
            raise ConfigError(f"alike must lie between 0 and 1, got {self.alike:g}; "
                              f"{ALIKE:g} is usual")  # fmt: skip
        if not self.gap >= 0:
            raise ConfigError(f"gap must be 0 seconds or more, got {self.gap:g}; 60 is usual")


def group_shots(
    vectors: ArrayLike,
    *,
    times: ArrayLike | None = None,
    clocks: Sequence[str] | None = None,
    bursts: Sequence[str] | None = None,
    order: ArrayLike | None = None,
    config: GroupConfig = GroupConfig(),
) -> list[list[int]]:
    """Divide N photos into series; every photo is in exactly one, most often alone.

    Args:
        vectors: (N, D) of any length, finite; what :func:`iae.series.shots.shot_vectors` gives.
        times: (N,) seconds, NaN where there is none; None: of no photo.
        clocks: (N,) name of the clock that shows the time (``CaptureFacts.clock``); times of
            different clocks are not compared. None: one for all.
        bursts: (N,) the same text for photos of one burst; "" for none.
        order: (N,) place of each photo in the order of its files; all different. None: not known,
            so that it is no hint.
        config: thresholds.

    Returns:
        Groups of indices, each in ascending order, sorted by their first. Another order of the
        photos gives the same groups, down to the last bit of every comparison, if ``order`` goes
        with them or no two vectors are equal in their first eight numbers. A higher ``alike``
        divides groups and never joins what a lower one kept apart, but for exact ties, and where
        more than ``MAX_COMPONENT`` photos are connected.

    Raises:
        ValueError: the arrays differ in length, or a vector is not finite.
    """
    unit = _unit(vectors)
    count = len(unit)
    times = np.full(count, np.nan) if times is None else np.asarray(times, dtype=np.float64)
    clocks = [""] * count if clocks is None else clocks
    bursts = [""] * count if bursts is None else bursts
    ranks = None if order is None else np.asarray(order, dtype=np.int64)
    lengths = [len(x) for x in (times, clocks, bursts, ranks) if x is not None]
    if any(length != count for length in lengths):
        raise ValueError(f"{count} vectors, but {lengths} times, clocks, bursts and places")
    if count < 2:
        return [[i] for i in range(count)]
    windows = time_windows(times, clocks, config.gap)
    shots, places = sorted_shots(unit, windows, bursts=bursts, ranks=ranks)
    groups = [np.sort(places[own]).tolist() for own in _groups(shots, config.alike)]
    return sorted(groups)


def _groups(shots: Shots, alike: float) -> Iterator[Places]:
    """Places of the members of each group; of a photo alone, its own."""
    alone = np.ones(len(shots), bool)
    for component in _components(shots, alike):
        alone[component] = False
        if len(component) == 2:
            yield component  # connected by their own likeness
            continue
        group = complete_linkage(shots.matrix(component), alike)
        order = np.argsort(group, kind="stable")
        yield from np.split(component[order], np.flatnonzero(np.diff(group[order])) + 1)
    yield from np.flatnonzero(alone)[:, None]


def _components(shots: Shots, alike: float) -> Iterator[Places]:
    """Sets of two or more, at most ``MAX_COMPONENT``, that no pair outside is alike enough with.

    Larger ones are divided where likeness is least, by raising the threshold step by step; those
    that are alike throughout, as a time lapse is, in the order of their files.
    """
    places = np.arange(len(shots))
    for step in _STEPS:
        too_large = []
        for own in _connected(shots, places, alike + (1 - alike) * step):
            if len(own) <= MAX_COMPONENT:
                yield own
            elif step == _STEPS[-1] or shots.mean_alike(own) >= alike:
                own = own[np.argsort(shots.rank[own], kind="stable")]
                yield from np.array_split(own, -(-len(own) // MAX_COMPONENT))
            else:
                too_large.append(own)
        if not too_large:
            return
        places = np.sort(np.concatenate(too_large))


def _connected(shots: Shots, places: Places, least: float) -> Iterator[Places]:
    """Components of two or more of these photos, linked where alike enough."""
    part = shots.take(places)
    found = Components(len(places))
    for rows, columns in part.tiles():
        # Members of one component need no further link; of 5,000 in a burst all but one are left.
        label = found.label[rows[0]]
        if np.all(found.label[rows] == label):
            columns = columns[found.label[columns] != label]
        if len(columns):
            found.link(*part.pairs(rows, columns, least))
    for own in found.sets():
        yield places[own]


def _unit(vectors: ArrayLike) -> Floats:
    given = np.asarray(vectors, dtype=np.float32)
    if given.ndim != 2:
        raise ValueError(f"wanted vectors of shape (N, D), got {given.shape}")
    if not np.isfinite(given).all():
        raise ValueError("a vector holds a number that is not finite; leave unreadable photos out")
    length = np.linalg.norm(given, axis=1, keepdims=True)
    unit: Floats = (given / np.where(length > 0, length, 1)).astype(np.float32)
    return unit
