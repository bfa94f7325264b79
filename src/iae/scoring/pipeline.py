"""A list of photos through decoding, scoring and thumbnails, a few at a time."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from PIL import Image

from iae.errors import ImageError
from iae.files import written_whole
from iae.images.decode import load_photo
from iae.images.preprocess import Pixels, PreprocessSpec, to_pixels
from iae.scoring.find import Found
from iae.scoring.gallery import thumbnail_name
from iae.scoring.scorer import Scorer
from iae.scoring.scores import PhotoScore

THUMBNAIL_SIDE = 640
"""Longest side of a thumbnail, in pixels; smaller photos are not enlarged."""

_AHEAD = 32
"""Photos decoded ahead of the network; bounds the memory."""

Decoded = tuple[str, Pixels | ImageError]


def score_photos(
    found: Sequence[Found],
    scorer: Scorer,
    *,
    thumbnails: Path | None,
    workers: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[PhotoScore]:
    """Score photos; one row each, in their order, readable or not.

    Args:
        found: the photos.
        scorer: the model.
        thumbnails: folder below which thumbnails go, by :func:`thumbnail_name`; None makes none.
        workers: decoding threads (Pillow releases the interpreter lock); one a core by default.
        progress: called after each photo with (photos done, photos in all).
    """
    spec = scorer.info.preprocess

    def decode(photo: Found) -> Decoded:
        return photo.name, _prepare(photo, spec, thumbnails)

    scores = []
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        for score in scorer.score_stream(_ahead(pool, decode, found)):
            scores.append(score)
            progress(len(scores), len(found))
    return scores


def _prepare(photo: Found, spec: PreprocessSpec, thumbnails: Path | None) -> Pixels | ImageError:
    if photo.problem is not None:
        return photo.problem
    try:
        image = load_photo(photo.path, min_side=spec.decode_side)
        pixels = to_pixels(image, spec)
    except ImageError as error:
        return error
    if thumbnails is not None:
        _write_thumbnail(image, thumbnails / thumbnail_name(photo.name))
    return pixels


def _write_thumbnail(image: Image.Image, target: Path) -> None:
    # Always from the decoding that is scored, so that a gallery changes no score.
    image.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.BICUBIC)
    with written_whole(target) as part:
        # Pillow would copy the photo's comment, and fail on one too long for a JPEG.
        image.save(part, "JPEG", quality=85, comment=b"")


def _ahead(
    pool: ThreadPoolExecutor, decode: Callable[[Found], Decoded], found: Iterable[Found]
) -> Iterator[Decoded]:
    """Results in order, with at most ``_AHEAD`` photos under way."""
    pending: deque[Future[Decoded]] = deque()
    for photo in found:
        pending.append(pool.submit(decode, photo))
        if len(pending) >= _AHEAD:
            yield pending.popleft().result()
    while pending:
        yield pending.popleft().result()
