"""``ImageRecord``: one photo and what is known of it; ``PhotoPair``: two shots of one series."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from iae.labels import EMOTIONS, is_high

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
    aesthetic_high: bool | None = None
    """The data set's own high/low label, which may contradict the mean (see ``is_high``)."""
    score_counts: Mapping[float, float] | None = None
    """Raters per score, the scores on [1, 10]."""
    level_shares: tuple[float, float, float, float] | None = None
    """Share of raters per level, worst first; sums to 1."""
    emotion: str | None = None
    """The one emotion it is labelled with."""
    emotion_votes: Mapping[str, float] | None = None
    """Votes per emotion that was offered; an emotion that is absent was not offered."""
    neutral_votes: float = 0.0
    """Votes for no emotion at all."""
    attributes: Mapping[str, float] = field(default_factory=dict)
    """Mean ratings of other questions (quality, composition, light …), in [1, 10]."""

    @property
    def is_high(self) -> bool | None:
        """High or low aesthetic quality: by the mean where there is one, else by the label."""
        return self.aesthetic_high if self.aesthetic_mean is None else is_high(self.aesthetic_mean)

    @property
    def dominant_emotion(self) -> str | None:
        """The label, or the emotion with most votes (ties: the first of ``EMOTIONS``), or None."""
        if self.emotion is not None:
            return self.emotion
        votes = self.emotion_votes or {}
        if not any(votes.values()):
            return None
        return max((e for e in EMOTIONS if e in votes), key=lambda emotion: votes[emotion])


@dataclass(frozen=True, kw_only=True, slots=True)
class PhotoPair:
    """Two shots of one series, and how far people prefer the first; the photos are file names."""

    series: str
    photo_a: str
    photo_b: str
    share: float
    """(Modelled) share of people who prefer ``photo_a``, in [0, 1]."""
    rank_a: int | None = None
    """Place of ``photo_a`` in its series; 1 is the best."""
    rank_b: int | None = None
    split: Split | None = None
    where: str = ""
    """File and line it was read from."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PairVotes:
    """Raw votes on one pair of a series."""

    series: str
    photo_a: str
    photo_b: str
    votes_a: int
    """People who preferred ``photo_a``."""
    votes_b: int
