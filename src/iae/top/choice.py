"""The best photos of a library, one after the other: pure, no file is opened."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from iae.labels import EMOTIONS
from iae.scoring.scores import PhotoScore
from iae.top.value import best_first, values_of
from iae.top.variety import varied_picks

Embeddings = Callable[[], NDArray[np.float32]]
"""(N, D) what the network sees in each photo; called only where it is needed."""


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """One of the best."""

    rank: int
    """1 is the best."""
    score: PhotoScore
    file: Path
    """Where the photo lies."""
    value: float
    """What it was ranked by: see :func:`iae.top.value.values_of`."""
    near_repeat_of: int | None = None
    """Rank of a better photo that shows nearly the same; only with variety, and only where the
    library had nothing else left."""


def choose_best(
    scores: Sequence[PhotoScore],
    files: Sequence[Path],
    embeddings: Embeddings,
    *,
    count: int,
    emotion: str | None = None,
    diverse: bool = False,
) -> list[Chosen]:
    """The ``count`` best photos; all readable ones if there are fewer.

    Args:
        scores: (N) rows of a library; unreadable photos are passed over.
        files: (N) where each lies.
        embeddings: gives (N, D), a row a photo.
        count: photos wanted.
        emotion: the mood that is looked for; None looks for beauty alone.
        diverse: whether to leave out near-repeats and to spread the choice, over moods too unless
            one is looked for.
    """
    readable = [place for place, score in enumerate(scores) if not score.error]
    rows = [scores[place] for place in readable]
    if not rows:
        return []
    values = values_of(rows, emotion)
    order = best_first(rows, values)
    picks: list[tuple[int, int | None]] = [(int(place), None) for place in order[:count]]
    if diverse:
        moods = np.array([row.emotions for row in rows], np.float64)
        varied = varied_picks(
            values[order],
            embeddings()[readable][order],
            moods[order] if emotion is None else None,
            count,
        )
        picks = [(int(order[pick.place]), None if pick.repeats is None else int(
            order[pick.repeats])) for pick in varied]  # fmt: skip
    ranks = {place: rank for rank, (place, _) in enumerate(picks, start=1)}
    return [
        Chosen(
            rank=ranks[place],
            score=rows[place],
            file=files[readable[place]],
            value=float(values[place]),
            near_repeat_of=None if repeats is None else ranks[repeats],
        )
        for place, repeats in picks
    ]


def mood_of(score: PhotoScore, emotion: str | None) -> tuple[str, float]:
    """The emotion that is told of a photo, and its share in [0, 1]: the one asked for, or the
    strongest."""
    assert score.emotions is not None
    name = emotion or score.top_emotion or EMOTIONS[0]
    return name, score.emotions[EMOTIONS.index(name)]
