"""The whole job of ``iae score``: photos found, scored, and written as tables and a gallery."""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from iae.files import make_folder, written_whole
from iae.scoring.find import THUMBNAILS_MARK, Found, find_photos
from iae.scoring.gallery import THUMBNAILS, relative_url, thumbnail_name, write_gallery
from iae.scoring.output import write_scores
from iae.scoring.pipeline import score_photos
from iae.scoring.scorer import Scorer
from iae.scoring.scores import PhotoScore

_THUMBNAIL = re.compile(r"[0-9a-f]{16}\.jpg")

Progress = Callable[[int, int], None]
"""Called with (photos done, photos in all)."""


@dataclass(frozen=True)
class FolderResult:
    """What was scored and where it was written."""

    scores: list[PhotoScore]
    tables: list[Path]
    gallery: Path | None
    notice: str
    """What the model's licence allows, in half a line."""

    @property
    def readable(self) -> list[PhotoScore]:
        """Rows with scores."""
        return [score for score in self.scores if not score.error]

    @property
    def unreadable(self) -> list[PhotoScore]:
        """Rows with a reason instead."""
        return [score for score in self.scores if score.error]


def score_folder(
    photos: Sequence[Path],
    out: Path,
    scorer: Scorer,
    *,
    formats: Sequence[str] = ("csv",),
    gallery: bool = True,
    workers: int | None = None,
    progress: Progress = lambda done, total: None,
) -> FolderResult:
    """Score files and folders of photos into ``out``; the photos themselves are only read.

    Args:
        photos: files, and folders to search.
        out: folder for the results; made if missing.
        scorer: the model.
        formats: tables to write, of ``csv``, ``parquet`` and ``ndjson``.
        gallery: whether to write ``index.html`` with thumbnails.
        workers: decoding threads; one a core by default.
        progress: called after each photo.

    Raises:
        DataError: nothing was found.
        OutputError: ``out`` cannot be written.
    """
    found = find_photos(photos, leave_out=out)
    make_folder(out)
    if gallery:
        with written_whole(out / THUMBNAILS / THUMBNAILS_MARK) as part:
            part.touch()
    scores = score_photos(
        found, scorer, thumbnails=out if gallery else None, workers=workers, progress=progress
    )
    if gallery:
        _remove_other_thumbnails(out, scores)
    notice = f"Model weights: {scorer.info.licence}"
    return FolderResult(
        scores=scores,
        tables=[write_scores(out, scores, fmt) for fmt in formats],
        gallery=_write_gallery(out, found, scores, notice) if gallery else None,
        notice=notice,
    )


def _remove_other_thumbnails(out: Path, scores: Sequence[PhotoScore]) -> None:
    """Thumbnails an earlier run left, of photos that are not here: nobody shares them unawares."""
    wanted = {out / thumbnail_name(score.path) for score in scores if not score.error}
    for path in (out / THUMBNAILS).glob("*.jpg"):
        if path not in wanted and _THUMBNAIL.fullmatch(path.name):
            path.unlink(missing_ok=True)


def _write_gallery(
    out: Path, found: Sequence[Found], scores: Sequence[PhotoScore], notice: str
) -> Path:
    readable = {score.path for score in scores if not score.error}
    return write_gallery(
        out,
        scores,
        thumbnails={name: thumbnail_name(name) for name in readable},
        originals={
            photo.name: relative_url(os.path.relpath(photo.path, out))
            for photo in found
            if photo.name in readable
        },
        notice=notice,
    )
