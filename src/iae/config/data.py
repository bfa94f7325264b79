"""Settings of the data: what a label table means, and how photos are divided."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from iae.errors import ConfigError
from iae.labels import EMOTIONS, SCORE_MAX, SCORE_MIN


@dataclass(frozen=True, kw_only=True)
class TableSource:
    """A label table beside its images: which column means what. Every label is optional."""

    table: str = "labels.csv"
    """The table's path inside the data root: ``.csv``, ``.parquet``, ``.ndjson`` or ``.jsonl``."""
    image: str = "image"
    """Column of the image path, relative to the data root."""
    group: str | None = None
    """Column of the group; photos of one group never go to different splits."""
    split: str | None = None
    """Column with train, val or test, where the data set comes with its own split."""
    scale: tuple[float, float] = (SCORE_MIN, SCORE_MAX)
    """Worst and best aesthetic score in this table; scores are mapped linearly onto [1, 10]."""
    aesthetic_mean: str | None = None
    """Column of the mean aesthetic score."""
    ratings: tuple[str, ...] = ()
    """Columns of single ratings, one a rater; empty cells are missing ratings."""
    score_counts: Mapping[str, float] = field(default_factory=dict)
    """Column -> the score it counts raters of, on ``scale`` (four levels: 1, 4, 7 and 10)."""
    emotion: str | None = None
    """Column of the emotion label, one of the eight names."""
    emotion_votes: Mapping[str, str] = field(default_factory=dict)
    """Emotion -> column of its votes. An emotion left out was not offered to the raters."""
    attributes: Mapping[str, str] = field(default_factory=dict)
    """Another question (quality, light …) -> column of its mean rating, on ``scale``."""
    neutral_votes: str | None = None
    """Column of the votes for "no emotion"."""
    optional: bool = False
    """Whether a run may go without this source (with a notice) when its root is not given."""

    def __post_init__(self) -> None:
        if not self.scale[0] < self.scale[1]:
            raise ConfigError(f"scale must be [worst, best], got {list(self.scale)}")
        unknown = sorted(set(self.emotion_votes) - set(EMOTIONS))
        if unknown:
            raise ConfigError(
                f"emotion_votes has {', '.join(unknown)}; the emotions are {', '.join(EMOTIONS)}"
            )
        for column, score in self.score_counts.items():
            if not self.scale[0] <= score <= self.scale[1]:
                raise ConfigError(f"score_counts: {column} = {score} is outside scale {self.scale}")


@dataclass(frozen=True, kw_only=True)
class SplitConfig:
    """How photos are divided where the data set does not say so itself."""

    seed: int = 0
    """Another seed is another split."""
    fractions: tuple[float, float, float] = (0.8, 0.1, 0.1)
    """Shares of train, val and test."""

    def __post_init__(self) -> None:
        if any(part <= 0 for part in self.fractions) or abs(sum(self.fractions) - 1) > 1e-9:
            raise ConfigError(f"fractions must be positive and sum to 1, got {self.fractions}")
