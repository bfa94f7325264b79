"""The whole jobs: scores into XMP, and out of it again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from iae.editor.report import Report
from iae.editor.rules import MarkRules, marks_for
from iae.editor.table import photo_at, read_scores
from iae.editor.undo import undo_marks
from iae.editor.write import Mode, write_marks
from iae.errors import DataError
from iae.files import make_folder
from iae.scoring.lock import locked
from iae.scoring.scores import PhotoScore
from iae.scoring.store_file import STATE

JOURNAL = "xmp-journal.ndjson"
"""In the folder ``.iae`` of the results."""


@dataclass(frozen=True, kw_only=True)
class XmpChoices:
    """What to write into which XMP."""

    mode: Mode = "sidecar"
    rules: MarkRules = field(default_factory=MarkRules)
    overwrite: bool = False
    """Replace stars that a person gave."""
    dry_run: bool = False
    """Only find out what would change."""


def mark_photos(
    scores: Sequence[PhotoScore],
    out: Path,
    choices: XmpChoices,
    *,
    relative_to: Path = Path(),
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Report:
    """Write the scores of one library into the XMP of its photos.

    Args:
        scores: of the whole library: stars by place need all of it. Photos without scores are left
            out.
        out: the folder of results, whose lock the caller holds; its journal notes the changes.
        choices: what to write, and where.
        relative_to: what relative paths of photos are relative to.
        progress: called with (photos done, photos in all).

    Raises:
        DataError: the model says no scores.
        XmpError: embedding without ExifTool.
        OutputError: the journal cannot be written.
    """
    if all(score.aesthetic_mean is None for score in scores):
        raise DataError("no photo has a score (the model may be one for emotions alone), so there "
                        "is nothing to write into XMP")  # fmt: skip
    marks = marks_for(scores, choices.rules)
    return write_marks(
        {photo_at(name, relative_to): of_photo for name, of_photo in marks.items()},
        choices.mode,
        journal=out / STATE / JOURNAL,
        dry_run=choices.dry_run,
        overwrite=choices.overwrite,
        progress=progress,
    )


def mark_run(
    scores: Sequence[PhotoScore],
    out: Path,
    choices: XmpChoices,
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Report:
    """As ``mark_photos``, for scores that were just made, with the lock on ``out`` taken for it.

    Raises:
        OutputError: another run is writing there.
    """
    with locked(out / STATE):
        return mark_photos(scores, out, choices, progress=progress)


def mark_from_table(
    out: Path,
    choices: XmpChoices,
    *,
    relative_to: Path = Path(),
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Report:
    """As ``mark_photos``, with the scores of an earlier ``iae score`` in ``out``.

    Raises:
        DataError: there are no scores, none are of a readable photo, or none of the photos is
            found.
        OutputError: another run is writing there.
    """
    table, scores = read_scores(out)
    names = [score.path for score in scores if not score.error]
    if not names:
        raise DataError(f"no photo in {table} has scores")
    if not any(photo_at(name, relative_to).exists() for name in names):
        raise DataError(
            f"none of the {len(names)} photos of {table} is found, the first as "
            f"{photo_at(names[0], relative_to)}; name the folder in which 'iae score' was run with "
            "--relative-to"
        )
    make_folder(out / STATE)
    with locked(out / STATE):
        return mark_photos(scores, out, choices, relative_to=relative_to, progress=progress)


def undo(out: Path, *, dry_run: bool = False) -> Report:
    """Take back what was written into XMP by runs with this folder of results.

    Raises:
        DataError: nothing was noted there, or the journal is damaged.
        OutputError: another run is writing there.
    """
    journal = out / STATE / JOURNAL
    if not journal.exists():
        raise DataError(f"nothing to undo: there is no journal {journal}")
    with locked(out / STATE):
        return undo_marks(journal, dry_run=dry_run)
