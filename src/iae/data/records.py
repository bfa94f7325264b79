"""``ImageRecord``: one photo and whatever is known about it. Any label may be missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from iae.labels import EMOTIONS

Split = Literal["train", "val", "test"]
SPLITS: tuple[Split, ...] = ("train", "val", "test")


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageRecord:
    """One photo with its labels, every one of which may be missing."""

    path: Path
    """The image file; not opened here."""
    name: str
    """The path as the data set writes it: the photo's identity on any machine."""
    source: str
    """Name of the data set it came from."""
    group: str | None = None
    """Photos of one group (a scene, re-uploads) within a data set never go to different splits."""
    split: Split | None = None
    """Set by the data set itself or by ``assign_splits``."""
    aesthetic_mean: float | None = None
    """Mean rating in [1, 10]."""
    level_shares: tuple[float, float, float, float] | None = None
    """Share of raters per level, worst first; sums to 1."""
    emotion: str | None = None
    """The one emotion it is labelled with."""
    emotion_votes: Mapping[str, float] | None = None
    """Votes per emotion that was offered; an emotion that is absent was not offered."""
    neutral_votes: float = 0.0
    """Votes for no emotion at all."""

    @property
    def dominant_emotion(self) -> str | None:
        """The label, or the emotion with most votes (ties: the first of ``EMOTIONS``), or None."""
        if self.emotion is not None:
            return self.emotion
        votes = self.emotion_votes or {}
        if not any(votes.values()):
            return None
        return max((e for e in EMOTIONS if e in votes), key=lambda emotion: votes[emotion])
