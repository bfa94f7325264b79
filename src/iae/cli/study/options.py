"""What every verb of ``iae study`` takes: the folder of a study."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from iae.cli.extras import needs_extra
from iae.cli.options import PATH

if TYPE_CHECKING:
    from iae.study.service import Study

PORT = 8765
"""Where ``serve`` listens, and where links of ``invite`` lead, unless told otherwise."""

study_argument = click.argument("folder", type=PATH)


@contextmanager
def opened(folder: Path) -> Iterator["Study"]:
    """The study in a folder; what is missing to open it is one line."""
    with needs_extra("web", "a rating study"):
        from iae.study.service import open_study
    with open_study(folder) as study:
        yield study
