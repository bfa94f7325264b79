"""``iae pick``: the best shots of each series, and the choice left to a person."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from iae.cli.options import PATH
from iae.cli.xmp_options import mode_option
from iae.text import one_line

if TYPE_CHECKING:
    from rich.progress import Progress

    from iae.editor.write import Mode
    from iae.pick.job import PickResult
    from iae.pick.marks import PickMarks
    from iae.scoring.gallery import PhotosShown
    from iae.scoring.known import Plan

STOPPED = 130
"""Exit code after Ctrl-C, as shells have it (128 + SIGINT)."""

_SHOWN = 10
"""So many unreadable photos are named."""


@click.command()
@click.argument("photos", nargs=-1, required=True, type=PATH)
@click.option("-o", "--out", type=PATH, default=Path("iae-scores"), show_default=True,
              help="Folder for the results; that of 'iae score' is gone on with.")  # fmt: skip
@click.option("--alike", type=float, default=0.6, show_default=True,
              help="Least likeness of any two shots of a series, 0 to 1; more makes more and "
              "smaller series.")  # fmt: skip
@click.option("--gap", type=float, default=60.0, show_default=True,
              help="Longest pause within a series, in seconds.")  # fmt: skip
@click.option("--keep", type=click.IntRange(min=1), default=1, show_default=True,
              help="Shots to keep of each series.")  # fmt: skip
@click.option("--overrules", type=PATH, help="What you decided: the file that picks.html exports.")
@click.option(
    "--copy-best", type=PATH, help="New folder for copies of what is kept, single photos too."
)
@click.option("--format", "formats", type=click.Choice(["csv", "ndjson"]),
              multiple=True, default=["csv"], show_default=True,
              help="Table to write; repeat for several.")  # fmt: skip
@click.option("--gallery/--no-gallery", default=True, show_default=True,
              help="Write picks.html, a row a series.")  # fmt: skip
@click.option("--show", type=click.Choice(["thumbnails", "originals"]), default="thumbnails",
              show_default=True,
              help="What its rows show: copies, or the photos where they lie.")  # fmt: skip
@mode_option("--xmp", default=None, text="Mark what is kept as picked, in")
@click.option("--best-stars", type=click.IntRange(1, 5),
              help="With --xmp: stars for the best of each series. [default: none]")  # fmt: skip
@click.option("--reject", is_flag=True,
              help="With --xmp: mark the other shots of a series as rejected.")  # fmt: skip
@click.option("--overwrite-rating", is_flag=True,
              help="With --xmp: replace stars and pick labels that a person gave. "
              "[default: they stay]")  # fmt: skip
@click.option("--dry-run", is_flag=True,
              help="With --xmp: print for each shot of a series what would change in its XMP, and "
              "write none. Tables, page and copies are made all the same.")  # fmt: skip
@click.option("--workers", type=click.IntRange(min=1),
              help="Decoding processes. [default: one a core]")  # fmt: skip
def pick(
    photos: tuple[Path, ...],
    out: Path,
    alike: float,
    gap: float,
    keep: int,
    overrules: Path | None,
    copy_best: Path | None,
    formats: tuple[str, ...],
    gallery: bool,
    show: "PhotosShown",
    mode: "Mode | None",
    best_stars: int | None,
    reject: bool,
    overwrite_rating: bool,
    dry_run: bool,
    workers: int | None,
) -> None:
    """Find series of shots of one scene, and choose the best of each.

    PHOTOS are files or folders; folders are searched with all their sub-folders. In picks.html you
    compare the shots of a series, zoomed together, overrule the choice, and export what you decided
    for the next run. Nothing is deleted or moved. What is known of a photo is kept: a second run
    looks only at what is new or has changed.

    \b
    Example:
        iae pick ~/Pictures/wedding -o wedding --copy-best wedding-best
        iae pick ~/Pictures/wedding -o wedding --xmp sidecar --dry-run
    """
    from iae.cli.progress import progress_bar
    from iae.files import refuse_taken
    from iae.pick.job import PickChoices, pick_photos
    from iae.pick.marks import PickMarks
    from iae.scoring.scorer import Scorer
    from iae.series.grouping import GroupConfig

    if mode is None and (best_stars or reject or overwrite_rating or dry_run):
        raise click.UsageError("--best-stars, --reject, --overwrite-rating and --dry-run are about "
                               "XMP; add --xmp MODE")  # fmt: skip
    choices = PickChoices(group=GroupConfig(alike=alike, gap=gap), keep=keep,
                          formats=tuple(dict.fromkeys(formats)), gallery=gallery, shown=show,
                          overrules=overrules)  # fmt: skip
    if copy_best:
        refuse_taken(copy_best)
    try:
        with progress_bar() as bar:
            stages = _Stages(bar)
            result = pick_photos(photos, out, Scorer(), choices, workers=workers,
                                 begin=stages.begin, checking=stages.checking,
                                 scoring=stages.scored, reading=stages.read)  # fmt: skip
    except KeyboardInterrupt:
        result = None
    if result is None or result.stopped:
        click.echo("iae: stopped; what was scored is kept: run the same command to go on", err=True)
        raise SystemExit(STOPPED)
    _print_summary(result)
    if copy_best:
        _copy(result, copy_best)
    if mode:
        _mark(result, out, mode, PickMarks(best_stars=best_stars, reject=reject),
              overwrite=overwrite_rating, dry_run=dry_run)  # fmt: skip
    if all(pick.error for pick in result.picks):
        click.echo(f"iae: none of {len(result.picks)} photos could be read", err=True)
        raise SystemExit(2)


class _Stages:
    """The stages of the run in one progress bar."""

    def __init__(self, bar: "Progress") -> None:
        self._bar = bar
        self._task = bar.add_task("looking", total=None)

    def checking(self, done: int, total: int) -> None:
        """Photos looked at, to see which are known."""
        self._bar.update(self._task, completed=done, total=total)

    def begin(self, plan: "Plan") -> None:
        """What there is to score."""
        total = len(plan.to_score)
        if total and plan.known:
            click.echo(f"{len(plan.known):,} known from an earlier run, {total:,} to score")
        self._bar.reset(self._task, description="scoring", total=total or None)

    def scored(self, done: int, total: int) -> None:
        """Photos scored."""
        self._bar.update(self._task, completed=done)

    def read(self, done: int, total: int) -> None:
        """Photos whose capture facts were read."""
        self._bar.update(self._task, description="reading times", completed=done, total=total)


def _print_summary(result: "PickResult") -> None:
    from iae.pick.summary import summary_line

    click.echo(summary_line(result.picks))
    for note in result.notes:
        click.echo(f"note:    {one_line(note)}")
    unreadable = [pick for pick in result.picks if pick.error]
    for pick in unreadable[:_SHOWN]:
        click.echo(f"unreadable: {one_line(pick.path)}: {one_line(pick.error)}")
    if len(unreadable) > _SHOWN:
        click.echo(f"unreadable: {len(unreadable) - _SHOWN} more, see the table")
    for table in result.tables:
        click.echo(f"table:   {one_line(str(table))}")
    if result.page:
        click.echo(f"gallery: {one_line(str(result.page))}")
    click.echo(f"notice:  {one_line(result.notice)}")


def _copy(result: "PickResult", folder: Path) -> None:
    from iae.cli.progress import progress_bar
    from iae.pick.copies import copy_kept

    with progress_bar() as bar:
        task = bar.add_task("copying", total=None)
        count = copy_kept(
            folder, result.picks, result.files,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )  # fmt: skip
    click.echo(f"copied:  {count:,} photos that are kept, to {one_line(str(folder))}")


def _mark(
    result: "PickResult",
    out: Path,
    mode: "Mode",
    rules: "PickMarks",
    *,
    overwrite: bool,
    dry_run: bool,
) -> None:
    from iae.cli.progress import progress_bar
    from iae.cli.xmp_options import print_report
    from iae.editor.job import JOURNAL
    from iae.editor.write import write_marks
    from iae.pick.marks import marks_of
    from iae.scoring.lock import locked
    from iae.scoring.store_file import STATE

    marks = marks_of(result.picks, result.files, rules)
    with progress_bar() as bar, locked(out / STATE):
        task = bar.add_task("writing", total=None)
        report = write_marks(
            marks, mode, journal=out / STATE / JOURNAL, dry_run=dry_run, overwrite=overwrite,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )  # fmt: skip
    print_report(report, out, dry_run=dry_run)
    if report.outcomes and len(report.of("failed")) == len(report.outcomes):
        raise SystemExit(2)
