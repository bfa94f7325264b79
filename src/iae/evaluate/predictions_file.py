"""Predictions kept in a file with the labels they are held against, so that none is made twice."""

from pathlib import Path
from typing import cast
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from iae.data.records import ImageRecord
from iae.errors import DataError
from iae.evaluate.emotion import emotion_labels
from iae.evaluate.model import Predictions
from iae.files import written_whole
from iae.labels import EMOTIONS, LEVELS

_MISSING = (np.nan,) * len(LEVELS)


def save_predictions(path: Path, predictions: Predictions) -> None:
    """Write predictions as ``.npz``: names, groups, labels and probabilities, row by row.

    Of the labels, mean, level shares and emotion are kept; of an unreadable photo nothing.

    Raises:
        OutputError: the file cannot be written.
    """
    records = predictions.records
    with written_whole(path) as part, part.open("wb") as file:
        np.savez_compressed(
            file,
            tasks=np.array(predictions.tasks),
            source=np.array([r.source for r in records]),
            name=np.array([r.name for r in records]),
            group=np.array([r.group or "" for r in records]),
            mean=np.array([np.nan if r.aesthetic_mean is None else r.aesthetic_mean
                           for r in records]),
            shares=np.array([r.level_shares or _MISSING for r in records]),
            label=emotion_labels(records),
            level_probs=predictions.level_probs.astype(np.float32),
            emotion_probs=predictions.emotion_probs.astype(np.float32),
        )  # fmt: skip


def load_predictions(path: Path) -> Predictions:
    """Read what :func:`save_predictions` wrote; the records have no path but their name.

    Raises:
        DataError: the file is no such file.
    """
    try:
        # Opened here, for numpy leaves a broken archive open.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            values: dict[str, NDArray[np.generic]] = dict(kept)
        records = [
            ImageRecord(
                path=Path(name), name=name, source=source, group=group or None,
                aesthetic_mean=None if np.isnan(mean) else mean,
                level_shares=None if np.isnan(shares).any() else cast(
                    tuple[float, float, float, float], tuple(shares)),
                emotion=None if label < 0 else EMOTIONS[label],
            )
            for source, name, group, mean, shares, label in zip(
                *(values[key].tolist() for key in
                  ("source", "name", "group", "mean", "shares", "label")), strict=True
            )
        ]  # fmt: skip
        return Predictions(
            records, cast(NDArray[np.float32], values["level_probs"]),
            cast(NDArray[np.float32], values["emotion_probs"]), [],
            tuple(values["tasks"].tolist()),
        )  # fmt: skip
    except (OSError, ValueError, KeyError, EOFError, IndexError, TypeError, BadZipFile) as error:
        raise DataError(f"{path} holds no predictions ({error}); remove it to have them made "
                        "again") from None  # fmt: skip
