"""Options that several verbs share."""

from pathlib import Path

import click

PATH = click.Path(path_type=Path)


class DataRoot(click.ParamType[tuple[str, Path]]):
    """``NAME=PATH``: the folder of one data set."""

    name = "NAME=PATH"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Path]:
        """Split the pair and check that the folder exists."""
        if isinstance(value, tuple):
            return value
        name, equals, path = str(value).partition("=")
        if not (name and equals and path):
            self.fail(f"'{value}' is not NAME=PATH, for example fi8=datasets/fi8", param, ctx)
        if not Path(path).is_dir():
            self.fail(f"there is no folder {path} (for {name})", param, ctx)
        return name, Path(path)


def _no_name_twice(
    ctx: click.Context, param: click.Parameter, value: tuple[tuple[str, Path], ...]
) -> tuple[tuple[str, Path], ...]:
    names = [name for name, _ in value]
    for name in names:
        if names.count(name) > 1:
            raise click.BadParameter(f"'{name}' is given twice; a data set has one folder")
    return value


data_option = click.option(
    "--data",
    "roots",
    type=DataRoot(),
    multiple=True,
    callback=_no_name_twice,
    help="Folder of a data set, by its name in the experiment; repeat for each.",
)
