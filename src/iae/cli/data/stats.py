"""``iae data stats``: what a data set holds, in numbers."""

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
@click.option("--compare-iae", is_flag=True, help="Compare with the published counts of the IAE "
              "dataset. [default: when PATH is in one of its formats]")  # fmt: skip
@click.option("--resamples", type=click.IntRange(min=100), default=1000, show_default=True,
              help="Bootstrap draws of the 95 % intervals.")  # fmt: skip
@click.option("-o", "--out", type=PATH, help="Folder for report.txt and report.json.")
def stats(choice: DatasetChoice, compare_iae: bool, resamples: int, out: Path | None) -> None:
    """Count PATH per emotion and quality, and test what is said of such data.

    Whether the scores are Gaussian; whether positive emotions come with high quality; whether the
    counts are the published ones. What PATH has not got is said.

    \b
    Example:
        iae data stats datasets/para --mapping experiments/default.toml --source para -o report
    """
    from iae.cli.extras import needs_extra
    from iae.files import make_folder

    with needs_extra("data", "iae data stats"):
        from iae.describe.report import describe, format_report, write_report

    dataset, _ = open_dataset(choice)
    say_defects(dataset)
    if out is not None:
        make_folder(out)
    report = describe(dataset, compare_iae=compare_iae, resamples=resamples)
    click.echo(format_report(report), nl=False)
    if out is not None:
        say_written(write_report(out, report))
