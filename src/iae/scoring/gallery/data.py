"""What the script of the page is told: the library as columns of numbers, in one JSON value.

Columns, whole numbers and folders said once make 10,000 photos about 2.5 MB, which a browser
takes apart in some 20 ms; a list of objects with the same content is three times as large.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from iae.images.technical import FACTS
from iae.labels import EMOTIONS, HIGH_THRESHOLD
from iae.scoring.gallery.cards import CARD_EMOTION_SHARE, CARD_EMOTIONS, Card

SCALE = 10_000
"""Scores and shares travel as whole numbers of this part: they have four decimals."""


def page_data(cards: Sequence[Card], *, chosen: bool = False) -> dict[str, Any]:
    """The cards as columns, in their order; the readers stand in ``gallery-photos.js``.

    ``chosen`` photos have a place, which is their order.

    A column of which nothing is known is None, and so is an unknown value within one. ``levels``
    and ``emotions`` hold their four and eight numbers a photo one after the other.
    """
    reasons = sorted({reason for card in cards for reason in card.reasons})
    place = {reason: index for index, reason in enumerate(reasons)}
    return {
        "emotions": EMOTIONS,
        "reasons": reasons,
        "chosen": chosen,
        "scale": SCALE,
        "threshold": _scaled(HIGH_THRESHOLD),
        "cardEmotions": CARD_EMOTIONS,
        "cardEmotionShare": CARD_EMOTION_SHARE,
        "photos": {
            "path": _paths((card.path.removesuffix(card.name), card.name) for card in cards),
            "thumbnail": _paths(_cut(card.thumbnail) for card in cards),
            "original": _paths(_cut(card.original) for card in cards),
            "mean": [_scaled(card.mean) for card in cards],
            "std": [_scaled(card.std) for card in cards],
            "high": [_scaled(card.high_prob) for card in cards],
            "levels": [_scaled(share) for card in cards for share in card.levels],
            "emotions": [_scaled(share) for card in cards for share in card.emotions],
            "interval": _known([card.interval and _pair(card.interval) for card in cards]),
            "percentile": _known(
                [None if card.percentile is None else round(card.percentile, 2) for card in cards]
            ),
            "unsure": [int(bool(card.unsure)) for card in cards]
            if any(card.unsure for card in cards)
            else None,
            "reasons": _known([[place[reason] for reason in card.reasons] for card in cards]),
            "facts": {
                name: _known([card.facts and getattr(card.facts, name) for card in cards])
                for name in FACTS
            },
        },
    }


def _paths(parts: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Folders and names as columns: each folder once, then for each photo its number and name."""
    folders: dict[str, int] = {}
    column: list[int] = []
    names: list[str] = []
    for folder, name in parts:
        column.append(folders.setdefault(folder, len(folders)))
        names.append(name)
    return {"folders": list(folders), "folder": column, "name": names}


def _cut(url: str) -> tuple[str, str]:
    folder, slash, name = url.rpartition("/")
    return folder + slash, name


def _known(column: list[Any]) -> list[Any] | None:
    return column if any(value not in (None, []) for value in column) else None


def _scaled(value: float) -> int:
    return round(value * SCALE)


def _pair(bounds: tuple[float, float]) -> tuple[int, int]:
    return _scaled(bounds[0]), _scaled(bounds[1])
