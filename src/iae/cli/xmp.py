"""``iae xmp``: scores into the XMP that photo editors read, and out of it again."""

from pathlib import Path
from typing import Any

import click

from iae.cli.options import PATH
from iae.cli.xmp_options import choices, marks_options, mode_option, print_failed, print_report
from iae.text import one_line


@click.group()
def xmp() -> None:
    """Write scores as stars and keywords into XMP, take them back, or show what is there.

    What other programs wrote is kept, and stars that a person gave stay.

    \b
    Example:
        iae score ~/Pictures -o scores
        iae xmp write scores --dry-run
    """


@xmp.command()
@click.argument("out", type=PATH)
@mode_option("--mode", default="sidecar", text="Where to write:")
@marks_options
@click.option("--relative-to", type=PATH, default=Path(),
              help="Folder in which 'iae score' was run, where its table has relative paths. "
              "[default: the current one]")  # fmt: skip
def write(out: Path, mode: str, relative_to: Path, **options: Any) -> None:
    """Write the scores of an earlier 'iae score' in OUT into the XMP of its photos.

    The table is read that was written last: scores.csv, .parquet or .ndjson. Every change is first
    noted in OUT/.iae, from where 'iae xmp undo' takes it back.

    \b
    Example:
        iae xmp write scores --stars thresholds=4,5,6,7 --reject-below 3
    """
    from iae.cli.progress import progress_bar
    from iae.editor.job import mark_from_table

    chosen = choices(mode, **options)
    with progress_bar() as bar:
        task = bar.add_task("writing", total=None)
        report = mark_from_table(
            out, chosen, relative_to=relative_to,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )  # fmt: skip
    print_report(report, out, dry_run=chosen.dry_run)
    if len(report.of("failed")) == len(report.outcomes):
        raise SystemExit(2)


@xmp.command()
@click.argument("out", type=PATH)
@click.option("--dry-run", is_flag=True, help="Print what would be undone, and change nothing.")
def undo(out: Path, dry_run: bool) -> None:
    """Bring back the exact bytes that files had before XMP was written with OUT.

    A file that was changed since by another program stays as it is and is named; the exit code is
    then 1.

    \b
    Example:
        iae xmp undo scores
    """
    from iae.editor.job import undo as undo_job

    report = undo_job(out, dry_run=dry_run)
    would = "would be " if dry_run else ""
    if dry_run:
        for outcome in report.of("written"):
            click.echo(f"{one_line(str(outcome.path))}: as it was")
    failed = report.of("failed")
    click.echo(f"xmp: {len(report.of('written'))} {would}as before, "
               f"{len(report.of('unchanged'))} were so already"
               + (f", {len(failed)} not undone" if failed else ""))  # fmt: skip
    print_failed(failed, "not undone")
    if failed:
        raise SystemExit(1)


@xmp.command()
@click.argument("photos", nargs=-1, required=True, type=PATH)
def show(photos: tuple[Path, ...]) -> None:
    """Show the stars, labels and keywords of PHOTOS: in both sidecars, and embedded.

    PHOTOS can be sidecars as well. No other program is needed for this.

    \b
    Example:
        iae xmp show photo.jpg
    """
    from iae.editor.show import show_photo

    failed = False
    for photo in photos:
        click.echo(one_line(str(photo)))
        for place in show_photo(photo):
            failed |= place.failed
            click.echo(f"  {one_line(place.name)}: {one_line(place.text)}")
    if failed:
        raise SystemExit(1)
