"""A part of the report: its words and its numbers, or why it is not there."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from iae.data.dataset import Dataset
from iae.metrics import Interval
from iae.stats.counts import ImageLabels


@dataclass(frozen=True, kw_only=True, eq=False)
class Subject:
    """What the sections are written about."""

    dataset: Dataset
    labels: ImageLabels
    """Of ``dataset.records``."""
    compare_iae: bool
    """Whether to compare with the published counts of the IAE dataset."""
    resamples: int = 1000
    """Bootstrap draws of each interval."""
    seed: int = 0
    """Of the draws."""


class Section(NamedTuple):
    """One part of the report."""

    name: str
    """Its key in the JSON."""
    title: str
    lines: Sequence[str]
    """For a person."""
    values: Mapping[str, Any]
    """For a program: numbers, texts, intervals, and lists and mappings of these."""


class Absent(NamedTuple):
    """A part that this data set has not got."""

    reason: str
    """A sentence for a person."""


def images_text(count: int) -> str:
    """A number of images.

    >>> images_text(1), images_text(2000)
    ('1 image', '2,000 images')
    """
    return "1 image" if count == 1 else f"{count:,} images"


def percent(share: float) -> str:
    """A share in [0, 1] as a percentage; a dash for NaN.

    >>> percent(0.5776), percent(float("nan"))
    ('57.8 %', '–')
    """
    return "–" if math.isnan(share) else f"{100 * share:.1f} %"


def share_text(share: Interval) -> str:
    """A share with its interval, in per cent.

    >>> share_text(Interval(0.5, 0.25, 0.75))
    '50.0 % [25.0, 75.0]'
    """
    if math.isnan(share.value):
        return "–"
    return f"{percent(share.value)} [{100 * share.low:.1f}, {100 * share.high:.1f}]"


def interval_text(interval: Interval, digits: int = 3) -> str:
    """A figure with its interval.

    >>> interval_text(Interval(1.0, 0.5, 2.0), 1)
    '1.0 [0.5, 2.0]'
    """
    value, low, high = interval
    if math.isnan(value):
        return "–"
    return f"{value:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"
