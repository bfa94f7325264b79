"""Marks written: batch by batch, what is to be changed first noted in the journal."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from iae.editor.report import Outcome, Report
from iae.editor.targets import Photos, Planned, Sidecars, Target
from iae.errors import OutputError, XmpError
from iae.xmp.delta import delta
from iae.xmp.exiftool import ExifTool
from iae.xmp.journal import Journal, Record
from iae.xmp.marks import Marks
from iae.xmp.merge import changes as changes_for
from iae.xmp.replace import THREADS, check_replaceable, content_hash, replace_bytes

Mode = Literal["sidecar", "sidecar-stem", "embed"]
MODES: tuple[Mode, ...] = ("sidecar", "sidecar-stem", "embed")


@dataclass(frozen=True, kw_only=True)
class _Edited:
    """A file's next version, and the record from which the one before comes back."""

    plan: Planned
    data: bytes
    record: Record


def write_marks(
    photos: Mapping[Path, Marks],
    mode: Mode,
    *,
    journal: Path,
    dry_run: bool = False,
    overwrite: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Report:
    """Write what is to be said of photos into their XMP; one that fails costs only itself.

    A file whose XMP says it already is not touched. Before a file is changed, its version of now
    is on the disk in the journal, in terms of the next one. Each file is replaced whole. Killed at
    any moment, a run leaves files that are old or new and a journal that knows both.

    Args:
        photos: photo -> what is to be said of it. The caller sees to it that no other run has the
            journal open.
        mode: ``sidecar`` (``photo.jpg.xmp``), ``sidecar-stem`` (``photo.xmp``) or ``embed`` (into
            the photo's own file, by ExifTool).
        journal: where changes are noted; made if missing.
        dry_run: find out what would change, and write nothing. (That ExifTool or the disk refuses
            shows only when it is tried.)
        overwrite: replace stars, labels and picks that a person set.
        progress: called with (photos done, photos in all).

    Raises:
        XmpError: ``embed`` without ExifTool.
        OutputError: the journal cannot be written; what was written up to then stays.
    """
    outcomes: dict[Path, Outcome] = {}
    book = Journal(journal)
    with _target(mode) as target, ThreadPoolExecutor(THREADS) as threads:
        for batch in _batches(list(photos.items()), target.batch):
            plans = list(_plan(batch, target, overwrite, outcomes))
            if dry_run:
                outcomes |= {plan.photo: _done(plan) for plan in plans}
            else:
                edited = list(_edit(plans, target, outcomes))
                if edited:
                    book.append([one.record for one in edited])
                photos_done = (one.plan.photo for one in edited)
                outcomes |= zip(photos_done, threads.map(_replace, edited), strict=True)
            progress(len(outcomes), len(photos))
    return Report([outcomes[photo] for photo in photos])


@contextmanager
def _target(mode: Mode) -> Iterator[Target]:
    if mode == "embed":
        with ExifTool() as tool:
            yield Photos(tool)
    else:
        yield Sidecars(stem=mode == "sidecar-stem")


def _batches(photos: list[tuple[Path, Marks]], size: int) -> Iterator[list[tuple[Path, Marks]]]:
    for start in range(0, len(photos), size):
        yield photos[start : start + size]


def _plan(
    batch: list[tuple[Path, Marks]], target: Target, overwrite: bool, outcomes: dict[Path, Outcome]
) -> Iterator[Planned]:
    """The photos of a batch whose files have to change; the outcome of the others is noted."""
    placed = []
    for photo, marks in batch:
        try:
            placed.append((photo, marks, target.file_of(photo)))
        except (XmpError, OSError) as error:
            outcomes[photo] = Outcome(path=photo, state="failed", reason=_reason(error))
    values = target.values([photo for photo, _, _ in placed], [file for _, _, file in placed])
    for (photo, marks, file), there in zip(placed, values, strict=True):
        if isinstance(there, XmpError):
            outcomes[photo] = Outcome(path=photo, state="failed", target=file, reason=str(there))
            continue
        changes = changes_for(there, marks, overwrite=overwrite)
        if changes:
            yield Planned(photo=photo, file=file, marks=marks, changes=changes)
        else:
            outcomes[photo] = Outcome(path=photo, state="unchanged", target=file,
                                      kept=changes.kept)  # fmt: skip


def _edit(plans: list[Planned], target: Target, outcomes: dict[Path, Outcome]) -> Iterator[_Edited]:
    """The next versions of a batch's files; the outcome of those that have none is noted."""
    allowed = []
    for plan in plans:
        try:
            check_replaceable(plan.file)
            allowed.append(plan)
        except (XmpError, OSError) as error:
            outcomes[plan.photo] = _failed(plan, error)
    for plan, versions in zip(allowed, target.edited(allowed), strict=True):
        if isinstance(versions, XmpError):
            outcomes[plan.photo] = _failed(plan, versions)
            continue
        try:
            record = _record(plan.file, versions.old, versions.new)
            yield _Edited(plan=plan, data=versions.new, record=record)
        except OSError as error:  # it vanished
            outcomes[plan.photo] = _failed(plan, error)


def _record(file: Path, old: bytes | None, new: bytes) -> Record:
    after = content_hash(new)
    assert after
    return Record(
        path=str(file.absolute()),
        before=content_hash(old),
        after=after,
        parts=[] if old is None else delta(old, new),
        mtime_ns=None if old is None else file.stat().st_mtime_ns,
    )


def _replace(one: _Edited) -> Outcome:
    try:
        replace_bytes(one.plan.file, one.data, expected=one.record.before)
    except (XmpError, OutputError) as error:
        return _failed(one.plan, error)
    return _done(one.plan)


def _done(plan: Planned) -> Outcome:
    return Outcome(path=plan.photo, state="written", target=plan.file,
                   shown=plan.changes.shown, kept=plan.changes.kept)  # fmt: skip


def _failed(plan: Planned, error: Exception) -> Outcome:
    return Outcome(path=plan.photo, state="failed", target=plan.file, reason=_reason(error))


def _reason(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) else None
    return text or str(error)
