"""A report as text tables, JSON and pictures."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from iae.evaluate.model import Predictions
from iae.evaluate.report import Report, published_bars_correlation
from iae.files import written_whole
from iae.labels import EMOTIONS, HIGH_THRESHOLD
from iae.metrics import Calibration, Interval, level_mean


def format_report(report: Report) -> str:
    """The report as text tables."""
    lines = [f"model: {report.model}", f"split: {report.split}"]
    for name, source in report.sources.items():
        lines += ["", f"{name}: {source.photos} photos"]
        if source.unreadable:
            lines.append(f"  {len(source.unreadable)} unreadable photos left out:")
            lines += [f"    {path}: {why}" for path, why in islice(source.unreadable.items(), 10)]
        lines.append(f"  {'figure':<20}{'value':>8}   {'95 % interval':<16}{'baseline':>9}")
        for figure, (value, low, high) in source.figures.items():
            baseline = source.baselines.get(figure)
            shown = "" if baseline is None else f"{baseline:.3f}"
            lines.append(f"  {figure:<20}{value:>8.3f}   {f'{low:.3f} – {high:.3f}':<16}{shown:>9}")
        if source.emotions:
            lines += _format_emotions(source.emotions)
            lines += _format_confusion(source.confusion)
    return "\n".join(lines) + "\n"


def _format_emotions(emotions: Mapping[str, Mapping[str, float]]) -> list[str]:
    columns = ("photos", "precision", "recall", "f1", "high_at_5", "high_at_published_cut",
               "published_high")  # fmt: skip
    heads = ("photos", "precision", "recall", "F1", "high at 5", "high at cut", "published")
    lines = ["", "  " + f"{'emotion':<13}" + "".join(f"{head:>12}" for head in heads)]
    for emotion, row in emotions.items():
        cells = [f"{row['photos']:.0f}", *(f"{row[column]:.3f}" for column in columns[1:])]
        lines.append("  " + f"{emotion:<13}" + "".join(f"{cell:>12}" for cell in cells))
    for column, words in (("high_at_published_cut", "the published overall share, 57.8 % high"),
                          ("high_at_5", "the threshold 5")):  # fmt: skip
        r = published_bars_correlation(emotions, column)
        lines.append(f"  predicted high per emotion against the published bars, cut at {words}: "
                     f"Pearson r = {r:.3f}")  # fmt: skip
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
        out / "report.json": json.dumps(_json_ready(asdict(report)), indent=1) + "\n",
    }
    for path, text in texts.items():
        with written_whole(path) as part:
            part.write_text(text, "utf-8")
    return list(texts)


def _json_ready(value: Any) -> Any:
    """NaN has no place in JSON: it becomes null. Intervals become objects."""
    if isinstance(value, Interval):
        return _json_ready(value._asdict())
    if isinstance(value, Mapping):
        return {key: _json_ready(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json_ready(item) for item in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value


def write_figures(out: Path, predictions: Predictions, *, calibration: Calibration) -> list[Path]:
    """Write one PNG a figure and data set; returns their paths. Needs matplotlib."""
    from iae.figures.confusion import confusion_figure
    from iae.figures.reliability import reliability_figure
    from iae.figures.scatter import score_scatter_figure

    drawn = {}
    for source in dict.fromkeys(record.source for record in predictions.records):
        rows = np.array([i for i, r in enumerate(predictions.records) if r.source == source])
        records = [predictions.records[i] for i in rows]
        score = level_mean(predictions.level_probs[rows])
        emotion_probs = predictions.emotion_probs[rows]
        rating = np.array([np.nan if r.aesthetic_mean is None else r.aesthetic_mean
                           for r in records])  # fmt: skip
        labels = np.array([-1 if r.emotion is None else EMOTIONS.index(r.emotion)
                           for r in records])  # fmt: skip
        rated, labelled = ~np.isnan(rating), labels >= 0
        if rated.any():
            high_prob = calibration.high_prob(predictions.level_probs[rows][rated])
            drawn[f"{source}-scores"] = score_scatter_figure(score[rated], rating[rated])
            drawn[f"{source}-high-reliability"] = reliability_figure(
                high_prob, rating[rated] >= HIGH_THRESHOLD, "P(high)"
            )
        if labelled.any():
            probs, truth = emotion_probs[labelled], labels[labelled]
            drawn[f"{source}-confusion"] = confusion_figure(probs.argmax(axis=1), truth, EMOTIONS)
            drawn[f"{source}-emotion-reliability"] = reliability_figure(
                probs.max(axis=1), probs.argmax(axis=1) == truth, "share of the top emotion"
            )
    for name, figure in drawn.items():
        with written_whole(out / f"{name}.png") as part:
            figure.savefig(part, format="png", dpi=150)
    return [out / f"{name}.png" for name in drawn]
