"""Several ways of training, several seeds each: a row a run, differences, and tables of both.

Rows and differences are plain CSV files, which can be committed: tables are made from them alone.
"""

import csv
import io
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from statistics import fmean, stdev
from typing import TypeVar

from iae.errors import DataError
from iae.evaluate.compare import compare_predictions
from iae.evaluate.model import Predictions
from iae.evaluate.report import evaluate_predictions
from iae.files import written_whole
from iae.metrics import Calibration

FIGURES = {
    "srcc": "SRCC",
    "plcc": "PLCC",
    "emd": "EMD",
    "high_prob_ece": "ECE of P(high)",
    "emotion_accuracy": "accuracy",
    "emotion_macro_f1": "macro-F1",
    "emotion_ece": "ECE of emotion",
}
"""Figures of a run, with their names in tables; all of the part that was held back."""
COMPARED = ("srcc", "plcc", "emotion_accuracy", "emotion_macro_f1")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One run: a way of training, with one seed. A task it was not trained for has NaN."""

    experiment: str
    seed: int
    srcc: float = math.nan
    plcc: float = math.nan
    emd: float = math.nan
    high_prob_ece: float = math.nan
    emotion_accuracy: float = math.nan
    emotion_macro_f1: float = math.nan
    emotion_ece: float = math.nan
    parameters: int
    """Numbers in the network."""
    seconds: float
    """Of training, without decoding, the trunk and probing."""
    epoch: int
    """That validation chose, counted from 1."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One way of training against another, over the seeds of both."""

    experiment: str
    against: str
    figure: str
    value: float
    """This minus the other, each the mean over its seeds."""
    low: float
    high: float
    """95 % paired interval."""
    seeds: int
    seeds_against: int


def held_back_figures(
    predictions: Predictions, calibration: Calibration, sources: Mapping[str, str]
) -> dict[str, float]:
    """Each of :data:`FIGURES` that there is.

    Args:
        predictions: of one run.
        calibration: of its model.
        sources: figure -> the data set it is taken from.
    """
    reports = evaluate_predictions(predictions, calibration=calibration, resamples=0)
    return {
        name: reports[source].figures[name].value
        for name, source in sources.items()
        if source in reports and name in reports[source].figures
    }


def differences(
    runs: Mapping[str, Sequence[Predictions]],
    baselines: Mapping[str, Sequence[str]],
    sources: Mapping[str, str],
    *,
    resamples: int = 1000,
) -> list[Difference]:
    """Every way of training against the baselines, in the figures that both have.

    Args:
        runs: way of training -> predictions of each seed, all of the same photos.
        baselines: figure of :data:`COMPARED` -> the ways to hold the others against.
        sources: figure -> the data set it is taken from.
        resamples: bootstrap draws.
    """
    found = []
    for name, this in runs.items():
        for against in dict.fromkeys(other for others in baselines.values() for other in others):
            if against == name or against not in runs:
                continue
            if not set(this[0].tasks) & set(runs[against][0].tasks):
                continue
            compared = compare_predictions(runs[against], this, resamples=resamples)
            found += [
                Difference(
                    experiment=name, against=against, figure=figure, value=gain, low=low, high=high,
                    seeds=len(this), seeds_against=len(runs[against]),
                )
                for figure, others in baselines.items()
                if against in others and figure in compared.get(sources[figure], {})
                for gain, low, high in [compared[sources[figure]][figure].difference]
            ]  # fmt: skip
    return found


def rows_table(rows: Sequence[Row], order: Sequence[str]) -> str:
    """Markdown: a line a way of training, each figure the mean over seeds ± their deviation."""
    of_way = defaultdict(list)
    for row in rows:
        of_way[row.experiment].append(row)
    heads = ["", "seeds", *FIGURES.values(), "parameters", "minutes", "epochs"]
    lines = [
        [f"`{name}`", str(len(of_way[name])),
         *(_mean_and_deviation([getattr(row, figure) for row in of_way[name]])
           for figure in FIGURES),
         f"{of_way[name][0].parameters / 1e6:.2f} M",
         f"{fmean(row.seconds for row in of_way[name]) / 60:.0f}",
         " ".join(str(row.epoch) for row in of_way[name])]
        for name in order if name in of_way
    ]  # fmt: skip
    return _markdown([heads, *lines])


def differences_table(
    found: Sequence[Difference], order: Sequence[str], against: Mapping[str, Sequence[str]]
) -> str:
    """Markdown: a line a way of training, against one baseline for each figure.

    Args:
        found: differences.
        order: ways of training.
        against: figure -> baselines; where there are several, that which has the difference.
    """
    known = {(d.experiment, d.against, d.figure): d for d in found}
    lines = []
    for name in order:
        cells = [
            next((_gain(known[name, other, figure]) for other in others
                  if (name, other, figure) in known), "")
            for figure, others in against.items()
        ]  # fmt: skip
        if any(cells):
            lines.append([f"`{name}`", *cells])
    return _markdown([["", *(FIGURES[figure] for figure in against)], *lines])


def _mean_and_deviation(values: Sequence[float]) -> str:
    if any(math.isnan(value) for value in values):
        return "–"
    return f"{fmean(values):.3f}" + (f" ± {stdev(values):.3f}" if len(values) > 1 else "")


def _gain(found: Difference) -> str:
    """In bold where the interval leaves 0 out."""
    text = f"{found.value:+.3f} [{found.low:+.3f}, {found.high:+.3f}]".replace("-", "−")
    return f"**{text}**" if found.low > 0 or found.high < 0 else text


def _markdown(lines: Sequence[Sequence[str]]) -> str:
    rule = ["---", *("--:" for _ in lines[0][1:])]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (lines[0], rule, *lines[1:])) + "\n"


Entry = TypeVar("Entry", Row, Difference)


def write_entries(path: Path, kind: type[Entry], entries: Sequence[Entry]) -> None:
    """Write rows or differences as CSV, NaN as an empty cell."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [f.name for f in fields(kind)], lineterminator="\n")
    writer.writeheader()
    for entry in entries:
        writer.writerow({name: _cell(value) for name, value in asdict(entry).items()})
    with written_whole(path) as part:
        part.write_text(text.getvalue(), "utf-8")


def read_entries(path: Path, kind: type[Entry]) -> list[Entry]:
    """What :func:`write_entries` wrote; without the file, nothing.

    Raises:
        DataError: the file holds something else.
    """
    types = {f.name: {"str": str, "int": int, "float": float}[str(f.type.__name__)]  # type: ignore[union-attr]
             for f in fields(kind)}  # fmt: skip
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return [kind(**{name: types[name](cell or "nan") for name, cell in line.items()})
                    for line in csv.DictReader(file)]  # fmt: skip
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path} holds no {kind.__name__.lower()}s: {error}") from None


def _cell(value: object) -> object:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.6g}"
    return value
