"""``iae score``: photos in, scores and a gallery out."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from iae.cli.options import PATH
from iae.cli.xmp_options import choices, marks_options, mode_option, print_report
from iae.labels import EMOTIONS, is_high
from iae.text import one_line

if TYPE_CHECKING:
    from rich.progress import Progress

    from iae.editor.job import XmpChoices
    from iae.scoring.folder import FolderResult
    from iae.scoring.gallery import PhotosShown
    from iae.scoring.known import Plan
    from iae.scoring.scorer import Scorer

WHY = {
    "new": "new",
    "changed": "changed",
    "model": "scored by another model before",
    "facts": "not measured by this version",
    "thumbnail": "without a thumbnail",
    "unreadable": "unreadable before",
}
"""Why photos are to be scored, in the words after their number."""

STOPPED = 130
"""Exit code after Ctrl-C, as shells have it (128 + SIGINT)."""


@click.command()
@click.argument("photos", nargs=-1, required=True, type=PATH)
@click.option("-o", "--out", type=PATH, default=Path("iae-scores"), show_default=True,
              help="Folder for the results.")  # fmt: skip
@click.option("--format", "formats", type=click.Choice(["csv", "parquet", "ndjson"]),
              multiple=True, default=["csv"], show_default=True,
              help="Table to write; repeat for several.")  # fmt: skip
@click.option("--gallery/--no-gallery", default=True, show_default=True,
              help="Write index.html with thumbnails.")  # fmt: skip
@click.option("--show", type=click.Choice(["thumbnails", "originals"]), default="thumbnails",
              show_default=True,
              help="What the gallery shows: copies, or the photos where they lie.")  # fmt: skip
@click.option("--model", type=PATH, help="An .onnx model of 'iae export'. [default: the bundled]")
@click.option("--facts/--no-facts", default=True, show_default=True,
              help="Measure sharpness, noise, exposure and colour.")  # fmt: skip
@click.option("--workers", type=click.IntRange(min=1),
              help="Decoding processes. [default: one a core]")  # fmt: skip
@click.option("--retry", is_flag=True,
              help="Try photos again that an earlier run could not read.")  # fmt: skip
@click.option("--explain", type=click.IntRange(min=1), metavar="N",
              help="Draw what the score looked at in the N best and the N worst photos, some "
              "seconds each, into OUT/explain.")  # fmt: skip
@mode_option("--xmp", default=None, text="Also write stars and moods as XMP:")
@marks_options
def score(
    photos: tuple[Path, ...],
    out: Path,
    formats: tuple[str, ...],
    gallery: bool,
    show: "PhotosShown",
    model: Path | None,
    facts: bool,
    workers: int | None,
    retry: bool,
    explain: int | None,
    mode: str | None,
    **xmp: Any,
) -> None:
    """Score photos for aesthetics (1 to 10) and emotion (eight shares).

    PHOTOS are files or folders; folders are searched with all their sub-folders. A photo that
    cannot be read becomes a row with its reason. What was scored is kept: after Ctrl-C or a crash
    the same command goes on, and later it scores only what is new or has changed.

    Options from --stars on are those of --xmp, without which no photo gets any XMP.

    \b
    Example:
        iae score ~/Pictures/2024 -o scores
        iae score ~/Pictures/2024 -o scores --xmp sidecar --dry-run
    """
    from iae.cli.progress import progress_bar
    from iae.scoring.folder import score_folder
    from iae.scoring.scorer import Scorer
    from iae.scoring.session import DEFAULT_MODEL

    marks = choices(mode, **xmp) if mode else None  # first: a slip here must not cost a run
    try:
        scorer = Scorer(model or DEFAULT_MODEL)
        with progress_bar() as bar:
            shown = _Shown(bar)
            result = score_folder(
                photos, out, scorer, formats=tuple(dict.fromkeys(formats)), gallery=gallery,
                shown=show, facts=facts, workers=workers, retry=retry, checking=shown.checking,
                begin=shown.begin, progress=shown.scored,
            )  # fmt: skip
    except KeyboardInterrupt:
        click.echo("iae: stopped; what was scored is kept: run the same command to go on", err=True)
        raise SystemExit(STOPPED) from None
    if result.tables:
        _print_summary(result)
        _print_silence(scorer.info.tasks, gallery)
    if result.stopped:
        _print_stopped(result)
        raise SystemExit(STOPPED)
    if not result.readable:
        click.echo(f"iae: none of {len(result.scores)} photos could be read; "
                   f"the reasons are in {result.tables[0]}", err=True)  # fmt: skip
        raise SystemExit(2)
    if explain:
        _explain(out, scorer, explain)
    if marks:
        _write_xmp(result, out, marks)


def _explain(out: Path, scorer: "Scorer", count: int) -> None:
    from iae.cli.progress import progress_bar
    from iae.errors import ImageError
    from iae.scoring.explain_extremes import explain_extremes
    from iae.scoring.store import open_library

    library = open_library(out)
    with progress_bar() as bar:
        task = bar.add_task("explaining", total=None)
        pictures = explain_extremes(
            out, list(zip(library.scores, library.files, strict=True)), scorer, count,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )  # fmt: skip
    drawn = sum(not isinstance(picture, ImageError) for picture in pictures)
    click.echo(f"explain: {drawn} pictures in {one_line(str(out / 'explain'))}")


def _write_xmp(result: "FolderResult", out: Path, marks: "XmpChoices") -> None:
    from iae.cli.progress import progress_bar
    from iae.editor.job import mark_run

    with progress_bar() as bar:
        task = bar.add_task("XMP", total=None)
        report = mark_run(
            result.scores, out, marks,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )  # fmt: skip
    print_report(report, out, dry_run=marks.dry_run)
    if len(report.of("failed")) == len(report.outcomes):
        raise SystemExit(2)


class _Shown:
    """The stages of the run in one progress bar, and before it a line on what there is to do."""

    def __init__(self, bar: "Progress") -> None:
        self._bar = bar
        self._task = bar.add_task("looking", total=None)

    def checking(self, done: int, total: int) -> None:
        """Photos looked at, to see which are known."""
        self._bar.update(self._task, completed=done, total=total)

    def begin(self, plan: "Plan") -> None:
        """What is known and what is not."""
        if line := _plan_line(plan):
            click.echo(line)
        if plan.to_score:
            self._bar.reset(self._task, description="scoring", total=len(plan.to_score))
        else:
            self._bar.update(self._task, visible=False)
            self._writing()

    def scored(self, done: int, total: int) -> None:
        """Photos scored."""
        self._bar.update(self._task, completed=done)
        if done == total:
            self._writing()

    def _writing(self) -> None:
        self._bar.add_task("writing", total=None)


def _plan_line(plan: "Plan") -> str:
    """What the run before leaves to do; empty where there was none."""
    if not (plan.known or plan.gone or plan.why - Counter(new=len(plan.to_score))):
        return ""
    why = ", ".join(f"{plan.why[key]:,} {text}" for key, text in WHY.items() if plan.why[key])
    moved = f" ({plan.why['moved']:,} of them moved)" if plan.why["moved"] else ""
    gone = f"; {plan.gone:,} gone since" if plan.gone else ""
    return (f"{len(plan.known):,} known from an earlier run{moved}, {len(plan.to_score):,} to score"
            f"{f' ({why})' if why else ''}{gone}")  # fmt: skip


def _print_stopped(result: "FolderResult") -> None:
    total = len(result.plan.known) + len(result.plan.to_score)
    tables = "" if result.tables else ", the tables are as they were"
    click.echo(f"iae: stopped: {total - result.left:,} of {total:,} scored{tables}; "
               "run the same command to go on", err=True)  # fmt: skip


def _print_silence(tasks: tuple[str, ...], gallery: bool) -> None:
    """What a model that was trained for one task does not say."""
    if len(tasks) == 1:
        what = "emotions" if "aesthetic" in tasks else "scores"
        click.echo(f"the model was not trained for {what}: their columns are empty"
                   + (", and there is no gallery" if gallery else ""))  # fmt: skip


def _print_summary(result: "FolderResult") -> None:
    """A table of what came out, the unreadable files, and where the results are."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    def shown(text: object) -> str:
        return escape(one_line(str(text)))

    console = Console(soft_wrap=True)
    readable = sorted(result.readable, key=lambda row: -(row.aesthetic_mean or 0))
    if readable:
        means = [row.aesthetic_mean for row in readable if row.aesthetic_mean is not None]
        high = sum(is_high(mean) for mean in means)
        moods = Counter(row.top_emotion for row in readable if row.top_emotion)
        title = f"{len(readable)} photo{'s' if len(readable) > 1 else ''} scored"
        table = Table(title=title, title_justify="left")
        table.add_column("score", justify="right")
        table.add_column("mood")
        table.add_column("photo", overflow="fold")
        for row in readable[:5]:
            mean = "" if row.aesthetic_mean is None else f"{row.aesthetic_mean:.1f}"
            table.add_row(mean, row.top_emotion or "", shown(row.path))
        if len(readable) > 5:
            table.add_row("…", "", f"and {len(readable) - 5} more")
        console.print(table)
        said = []
        if means:
            said.append(f"mean {sum(means) / len(means):.2f} of 10, {high} high and "
                        f"{len(means) - high} low")  # fmt: skip
        if moods:
            counts = ", ".join(f"{name} {moods[name]}" for name in EMOTIONS if moods[name])
            said.append(f"most probable emotion: {counts}")
        console.print("; ".join(said), highlight=False)
    for row in result.unreadable[:10]:
        console.print(f"unreadable: {shown(row.path)}: {shown(row.error)}", highlight=False)
    if len(result.unreadable) > 10:
        console.print(f"unreadable: {len(result.unreadable) - 10} more, see the table")
    for path in result.tables:
        console.print(f"table:   {shown(path)}", highlight=False)
    if result.gallery:
        console.print(f"gallery: {shown(result.gallery)}", highlight=False)
    console.print(f"notice:  {escape(result.notice)}", style="dim", highlight=False)
