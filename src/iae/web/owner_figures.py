"""What the owner is told, as the OpenAPI description tells it: a study's status without NaN."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from math import isfinite

from pydantic import BaseModel, Field

from iae.study.quality import RaterQuality
from iae.study.status import StudyStatus

Figure = float | None
"""None: nothing to tell it from."""


class ImageFigures(BaseModel):
    """One photo."""

    image: str = Field(description="File, relative to the study's photos.")
    votes: int
    mean: Figure = Field(description="Score in points of ten.")
    low: Figure = Field(description="Lower end of its 95 % interval.")
    high: Figure


class RaterFigures(BaseModel):
    """One rater."""

    id: str
    name: str | None
    votes: int
    median_seconds: Figure
    bias: Figure = Field(description="Points of ten above the average rater.")
    inconsistency: Figure = Field(description="Points of ten around quality and bias.")
    repeats: int
    repeat_agreement: Figure = Field(description="Share of repeated photos answered alike.")
    gold: int
    gold_hits: Figure = Field(description="Share of known answers given.")
    top_share: Figure = Field(description="Share of the level given most often.")
    straight_lining: bool
    outlier: bool = Field(description="Rejected by ITU-R BT.500.")


class OwnerStatus(BaseModel):
    """How the study stands."""

    title: str
    images: int
    raters_per_image: int
    votes: int
    wanted: int
    on_screens: int
    unreadable: list[str] = Field(description="Files that cannot be read; given to nobody.")
    lost: int = Field(description="Photos among them that votes were wanted on.")
    by_votes: dict[int, int] = Field(description="Votes to photos that have so many.")
    agreement: dict[str, dict[str, Figure]]
    votes_per_day: float
    expected_end: datetime | None
    raters: list[RaterFigures]
    first: int = Field(description="Place of the first photo in per_image, from 0.")
    per_image: list[ImageFigures]


def told(status: StudyStatus, *, first: int, count: int) -> OwnerStatus:
    """The status with ``count`` photos from the place ``first``."""
    end = status.expected_end_ms
    return OwnerStatus(
        title=status.title,
        images=status.images,
        raters_per_image=status.raters_per_image,
        votes=status.votes,
        wanted=status.wanted,
        on_screens=status.on_screens,
        unreadable=list(status.unreadable),
        lost=status.lost,
        by_votes=dict(status.by_votes),
        agreement={name: _without_nan(figures) for name, figures in status.agreement.items()},
        votes_per_day=status.votes_per_day,
        expected_end=None if end is None else datetime.fromtimestamp(end / 1000, UTC),
        raters=[_rater(rater) for rater in status.raters],
        first=first,
        per_image=_images(status, first, count),
    )


def _rater(rater: RaterQuality) -> RaterFigures:
    values = {name: None if isinstance(value, float) and not isfinite(value) else value
              for name, value in asdict(rater).items()}  # fmt: skip
    return RaterFigures.model_validate(values)


def _images(status: StudyStatus, first: int, count: int) -> list[ImageFigures]:
    held = status.per_image
    return [
        ImageFigures(
            image=held.images[i],
            votes=int(held.votes[i]),
            mean=_figure(held.mean[i]),
            low=_figure(held.low[i]),
            high=_figure(held.high[i]),
        )
        for i in range(first, min(first + count, len(held.votes)))
    ]


def _without_nan(figures: Mapping[str, float]) -> dict[str, Figure]:
    return {name: _figure(value) for name, value in figures.items()}


def _figure(value: float) -> Figure:
    return float(value) if isfinite(value) else None
