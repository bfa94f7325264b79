"""``iae data``: the dataset workbench, one file a verb."""

import click

from iae.cli.data.check import check
from iae.cli.data.convert import convert
from iae.cli.data.figures import figures
from iae.cli.data.info import info
from iae.cli.data.ratings import ratings
from iae.cli.data.split import split
from iae.cli.data.stats import stats


@click.group()
def data() -> None:
    """Read, check, count, draw, split and convert data sets.

    PATH is a copy of a data set as it was published, or any table of labels; what it is, is
    recognised. Nothing is ever changed in it.

    \b
    Example:
        iae data info datasets/fi8
    """


for command in (info, check, ratings, stats, figures, split, convert):
    data.add_command(command)
