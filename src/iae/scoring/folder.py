"""The whole job of ``iae score``: photos found, scored, and written as tables and a gallery.

What a run finds out it stores batch by batch (:mod:`iae.scoring.store`), and the tables are made
of what is stored: a run that was killed is gone on with, and a second one decodes nothing.
"""

import hashlib
import os
from collections.abc import Callable, Container, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from iae._version import __version__
from iae.config import SCORED_TASKS
from iae.errors import OutputError
from iae.files import make_folder
from iae.images.technical import FACTS_VERSION
from iae.scoring.content import checksum_of
from iae.scoring.find import Found, find_photos
from iae.scoring.gallery import (
    PhotosShown,
    needs_thumbnail,
    relative_url,
    thumbnail_name,
    write_gallery,
)
from iae.scoring.known import (
    Entry,
    Plan,
    Progress,
    Wanted,
    plan_run,
    stamp_of,
)
from iae.scoring.library import library_view
from iae.scoring.lock import locked
from iae.scoring.output import write_scores
from iae.scoring.pipeline import ScoredPhoto, score_photos
from iae.scoring.scorer import Scorer
from iae.scoring.scores import PhotoScore
from iae.scoring.session import BATCH
from iae.scoring.store import Store, open_library
from iae.scoring.store_file import STATE
from iae.scoring.thumbnails import (
    lying_thumbnails,
    make_thumbnail_folder,
    remove_other_thumbnails,
    rename_thumbnails,
)

SCORING_VERSION = 1
"""Raised whenever the same model gives a photo other scores, because it is decoded, resized or
rounded in another way: the store then counts as made by another model."""

_READERS = ("pillow", "pillow-heif", "rawpy")
"""Packages that decode; where one of them is new, unreadable photos are tried again."""


@dataclass(frozen=True)
class FolderResult:
    """What was scored and where it was written."""

    scores: list[PhotoScore]
    tables: list[Path]
    """Empty when the run was stopped before it had scored anything: older tables then stay."""
    gallery: Path | None
    notice: str
    """What the model's licence allows, in half a line."""
    out: Path
    plan: Plan
    """What was known before this run, and what was not."""
    left: int = 0
    """Photos still to score; more than 0 only when Ctrl-C stopped the run."""
    stopped: bool = False
    """Whether Ctrl-C stopped the run."""

    @property
    def readable(self) -> list[PhotoScore]:
        """Rows with scores."""
        return [score for score in self.scores if not score.error]

    @property
    def unreadable(self) -> list[PhotoScore]:
        """Rows with a reason instead."""
        return [score for score in self.scores if score.error]

    def embeddings(self) -> NDArray[np.float32]:
        """(N, D) what the network sees in each photo of ``scores``; see ``Library.embeddings``."""
        return open_library(self.out).embeddings()


def score_folder(
    photos: Sequence[Path],
    out: Path,
    scorer: Scorer,
    *,
    formats: Sequence[str] = ("csv",),
    gallery: bool = True,
    shown: PhotosShown = "thumbnails",
    facts: bool = True,
    workers: int | None = None,
    retry: bool = False,
    begin: Callable[[Plan], None] = lambda plan: None,
    checking: Progress = lambda done, total: None,
    progress: Progress = lambda done, total: None,
) -> FolderResult:
    """Score files and folders of photos into ``out``; the photos themselves are only read.

    Photos that an earlier run into ``out`` scored are taken from there, if they, the model and the
    facts are still the same. Ctrl-C stops the scoring; the tables then hold what is done.

    Args:
        photos: files, and folders to search.
        out: folder for the results; made if missing.
        scorer: the model.
        formats: tables to write, of ``csv``, ``parquet`` and ``ndjson``.
        gallery: whether to write ``index.html`` with thumbnails. There is none from a model that
            was trained for one task alone.
        shown: what the gallery shows on its cards: thumbnails, or the photos where they lie (then
            only photos that no browser can show get a thumbnail).
        facts: whether to measure the technical facts.
        workers: processes that decode; one a core by default.
        retry: whether to try photos again that could not be read before and have not changed.
        begin: called once it is known what there is to do.
        checking: called with (photos looked at, photos found); long only where many files have
            new times, and their bytes are compared.
        progress: called after each photo that is scored, with (scored, to score).

    Raises:
        DataError: nothing was found.
        OutputError: ``out`` cannot be written, another run is writing there, or its store is
            damaged or foreign.
    """
    gallery = gallery and scorer.info.tasks == SCORED_TASKS
    found = find_photos(photos, leave_out=out)
    make_folder(out)  # apart from the next, so that a mistake of the user's is told by its name
    make_folder(out / STATE)
    with locked(out / STATE), Store.open(out) as store:
        if gallery:
            make_thumbnail_folder(out)
        wanted = Wanted(
            model=model_id(scorer),
            facts_version=FACTS_VERSION if facts else 0,
            thumbnail_of=partial(_thumbnail_of, shown=shown) if gallery else lambda name: None,
            thumbnails=lying_thumbnails(out),
            reader=_reader(),
            retry=retry,
        )
        entries = store.entries()
        plan = plan_run(found, entries, wanted, progress=checking)
        rename_thumbnails(out, plan, {path: entry.name for path, entry in entries.items()})
        store.arrange(plan)
        begin(plan)
        scored = score_photos(
            [photo for photo, _ in plan.to_score], scorer, thumbnails=out if gallery else None,
            facts=facts, workers=workers, shown=shown,
        )  # fmt: skip
        done, stopped = _score(store, plan, wanted, scored, progress)
        notice = f"Model weights: {scorer.info.licence}"
        result = FolderResult(
            _scores(store, facts), [], None, notice, out, plan, len(plan.to_score) - done, stopped
        )
        if stopped and not done:
            return result
        return _write(store, result, found, formats, wanted if gallery else None)


