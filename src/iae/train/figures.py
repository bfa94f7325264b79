"""Figures of a validation: what is logged, and what the best model is chosen by."""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from iae.config import SCORED_TASKS
from iae.labels import EMOTIONS
from iae.metrics import accuracy, emd, level_mean, level_std, macro_f1, plcc, softmax, srcc

Arrays = dict[str, NDArray[Any]]
"""Logits by task, and the labels ``mean``, ``shares``, ``label``, ``attribute_means``, by row."""


def kept_labels(table: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The labels of a batch, or of more, under the names that :data:`Arrays` has for them."""
    names = {"mean": "mean", "shares": "shares", "label": "emotion_label",
             "attribute_means": "attributes"}  # fmt: skip
    return {name: table[target] for name, target in names.items()}


def validation_figures(outputs: Arrays, tasks: Collection[str] = SCORED_TASKS) -> dict[str, float]:
    """Figures from logits and labels; a task without labels, or not among ``tasks``, has none.

    Returns:
        ``srcc``, ``plcc``; ``emd`` and ``std_mae`` (before calibration) where shares are known;
        ``emotion_accuracy``, ``emotion_macro_f1``; ``attributes_srcc``, the mean over other
        questions; and ``score``, the mean of SRCC and emotion
        accuracy (of those there are): the figure that chooses the best model.
    """
    figures: dict[str, float] = {}
    if "aesthetic" in tasks:
        figures |= _aesthetic_figures(outputs)
    if "emotion" in tasks:
        figures |= _emotion_figures(outputs)
    if "attributes" in tasks:
        figures |= _attribute_figures(outputs)
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


def _attribute_figures(outputs: Arrays) -> dict[str, float]:
    pairs = zip(outputs["attributes"].T, outputs["attribute_means"].T, strict=True)
    known = [(said, rated, ~np.isnan(rated)) for said, rated in pairs]
    found = [srcc(said[rows], rated[rows]) for said, rated, rows in known if rows.sum() > 1]
    return {"attributes_srcc": float(np.mean(found))} if found else {}


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
