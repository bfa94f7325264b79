"""A report as text tables, JSON and pictures."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path

from iae.evaluate.compare import Comparison
from iae.evaluate.emotion import published_bars_correlation
from iae.evaluate.report import Report
from iae.files import written_whole
from iae.labels import EMOTIONS
from iae.metrics import Interval
from iae.metrics.json_ready import json_ready


def format_report(report: Report) -> str:
    """The report as text tables."""
    lines = [f"model: {report.model}", f"split: {report.split}"]
    if report.not_trained:
        lines.append(f"not trained: {', '.join(report.not_trained)}; the model says nothing of it")
    for name, source in report.sources.items():
        lines += ["", f"{name}: {source.photos} photos"]
        if source.unreadable:
            lines.append(f"  {len(source.unreadable)} unreadable photos left out:")
            lines += [f"    {path}: {why}" for path, why in islice(source.unreadable.items(), 10)]
        lines.append(f"  {'figure':<25}{'value':>8}   {'95 % interval':<16}{'baseline':>9}")
        for figure, (value, low, high) in source.figures.items():
            baseline = source.baselines.get(figure)
            shown = "" if baseline is None else f"{baseline:.3f}"
            lines.append(f"  {figure:<25}{value:>8.3f}   {f'{low:.3f} – {high:.3f}':<16}{shown:>9}")
        if any(figure.endswith("_ece") for figure in source.figures):
            lines.append("  baseline of an ECE: what a perfectly calibrated model would show on so "
                         "many photos")  # fmt: skip
        if source.emotions:
            lines += _format_emotions(source.emotions)
            lines += _format_polarities(source.polarities)
            lines += _format_confusion(source.confusion)
    if report.against is not None:
        lines += _format_comparison(report.against, report.split)
    return "\n".join(lines) + "\n"


def _format_emotions(emotions: Mapping[str, Mapping[str, float]]) -> list[str]:
    heads = {"photos": "photos", "precision": "precision", "recall": "recall", "f1": "F1",
             "high_at_5": "high at 5", "high_at_published_cut": "high at cut",
             "published_high": "published"}  # fmt: skip
    columns = [name for name in heads if name in next(iter(emotions.values()))]
    lines = ["", "  " + f"{'emotion':<13}" + "".join(f"{heads[name]:>12}" for name in columns)]
    for emotion, row in emotions.items():
        cells = [f"{row['photos']:.0f}", *(f"{row[column]:.3f}" for column in columns[1:])]
        lines.append("  " + f"{emotion:<13}" + "".join(f"{cell:>12}" for cell in cells))
    if "high_at_5" not in columns:
        return lines
    for column, words in (("high_at_published_cut", "the published overall share, 57.8 % high"),
                          ("high_at_5", "the threshold 5")):  # fmt: skip
        r = published_bars_correlation(emotions, column)
        lines.append(f"  predicted high per emotion against the published bars, cut at {words}: "
                     f"Pearson r = {r:.3f}")  # fmt: skip
    return lines


def _format_polarities(polarities: Mapping[str, Mapping[str, Interval]]) -> list[str]:
    lines = ["", f"  {'polarity':<13}"
             + "".join(f"{head:>23}" for head in ("precision", "recall", "F1", "ECE"))]  # fmt: skip
    for polarity, row in polarities.items():
        cells = [f"{value:.3f} [{low:.3f}, {high:.3f}]" for value, low, high in row.values()]
        lines.append(f"  {polarity:<13}" + "".join(f"{cell:>23}" for cell in cells))
    return lines


def _format_comparison(against: Comparison, split: str) -> list[str]:
    lines = ["", f"against: {against.model}"]
    if against.known:
        lines.append(f"  caution: {against.known} of these photos are no {split} photos in its own "
                     "split; it may have learned from them, or been chosen by them")  # fmt: skip
    for source, figures in against.sources.items():
        lines += ["", f"{source}: {against.photos[source]} photos read by both"]
        lines.append(f"  {'figure':<25}{'other':>8}{'this':>8}{'gain':>9}   95 % paired interval")
        for name, (other, this, (gain, low, high)) in figures.items():
            shown = f"{low:+.3f} – {high:+.3f}"
            lines.append(f"  {name:<25}{other:>8.3f}{this:>8.3f}{gain:>+9.3f}   {shown}")
    return lines


def _format_confusion(confusion: Sequence[Sequence[int]]) -> list[str]:
    head = "".join(f"{emotion:>12}" for emotion in EMOTIONS)
    rows = [
        f"  {emotion:<13}" + "".join(f"{count:>12}" for count in row)
        for emotion, row in zip(EMOTIONS, confusion, strict=True)
    ]
    return ["", "  confusion: labelled in rows, predicted in columns", f"  {'':<13}{head}", *rows]


def write_report(out: Path, report: Report) -> list[Path]:
    """Write ``report.txt`` and ``report.json``; returns their paths."""
    texts = {
        out / "report.txt": format_report(report),
        out / "report.json": json.dumps(json_ready(asdict(report)), indent=1, allow_nan=False)
        + "\n",
    }
    for path, text in texts.items():
        with written_whole(path) as part:
            part.write_text(text, "utf-8")
    return list(texts)
