"""What every verb of ``iae data`` takes: a path and how to read it."""

import functools
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from iae.cli.options import PATH
from iae.config import TableSource, from_mapping, load_experiment
from iae.errors import ConfigError
from iae.labels import EMOTIONS

if TYPE_CHECKING:
    from iae.data.dataset import Dataset

Command = TypeVar("Command", bound=Callable[..., Any])


class EmotionOrder(click.ParamType[tuple[str, ...]]):
    """The eight emotions, separated by commas."""

    name = "NAMES"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Split the list and check that each emotion is there once."""
        names = tuple(str(value).replace(" ", "").split(","))
        if sorted(names) != sorted(EMOTIONS):
            self.fail(f"'{value}' does not name each of {', '.join(EMOTIONS)} once", param, ctx)
        return names


class DatasetChoice(NamedTuple):
    """A path and how to read it, as the options said."""

    path: Path
    format: str | None
    emotion_order: tuple[str, ...] | None
    mapping: Path | None
    source: str | None
    scale: tuple[float, float] | None


def dataset_options(command: Command) -> Command:
    """The argument PATH and the options that say how to read it, given as one ``choice``."""

    @functools.wraps(command)
    def with_choice(
        path: Path,
        format: str | None,
        emotion_order: tuple[str, ...] | None,
        mapping: Path | None,
        source: str | None,
        scale: tuple[float, float] | None,
        **others: Any,
    ) -> Any:
        choice = DatasetChoice(path, format, emotion_order, mapping, source, scale)
        return command(choice, **others)

    decorators = (
        click.argument("path", type=PATH),
        click.option("--format", help="Format of PATH. [default: recognised; see iae data info]"),
        click.option("--emotion-order", type=EmotionOrder(),
                     help="The eight emotions in the order of the labels 0 to 7. [default: "
                     "inferred]"),
        click.option("--mapping", type=PATH, help="TOML that says what the columns of a table "
                     "mean: an experiment file, or one with the settings of a source."),
        click.option("--source", help="Which [sources.NAME] of --mapping is meant."),
        click.option("--scale", nargs=2, type=float, metavar="WORST BEST",
                     help="Scale of a table's scores. [default: inferred]"),
    )  # fmt: skip
    for decorator in reversed(decorators):
        with_choice = decorator(with_choice)
    return with_choice  # type: ignore[return-value]


def open_dataset(choice: DatasetChoice) -> "tuple[Dataset, str]":
    """The data set and why it was read in its format. Raises ``IaeError``."""
    from iae.cli.extras import needs_extra
    from iae.data.formats.format import ReadOptions
    from iae.data.read import read_dataset

    options = ReadOptions(
        emotion_order=choice.emotion_order,
        source=None if choice.mapping is None else load_mapping(choice.mapping, choice.source),
        scale=choice.scale,
    )
    with needs_extra("data", "reading this data set"):
        return read_dataset(choice.path, choice.format, options)


def say_defects(dataset: "Dataset") -> None:
    """One line on standard error when rows were left out or contradict each other."""
    if dataset.defects:
        click.echo(f"iae: {len(dataset.defects):,} places in {dataset.name} contradict its format "
                   f"(the first: {dataset.defects[0].where}: {dataset.defects[0].text}); see "
                   f"iae data check", err=True)  # fmt: skip


def load_mapping(path: Path, name: str | None) -> TableSource:
    """A ``TableSource`` from a TOML file: its top level, or one of its ``[sources.NAME]``.

    Raises:
        ConfigError: the file cannot be read, or it is not clear which source is meant.
    """
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"cannot read the mapping {path}: {error}") from None
    if "sources" not in values:
        try:
            return from_mapping(TableSource, values)
        except ConfigError as error:
            raise ConfigError(f"{path}: {error}") from None
    sources = load_experiment(path).sources
    name = name or (next(iter(sources)) if len(sources) == 1 else "")
    if name not in sources:
        raise ConfigError(f"{path} has the sources {', '.join(sources)}; name one with --source")
    return sources[name]
