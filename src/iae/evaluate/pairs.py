"""The whole evaluation on a pair data set: who judges, on which pairs, and the table."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Literal

from iae.data.pair_set import read_pair_set
from iae.data.read import recognise
from iae.data.records import Split
from iae.errors import DataError
from iae.evaluate.pair_judges import Progress, judge_pairs, open_judge
from iae.evaluate.pair_report import PairReport, report_pairs
from iae.files import written_whole
from iae.metrics import Interval
from iae.metrics.json_ready import json_ready
from iae.train.pairs.kind import is_pair_model

_COLUMNS = {"accuracy": "accuracy", "agreement": "agreement", "top1": "top-1", "top2": "top-2",
            "mrr": "MRR", "log_loss": "log-loss", "ece": "ECE"}  # fmt: skip


def is_about_pairs(model: Path, roots: Mapping[str, Path]) -> bool:
    """Whether photos are to be compared: a pair network is given, or the data are pair lists."""
    if is_pair_model(model):
        return True
    return len(roots) == 1 and any(
        one.format.name == "phototriage" for root in roots.values() for one in recognise(root)
    )


def evaluate_pairs(
    model: Path,
    roots: Mapping[str, Path],
    split: Split | Literal["all"],
    *,
    resamples: int = 1000,
    progress: Progress = lambda what, done, total: None,
) -> PairReport:
    """Judge the pairs of a data set and report it, beside chance and simple rules.

    Args:
        model: folder of a pair network, or a scorer, which compares by its aesthetic scores.
        roots: one folder, by any name.
        split: the part to take.
        resamples: bootstrap draws.
        progress: called while photos are measured and predicted.

    Raises:
        CheckpointError: the model cannot be opened.
        DataError: not one folder is given, or it has no such pairs with photographs.
    """
    if len(roots) != 1:
        raise DataError(f"pairs are evaluated on one data set, and {len(roots)} are given; "
                        "add --data NAME=PATH once")  # fmt: skip
    ((source, root),) = roots.items()
    judge = open_judge(model)
    pairs, opinions = judge_pairs(judge, read_pair_set(root, split), progress=progress)
    return report_pairs(pairs, opinions, source=source, split=split, resamples=resamples)


def format_pair_report(report: PairReport) -> str:
    """The report as text tables."""
    lines = [f"model: {report.model}", f"split: {report.split}", "",
             f"{report.source}: {report.pairs} pairs in {report.series} series"]  # fmt: skip
    lines += _format_missing(report)
    lines += [
        f"  {report.ties} ties (share of exactly .5): in no accuracy, in all else",
        f"  {report.series_with_ties} series with more than one best photo: any of them is right",
    ]
    if report.series_without_order:
        lines.append(f"  {report.series_without_order} series whose pairs do not link all photos: "
                     "in no figure of series")  # fmt: skip
    lines += ["", *_format_rows(report), "", *_format_orders(report), "", *_format_bands(report)]
    return "\n".join(lines) + "\n"


def _format_missing(report: PairReport) -> list[str]:
    if not report.missing:
        return ["  all photographs are there"]
    lost = report.listed - report.pairs
    lines = [f"  left out: {lost} of {report.listed} pairs, for {len(report.missing)} photos "
             "that are missing or unreadable:"]  # fmt: skip
    lines += [f"    {name}: {why}" for name, why in islice(report.missing.items(), 10)]
    more = len(report.missing) - 10
    return [*lines, f"    and {more} more (all of them are in report.json)"] if more > 0 else lines


def _format_rows(report: PairReport) -> list[str]:
    width = 24
    lines = [f"  {'':<{width}}" + "".join(f"{head:>20}" for head in _COLUMNS.values())]
    for name, figures in report.rows.items():
        shown = "this model" if name == report.model else name
        cells = "".join(f"{_interval(figures.get(key)):>20}" for key in _COLUMNS)
        lines.append(f"  {shown:<{width}}{cells}")
    best = "".join(f"{_number(report.best.get(key)):>20}" for key in _COLUMNS)
    lines.append(f"  {'as the shares say':<{width}}{best}")
    lines.append("  95 % bootstrap intervals, whole series being drawn; agreement: share of people "
                 "who prefer the photo that is chosen")  # fmt: skip
    return lines


def _format_orders(report: PairReport) -> list[str]:
    figures = report.rows[report.model]
    listed, swapped = figures["accuracy_as_listed"].value, figures["accuracy_swapped"].value
    changed = figures["answers_by_order"].value
    return [f"  both orders: accuracy {listed:.3f} as listed, {swapped:.3f} swapped; "
            f"another answer when swapped: {100 * changed:.1f} % of pairs"]  # fmt: skip


def _format_bands(report: PairReport) -> list[str]:
    lines = [f"  {'agreement of people':<22}{'pairs':>8}{'accuracy':>20}{'agreement':>20}"]
    for band, row in report.bands.items():
        accuracy, agreement = (_interval(row[key]) for key in ("accuracy", "agreement"))
        lines.append(f"  {band:<22}{row['pairs']:>8}{accuracy:>20}{agreement:>20}")
    return lines


def _interval(figure: object) -> str:
    if not isinstance(figure, Interval):
        return "–"
    return f"{figure.value:.3f} ({figure.low:.3f}–{figure.high:.3f})"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def write_pair_report(out: Path, report: PairReport) -> list[Path]:
    """Write ``report.txt`` and ``report.json``; returns their paths."""
    content = json.dumps(json_ready(asdict(report)), indent=1, allow_nan=False) + "\n"
    texts = {out / "report.txt": format_pair_report(report), out / "report.json": content}
    for path, text in texts.items():
        with written_whole(path) as part:
            part.write_text(text, "utf-8")
    return list(texts)
