"""How scores become stars: by fixed scores, or by the place in the library."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from iae.errors import ConfigError
from iae.labels import SCORE_MAX, SCORE_MIN

EXAMPLE = "top=5,20,50,80 or thresholds=4,5,6,7"


@dataclass(frozen=True)
class StarRule:
    """Four bounds between five, four, three, two stars and one."""

    kind: str
    """``top``: percent of the library; ``thresholds``: scores in [1, 10]."""
    bounds: tuple[float, float, float, float]
    """Ascending. ``top``: the best 5 % get five stars, of the rest those in the best 20 % get four,
    and so on. ``thresholds``: from the last one on five stars, below the first one."""

    def stars(self, scores: Sequence[float]) -> list[int]:
        """Stars, 1 to 5, of each of the scores of one library.

        ``top=5``: a photo has five stars when fewer than 5 % of the photos score higher. Equal
        scores get equal stars, and the best photo always five, so that of ten photos one has them
        and of ten equal ones all. A score that is a threshold has reached it.

        >>> StarRule("thresholds", (4, 5, 6, 7)).stars([3.9, 4, 7])
        [1, 2, 5]
        >>> StarRule("top", (10, 20, 50, 80)).stars([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
        [1, 1, 2, 2, 2, 3, 3, 3, 4, 5]
        """
        if self.kind == "thresholds":
            return [1 + sum(score >= bound for bound in self.bounds) for score in scores]
        ordered = sorted(scores, reverse=True)
        higher = {score: place for place, score in reversed(list(enumerate(ordered)))}
        return [
            1 + sum(100 * higher[score] < bound * len(scores) for bound in self.bounds)
            for score in scores
        ]


def parse_star_rule(text: str) -> StarRule:
    """The rule that ``--stars`` names.

    >>> parse_star_rule("top=5,20,50,80")
    StarRule(kind='top', bounds=(5.0, 20.0, 50.0, 80.0))

    Raises:
        ConfigError: it is no such rule, or its bounds do not ascend within their range.
    """
    kind, _, listed = text.partition("=")
    try:
        bounds = tuple(float(bound) for bound in listed.split(","))
    except ValueError:
        bounds = ()
    if kind not in ("top", "thresholds") or len(bounds) != 4 or not all(map(math.isfinite, bounds)):
        raise ConfigError(f"'{text}' is no rule for stars; wanted {EXAMPLE}")
    low, high = (0.0, 100.0) if kind == "top" else (SCORE_MIN, SCORE_MAX)
    if list(bounds) != sorted(set(bounds)) or bounds[0] <= low or bounds[-1] > high:
        raise ConfigError(f"the four bounds of '{text}' must ascend and lie above {low:g} and at "
                          f"most at {high:g}; for example {EXAMPLE}")  # fmt: skip
    return StarRule(kind, bounds)
