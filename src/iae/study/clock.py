"""The time, as the database holds it."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], float]
"""Seconds since 1970 in UTC; ``time.time``, or a test's own."""


def milliseconds(seconds: float) -> int:
    """Seconds as the database holds them.

    >>> milliseconds(1.5)
    1500
    """
    return round(seconds * 1000)


def iso(ms: int) -> str:
    """A time of the database as text, in UTC, to the millisecond.

    >>> iso(1_500)
    '1970-01-01T00:00:01.500Z'
    """
    text = datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
