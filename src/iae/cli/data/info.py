"""``iae data info``: what a path holds."""

import click

from iae.cli.data.options import DatasetChoice, dataset_options, open_dataset, say_defects


@click.command()
@dataset_options
def info(choice: DatasetChoice) -> None:
    """Say what PATH is, why, and what is in it.

    \b
    Example:
        iae data info datasets/fi8
    """
    from iae.data.summary import summarise
    from iae.text import one_line

    dataset, reason = open_dataset(choice)
    click.echo(f"format: {dataset.format} ({one_line(reason)})")
    for name, value in summarise(dataset).items():
        click.echo(f"{name}: {one_line(value)}")
    for note in dataset.notes:
        click.echo(f"note: {one_line(note)}")
    say_defects(dataset)
