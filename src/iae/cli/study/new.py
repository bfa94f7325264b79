"""``iae study new``: a study of the photos in a folder or a data set."""

from pathlib import Path

import click

from iae.cli.options import PATH


@click.command()
@click.argument("folder", type=PATH)
@click.option("--photos", type=PATH, help="Folder of the photos; those below it count too.")
@click.option("--dataset", type=PATH,
              help="Instead of --photos: a data set, whose labels nobody sees.")  # fmt: skip
@click.option("--title", help="What raters see as its name. [default: the name of FOLDER]")
@click.option("--question", type=click.Choice(["quality", "emotion", "both"]),
              help="Quality in four levels, emotion in eight, or both. [default: quality]"
              )  # fmt: skip
@click.option("--raters", type=click.IntRange(min=1), help="Raters an image. [default: 10]")
@click.option("--repeat-every", type=int, metavar="N",
              help="After every N images one of the rater's own earlier ones. [default: never]"
              )  # fmt: skip
@click.option("--database", metavar="URL",
              help="postgresql://USER@HOST/NAME. [default: SQLite, in FOLDER]")  # fmt: skip
@click.option("--settings", type=PATH,
              help="TOML with more settings: own scales, gold images, blocks, pauses, texts."
              )  # fmt: skip
def new(
    folder: Path,
    photos: Path | None,
    dataset: Path | None,
    title: str | None,
    question: str | None,
    raters: int | None,
    repeat_every: int | None,
    database: str | None,
    settings: Path | None,
) -> None:
    """Make a study in FOLDER: its settings, study.toml, and its database.

    The photos stay where they are and are only read. Before the first vote everything can still be
    changed by making the study anew; after it questions and known answers are fixed.

    \b
    Example:
        iae study new wedding --photos ~/Pictures/wedding --raters 5
    """
    from iae.cli.extras import needs_extra

    with needs_extra("web", "a rating study"):
        from iae.study.new import new_study
    from iae.study.photos import dataset_photos, folder_photos
    from iae.study.settings_text import settings_text

    if (photos is None) == (dataset is None):
        raise click.UsageError("wanted --photos FOLDER or --dataset PATH, one of them")
    root, names = folder_photos(photos) if photos else dataset_photos(dataset or Path())
    questions = {"both": ["quality", "emotion"]}.get(question or "", [question] if question else [])
    given = {
        "title": title,
        "photos": str(root),
        "database": database,
        "questions": questions or None,
        "raters_per_image": raters,
        "order.repeat_every": repeat_every,
    }
    text = settings_text(given, settings, folder.resolve().name)
    made = new_study(folder, text, root, names)
    votes = (len(names) - len(made.gold)) * made.raters_per_image
    click.echo(f"{folder}: {len(names):,} photos, {made.raters_per_image} raters each: "
               f"{votes:,} votes wanted")  # fmt: skip
    click.echo(f"next: iae study invite {folder} --count 10")
