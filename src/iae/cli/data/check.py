"""``iae data check``: whether a data set is sound."""

from pathlib import Path

import click

from iae.cli.data.options import DatasetChoice, dataset_options, open_dataset, say_written
from iae.cli.options import PATH


@click.command()
@dataset_options
@click.option("-o", "--out", type=PATH,
              help="Folder for report.txt, report.json and report.html, and for what is known of "
              "each picture: a second run then decodes only what is new.")  # fmt: skip
@click.option("--fix-list", type=click.Path(dir_okay=False, path_type=Path),
              help="File for the names of the images to leave out, one a line.")  # fmt: skip
@click.option("--images/--no-images", default=True, show_default=True,
              help="Look at the pictures, or check the labels alone.")  # fmt: skip
@click.option("--workers", type=click.IntRange(min=1),
              help="Decoding threads. [default: one a core]")  # fmt: skip
def check(
    choice: DatasetChoice,
    out: Path | None,
    fix_list: Path | None,
    images: bool,
    workers: int | None,
) -> None:
    """Find what is wrong with PATH: files, duplicates, ids, labels, splits, pairs, counts.

    Nothing is changed or deleted. The exit code is 1 when something is wrong; notes do not count.

    \b
    Example:
        iae data check datasets/fi8 -o fi8-check --fix-list leave-out.txt
    """
    from iae.check.page import write_page
    from iae.check.report import format_report, write_fix_list, write_text_and_json
    from iae.check.run import check_dataset
    from iae.cli.progress import progress_bar
    from iae.files import make_folder
    from iae.text import one_line

    dataset, _ = open_dataset(choice)
    if out is not None:
        make_folder(out)
    if fix_list is not None:
        make_folder(fix_list.parent)  # known before the work, not after it
    with progress_bar() as bar:
        task = bar.add_task("looking", total=None)
        report = check_dataset(
            dataset, images=images, out=out, workers=workers,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )  # fmt: skip
    # Names can hold bytes that are no text; they are shown spelt out, and written as they are.
    click.echo(format_report(report), nl=False)
    if fix_list is not None:
        write_fix_list(fix_list, report)
        click.echo(f"wrote {one_line(str(fix_list))}: {len(report.fix_list):,} to leave out")
    if out is not None:
        say_written([*write_text_and_json(out, report), write_page(out, report, dataset)])
    if not report.is_sound:
        raise SystemExit(1)
