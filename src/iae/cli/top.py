"""``iae top``: the best photos of a library, as a list, links, copies or a gallery."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from iae.cli.options import PATH
from iae.labels import EMOTIONS

if TYPE_CHECKING:
    from iae.top.folder import Way
    from iae.top.job import Top

STOPPED = 130
"""Exit code after Ctrl-C, as shells have it (128 + SIGINT)."""


@click.command()
@click.argument("photos", nargs=-1, type=PATH)
@click.option("-n", "count", type=click.IntRange(min=1), default=50, show_default=True,
              help="Photos to choose.")  # fmt: skip
@click.option("--emotion", type=click.Choice(EMOTIONS), help="The best of this mood.")
@click.option("--diverse", is_flag=True,
              help="Without near-repeats, and spread over subjects and moods.")  # fmt: skip
@click.option("-o", "--out", type=PATH, default=Path("iae-scores"), show_default=True,
              help="Folder of the results of 'iae score'.")  # fmt: skip
@click.option("--link", type=PATH, help="New folder for links to the photos, and a gallery.")
@click.option("--copy", type=PATH, help="New folder for copies of the photos, and a gallery.")
@click.option("--gallery", type=PATH, help="New folder for a gallery of the photos alone.")
@click.option("--format", "fmt", type=click.Choice(["text", "csv"]), default="text",
              show_default=True, help="How the list is printed.")  # fmt: skip
@click.option("--model", type=PATH, help="An .onnx model of 'iae export'. [default: the bundled]")
@click.option("--workers", type=click.IntRange(min=1),
              help="Decoding processes. [default: one a core]")  # fmt: skip
def top(
    photos: tuple[Path, ...],
    count: int,
    emotion: str | None,
    diverse: bool,
    out: Path,
    link: Path | None,
    copy: Path | None,
    gallery: Path | None,
    fmt: str,
    model: Path | None,
    workers: int | None,
) -> None:
    """Choose the best photos of a library.

    PHOTOS are scored into the folder of results first, as by 'iae score': only what is new or has
    changed. Without PHOTOS the choice is among what an earlier run scored.

    \b
    Examples:
        iae top ~/Pictures -n 50 --diverse --copy best-of
        iae top -n 20 --emotion awe --format csv > awe.csv
    """
    from iae.files import refuse_taken
    from iae.top.folder import write_folder
    from iae.top.job import choose_top

    wanted = _one_folder(link, copy, gallery)
    if wanted:
        refuse_taken(wanted[0])
    notice = f"Scores of {out}; their model's weights have a licence of their own"
    if photos:
        notice = _score(photos, out, model, workers)
    best = choose_top(out, count=count, emotion=emotion, diverse=diverse)
    if wanted:
        write_folder(
            wanted[0], best.chosen, wanted[1],
            chosen_from=best.scored, emotion=emotion, notice=notice,
        )  # fmt: skip
    _print(best, emotion, fmt)
    if wanted:
        from iae.text import one_line

        click.echo(f"gallery: {one_line(str(wanted[0] / 'index.html'))}", err=True)


def _one_folder(
    link: Path | None, copy: Path | None, gallery: Path | None
) -> "tuple[Path, Way] | None":
    given: list[tuple[Path, Way]] = []
    if link:
        given.append((link, "link"))
    if copy:
        given.append((copy, "copy"))
    if gallery:
        given.append((gallery, "gallery"))
    if len(given) > 1:
        raise click.UsageError(
            f"--{given[0][1]} and --{given[1][1]} are given; each makes a folder with a gallery, "
            "so take one of --link, --copy, --gallery"
        )
    return given[0] if given else None


def _score(photos: tuple[Path, ...], out: Path, model: Path | None, workers: int | None) -> str:
    """Score what is new; what the model's licence allows, in half a line."""
    from iae.cli.progress import progress_bar
    from iae.scoring.scorer import Scorer
    from iae.scoring.session import DEFAULT_MODEL
    from iae.top.job import bring_up_to_date

    scorer = Scorer(model or DEFAULT_MODEL)
    with progress_bar() as bar:
        task = bar.add_task("scoring", total=None)
        is_done = bring_up_to_date(
            photos, out, scorer, workers=workers,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )  # fmt: skip
    if not is_done:
        click.echo("iae: stopped; what was scored is kept: run the same command to go on", err=True)
        raise SystemExit(STOPPED)
    return f"Model weights: {scorer.info.licence}"


def _print(best: "Top", emotion: str | None, fmt: str) -> None:
    """The list on standard output, and what it was chosen from on standard error."""
    from iae.top.listing import as_csv, as_text

    if fmt == "csv":
        click.echo(as_csv(best.chosen, emotion, {}), nl=False)
    else:
        click.echo(as_text(best.chosen, emotion), nl=False)
    parts = [f"{len(best.chosen)} of {best.scored} photos"]
    if best.unreadable:
        parts.append(f"{best.unreadable} could not be read")
    if best.gone:
        parts.append(f"{best.gone} are not where they were")
    click.echo("; ".join(parts), err=True)
