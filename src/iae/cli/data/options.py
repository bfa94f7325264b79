"""What every verb of ``iae data`` takes: a path and how to read it."""

import functools
import math
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from iae.cli.options import PATH
from iae.config import TableSource, from_mapping, load_experiment
from iae.errors import ConfigError
from iae.files import keep_outside
from iae.labels import EMOTIONS
from iae.text import one_line

if TYPE_CHECKING:
    from iae.data.dataset import Dataset

FORMAT_NAMES = ("uae", "iea", "para", "eva", "ava", "abstract", "artphoto", "folders",
                "phototriage", "imagefolder", "parquet", "webdataset", "table")  # fmt: skip
"""Repeated here, so that --help need not import the readers; a test compares."""

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


def _worst_below_best(
    ctx: click.Context, param: click.Parameter, value: tuple[float, float] | None
) -> tuple[float, float] | None:
    if value is not None and not (value[0] < value[1] and all(map(math.isfinite, value))):
        raise click.BadParameter(f"{value[0]:g} {value[1]:g} is no scale; wanted two numbers, the "
                                 "lower one first")  # fmt: skip
    return value


class DatasetChoice(NamedTuple):
    """A path and how to read it, as the options said."""

    path: Path
    format: str | None
    emotion_order: tuple[str, ...] | None
    mapping: Path | None
    source: str | None
    scale: tuple[float, float] | None


def dataset_options(command: Command) -> Command:
    """The argument PATH and the options that say how to read it, given as one ``choice``.

    A verb's options ``out`` and ``fix_list`` are refused where they would change the data set.
    """

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
        if source and mapping is None:
            raise click.UsageError("--source names a part of --mapping, which is not given")
        for option, target in (("-o", others.get("out")), ("--fix-list", others.get("fix_list"))):
            if target is not None:
                keep_outside(target, path, option)
        choice = DatasetChoice(path, format, emotion_order, mapping, source, scale)
        return command(choice, **others)

    decorators = (
        click.argument("path", type=PATH),
        click.option("--format", metavar="NAME",
                     help=f"Format of PATH: {', '.join(FORMAT_NAMES)}. [default: recognised; iae "
                     "data info says as which]"),
        click.option("--emotion-order", type=EmotionOrder(),
                     help="The eight emotions in the order of the labels 0 to 7. [default: "
                     "inferred]"),
        click.option("--mapping", type=PATH, help="TOML that says what the columns of a table "
                     "mean: an experiment file, or one with the settings of a source."),
        click.option("--source", help="Which [sources.NAME] of --mapping is meant."),
        click.option("--scale", nargs=2, type=float, metavar="WORST BEST",
                     callback=_worst_below_best,
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
        first = f"{dataset.defects[0].where}: {dataset.defects[0].text}"
        places = f"{len(dataset.defects):,} places in {dataset.name} contradict its format"
        if len(dataset.defects) == 1:
            places = f"1 place in {dataset.name} contradicts its format"
        click.echo(
            f"iae: {one_line(f'{places} (the first: {first})')}; see iae data check", err=True
        )


def say_written(paths: Iterable[Path]) -> None:
    """One line on standard output for each file or folder that was written."""
    for path in paths:
        click.echo(f"wrote {one_line(str(path))}")


def load_mapping(path: Path, name: str | None) -> TableSource:
    """A ``TableSource`` from a TOML file: its top level, or one of its ``[sources.NAME]``.

    Raises:
        ConfigError: the file cannot be read, or it is not clear which source is meant.
    """
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read the mapping {path}: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"the mapping {path} is no TOML: {error}") from None
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
