"""How well predicted emotions (or high/low) meet the labels. Classes are integers from 0."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def accuracy(predicted: ArrayLike, labels: ArrayLike) -> float:
    """Share of images whose predicted class is the labelled one, in [0, 1]; NaN without images."""
    a, b = np.asarray(predicted), np.asarray(labels)
    return float(np.mean(a == b)) if a.size else float("nan")


def confusion_matrix(predicted: ArrayLike, labels: ArrayLike, classes: int) -> NDArray[np.int64]:
    """(classes, classes) counts: row = label, column = prediction."""
    flat = np.asarray(labels, np.int64) * classes + np.asarray(predicted, np.int64)
    return np.bincount(flat, minlength=classes * classes).reshape(classes, classes)


def f1_per_class(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """F1 of each class, in [0, 1], from :func:`confusion_matrix`; NaN for a class nobody named.

    A class that is neither labelled nor predicted has no F1. One that is labelled but never
    rightly predicted has 0.
    """
    named = confusion.sum(axis=0) + confusion.sum(axis=1)
    with np.errstate(invalid="ignore"):
        scores: NDArray[np.float64] = 2 * np.diag(confusion) / np.where(named == 0, np.nan, named)
    return scores


def macro_f1(predicted: ArrayLike, labels: ArrayLike, classes: int) -> float:
    """Unweighted mean of F1 over the classes that are labelled or predicted; NaN without images."""
    scores = f1_per_class(confusion_matrix(predicted, labels, classes))
    scores = scores[~np.isnan(scores)]
    return float(scores.mean()) if scores.size else float("nan")
