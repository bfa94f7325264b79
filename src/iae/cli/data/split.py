"""``iae data split``: train, val and test lists."""

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
@click.option("-o", "--out", type=PATH, required=True,
              help="Folder for train.txt, val.txt, test.txt and split.csv.")  # fmt: skip
@click.option("--fractions", nargs=3, type=float, default=(0.8, 0.1, 0.1), show_default=True,
              metavar="TRAIN VAL TEST", help="Shares of the parts; they sum to 1.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True,
              help="Another seed is another split.")  # fmt: skip
@click.option("--near-duplicates/--no-near-duplicates", default=True, show_default=True,
              help="Look at the pictures, and keep copies of one in one part.")  # fmt: skip
@click.option("--again", is_flag=True, help="Replace the split that the data set comes with.")
def split(
    choice: DatasetChoice,
    out: Path,
    fractions: tuple[float, float, float],
    seed: int,
    near_duplicates: bool,
    again: bool,
) -> None:
    """Divide PATH into train, val and test: alike in emotion and quality, groups kept whole.

    \b
    Example:
        iae data split datasets/fi8 -o fi8-split
    """
    from iae.check.split import format_split, split_dataset, write_split
    from iae.cli.progress import progress_bar
    from iae.config import SplitConfig
    from iae.files import make_folder
    from iae.text import one_line

    config = SplitConfig(seed=seed, fractions=fractions)
    dataset, _ = open_dataset(choice)
    say_defects(dataset)
    make_folder(out)
    with progress_bar() as bar:
        task = bar.add_task("looking", total=None)
        result = split_dataset(
            dataset, config, near_duplicates=near_duplicates, again=again, out=out,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )  # fmt: skip
    for note in result.notes:
        click.echo(f"iae: {one_line(note)}", err=True)
    click.echo(format_split(result), nl=False)
    if result.kept_together:
        click.echo(
            f"kept together: {result.kept_together:,} pictures that are there more than once"
        )
    say_written(write_split(out, result))
