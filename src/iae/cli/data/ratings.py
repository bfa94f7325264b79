"""``iae data ratings``: what ratings say, and who gave them."""

from pathlib import Path

import click

from iae.cli.data.options import (
    DatasetChoice,
    dataset_options,
    open_dataset,
    say_defects,
    say_written,
)
from iae.cli.options import PATH


@click.command()
@dataset_options
@click.option("--item", help="Column of a rating table that names the image. Alone: each other "
              "column is a rater. [default: by its name]")  # fmt: skip
@click.option("--rater", help="Column that names the rater. [default: by its name]")
@click.option("--value", help="Column with the rating. [default: by its name]")
@click.option("--resamples", type=click.IntRange(min=100), default=1000, show_default=True,
              help="Bootstrap draws of the 95 % intervals; large sets get fewer.")  # fmt: skip
@click.option("-o", "--out", type=PATH, help="Folder for report.txt and .json, items.csv, "
              "raters.csv and .png; of votes emotions.csv, confusion.csv, votes.png.")  # fmt: skip
def ratings(
    choice: DatasetChoice,
    item: str | None,
    rater: str | None,
    value: str | None,
    resamples: int,
    out: Path | None,
) -> None:
    """Say how the raters of PATH agree, and which of them to look at.

    PATH is a data set with single ratings or emotion votes, or a table of ratings: a row a rating
    (columns item, rater, value), or a row an image and a column a rater. Ratings may be missing.

    \b
    Example:
        iae data ratings study.csv --item photo --rater user --value stars -o report
    """
    from iae.cli.extras import needs_extra
    from iae.cli.progress import progress_bar
    from iae.data.dataset import Dataset
    from iae.files import make_folder
    from iae.text import one_line

    with needs_extra("data", "iae data ratings"):
        from iae.ratings.open import NamedColumns, open_ratings
        from iae.ratings.output import write_report
        from iae.ratings.pictures import write_pictures
        from iae.ratings.report import report_ratings, report_votes
        from iae.ratings.text import format_ratings, format_votes

    def dataset() -> Dataset:
        opened, _ = open_dataset(choice)
        say_defects(opened)
        return opened

    if out is not None:
        make_folder(out)
    with progress_bar() as bar, needs_extra("data", "reading these ratings"):
        task = bar.add_task("reading", total=None)
        found = open_ratings(
            choice.path, NamedColumns(item=item, rater=rater, value=value), choice.scale, dataset,
            is_dataset=bool(choice.format or choice.mapping),
        )  # fmt: skip
        of_ratings = None if found.ratings is None else report_ratings(
            found.ratings, resamples=resamples, say=lambda step: bar.update(task, description=step)
        )  # fmt: skip
        of_votes = None if found.votes is None else report_votes(found.votes, resamples=resamples)
    notes = "".join(f"note: {one_line(note)}\n" for note in found.notes)
    parts = [notes] if notes else []
    parts += [] if of_ratings is None else [format_ratings(of_ratings)]
    parts += [] if of_votes is None else [format_votes(of_votes)]
    text = "\n".join(parts)
    click.echo(text, nl=False)
    if out is not None:
        written = write_report(out, text, of_ratings, of_votes)
        say_written(written + write_pictures(out, of_ratings, of_votes))
