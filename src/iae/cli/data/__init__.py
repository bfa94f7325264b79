"""``iae data``: the dataset workbench, one file a verb."""

import click

from iae.cli.data.info import info


@click.group()
def data() -> None:
    """Read, check, count, draw, split and convert data sets.

    PATH is a copy of a data set as it was published, or any table of labels; what it is, is
    recognised. Nothing is ever changed in it.

    \b
    Example:
        iae data info datasets/fi8
    """


for command in (info,):
    data.add_command(command)
