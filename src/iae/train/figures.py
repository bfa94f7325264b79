"""Figures of a validation: what is logged, and what the best model is chosen by."""

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iae.config import TASK_PARTS
from iae.labels import EMOTIONS
from iae.metrics import accuracy, emd, level_mean, level_std, macro_f1, plcc, softmax, srcc

Arrays = dict[str, NDArray[Any]]
"""Logits by task, and the labels ``mean``, ``shares`` and ``label``, row by row."""


def validation_figures(
    outputs: Arrays, tasks: Collection[str] = tuple(TASK_PARTS)
) -> dict[str, float]:
    """Figures from logits and labels; a task without labels, or not among ``tasks``, has none.

    Returns:
        ``srcc``, ``plcc``; ``emd`` and ``std_mae`` (before calibration) where shares are known;
        ``emotion_accuracy``, ``emotion_macro_f1``; and ``score``, the mean of SRCC and emotion
        accuracy (of those there are): the figure that chooses the best model.
    """
    figures: dict[str, float] = {}
    if "aesthetic" in tasks:
        figures |= _aesthetic_figures(outputs)
    if "emotion" in tasks:
        figures |= _emotion_figures(outputs)
    main = [figures[name] for name in ("srcc", "emotion_accuracy") if name in figures]
    figures["score"] = float(np.mean(np.nan_to_num(main))) if main else 0.0
    return figures


def _aesthetic_figures(outputs: Arrays) -> dict[str, float]:
    figures: dict[str, float] = {}
    shares = softmax(outputs["aesthetic"])
    rated = ~np.isnan(outputs["mean"])
    if rated.sum() > 1:
        figures["srcc"] = srcc(level_mean(shares[rated]), outputs["mean"][rated])
        figures["plcc"] = plcc(level_mean(shares[rated]), outputs["mean"][rated])
    known = ~np.isnan(outputs["shares"]).any(axis=1)
    if known.any():
        truth = outputs["shares"][known]
        figures["emd"] = float(emd(shares[known], truth).mean())
        figures["std_mae"] = float(np.abs(level_std(shares[known]) - level_std(truth)).mean())
    return figures


def _emotion_figures(outputs: Arrays) -> dict[str, float]:
    labelled = outputs["label"] >= 0
    if not labelled.any():
        return {}
    predicted = outputs["emotion"][labelled].argmax(axis=1)
    labels = outputs["label"][labelled]
    return {
        "emotion_accuracy": accuracy(predicted, labels),
        "emotion_macro_f1": macro_f1(predicted, labels, len(EMOTIONS)),
    }
