"""Changes taken back, newest first, wherever nobody has changed the file since."""

import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from iae.editor.report import Outcome, Report
from iae.errors import OutputError, XmpError
from iae.xmp.delta import restore
from iae.xmp.journal import Record, keep_only, read
from iae.xmp.replace import (
    THREADS,
    check_replaceable,
    content_hash,
    current_bytes,
    leftover,
    replace_bytes,
)


def undo_marks(journal: Path, *, dry_run: bool = False) -> Report:
    """Bring back the exact bytes that each file had before it was first changed.

    A file that holds anything else than what was written was changed by somebody since: it stays
    as it is, and so do its records in the journal. Killed at any moment, it can be run again.

    Args:
        journal: of one or more runs. What was undone leaves it.
        dry_run: find out what would be undone, and write nothing.

    Returns:
        One outcome a file. "unchanged": it is already as it was before.

    Raises:
        DataError: the journal is damaged.
        OutputError: the journal cannot be written.
    """
    records = read(journal)
    by_file: dict[str, list[Record]] = {}
    for record in reversed(records):
        by_file.setdefault(record.path, []).append(record)
    with ThreadPoolExecutor(THREADS) as threads:
        outcomes = list(threads.map(partial(_undo_file, dry_run=dry_run), by_file.values()))
    if not dry_run:
        failed = {str(outcome.path) for outcome in outcomes if outcome.state == "failed"}
        keep_only(journal, [record for record in records if record.path in failed])
    return Report(outcomes[::-1])


def _undo_file(records: Sequence[Record], *, dry_run: bool) -> Outcome:
    """Take back the changes of one file, given newest first."""
    path = Path(records[0].path)
    changed = False
    try:
        if not dry_run:
            leftover(path).unlink(missing_ok=True)  # of a run that was killed while it wrote
        now = content_hash(current_bytes(path))
        for record in records:
            if now == record.before:  # the change was never made, or is undone already
                continue
            _check(record, path, now)
            if not dry_run:
                _restore(record, path)
            now, changed = record.before, True
    except (XmpError, OutputError, OSError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return Outcome(path=path, state="failed", target=path, reason=reason)
    return Outcome(path=path, state="written" if changed else "unchanged", target=path)


def _check(record: Record, path: Path, now: str | None) -> None:
    if now is None:
        raise XmpError("it is gone")
    if now != record.after:
        raise XmpError("it was changed since by another program; it stays as it is")
    check_replaceable(path)


def _restore(record: Record, path: Path) -> None:
    if record.before is None:
        path.unlink()
        return
    try:
        old = restore(record.parts, current_bytes(path) or b"")
    except (ValueError, zlib.error):
        old = b""
    if content_hash(old) != record.before:
        raise XmpError("the journal does not hold its old version whole; it stays as it is")
    replace_bytes(path, old, expected=record.after, mtime_ns=record.mtime_ns)
