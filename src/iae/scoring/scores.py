"""``PhotoScore``: everything said about one photo, and the columns it becomes in a table."""

from dataclasses import dataclass

from iae.images.technical import FACTS, TechnicalFacts
from iae.labels import EMOTIONS, LEVELS

COLUMNS = (
    "path",
    "error",
    "aesthetic_mean",
    "aesthetic_std",
    *(f"level_{level}" for level in LEVELS),
    "high_prob",
    *(f"emotion_{emotion}" for emotion in EMOTIONS),
    "positive_prob",
    "aesthetic_interval_low",
    "aesthetic_interval_high",
    "percentile",
    "unsure",
    "reasons",
    *FACTS,
)
"""Columns of ``scores.csv``, in order. Columns are added at the end, never renamed."""

REASON_SEPARATOR = "; "
"""Between the reasons of one photo in a table's cell."""

Cell = str | float | bool | None
"""What one cell of the table holds; None is an empty cell."""


@dataclass(frozen=True, kw_only=True)
class PhotoScore:
    """The scores of one photo, or the reason why there are none.

    Either ``error`` is empty and every number is there, or it says why and every number is None.
    But a model that was trained for one task alone says nothing of the other, and the interval may
    be None on its own: models of before say none. What was measured and what compares the photo
    with its library is added later, and may be missing.
    """

    path: str
    """As given or found: the identity of the photo (two ``a.jpg`` in two folders stay two)."""
    error: str = ""
    """Why the photo could not be scored; empty when it was."""
    aesthetic_mean: float | None = None
    """Predicted mean rating, in [1, 10]."""
    aesthetic_std: float | None = None
    """Predicted spread of single ratings around that mean, in [0, 4.5]: how far people disagree."""
    levels: tuple[float, ...] | None = None
    """Predicted share of raters per level, in the order of ``LEVELS`` (worst first); sums to 1."""
    high_prob: float | None = None
    """Probability that the mean rating is 5 or more, in [0, 1]."""
    emotions: tuple[float, ...] | None = None
    """Probability of each emotion, in the order of ``EMOTIONS``; sums to 1."""
    positive_prob: float | None = None
    """Probability that the emotion is one of the four positive ones, in [0, 1]."""
    interval: tuple[float, float] | None = None
    """Bounds in [1, 10] that hold the mean rating of 90 % of photos; None when the model has none
    fitted."""
    facts: TechnicalFacts | None = None
    """What was measured in the pixels; None where nothing was."""
    percentile: float | None = None
    """Share of the library's scored photos that are not better than this one, itself among them, in
    [0, 100]; photos with the same score share the middle of theirs. None outside a library."""
    reasons: tuple[str, ...] = ()
    """At most three plain words on what stands out in the photo (see ``iae.scoring.library``)."""
    unsure: bool | None = None
    """Whether the model's own odds leave the verdict open (see ``iae.scoring.library``)."""

    @property
    def top_emotion(self) -> str | None:
        """The most probable emotion; None where nothing is said of emotions."""
        if self.emotions is None:
            return None
        return EMOTIONS[max(range(len(EMOTIONS)), key=self.emotions.__getitem__)]

    def to_row(self) -> dict[str, Cell]:
        """The photo as one table row: a value for each of ``COLUMNS``."""
        levels = self.levels or (None,) * len(LEVELS)
        emotions = self.emotions or (None,) * len(EMOTIONS)
        interval = self.interval or (None, None)
        facts = (None if self.facts is None else getattr(self.facts, name) for name in FACTS)
        values = (self.path, self.error, self.aesthetic_mean, self.aesthetic_std, *levels,
                  self.high_prob, *emotions, self.positive_prob, *interval, self.percentile,
                  self.unsure, REASON_SEPARATOR.join(self.reasons), *facts)  # fmt: skip
        return dict(zip(COLUMNS, values, strict=True))
