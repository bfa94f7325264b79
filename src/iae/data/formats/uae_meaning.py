"""Which integers of the folder release mean which label: stated, or inferred and said."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from iae.data.defects import Defect
from iae.data.formats.uae_labels import infer, infer_quality
from iae.data.formats.uae_lists import Entry, Lists
from iae.labels import EMOTIONS

LABELS_FILE = "labels.txt"
"""May lie beside the lists: the names of the labels 0, 1 …; not part of the published release."""

QUALITIES = ("low", "high")

_PAIRS = ((0, 1), (1, 2), (-1, 1))
"""Integers that two classes are written as."""

_AGREE = 0.6
"""From this share of labels that agree with the ratings, the ratings have told."""


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What each integer means; one that is absent means nothing."""

    is_high: Mapping[int, bool]
    emotions: Mapping[int, str]
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Stated:
    """What need not be inferred."""

    emotion_order: tuple[str, ...] | None = None
    emotions_by: str = ""
    """Who stated it."""
    qualities: tuple[str, ...] | None = None
    """``("low", "high")`` or the reverse."""


def labels_text() -> str:
    """The content of ``labels.txt`` for labels in the order of this package."""
    return f"aesthetic: {', '.join(QUALITIES)}\nemotion: {', '.join(EMOTIONS)}\n"


def read_stated(root: Path, emotion_order: tuple[str, ...] | None, defects: list[Defect]) -> Stated:
    """What ``labels.txt`` states, if it is there; ``emotion_order`` overrules it."""
    named: dict[str, tuple[str, ...]] = {}
    wanted = {"aesthetic": QUALITIES, "emotion": EMOTIONS}
    path = root / LABELS_FILE
    lines = path.read_text("utf-8-sig", errors="replace").splitlines() if path.is_file() else []
    for number, line in enumerate(lines, 1):
        key, _, rest = line.partition("#")[0].partition(":")
        names = tuple(name.strip() for name in rest.split(","))
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if sorted(names) == sorted(wanted.get(key.strip(), ())):
            named[key.strip()] = names
        else:
            text = "wanted 'aesthetic: low, high' or 'emotion:' and the eight emotions, by label"
            defects.append(Defect("bad-row", f"{LABELS_FILE}:{number}", text))
    return Stated(
        emotion_order=emotion_order or named.get("emotion"),
        emotions_by="you said so" if emotion_order else f"{LABELS_FILE} says so",
        qualities=named.get("aesthetic"),
    )


def find_meaning(lists: Lists, rated_high: Mapping[int, bool], stated: Stated) -> Meaning:
    """The meaning of all integers, with a sentence for whatever was inferred.

    Args:
        lists: what the lists say.
        rated_high: image id -> whether its ratings say "high", of the rated ones.
        stated: what need not be inferred.
    """
    pair = max(_PAIRS, key=lambda pair: _count(lists.aes.values(), pair))
    base = int(_count(lists.emo.values(), (8,)) > _count(lists.emo.values(), (0,)))
    counts = _count_classes(lists, pair, base)
    order = None
    if stated.emotion_order is not None:
        order = tuple(EMOTIONS.index(name) for name in stated.emotion_order)
    high, why = _quality(lists.aes, pair, rated_high, stated, counts, order)
    notes = [f"aesthetic label {high} is high, {sum(pair) - high} low: {why}"] if lists.aes else []
    names, reason = _emotions(counts, stated, None if counts.shape[1] == 1 else high == pair[0])
    if lists.emo:
        notes.append(f"emotion labels {base} to {base + 7} are {', '.join(names)}: {reason}")
    return Meaning(
        is_high={label: label == high for label in pair},
        emotions={base + i: name for i, name in enumerate(names)},
        notes=tuple(notes),
    )


def _count(entries: Iterable[Entry], labels: tuple[int, ...]) -> int:
    return sum(entry.label in labels for entry in entries)


def _count_classes(lists: Lists, pair: tuple[int, int], base: int) -> NDArray[np.float64]:
    """(8, 2) images per emotion integer and (smaller, larger) aesthetic one; (8, 1) without."""
    found: Counter[tuple[int, int]] = Counter()
    for image, entry in lists.emo.items():
        quality = lists.aes.get(image)
        if entry.label is not None and quality is not None and quality.label in pair:
            found[entry.label - base, int(quality.label == pair[1])] += 1
    width = 2
    if not found:  # no image has both
        width = 1
        found.update((entry.label - base, 0) for entry in lists.emo.values()
                     if entry.label is not None)  # fmt: skip
    counts = np.zeros((len(EMOTIONS), width))
    for (emotion, column), images in found.items():
        if 0 <= emotion < len(EMOTIONS):
            counts[emotion, column] = images
    return counts


def _quality(
    aes: Mapping[int, Entry],
    pair: tuple[int, int],
    rated_high: Mapping[int, bool],
    stated: Stated,
    counts: NDArray[np.float64],
    order: tuple[int, ...] | None,
) -> tuple[int, str]:
    """The integer that means high, and how that is known."""
    if stated.qualities is not None:
        return pair[stated.qualities.index("high")], f"{LABELS_FILE} says so"
    rated = [
        (entry.label == pair[1]) == rated_high[image]
        for image, entry in aes.items()
        if entry.label in pair and image in rated_high
    ]
    agreeing = sum(rated)
    if agreeing > _AGREE * len(rated):
        return pair[1], f"{agreeing:,} of {len(rated):,} labels then agree with the ratings"
    if len(rated) - agreeing > _AGREE * len(rated):
        text = f"{len(rated) - agreeing:,} of {len(rated):,} labels then agree with the ratings"
        return pair[0], text
    by_emotions = infer(counts, order) if counts.shape[1] == 2 else None
    if by_emotions is not None and by_emotions.quality_clear:
        is_flipped: bool | None = by_emotions.reading.is_flipped
    else:
        labels = [_count(aes.values(), (label,)) for label in pair]
        is_flipped = infer_quality(np.array(labels, dtype=np.float64))
    if is_flipped is None:
        return pair[1], "assumed; neither ratings nor counts tell"
    return pair[0 if is_flipped else 1], "inferred from the counts against the published ones"


def _emotions(
    counts: NDArray[np.float64], stated: Stated, is_flipped: bool | None
) -> tuple[tuple[str, ...], str]:
    """The emotions of the eight integers, and how they are known."""
    if stated.emotion_order is not None:
        return stated.emotion_order, stated.emotions_by
    found = infer(counts, is_flipped=bool(is_flipped))
    overrule = "--emotion-order says otherwise"
    if found.emotions_clear:
        names = tuple(EMOTIONS[i] for i in found.reading.order)
        return names, f"inferred from the counts per class against the published ones; {overrule}"
    return EMOTIONS, f"assumed; the counts per class do not tell the order; {overrule}"
