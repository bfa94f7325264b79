"""``iae study forget``: a rater's data, exported and deleted."""

import json
from pathlib import Path

import click

from iae.cli.options import PATH
from iae.cli.study.options import opened, study_argument


@click.command()
@study_argument
@click.argument("rater")
@click.option("-o", "--out", type=PATH, help="Write everything stored about RATER here first, "
              "as JSON.")  # fmt: skip
@click.option("--only-export", is_flag=True, help="Write it and delete nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(folder: Path, rater: str, out: Path | None, only_export: bool, yes: bool) -> None:
    """Delete all data of RATER from the study in FOLDER; the images ask for other raters again.

    Nothing else is stored of a rater: no address, no browser. Exports and backups made before
    still hold the votes.

    \b
    Example:
        iae study forget wedding r1f2e3d4c -o r1f2e3d4c.json
    """
    from iae.files import written_whole

    if only_export and out is None:
        raise click.UsageError("--only-export needs -o FILE")
    with opened(folder) as study:
        from iae.study.forget import data_of
        from iae.study.forget import forget as delete

        with study.storage.reading() as connection:
            data = data_of(connection, rater)
        if out is not None:
            with written_whole(out) as part:
                part.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", "utf-8")
            click.echo(f"wrote {out}")
        if only_export:
            return
        if not yes:
            click.confirm(f"delete {rater} and {len(data['votes']):,} votes for good?", abort=True)
        with study.storage.writing() as connection:
            deleted = delete(connection, rater)
        study.storage.checkpoint()
    click.echo(f"deleted {rater} and {deleted:,} votes")
