"""How much one rater, or one address, may ask for; kept in memory only and never logged."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from threading import Lock


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A bucket that holds ``burst`` and is refilled by ``per_second``."""

    per_second: float
    burst: int


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Limits of a server. The quickest rater needs about three requests a second."""

    rater: Limit = Limit(per_second=20, burst=120)
    """Requests with a valid cookie, images aside; the burst lets an hour's queue arrive."""
    images: Limit = Limit(per_second=10, burst=60)
    """Images of one rater, which cost the most."""
    strangers: Limit = Limit(per_second=1, burst=20)
    """Links and cookies that open nothing, by address. Whoever shares the address and has a valid
    link is let in all the same."""


class Buckets:
    """One bucket for each name; those not used for longest are forgotten, which only fills them."""

    def __init__(
        self, limit: Limit, *, most: int = 10_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit = limit
        self._most = most
        self._clock = clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def wait(self, name: str) -> int:
        """Take one from the bucket: 0, or in how many whole seconds there will be one again."""
        now = self._clock()
        with self._lock:
            level, before = self._levels.pop(name, (float(self._limit.burst), now))
            level = min(self._limit.burst, level + (now - before) * self._limit.per_second)
            enough = level >= 1
            self._levels[name] = (level - 1 if enough else level, now)
            if len(self._levels) > self._most:
                self._levels.popitem(last=False)
        return 0 if enough else max(1, ceil((1 - level) / self._limit.per_second))
