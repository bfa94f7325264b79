"""``iae explain``: a heat map of what a score looked at."""

from pathlib import Path

import click

from iae.cli.options import PATH
from iae.labels import EMOTIONS


@click.command()
@click.argument("photo", type=PATH)
@click.option("-o", "--out", type=PATH, default=Path("explain.png"), show_default=True,
              help="Picture to write, as PNG.")  # fmt: skip
@click.option("--emotion", type=click.Choice(EMOTIONS),
              help="Explain the probability of this emotion. [default: the score]")  # fmt: skip
@click.option("--model", type=PATH, help="An .onnx model of 'iae export'. [default: the bundled]")
def explain(photo: Path, out: Path, emotion: str | None, model: Path | None) -> None:
    """Show where in a photo its score comes from.

    Spot after spot is blurred, and the change of the score is drawn over the photo: orange where
    detail raises it, blue where detail lowers it. What smooth areas and the composition are worth,
    this cannot show.

    \b
    Example:
        iae explain sunset.jpg -o explain.png
    """
    from iae.errors import OutputError
    from iae.scoring.explain import AESTHETIC, explain_photo
    from iae.scoring.heat_picture import full_colour, legend_words, write_explanation
    from iae.scoring.scorer import Scorer
    from iae.scoring.session import DEFAULT_MODEL
    from iae.text import one_line

    if out.resolve() == photo.resolve():
        raise OutputError(f"{out} is the photo itself, which stays as it is; choose another -o")
    explanation = explain_photo(Scorer(model or DEFAULT_MODEL), photo, emotion or AESTHETIC)
    write_explanation(out, explanation, name=photo.name)
    (_, lowers), heading = legend_words(explanation, full_colour(explanation), photo.name)
    click.echo(f"{heading}; hiding detail would {lowers} at most")
    click.echo(f"picture: {one_line(str(out))}")
