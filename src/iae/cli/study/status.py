"""``iae study status``: how a study stands, for its owner."""

from pathlib import Path

import click

from iae.cli.extras import needs_extra
from iae.cli.options import PATH
from iae.cli.study.options import opened, study_argument


@click.command()
@study_argument
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.option("--images", type=PATH, help="Write progress and mean of each image to a CSV file.")
def status(folder: Path, as_json: bool, images: Path | None) -> None:
    """Say how the study in FOLDER stands: votes, agreement so far, raters, expected end.

    \b
    Example:
        iae study status wedding --images images.csv
    """
    with opened(folder) as study, needs_extra("data", "the statistics of a study"):
        found = study.status()
        from iae.study.status_text import format_status, image_rows, status_values
    if as_json:
        import json

        click.echo(json.dumps(status_values(found), indent=1, ensure_ascii=False))
    else:
        click.echo(format_status(found), nl=False)
    if images is not None:
        import polars as pl

        from iae.files import written_whole

        with written_whole(images) as part:
            pl.DataFrame(image_rows(found), infer_schema_length=None).write_csv(part)
