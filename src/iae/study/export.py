"""A study as files: every vote, single ratings, and the table that training reads; as a data set.

The forms of data sets are written by whoever has writers for them; this says what is in them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from iae.data.dataset import Dataset
from iae.data.rated import rated_labels
from iae.data.ratings import Ratings
from iae.data.records import ImageRecord
from iae.files import written_whole
from iae.labels import EMOTIONS
from iae.study.experiment import column, experiment_text, labelled
from iae.study.records import StudyVotes

VOTES, RATINGS, LABELS, EXPERIMENT, SCREENED = (
    "votes", "ratings.csv", "labels.csv", "experiment.toml", "screened.json",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Exported:
    """What is written, beside the pictures."""

    votes: StudyVotes
    """All of them, screened or not."""
    screened: Mapping[str, str]
    """Rater -> why their votes are in ``votes`` only."""

    @property
    def kept(self) -> StudyVotes:
        """The votes that labels are made of."""
        return self.votes.without(list(self.screened))


def write_tables(exported: Exported, folder: Path, photos: Path) -> list[Path]:
    """Write ``votes.csv`` and ``.parquet``, ``ratings.csv``, ``labels.csv``, ``experiment.toml``,
    and ``screened.json`` where raters were left out.

    Returns:
        The files, in this order; ``ratings.csv`` only of a question with scores.

    Raises:
        OutputError: a file cannot be written.
    """
    reasons = exported.screened
    history = exported.votes.history.with_columns(
        pl.col("rater").replace_strict(reasons, default=None, return_dtype=pl.String)
        .alias("screened")
    )  # fmt: skip
    written = [folder / f"{VOTES}.csv", folder / f"{VOTES}.parquet"]
    with written_whole(written[0]) as part:
        history.write_csv(part)
    with written_whole(written[1]) as part:
        history.write_parquet(part)
    kept, scored = exported.kept, exported.votes.scored
    if scored is not None:
        written.append(folder / RATINGS)
        with written_whole(written[-1]) as part:
            kept.main.select(
                "image", "rater", pl.col(f"{scored.name}_score").alias("score")
            ).write_csv(part)
    table = labels_table(kept)
    for name, text in ((LABELS, table.write_csv()),
                       (EXPERIMENT, experiment_text(kept, folder / LABELS, photos))):  # fmt: skip
        written.append(folder / name)
        with written_whole(written[-1]) as part:
            part.write_text(text, "utf-8")
    if reasons:
        written.append(folder / SCREENED)
        with written_whole(written[-1]) as part:
            part.write_text(json.dumps(dict(sorted(reasons.items())), indent=1) + "\n", "utf-8")
    return written


def labels_table(votes: StudyVotes) -> pl.DataFrame:
    """A row an image with votes: ``image``, then votes for each level, a column ``QUESTION_LEVEL``
    each, of the question with scores and of ``emotion``."""
    columns: dict[str, object] = {"image": list(votes.images)}
    total = pl.lit(0)
    for question in labelled(votes):
        counts = votes.counts(question)
        for i, level in enumerate(question.levels):
            columns[column(question, level.name)] = counts[:, i].astype(int)
            total = total + pl.col(column(question, level.name))
    return pl.DataFrame(columns).filter(total > 0)


def study_dataset(votes: StudyVotes, root: Path, photos: Path) -> Dataset:
    """A study as a data set, for the writers of data sets: images with votes, single ratings.

    Args:
        votes: those that should count.
        root: the folder of the study.
        photos: the folder of the photos.
    """
    ratings = None if votes.scored is None else votes.ratings(votes.scored)
    labels = None if ratings is None else rated_labels(ratings)
    emotion = next((q for q in votes.questions if q.name == "emotion"), None)
    counts = None if emotion is None else votes.counts(emotion)
    records = []
    for i, name in enumerate(votes.images):
        label = None if labels is None else labels[i]
        said = None if counts is None else dict(zip(EMOTIONS, counts[i].tolist(), strict=True))
        has_said = said is not None and any(said.values())
        if (label is None or label.mean is None) and not has_said:
            continue
        records.append(
            ImageRecord(
                path=photos / name, name=name, source=root.resolve().name,
                aesthetic_mean=label and label.mean, score_counts=label and label.counts,
                level_shares=label and label.shares, emotion_votes=said if has_said else None,
            )
        )  # fmt: skip
    return Dataset(root=root, format="study", records=records,
                   ratings=_of_present(ratings), image_folder=photos)  # fmt: skip


def _of_present(ratings: Ratings | None) -> Ratings | None:
    """Ratings without raters who gave none: ten columns may then do for them."""
    if ratings is None or not len(ratings.value):
        return None
    import numpy as np

    present = np.unique(ratings.rater)
    return Ratings(
        items=ratings.items, raters=[ratings.raters[j] for j in present.tolist()],
        item=ratings.item, rater=np.searchsorted(present, ratings.rater).astype(np.int32),
        value=ratings.value, scale=ratings.scale,
    )  # fmt: skip
