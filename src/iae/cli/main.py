"""The command group: verbs, version, completion, and how errors are shown."""

import errno
import os
import sys

import click

from iae._version import __version__
from iae.cli.completion import completion
from iae.cli.data import data
from iae.cli.evaluate import evaluate
from iae.cli.explain import explain
from iae.cli.export import export
from iae.cli.pick import pick
from iae.cli.score import score
from iae.cli.study import study
from iae.cli.top import top
from iae.cli.train import train
from iae.cli.xmp import xmp
from iae.errors import IaeError
from iae.text import one_line


class IaeGroup(click.Group):
    """Shows what a person can fix as one line, with exit code 2; bugs keep their traceback."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the verb."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()  # where what was printed may turn out not to fit
            return result
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            _drop_what_cannot_be_printed()
            click.echo("iae: the disk is full: what was to be printed is incomplete", err=True)
            ctx.exit(2)
        except IaeError as error:
            # Errors may quote other programs' errors, which can have several lines.
            click.echo(f"iae: {one_line(' '.join(str(error).split()))}", err=True)
            ctx.exit(2)


def _drop_what_cannot_be_printed() -> None:
    """Python would try again to print it on its way out, and complain in its own words."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(cls=IaeGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="iae")
def main() -> None:
    """Image aesthetics and emotions: score photos, and build the models that do it.

    \b
    Score a folder and look at it:
        iae score ~/Pictures -o scores
    """


for command in (score, pick, top, explain, data, train, evaluate, export, xmp, study, completion):
    main.add_command(command)
