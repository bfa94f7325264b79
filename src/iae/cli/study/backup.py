"""``iae study backup``: a copy of the database while raters go on."""

from pathlib import Path

import click

from iae.cli.options import PATH
from iae.cli.study.options import opened, study_argument


@click.command()
@study_argument
@click.option("-o", "--out", type=PATH, required=True, help="File to write.")
def backup(folder: Path, out: Path) -> None:
    """Copy the database of the study in FOLDER, while it is served.

    To go back to the copy: stop the server, put the copy in the place of study.db, and delete
    study.db-wal and study.db-shm.

    \b
    Example:
        iae study backup wedding -o wedding-monday.db
    """
    with opened(folder) as study:
        from iae.study.backup import backup as copy

        copy(study.storage, out)
    click.echo(f"wrote {out}")