def _thumbnail_of(name: str, shown: PhotosShown) -> str | None:
    return thumbnail_name(name) if needs_thumbnail(name, shown) else None


def model_id(scorer: Scorer) -> str:
    """What tells one model from another: the hash of its file, and how photos are put to it."""
    with scorer.path.open("rb") as file:
        return f"{hashlib.file_digest(file, 'sha256').hexdigest()}/{SCORING_VERSION}"


def _reader() -> str:
    return "; ".join([f"iae {__version__}", *(f"{name} {_installed(name)}" for name in _READERS)])


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "-"


def _score(
    store: Store,
    plan: Plan,
    wanted: Wanted,
    scored: Generator[ScoredPhoto],
    progress: Progress,
) -> tuple[int, bool]:
    """Store what is scored, batch by batch; how many photos, and whether Ctrl-C ended it."""
    batch: list[tuple[Entry, ScoredPhoto]] = []
    done, stopped, total = 0, False, len(plan.to_score)
    if not total:  # no decoding process is started for nothing
        return 0, False
    try:
        with closing(scored):
            for (photo, entry), result in zip(plan.to_score, scored, strict=True):
                batch.append((_finished(entry, photo, result, wanted), result))
                progress(done + len(batch), total)
                if len(batch) == BATCH:
                    store.put(batch)
                    done, batch = done + len(batch), []
    except KeyboardInterrupt:
        stopped = True
    except OutputError:  # of a thumbnail
        store.check_it_is_there()  # which says better why
        raise
    store.put(batch)
    return done + len(batch), stopped


def _finished(entry: Entry, photo: Found, scored: ScoredPhoto, wanted: Wanted) -> Entry:
    """What the store is to know of a photo now that it is scored."""
    if scored.score.error:
        return replace(entry, error=scored.score.error, reader=wanted.reader)
    # Looked at again: what changed under the decoder must not pass for what was scored.
    checksum, now = checksum_of(photo.path), stamp_of(photo.path)
    unchanged = entry.stamp is not None and entry.stamp.same_content(now)
    return replace(
        entry,
        stamp=entry.stamp if unchanged else None,
        checksum=checksum,
        facts_version=FACTS_VERSION if scored.score.facts is not None else 0,
        thumbnail=wanted.thumbnail_of(entry.name) is not None,
    )


def _scores(store: Store, facts: bool) -> list[PhotoScore]:
    scores = store.scores()
    # Facts that an earlier run measured stay stored, but a run without them writes as if alone.
    return library_view(scores if facts else [replace(score, facts=None) for score in scores])


def _write(
    store: Store,
    result: FolderResult,
    found: Sequence[Found],
    formats: Sequence[str],
    gallery: Wanted | None,
) -> FolderResult:
    """Write the tables and the gallery, each as a whole; then let go of what is no longer here."""
    store.check_it_is_there()
    out, scores = result.out, result.scores
    tables = [write_scores(out, scores, fmt) for fmt in formats]
    page = None
    if gallery is not None:
        named = {score.path: gallery.thumbnail_of(score.path) for score in result.readable}
        thumbnails = {path: name for path, name in named.items() if name is not None}
        page = write_gallery(
            out,
            scores,
            thumbnails=thumbnails,
            originals=_originals(out, found, named),
            notice=result.notice,
        )
        if not result.stopped:
            remove_other_thumbnails(out, thumbnails.values())
    if not result.stopped:
        store.forget_the_rest()
    return replace(result, tables=tables, gallery=page)


def _originals(out: Path, found: Sequence[Found], readable: Container[str]) -> dict[str, str]:
    """Name of each readable photo -> URL of the photo, from the folder of the results."""
    # A folder is put in relation once; for each photo it would take a second in 50,000.
    folders: dict[Path, str] = {}
    urls = {}
    for photo in found:
        if photo.name in readable:
            parent = photo.path.parent
            folder = folders.get(parent) or folders.setdefault(parent, os.path.relpath(parent, out))
            urls[photo.name] = relative_url(os.path.join(folder, photo.path.name))  # noqa: PTH118
    return urls
