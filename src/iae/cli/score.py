"""``iae score``: photos in, scores and a gallery out."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from iae.cli.options import PATH
from iae.labels import EMOTIONS, is_high
from iae.text import one_line

if TYPE_CHECKING:
    from iae.scoring.folder import FolderResult


@click.command()
@click.argument("photos", nargs=-1, required=True, type=PATH)
@click.option("-o", "--out", type=PATH, default=Path("iae-scores"), show_default=True,
              help="Folder for the results.")  # fmt: skip
@click.option("--format", "formats", type=click.Choice(["csv", "parquet", "ndjson"]),
              multiple=True, default=["csv"], show_default=True,
              help="Table to write; repeat for several.")  # fmt: skip
@click.option("--gallery/--no-gallery", default=True, show_default=True,
              help="Write index.html with thumbnails.")  # fmt: skip
@click.option("--model", type=PATH, help="An .onnx model of 'iae export'. [default: the bundled]")
@click.option("--workers", type=click.IntRange(min=1),
              help="Decoding threads. [default: one a core]")  # fmt: skip
def score(
    photos: tuple[Path, ...],
    out: Path,
    formats: tuple[str, ...],
    gallery: bool,
    model: Path | None,
    workers: int | None,
) -> None:
    """Score photos for aesthetics (1 to 10) and emotion (eight shares).

    PHOTOS are files or folders; folders are searched with all their sub-folders. A photo that
    cannot be read becomes a row with its reason.

    \b
    Example:
        iae score ~/Pictures/2024 -o scores
    """
    from iae.cli.progress import progress_bar
    from iae.scoring.folder import score_folder
    from iae.scoring.scorer import Scorer
    from iae.scoring.session import DEFAULT_MODEL

    scorer = Scorer(model or DEFAULT_MODEL)
    with progress_bar() as bar:
        task = bar.add_task("scoring", total=None)
        result = score_folder(
            photos, out, scorer, formats=tuple(dict.fromkeys(formats)), gallery=gallery,
            workers=workers,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )  # fmt: skip
    _print_summary(result)
    if not result.readable:
        click.echo(f"iae: none of {len(result.scores)} photos could be read; "
                   f"the reasons are in {result.tables[0]}", err=True)  # fmt: skip
        raise SystemExit(2)


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
        means = [row.aesthetic_mean or 0 for row in readable]
        high = sum(is_high(mean) for mean in means)
        moods = Counter(row.top_emotion for row in readable)
        title = f"{len(readable)} photo{'s' if len(readable) > 1 else ''} scored"
        table = Table(title=title, title_justify="left")
        table.add_column("score", justify="right")
        table.add_column("mood")
        table.add_column("photo", overflow="fold")
        for row in readable[:5]:
            table.add_row(f"{row.aesthetic_mean:.1f}", row.top_emotion, shown(row.path))
        if len(readable) > 5:
            table.add_row("…", "", f"and {len(readable) - 5} more")
        console.print(table)
        console.print(f"mean {sum(means) / len(means):.2f} of 10, {high} high and "
                      f"{len(means) - high} low; most probable emotion: "
                      + ", ".join(f"{name} {moods[name]}" for name in EMOTIONS if moods[name]),
                      highlight=False)  # fmt: skip
    for row in result.unreadable[:10]:
        console.print(f"unreadable: {shown(row.path)}: {shown(row.error)}", highlight=False)
    if len(result.unreadable) > 10:
        console.print(f"unreadable: {len(result.unreadable) - 10} more, see the table")
    for path in result.tables:
        console.print(f"table:   {shown(path)}", highlight=False)
    if result.gallery:
        console.print(f"gallery: {shown(result.gallery)}", highlight=False)
    console.print(f"notice:  {escape(result.notice)}", style="dim", highlight=False)
