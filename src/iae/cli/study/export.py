"""``iae study export``: the votes as tables and as a data set."""

import shlex
from pathlib import Path

import click

from iae.cli.extras import needs_extra
from iae.cli.options import PATH
from iae.cli.study.options import opened, study_argument


@click.command()
@study_argument
@click.option("-o", "--out", type=PATH, required=True, help="Folder for the files.")
@click.option("--screen", multiple=True, type=click.Choice(["bt500", "gold", "repeats"]),
              help="Leave out raters who fail here, of the labels and not of votes.csv; "
              "may be repeated.")  # fmt: skip
@click.option("--no-uae", is_flag=True, help="Write the tables alone, and copy no photo.")
def export(folder: Path, out: Path, screen: tuple[str, ...], no_uae: bool) -> None:
    """Write the votes of the study in FOLDER to OUT.

    votes.csv and .parquet hold every vote, with times and conditions; ratings.csv single ratings,
    for iae data ratings; labels.csv counts of votes an image, and experiment.toml is what iae train
    takes to learn them; uae/ is a data set with the photos and scores.h5.

    \b
    Example:
        iae study export wedding -o wedding-votes --screen bt500
    """
    from iae.cli.progress import progress_bar
    from iae.text import one_line

    with needs_extra("data", "exporting a study"):
        from iae.convert.target import WriteOptions
        from iae.study.export import EXPERIMENT, Exported, study_dataset, write_tables
        from iae.study.quality import rater_quality, screened
        from iae.study.records import read_votes

        if not no_uae:
            from iae.convert.job import convert
            from iae.convert.uae import TARGET
    with opened(folder) as study:
        with study.storage.reading() as connection:
            votes = read_votes(connection, study.asked)
        photos = study.photos
    exported = Exported(votes=votes, screened=screened(rater_quality(votes), screen))
    written = write_tables(exported, out, photos)
    for rater, reason in exported.screened.items():
        click.echo(f"left out of the labels: {rater} ({reason})")
    if not no_uae:
        dataset = study_dataset(exported.kept, folder, photos)
        if dataset.records:
            for loss in TARGET.losses(dataset):
                click.echo(f"not kept in uae: {one_line(loss)}")
            with progress_bar() as bar:
                task = bar.add_task("uae", total=len(dataset.records))
                convert(dataset, TARGET, out / "uae", WriteOptions(),
                        lambda done, total: bar.update(task, completed=done, total=total)
                        )  # fmt: skip
            written.append(out / "uae")
    for path in written:
        click.echo(f"wrote {path}")
    command = ["iae", "train", str(out / EXPERIMENT), "--data", f"study={photos}"]
    click.echo(f"next: {shlex.join(command)}")
