"""The figures of a data set: each of what it has, or the reason why it is not there."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from iae.data.dataset import Dataset
from iae.describe.contact_sheet import choose_pictures
from iae.describe.figure_names import FIGURES
from iae.describe.section import Absent, Subject
from iae.figures.contact_sheet import contact_sheet_figure
from iae.figures.emotion_bars import emotion_bars_figure
from iae.figures.raters import rater_figure
from iae.figures.score_histogram import score_histogram_figure
from iae.figures.style import FigureType, save_figure
from iae.figures.vote_heatmap import vote_heatmap_figure
from iae.files import written_whole
from iae.labels import EMOTIONS
from iae.stats.counts import (
    image_labels,
    images_per_emotion,
    quality_by_emotion,
    vote_matrix,
)
from iae.stats.emotion_votes import confusion
from iae.stats.items import item_statistics
from iae.stats.raters import rater_model
from iae.stats.rating_design import without_repeats
from iae.stats.screening import key_use, screen_bt500

_SHEET_COLUMNS = {1: 8, 2: 4}
"""Pictures a block, by the number of blocks."""


class Drawn(NamedTuple):
    """A figure and what a person should know of it."""

    figure: Figure
    note: str = ""


def bars(subject: Subject) -> Drawn | Absent:
    """Images per emotion, high and low where that is known."""
    labels = subject.labels
    table, images = quality_by_emotion(labels), images_per_emotion(labels)
    if not images.any():
        return Absent("no emotion label and no emotion votes")
    missing = [emotion for emotion in EMOTIONS if emotion not in labels.offered]
    if not table.any():
        return Drawn(emotion_bars_figure(images[:, None], not_offered=missing),
                     "no high/low: images per emotion")  # fmt: skip
    without = int(images.sum() - table.sum())
    note = f"{without:,} images with an emotion, without a quality" if without else ""
    return Drawn(emotion_bars_figure(table, not_offered=missing), note)


def histogram(subject: Subject) -> Drawn | Absent:
    """The mean scores."""
    scores = subject.labels.score[~np.isnan(subject.labels.score)]
    if not len(scores):
        return Absent("no aesthetic scores")
    return Drawn(score_histogram_figure(scores))


def contact_sheet(subject: Subject) -> Drawn | Absent:
    """Pictures per emotion and quality."""
    labels = subject.labels
    if not (labels.emotion >= 0).any():
        return Absent("no emotion label and no emotion votes")
    blocks = 2 if quality_by_emotion(labels).any() else 1
    columns = _SHEET_COLUMNS[blocks]
    chosen = choose_pictures(subject.dataset, labels, columns=columns, seed=subject.seed)
    if not chosen.shown:
        return Absent(f"this copy has no pictures that can be read, for example "
                      f"{chosen.unreadable[0]}")  # fmt: skip
    bad = len(chosen.unreadable)
    return Drawn(contact_sheet_figure(chosen.rows, columns=columns),
                 f"{bad:,} unreadable pictures were passed over, the first: "
                 f"{chosen.unreadable[0]}" if bad else "")  # fmt: skip


def votes(subject: Subject) -> Drawn | Absent:
    """Which emotions are chosen for the same images."""
    names, counts = vote_matrix(subject.dataset.records)
    shares = confusion(counts)
    if not shares.size or np.isnan(shares).all():
        return Absent("no emotion votes of two or more raters on an image")
    single = int((counts.sum(axis=1) < 2).sum())
    note = f"{single:,} images with fewer than two votes left out" if single else ""
    return Drawn(vote_heatmap_figure(shares, names, counts.sum(axis=0)), note)


def raters(subject: Subject) -> Drawn | Absent:
    """Bias and inconsistency of each rater; those that screening would leave out are marked."""
    if subject.dataset.ratings is None:
        return Absent("no single ratings")
    ratings, repeats = without_repeats(subject.dataset.ratings)
    model = rater_model(ratings)
    if np.isnan(model.inconsistency).all():
        return Absent("no rater shares images with another one")
    flagged = screen_bt500(ratings, item_statistics(ratings)).rejected | key_use(ratings).always
    given = np.bincount(ratings.rater, minlength=len(ratings.raters))
    note = "flagged: rejected by ITU-R BT.500, or always the same score"
    note += f"; {repeats:,} repeated ratings left out" if repeats else ""
    return Drawn(rater_figure(model.bias, model.inconsistency, given, flagged), note)


_DRAWERS: Mapping[str, Callable[[Subject], Drawn | Absent]] = {
    "bars": bars,
    "histogram": histogram,
    "contact-sheet": contact_sheet,
    "votes": votes,
    "raters": raters,
}


def write_figures(
    dataset: Dataset,
    out: Path,
    *,
    only: Iterable[str] = tuple(FIGURES),
    kind: FigureType = "png",
    seed: int = 0,
) -> list[str]:
    """Draw the named figures and write one file each into a folder.

    Args:
        dataset: as it was read.
        out: the folder; it is made where it is missing.
        only: names of :data:`FIGURES`.
        kind: of the files.
        seed: of the pictures on the contact sheet.

    Returns:
        A line a figure: where it was written, or why it was left out.

    Raises:
        OutputError: a file cannot be written.
    """
    subject = Subject(dataset=dataset, labels=image_labels(dataset.records), compare_iae=False,
                      seed=seed)  # fmt: skip
    lines = []
    for name in only:
        drawn = _DRAWERS[name](subject)
        if isinstance(drawn, Absent):
            lines.append(f"no {name}: {drawn.reason}")
            continue
        path = out / f"{name}.{kind}"
        with written_whole(path) as part:
            save_figure(drawn.figure, part, kind)
        lines.append(f"wrote {path}" + (f" ({drawn.note})" if drawn.note else ""))
    return lines
