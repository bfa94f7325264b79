"""A list of photos through decoding and the network, which work at the same time."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from iae.errors import ImageError
from iae.scoring.decoding import Prepared, Task
from iae.scoring.find import Found
from iae.scoring.gallery import PhotosShown, needs_thumbnail, thumbnail_name
from iae.scoring.scorer import Scorer, photo_scores
from iae.scoring.scores import PhotoScore
from iae.scoring.session import BATCH
from iae.scoring.workers import DecoderPool


@dataclass(frozen=True)
class ScoredPhoto:
    """What came out for one photo."""

    score: PhotoScore
    """Its scores, or the reason why there are none."""
    embedding: NDArray[np.float32] | None
    """(D,) what the network sees in it; None for an unreadable photo."""


def score_photos(
    found: Sequence[Found],
    scorer: Scorer,
    *,
    thumbnails: Path | None,
    facts: bool = True,
    workers: int | None = None,
    shown: PhotosShown = "thumbnails",
) -> Generator[ScoredPhoto]:
    """Score photos; one result each, in their order, readable or not.

    Args:
        found: the photos.
        scorer: the model.
        thumbnails: folder below which thumbnails go, by :func:`thumbnail_name`, into a folder that
            is there; None makes none.
        facts: whether to measure the technical facts of each photo.
        workers: processes that decode; one a core by default.
        shown: with ``originals``, only photos that no browser can show get a thumbnail.

    Raises:
        OutputError: a thumbnail cannot be written.
    """
    readable = (photo for photo in found if photo.problem is None)
    tasks = (Task(photo.path, _thumbnail(photo, thumbnails, shown)) for photo in readable)
    with DecoderPool(scorer.info.preprocess, with_facts=facts, workers=workers) as pool:
        outcomes = pool.map(tasks)
        remaining = iter(found)
        while batch := list(islice(remaining, BATCH)):
            prepared = [photo.problem or next(outcomes) for photo in batch]
            yield from _score_batch([photo.name for photo in batch], prepared, scorer)


def _thumbnail(photo: Found, folder: Path | None, shown: PhotosShown) -> Path | None:
    if folder is None or not needs_thumbnail(photo.name, shown):
        return None
    return folder / thumbnail_name(photo.name)


def _score_batch(
    names: Sequence[str], photos: Sequence[Prepared | ImageError], scorer: Scorer
) -> Iterator[ScoredPhoto]:
    readable = [
        (name, photo)
        for name, photo in zip(names, photos, strict=True)
        if isinstance(photo, Prepared)
    ]
    scored = _score_prepared(readable, scorer)
    for name, photo in zip(names, photos, strict=True):
        if isinstance(photo, ImageError):
            yield ScoredPhoto(PhotoScore(path=name, error=str(photo)), None)
        else:
            yield next(scored)


def _score_prepared(
    photos: Sequence[tuple[str, Prepared]], scorer: Scorer
) -> Iterator[ScoredPhoto]:
    if not photos:
        return
    prediction = scorer.predict(np.stack([photo.pixels for _, photo in photos]))
    scores = photo_scores(
        [name for name, _ in photos],
        prediction.level_probs,
        prediction.emotion_probs,
        calibration=scorer.info.calibration,
        tasks=scorer.info.tasks,
    )
    for score, embedding, (_, photo) in zip(scores, prediction.embedding, photos, strict=True):
        yield ScoredPhoto(replace(score, facts=photo.facts), embedding)
