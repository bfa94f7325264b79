"""Photos into series, by what is known of their capture, and what is to be said of their clocks."""

import math
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from iae.images.exif import CaptureFacts, natural_key
from iae.series.grouping import GroupConfig, group_shots


def series_of(
    vectors: NDArray[np.float32],
    facts: Sequence[CaptureFacts],
    files: Sequence[Path],
    config: GroupConfig,
) -> list[list[int]]:
    """Divide N photos into series by how they look, when they were taken and how they are called.

    Args:
        vectors: (N, D) of ``shot_vectors``.
        facts: (N) what their files say of their capture.
        files: (N) where they lie; the order of a folder's names is a weak hint.
        config: thresholds.

    Returns:
        Groups of indices, most of them of one; see ``group_shots``.
    """
    in_order = sorted(
        range(len(files)), key=lambda i: (os.fspath(files[i].parent), natural_key(files[i].name), i)
    )
    order = np.empty(len(files), np.int64)
    order[in_order] = np.arange(len(files))
    return group_shots(
        vectors,
        times=[math.nan if fact.time is None else fact.time for fact in facts],
        clocks=[fact.clock for fact in facts],
        # A burst is one camera's: names of bursts such as "Fujifilm 12" are not the same in two.
        bursts=[fact.burst and f"{fact.camera} {fact.burst}" for fact in facts],
        order=order,
        config=config,
    )


def clock_notes(facts: Sequence[CaptureFacts]) -> list[str]:
    """What is to be known of the photos' times, a line each; nothing where all is well."""
    unset = sum(fact.is_clock_unset for fact in facts)
    none = sum(fact.time is None for fact in facts) - unset
    clocks = len({fact.clock for fact in facts if fact.time is not None})
    notes = []
    if unset:
        notes.append(f"{unset} taken by a clock that was never set: grouped by likeness alone")
    if none:
        notes.append(f"{none} without a time of capture: grouped by likeness alone")
    if clocks > 1:
        notes.append(f"{clocks} clocks (cameras, or with and without a time zone): between them "
                     "photos are grouped by likeness alone")  # fmt: skip
    return notes
