"""``iae study``: rating studies, one file a verb."""

import click

from iae.cli.study.backup import backup
from iae.cli.study.export import export
from iae.cli.study.forget import forget
from iae.cli.study.invite import invite
from iae.cli.study.new import new
from iae.cli.study.serve import serve
from iae.cli.study.status import status


@click.group()
def study() -> None:
    """Let people rate photos, and make a data set of their votes.

    \b
    Example:
        iae study new wedding --photos ~/Pictures/wedding
        iae study invite wedding --count 10 -o links.csv
    """


for command in (new, invite, serve, status, export, backup, forget):
    study.add_command(command)
