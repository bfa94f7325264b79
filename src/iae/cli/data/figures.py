"""``iae data figures``: what a data set holds, in pictures."""

import difflib
from pathlib import Path
from typing import Literal

import click

from iae.cli.data.options import DatasetChoice, dataset_options, open_dataset, say_defects
from iae.cli.options import PATH
from iae.describe.figure_names import FIGURES


class FigureNames(click.ParamType[tuple[str, ...]]):
    """Names of figures, separated by commas."""

    name = "NAMES"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Split the list; each name once, in the usual order."""
        if isinstance(value, tuple):
            return value
        names = {name.strip() for name in str(value).split(",") if name.strip()}
        for name in sorted(names - set(FIGURES)):
            near = difflib.get_close_matches(name, FIGURES, n=1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            self.fail(f"no figure is called '{name}'; there are {', '.join(FIGURES)}{hint}",
                      param, ctx)  # fmt: skip
        if not names:
            self.fail(f"names no figure; there are {', '.join(FIGURES)}", param, ctx)
        return tuple(name for name in FIGURES if name in names)


@click.command()
@dataset_options
@click.option("-o", "--out", type=PATH, required=True, help="Folder for the figures.")
@click.option("--type", "kind", type=click.Choice(["png", "svg", "pdf"]), default="png",
              show_default=True, help="Kind of the files.")  # fmt: skip
@click.option("--only", type=FigureNames(), default=tuple(FIGURES),
              help=f"Which of {', '.join(FIGURES)}; separated by commas. "
              "[default: all]")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True,
              help="Another seed puts other pictures on the contact sheet.")  # fmt: skip
def figures(
    choice: DatasetChoice,
    out: Path,
    kind: Literal["png", "svg", "pdf"],
    only: tuple[str, ...],
    seed: int,
) -> None:
    """Draw what PATH holds, at the size of a column or a page of a paper.

    A figure that PATH has no data for is left out, and that is said.

    \b
    Example:
        iae data figures datasets/fi8 -o figures --type pdf
    """
    from iae.cli.extras import needs_extra
    from iae.text import one_line

    with needs_extra("data", "drawing figures"):
        from iae.describe.pictures import write_figures

    dataset, _ = open_dataset(choice)
    say_defects(dataset)
    for line in write_figures(dataset, out, only=only, kind=kind, seed=seed):
        click.echo(one_line(line))
