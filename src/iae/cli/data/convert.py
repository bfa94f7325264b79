"""``iae data convert``: a data set in another form."""

from pathlib import Path

import click

from iae.cli.data.options import (
    DatasetChoice,
    dataset_options,
    open_dataset,
    say_defects,
    say_written,
)
from iae.cli.options import PATH

TARGET_NAMES = ("uae", "iea", "imagefolder", "parquet", "webdataset")
_SHOWN = 5
"""Pictures that cannot be read are named one by one up to here; the list in OUT has all."""


@click.command()
@dataset_options
@click.option("--to", "target", type=click.Choice(TARGET_NAMES), required=True,
              help="Form to write.")  # fmt: skip
@click.option("-o", "--out", type=PATH, required=True,
              help="Folder to write; it must not exist, or be empty.")  # fmt: skip
@click.option("--size", type=click.IntRange(min=1), default=224, show_default=True,
              help="Side of the square pictures, for a form that stores pixels (iea).")  # fmt: skip
@click.option("--shard-size", type=click.IntRange(min=1), default=1000, show_default=True,
              help="Images a shard (parquet, webdataset).")  # fmt: skip
@click.option("--no-images", is_flag=True, help="Write the labels alone.")
def convert(
    choice: DatasetChoice, target: str, out: Path, size: int, shard_size: int, no_images: bool
) -> None:
    """Write PATH in another form, and say first what that form cannot hold.

    uae is the folder release of IAE/UAE, iea its HDF5 release; imagefolder, parquet and webdataset
    are forms of the Hugging Face hub, with a dataset card and Croissant metadata.

    An image whose picture cannot be read is listed in OUT: uae and iea keep its labels, the others
    leave it out. Only iea decodes pictures; the others copy the files after a look at their head,
    and iae data check OUT finds those that are cut off.

    \b
    Example:
        iae data convert datasets/fi8 --to parquet -o fi8-parquet
    """
    from iae.cli.extras import needs_extra
    from iae.cli.progress import progress_bar
    from iae.convert.target import WriteOptions
    from iae.text import one_line

    with needs_extra("data", "converting a data set"):
        from iae.convert.job import TARGETS
        from iae.convert.job import convert as run
        from iae.convert.left_out import read_unreadable
    chosen = next(form for form in TARGETS if form.name == target)
    dataset, _ = open_dataset(choice)
    say_defects(dataset)
    for loss in chosen.losses(dataset):
        click.echo(f"not kept: {one_line(loss)}")
    options = WriteOptions(size=size, shard_size=shard_size, images=not no_images)
    with needs_extra("data", "converting a data set"), progress_bar() as bar:
        task = bar.add_task("writing", total=len(dataset.records))

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        run(dataset, chosen, out, options, progress)
    listed, problems = read_unreadable(out)
    for name, reason in problems[:_SHOWN]:
        click.echo(f"iae: cannot read {one_line(name)}: {one_line(reason)}", err=True)
    if listed is not None:
        pictures = "1 picture" if len(problems) == 1 else f"{len(problems):,} pictures"
        click.echo(f"iae: {pictures} cannot be read: {chosen.unreadable}; "
                   f"{listed} lists them", err=True)  # fmt: skip
    say_written([out])
