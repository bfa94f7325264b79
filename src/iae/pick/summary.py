"""The choice in one line."""

from collections import Counter
from collections.abc import Sequence

from iae.pick.choice import Pick


def summary_line(picks: Sequence[Pick]) -> str:
    """How many photos, series, singles; what is open, overruled or unreadable.

    >>> single = Pick(path="a.jpg", kept=True, own_kept=True)
    >>> summary_line([single, Pick(path="b.jpg", error="no photo")])
    '2 photos: no series, 1 single; 1 could not be read'
    """
    sizes = Counter(pick.series for pick in picks if pick.series is not None)
    singles = sum(pick.series is None and not pick.error for pick in picks)
    parts = [
        f"{_count(len(picks), 'photo', 'photos')}: {_series(sizes)}, "
        f"{_count(singles, 'single', 'singles')}"
    ]
    if close := sum(bool(pick.too_close) for pick in picks if pick.own_best):
        parts.append(f"{close:,} too close to call")
    if overruled := len({pick.series or pick.path for pick in picks if pick.overruled}):
        parts.append(f"{overruled:,} overruled by you")
    if unreadable := sum(bool(pick.error) for pick in picks):
        parts.append(f"{unreadable:,} could not be read")
    return "; ".join(parts)


def _series(sizes: "Counter[int]") -> str:
    if not sizes:
        return "no series"
    low, high = min(sizes.values()), max(sizes.values())
    shots = f"{low:,} shots" if low == high else f"{low:,}-{high:,} shots"
    return f"{len(sizes):,} series ({shots})"


def _count(number: int, one: str, more: str) -> str:
    return f"{number:,} {one if number == 1 else more}"
