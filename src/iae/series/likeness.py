"""How alike two photos of a run are: their vectors, and what clocks, bursts and file order add."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iae.series.clocks import NO_CLOCK, Ints, Windows

Floats = NDArray[np.float32]
Places = NDArray[np.intp]

CLOSE_FACTOR = 0.6
"""What the distance of photos taken close together, or in one burst, is multiplied with: on half
of PARA, with made-up times, the smallest of .8, .7, … with 98 % of the pairs found right."""

NEXT_FACTOR, NEXT = 0.95, 3
"""The same, of photos whose times say nothing, but whose files are at most ``NEXT`` places apart.
Weak, as names can come from anywhere: it matters only near the threshold."""

APART = -1.0
"""Likeness of photos surely taken apart, whatever they look like."""

_ROWS, _COLUMNS = 2048, 8192


@dataclass(frozen=True, kw_only=True, eq=False)
class Shots:
    """N photos, sorted by clock and run of shots; those without a time last."""

    unit: Floats
    """(N, D) of length 1, or 0."""
    windows: Windows
    burst: Ints
    """(N,) -1: in none."""
    rank: Ints
    """(N,) place among the files."""

    def __len__(self) -> int:
        return len(self.unit)

    def take(self, places: Places) -> "Shots":
        """Some of them, in ascending order."""
        if len(places) == len(self):
            return self
        return Shots(
            unit=self.unit[places],
            windows=self.windows.take(places),
            burst=self.burst[places],
            rank=self.rank[places],
        )

    def alike(self, a: Places, b: Places, cosine: Floats) -> Floats:
        """Likeness of photos a and b, arrays that broadcast to the shape of their cosines.

        ``APART`` for photos surely taken apart; else 1 - f · (1 - cosine), in [-1, 1].
        """
        w = self.windows
        same_clock = (w.clock[a] == w.clock[b]) & (w.clock[a] != NO_CLOCK)
        one_burst = (self.burst[a] == self.burst[b]) & (self.burst[a] >= 0)
        close = one_burst | (same_clock & (w.close[a] == w.close[b]) & (w.close[a] >= 0))
        following = np.abs(self.rank[a] - self.rank[b]) <= NEXT
        factor = np.where(following, np.float32(NEXT_FACTOR), np.float32(1))
        factor[close] = CLOSE_FACTOR
        likeness: Floats = 1 - factor * (1 - cosine)
        likeness[same_clock & (w.apart[a] != w.apart[b]) & ~one_burst] = APART
        return likeness

    def matrix(self, places: Places) -> Floats:
        """(M, M) likeness of every two of these."""
        unit = self.unit[places]
        return self.alike(places[:, None], places[None], unit @ unit.T)

    def mean_alike(self, places: Places) -> float:
        """Mean likeness of all pairs of these, each with itself among them; O(M · D)."""
        cosine = float((self.unit[places].mean(axis=0, dtype=np.float64) ** 2).sum())
        close = self.windows.close[places]
        is_one_run = close[0] >= 0 and bool((close == close[0]).all())
        return 1 - (CLOSE_FACTOR if is_one_run else 1) * (1 - cosine)

    def pairs(self, rows: Places, columns: Places, least: float) -> tuple[Places, Places]:
        """Pairs of a row and a column that are at least so alike."""
        cosine = self.unit[_span(rows)] @ self.unit[_span(columns)].T
        r, c = np.nonzero(cosine >= lowest_cosine(least, self._smallest_factor(rows, columns)))
        a, b = rows[r], columns[c]
        enough = self.alike(a, b, cosine[r, c]) >= least
        return a[enough], b[enough]

    def _smallest_factor(self, rows: Places, columns: Places) -> float:
        one_clock = self.windows.clock[rows[0]] == self.windows.clock[columns[0]]
        has_time = self.windows.clock[rows[0]] != NO_CLOCK
        may_be_close = (one_clock and has_time) or bool((self.burst[rows] >= 0).any())
        return CLOSE_FACTOR if may_be_close else NEXT_FACTOR

    def tiles(self) -> Iterator[tuple[Places, Places]]:
        """Rows of one clock and columns of one clock or more that hold every pair to compare.

        Of one clock, only photos of the same run; unless bursts reach across runs.
        """
        clock, apart = self.windows.clock, self.windows.apart
        has_bursts = bool((self.burst >= 0).any())
        ends = np.flatnonzero(np.append(clock[1:] != clock[:-1], True)) + 1
        for start, end in zip([0, *ends[:-1].tolist()], ends.tolist(), strict=True):
            for top in range(start, end, _ROWS):
                bottom = min(top + _ROWS, end)
                run_end = end
                if clock[start] != NO_CLOCK and not has_bursts:
                    last_run = apart[bottom - 1]
                    run_end = start + int(np.searchsorted(apart[start:end], last_run, "right"))
                for low, high in ((top, run_end), (end, len(self))):
                    for left in range(low, high, _COLUMNS):
                        yield np.arange(top, bottom), np.arange(left, min(left + _COLUMNS, high))


def _span(places: Places) -> Places | slice:
    """Ascending places as a slice if none is left out, which copies nothing."""
    first, last = int(places[0]), int(places[-1])
    return slice(first, last + 1) if last - first + 1 == len(places) else places


def lowest_cosine(alike: float, factor: float = CLOSE_FACTOR) -> float:
    """The cosine from which on photos may be so alike, their distance multiplied by ``factor``."""
    return 1 - (1 - alike) / factor


def sorted_shots(
    unit: Floats, windows: Windows, *, bursts: Sequence[str], ranks: Ints | None
) -> tuple[Shots, Places]:
    """Photos sorted as :class:`Shots` wants them, and the place each had before.

    Photos of one run are sorted by what they are, so that sums come out the same, to the last bit,
    whatever order they are given in.

    Args:
        unit: (N, D) vectors of length 1.
        windows: what their times say.
        bursts: (N,) name of the burst, or "".
        ranks: (N,) places among the files; None: not known.
    """
    names, burst = np.unique(np.asarray(bursts, dtype=np.str_), return_inverse=True)
    burst = np.where(names[burst] == "", -1, burst).astype(np.int64)
    has_time = windows.clock != NO_CLOCK
    keys = list(unit[:, :8].T[::-1]) if ranks is None else [ranks]
    run = np.where(has_time, windows.apart, 0)
    clock = np.where(has_time, windows.clock, np.iinfo(np.int64).max)
    places = np.lexsort([*keys, run, clock])
    far_from_each_other = np.arange(len(unit)) * (NEXT + 1)
    shots = Shots(
        unit=unit[places],
        windows=windows.take(places),
        burst=burst[places],
        rank=far_from_each_other if ranks is None else ranks[places],
    )
    return shots, places
