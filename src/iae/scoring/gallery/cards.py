"""One scored photo as the gallery shows it: text made harmless, links made local, numbers in words.

The script of the page words its cards by the same rules (``gallery-photos.js``).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import PurePath

from iae.images.technical import TechnicalFacts
from iae.labels import EMOTIONS, LEVELS, is_high
from iae.scoring.gallery.links import local_url, relative_url, shown
from iae.scoring.scores import PhotoScore

CARD_EMOTIONS = 3
"""At most this many emotions stand on a card; the large view has all eight."""

CARD_EMOTION_SHARE = 0.05
"""An emotion below this share is left off the card, unless it is the strongest."""


STANDING_FROM = 10
"""Among fewer photos a percentile says nothing, and is not shown."""


@dataclass(frozen=True, kw_only=True)
class Card:
    """What is shown of one photo. Numbers as in :class:`PhotoScore`; None and "" are not shown."""

    path: str
    name: str
    thumbnail: str
    """URL of the small picture; empty when there is none at all."""
    original: str
    """URL of the photo itself; empty when it is not known."""
    mean: float
    std: float
    levels: tuple[float, ...]
    high_prob: float
    emotions: tuple[float, ...]
    interval: tuple[float, float] | None
    percentile: float | None
    standing: str
    """The percentile in words; in a choice, the place in it."""
    unsure: bool | None
    reasons: tuple[str, ...]
    facts: TechnicalFacts | None

    @property
    def is_high(self) -> bool:
        """Whether the score counts as high."""
        return is_high(self.mean)

    @property
    def level_segments(self) -> list[tuple[str, float, float]]:
        """Level, start and width of each part of the bar, which is 100 wide."""
        starts = accumulate(self.levels, initial=0.0)
        return [
            (level, round(100 * start, 2), round(100 * share, 2))
            for level, start, share in zip(LEVELS, starts, self.levels, strict=False)
        ]

    @property
    def levels_in_words(self) -> str:
        """The level shares as one phrase."""
        parts = zip(LEVELS, self.levels, strict=True)
        return ", ".join(f"{level} {percent(share)}" for level, share in parts).capitalize()

    @property
    def strongest_emotions(self) -> list[tuple[str, float]]:
        """The emotions that stand on the card with their shares, strongest first."""
        ranked = sorted(zip(EMOTIONS, self.emotions, strict=True), key=lambda pair: -pair[1])
        rest = [pair for pair in ranked[1:CARD_EMOTIONS] if pair[1] >= CARD_EMOTION_SHARE]
        return [ranked[0], *rest]


def cards_of(
    scores: Sequence[PhotoScore],
    thumbnails: Mapping[str, str],
    originals: Mapping[str, str],
    chosen_from: int | None = None,
) -> list[Card]:
    """The cards of the photos that have scores, in the order given.

    Args:
        scores: of all photos of the page.
        thumbnails: path of a photo to its thumbnail.
        originals: path of a photo to its URL.
        chosen_from: how many photos percentiles are among, where these are a choice of them.
    """
    scored = [score for score in scores if not score.error]
    cards = [
        _card(score, thumbnails.get(score.path), originals.get(score.path),
              chosen_from or len(scored))
        for score in scored
    ]  # fmt: skip
    if chosen_from is None:
        return cards
    # Of the best of a library, "top 1%" would stand on every card.
    return [replace(card, standing=f"no. {place}") for place, card in enumerate(cards, start=1)]


def _card(score: PhotoScore, thumbnail: str | None, original: str | None, count: int) -> Card:
    assert score.aesthetic_mean is not None
    assert score.aesthetic_std is not None
    assert score.levels is not None
    assert score.high_prob is not None
    assert score.emotions is not None
    original_url = local_url(original) if original else ""
    percentile = score.percentile if count >= STANDING_FROM else None
    return Card(
        path=shown(score.path),
        name=shown(PurePath(score.path).name or score.path),
        thumbnail=relative_url(thumbnail) if thumbnail else original_url,
        original=original_url,
        mean=score.aesthetic_mean,
        std=score.aesthetic_std,
        levels=score.levels,
        high_prob=score.high_prob,
        emotions=score.emotions,
        interval=score.interval,
        percentile=percentile,
        standing="" if percentile is None else standing(percentile, count),
        unsure=score.unsure,
        reasons=tuple(shown(reason) for reason in score.reasons),
        facts=score.facts,
    )


def percent(share: float) -> str:
    """A share in whole per cent; what is not quite nothing or everything does not read as it.

    >>> percent(0.125), percent(0.004), percent(0.996)
    ('13%', '<1%', '>99%')
    """
    share = round(share, 4)
    rounded = math.floor(100 * share + 0.5)
    if rounded == 0 and share > 0:
        return "<1%"
    if rounded == 100 and share < 1:
        return ">99%"
    return f"{rounded}%"


def standing(percentile: float, count: int) -> str:
    """Where a photo stands among ``count``, from its percentile in [0, 100], itself among them.

    Counted from the nearer end, the photo itself included, and never less than 1 %.

    >>> standing(100, 20), standing(95, 20), standing(5, 20), standing(99.99, 10_000)
    ('top 5%', 'top 10%', 'bottom 5%', 'top 1%')
    """
    is_upper = percentile >= 50
    share = 100 - percentile + 100 / count if is_upper else percentile
    return f"{'top' if is_upper else 'bottom'} {max(math.floor(share + 0.5), 1)}%"
