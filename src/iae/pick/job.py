"""The whole job of ``iae pick``: photos scored, grouped into series, ranked, and told.

What a photo needs once is kept in ``OUT``: its scores where ``iae score`` keeps them, how it was
taken and its small copy beside them (:mod:`iae.pick.captures`). Grouping and ranking are done anew
in every run, since one more photo can change a series.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from iae.pick.captures import Progress, read_captures
from iae.pick.choice import Decision, Pick, choose
from iae.pick.groups import clock_notes, series_of
from iae.pick.output import write_picks
from iae.pick.overrules import Overrules, keep_overrules, kept_overrules, read_overrules
from iae.pick.page import write_page
from iae.scoring.folder import score_folder
from iae.scoring.gallery import PhotosShown, relative_url, thumbnail_name
from iae.scoring.known import Plan
from iae.scoring.lock import locked
from iae.scoring.scorer import Scorer
from iae.scoring.scores import PhotoScore
from iae.scoring.store import Library, open_library
from iae.scoring.store_file import STATE
from iae.series.grouping import GroupConfig
from iae.series.shots import ShotSpace, load_space, shot_vectors

_SCORE_TABLES = ("csv", "parquet", "ndjson")


@dataclass(frozen=True, kw_only=True)
class PickChoices:
    """How series are made and what is written."""

    group: GroupConfig = field(default_factory=GroupConfig)
    keep: int = 1
    """Shots kept of each series, from 1."""
    formats: Sequence[str] = ("csv",)
    """Tables to write, of ``csv`` and ``ndjson``."""
    gallery: bool = True
    """Whether to write ``picks.html``, with thumbnails."""
    shown: PhotosShown = "thumbnails"
    """What the rows show: thumbnails, or the photos where they lie."""
    overrules: Path | None = None
    """A file that the page exported; what it says is kept in the folder of results."""


@dataclass(frozen=True)
class PickResult:
    """What was chosen and where it was written."""

    picks: list[Pick]
    """In the order found."""
    files: list[Path]
    """Where each photo lies: absolute paths, in the order of ``picks``."""
    tables: list[Path]
    page: Path | None
    notice: str
    """What the model's licence allows, in half a line."""
    notes: list[str]
    """Things to know that are no errors, a line each."""
    stopped: bool = False
    """Whether Ctrl-C stopped the scoring; nothing is chosen then."""

    @property
    def series(self) -> list[list[Pick]]:
        """The shots of each series, in the order found."""
        series: dict[int, list[Pick]] = {}
        for pick in self.picks:
            if pick.series is not None:
                series.setdefault(pick.series, []).append(pick)
        return list(series.values())


def pick_photos(
    photos: Sequence[Path],
    out: Path,
    scorer: Scorer,
    choices: PickChoices = PickChoices(),
    *,
    space: ShotSpace | None = None,
    workers: int | None = None,
    begin: Callable[[Plan], None] = lambda plan: None,
    checking: Progress = lambda done, total: None,
    scoring: Progress = lambda done, total: None,
    reading: Progress = lambda done, total: None,
) -> PickResult:
    """Choose the best shots of each series of files and folders; photos are only read.

    Tables and gallery of ``iae score`` that are in ``out`` are kept up to date; a new ``out`` gets
    its table, and its gallery if this one is wanted.

    Args:
        photos: files, and folders to search.
        out: folder for the results; made if missing; may be that of ``iae score``.
        scorer: the model.
        choices: how series are made and what is written.
        space: in which shots of one scene are near each other; the model's own by default.
        workers: processes that decode; one a core by default.
        begin: called once it is known what there is to score.
        checking: called with (photos looked at, photos found).
        scoring: called with (photos scored, photos to score).
        reading: called with (photos whose capture facts were read, photos to read).

    Raises:
        DataError: nothing was found, or the file of overrules is none.
        CheckpointError: series are not known for this model.
        OutputError: ``out`` cannot be written, or another run is writing there.
    """
    if space is None:
        space = load_space()
    space.check_model(scorer.path)
    taken = None if choices.overrules is None else read_overrules(choices.overrules)
    kept_overrules(out)  # said before hours of scoring if it is damaged
    result = score_folder(
        photos, out, scorer, formats=_tables_of(out), workers=workers, shown=choices.shown,
        gallery=choices.gallery or (out / "index.html").exists(),
        begin=begin, checking=checking, progress=scoring,
    )  # fmt: skip
    if result.stopped:
        return PickResult([], [], [], None, result.notice, [], stopped=True)
    with locked(out / STATE):
        library = open_library(out)
        groups, notes = _groups(library, scorer, space, choices.group, workers, reading)
        decisions = _decisions(library, choices.overrules, taken, notes)
        picks = choose(library.scores, groups, keep=choices.keep, decisions=decisions)
        tables = [write_picks(out, picks, fmt) for fmt in choices.formats]
        page = None
        if choices.gallery:
            page = write_page(
                out,
                picks,
                library.scores,
                thumbnails=_thumbnails(out, library.scores),
                originals=_originals(out, library.files),
                keep=choices.keep,
                notice=result.notice,
            )
    return PickResult(picks, library.files, tables, page, result.notice, notes)


def _groups(
    library: Library,
    scorer: Scorer,
    space: ShotSpace,
    config: GroupConfig,
    workers: int | None,
    reading: Progress,
) -> tuple[list[list[int]], list[str]]:
    """Series as places in the library, and what is to be known of the photos' times."""
    readable = [i for i, score in enumerate(library.scores) if not score.error]
    files = [library.files[i] for i in readable]
    thumbnails = [library.out / thumbnail_name(library.scores[i].path) for i in readable]
    captures = read_captures(library.out, files, thumbnails, scorer.info.preprocess,
                             workers=workers, progress=reading)  # fmt: skip
    if not readable:
        return [], []
    small = np.stack([capture.small for capture in captures])
    vectors = shot_vectors(library.embeddings()[readable], small, space)
    facts = [capture.facts for capture in captures]
    groups = series_of(vectors, facts, files, config)
    return [[readable[i] for i in group] for group in groups], clock_notes(facts)


def _decisions(
    library: Library, path: Path | None, taken: Overrules | None, notes: list[str]
) -> dict[int, Decision]:
    """What a person said of the photos, in earlier runs and in the file that was given."""
    names = [score.path for score in library.scores]
    if taken is None:
        return kept_overrules(library.out).of(names, library.files)
    kept, unknown = keep_overrules(library.out, names, library.files, taken)
    if unknown:
        notes.append(f"{unknown} decision{'s' if unknown > 1 else ''} in {path} on photos that "
                     "are not here")  # fmt: skip
    return kept.of(names, library.files)


def _tables_of(out: Path) -> list[str]:
    return [fmt for fmt in _SCORE_TABLES if (out / f"scores.{fmt}").exists()] or ["csv"]


def _thumbnails(out: Path, scores: Sequence[PhotoScore]) -> dict[str, str]:
    names = {score.path: thumbnail_name(score.path) for score in scores if not score.error}
    return {path: name for path, name in names.items() if (out / name).exists()}


def _originals(out: Path, files: Sequence[Path]) -> list[str]:
    """URL of each photo, from the folder of the results."""
    at = os.path.abspath(out)  # noqa: PTH100  # links are not followed, as in the paths
    folders = {folder: os.path.relpath(folder, at) for folder in {file.parent for file in files}}
    return [
        relative_url(os.path.join(folders[file.parent], file.name))  # noqa: PTH118
        for file in files
    ]
