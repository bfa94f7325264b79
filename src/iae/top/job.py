"""The whole job of ``iae top``: what is not known yet is scored, then the best are chosen."""

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iae.errors import DataError
from iae.scoring.folder import score_folder
from iae.scoring.known import Progress
from iae.scoring.library import library_view
from iae.scoring.scorer import Scorer
from iae.scoring.store import Library, open_library
from iae.top.choice import Chosen, choose_best

_TABLES = ("csv", "parquet", "ndjson")


@dataclass(frozen=True)
class Top:
    """The best of a library, and what there was to choose from."""

    chosen: list[Chosen]
    scored: int
    """Photos with scores that are still where they lay."""
    unreadable: int
    gone: int
    """Scored photos that are not there any more."""


def bring_up_to_date(
    photos: Sequence[Path],
    out: Path,
    scorer: Scorer,
    *,
    workers: int | None = None,
    progress: Progress = lambda done, total: None,
) -> bool:
    """Score what is not known of the photos, as ``iae score`` does; whether that came to its end.

    Tables, gallery and facts that an earlier run made in ``out`` are kept up to date, and those
    that it did not make are not made; a new ``out`` gets what ``iae score`` makes by default.

    Raises:
        DataError: nothing was found.
        OutputError: ``out`` cannot be written, or another run is writing there.
    """
    result = score_folder(photos, out, scorer, workers=workers, progress=progress, **_as_it_is(out))
    return not result.stopped


def _as_it_is(out: Path) -> dict[str, Any]:
    with suppress(DataError):
        scores = open_library(out).scores
        return {
            "formats": [fmt for fmt in _TABLES if (out / f"scores.{fmt}").exists()] or ["csv"],
            "gallery": (out / "index.html").exists(),
            "facts": any(score.facts is not None for score in scores),
        }
    return {}


def choose_top(out: Path, *, count: int, emotion: str | None = None, diverse: bool = False) -> Top:
    """The best of what ``iae score`` left in ``out``; arguments as of ``choose_best``.

    Raises:
        DataError: there are no results in ``out``, or none of its photos could be read, or all
            are gone, or the model was trained for one task alone.
        OutputError: the results are damaged, or being written.
    """
    library = open_library(out)
    readable = [place for place, score in enumerate(library.scores) if not score.error]
    here = [place for place in readable if os.path.isfile(library.files[place])]  # noqa: PTH113
    if not here:
        raise DataError(_nothing(library, len(readable)))
    if any(library.scores[place].top_emotion is None or library.scores[place].high_prob is None
           for place in here):  # fmt: skip
        raise DataError(f"{out} was scored by a model that was trained for scores alone or for "
                        "emotions alone; the best are chosen by both, so score it by another "
                        "--model")  # fmt: skip
    viewed = library_view(library.scores)
    chosen = choose_best(
        [viewed[place] for place in here],
        [library.files[place] for place in here],
        lambda: library.embeddings()[here],
        count=count,
        emotion=emotion,
        diverse=diverse,
    )
    unreadable = len(library.scores) - len(readable)
    return Top(chosen, len(here), unreadable, len(readable) - len(here))


def _nothing(library: Library, readable: int) -> str:
    if readable:
        return (f"none of the {readable} photos scored into {library.out} is where it was; "
                "name the folder of the photos, so that they are scored again")  # fmt: skip
    return f"none of the {len(library.scores)} photos scored into {library.out} could be read"
