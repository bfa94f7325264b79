"""Two models on the same photos: how much better one is, and whether that could be chance."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from iae.config import ExperimentConfig, from_mapping
from iae.data.records import ImageRecord, Split
from iae.data.sources import read_given
from iae.errors import DataError
from iae.evaluate.emotion import emotion_labels
from iae.evaluate.figures import group_numbers
from iae.evaluate.model import Model, Predictions, Progress, predict_records
from iae.labels import EMOTIONS
from iae.metrics import (
    MethodComparison,
    accuracy,
    compare_methods,
    level_mean,
    macro_f1,
    plcc,
    srcc,
)

Rows = NDArray[np.intp]
PairedFigure = Callable[[Predictions, Rows], float]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A model against another one."""

    model: str
    """The other one."""
    sources: dict[str, dict[str, MethodComparison]]
    """Data set -> figure -> other, this, this minus other with its 95 % paired interval."""
    photos: dict[str, int]
    """Data set -> photos that both could read."""
    known: int = 0
    """Photos that the other model's own split does not count to this part: it may have learned
    from them, or been chosen by them."""


def compare_predictions(
    other: Sequence[Predictions],
    this: Sequence[Predictions],
    *,
    resamples: int = 1000,
    seed: int = 0,
) -> dict[str, dict[str, MethodComparison]]:
    """Differences of SRCC, PLCC, accuracy and macro-F1, by data set and figure: this minus other.

    The bootstrap is paired, and draws groups whole; with several seeds a method it draws seeds
    too (:func:`iae.metrics.compare_methods`). A task that one of them was not trained for is left
    out.

    Args:
        other: predictions of each seed of one method (one model: one entry).
        this: of the other method. Photos are matched by data set and name; those that some run
            could not read are left out of all.
        resamples: bootstrap draws.
        seed: of the draws.

    Raises:
        DataError: not one photo was read by all.
    """
    other, this = _aligned(other, this)
    records = other[0].records
    tasks = set.intersection(*(set(run.tasks) for run in (*other, *this)))
    found: dict[str, dict[str, MethodComparison]] = {}
    for source in dict.fromkeys(record.source for record in records):
        found[source] = {}
        of_source = np.array([record.source == source for record in records])
        for task, known, figures in (
            ("aesthetic", [r.aesthetic_mean is not None for r in records], _score_figures(records)),
            ("emotion", [r.emotion is not None for r in records], _emotion_figures(records)),
        ):
            rows = np.flatnonzero(of_source & np.array(known))
            if task not in tasks or len(rows) < 2:
                continue
            groups = group_numbers([records[i] for i in rows])
            for name, figure in figures.items():
                found[source][name] = compare_methods(
                    _on(figure, rows), other, this, len(rows), groups=groups,
                    resamples=resamples, seed=seed,
                )  # fmt: skip
    return found


def compare_models(
    other: Model,
    this: Predictions,
    roots: Mapping[str, Path],
    split: Split | Literal["all"],
    *,
    resamples: int = 1000,
    progress: Progress = lambda done, total: None,
) -> Comparison:
    """Let another model predict the photos of these predictions, and compare the two.

    Args:
        other: the other model; it prepares the photos in its own way.
        this: what the model in question says, of the photos of ``split``.
        roots: folders by source name, to see how the other's training split them.
        split: the part; with ``all`` nothing can be held back, and nothing is said of it.
        resamples: bootstrap draws.
        progress: called with (photos done, photos in all).

    Raises:
        DataError: the other model could read none of them.
    """
    theirs = predict_records(other, this.records, progress=progress)
    return Comparison(
        model=other.description,
        sources=compare_predictions([theirs], [this], resamples=resamples),
        photos=dict(Counter(record.source for record in theirs.records)),
        known=0 if split == "all" else known_to(other, roots, this.records),
    )


def known_to(other: Model, roots: Mapping[str, Path], records: Sequence[ImageRecord]) -> int:
    """How many records the split of another model's training puts into another part.

    Data sets that it was not trained on count for nothing.
    """
    if not other.experiment:
        return 0
    settings = from_mapping(ExperimentConfig, other.experiment)
    shared = {name: root for name, root in roots.items() if name in settings.sources}
    theirs = {
        (record.source, record.name): record.split
        for record in (read_given(settings.sources, shared, settings.split) if shared else [])
    }
    return sum(theirs.get((r.source, r.name), r.split) != r.split for r in records)


def _aligned(*methods: Sequence[Predictions]) -> list[list[Predictions]]:
    """The same photos in the same order in all predictions."""
    places = [{(r.source, r.name): i for i, r in enumerate(run.records)}
              for runs in methods for run in runs]  # fmt: skip
    names = [name for name in places[0] if all(name in place for place in places)]
    if not names:
        raise DataError("no photo was read by all of the models; they cannot be compared")
    rows = iter([np.array([place[name] for name in names], np.intp) for place in places])
    return [[_taken(run, next(rows)) for run in runs] for runs in methods]


def _taken(run: Predictions, rows: Rows) -> Predictions:
    records = [run.records[i] for i in rows]
    return replace(run, records=records, level_probs=run.level_probs[rows],
                   emotion_probs=run.emotion_probs[rows])  # fmt: skip


def _on(figure: PairedFigure, rows: Rows) -> PairedFigure:
    return lambda run, drawn: figure(run, rows[drawn])


def _score_figures(records: Sequence[ImageRecord]) -> dict[str, PairedFigure]:
    rating = np.array([np.nan if r.aesthetic_mean is None else r.aesthetic_mean for r in records])
    return {
        "srcc": lambda run, i: srcc(level_mean(run.level_probs[i]), rating[i]),
        "plcc": lambda run, i: plcc(level_mean(run.level_probs[i]), rating[i]),
    }


def _emotion_figures(records: Sequence[ImageRecord]) -> dict[str, PairedFigure]:
    labels = emotion_labels(records)
    return {
        "emotion_accuracy": lambda run, i: accuracy(run.emotion_probs[i].argmax(axis=1), labels[i]),
        "emotion_macro_f1": lambda run, i: macro_f1(
            run.emotion_probs[i].argmax(axis=1), labels[i], len(EMOTIONS)
        ),
    }
