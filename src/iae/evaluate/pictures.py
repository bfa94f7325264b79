"""A report's figures as PNG files. Needs matplotlib."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import ImageOps

from iae.errors import ImageError
from iae.evaluate.emotion import emotion_labels
from iae.evaluate.model import Predictions
from iae.evaluate.worst import Mistakes, emotion_captions, score_captions
from iae.figures.confusion import confusion_figure
from iae.figures.mistakes import Picture, mistake_sheet_figure
from iae.figures.reliability import reliability_figure
from iae.figures.scatter import score_scatter_figure
from iae.files import written_whole
from iae.images.decode import load_photo
from iae.labels import EMOTIONS, HIGH_THRESHOLD
from iae.metrics import Calibration, level_mean

_SIDE = 256
"""Pixels of a photo on a sheet; printed an inch wide."""


def write_figures(
    out: Path, predictions: Predictions, mistakes: Mistakes, *, calibration: Calibration
) -> list[Path]:
    """Write one PNG a figure and data set, and a sheet of mistakes a head; returns their paths."""
    drawn = {}
    for source in dict.fromkeys(record.source for record in predictions.records):
        for name, figure in _source_figures(predictions, source, calibration).items():
            drawn[f"{source}-{name}"] = figure
    for head, figure in _sheets(mistakes).items():
        drawn[f"worst-{head}"] = figure
    for name, figure in drawn.items():
        with written_whole(out / f"{name}.png") as part:
            figure.savefig(part, format="png", dpi=220 if name.startswith("worst-") else 150)
    return [out / f"{name}.png" for name in drawn]


def _source_figures(
    predictions: Predictions, source: str, calibration: Calibration
) -> dict[str, Figure]:
    drawn = {}
    rows = np.array([i for i, r in enumerate(predictions.records) if r.source == source])
    records = [predictions.records[i] for i in rows]
    level_probs, emotion_probs = predictions.level_probs[rows], predictions.emotion_probs[rows]
    rating = np.array([np.nan if r.aesthetic_mean is None else r.aesthetic_mean for r in records])
    labels = emotion_labels(records)
    rated, labelled = ~np.isnan(rating), labels >= 0
    if rated.any():
        drawn["scores"] = score_scatter_figure(level_mean(level_probs)[rated], rating[rated])
        drawn["high-reliability"] = reliability_figure(
            calibration.high_prob(level_probs[rated]), rating[rated] >= HIGH_THRESHOLD, "P(high)"
        )
    if labelled.any():
        probs, truth = emotion_probs[labelled], labels[labelled]
        drawn["confusion"] = confusion_figure(probs.argmax(axis=1), truth, EMOTIONS)
        drawn["emotion-reliability"] = reliability_figure(
            probs.max(axis=1), probs.argmax(axis=1) == truth, "share of the top emotion"
        )
    return drawn


def _sheets(mistakes: Mistakes) -> dict[str, Figure]:
    """One a head that made mistakes."""
    sheets = {
        "aesthetic": {
            "scored too high (rated → predicted)": score_captions(mistakes.too_high),
            "scored too low (rated → predicted)": score_captions(mistakes.too_low),
        },
        "emotion": {
            "most confident wrong emotions (labelled → predicted, its share)": emotion_captions(
                mistakes.emotion
            )
        },
    }
    return {
        head: mistake_sheet_figure(
            {title: _read(photos) for title, photos in blocks.items() if photos}
        )
        for head, blocks in sheets.items()
        if any(blocks.values())
    }


def _read(photos: Sequence[tuple[Path, str]]) -> list[tuple[Picture | None, str]]:
    return [(_small(path), caption) for path, caption in photos]


def _small(path: Path) -> Picture | None:
    try:
        photo = load_photo(path, min_side=_SIDE)
    except ImageError:
        return None
    return np.asarray(ImageOps.contain(photo, (_SIDE, _SIDE)))
