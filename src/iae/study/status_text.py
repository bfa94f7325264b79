"""The status of a study as text for a terminal, and as plain values for JSON and CSV."""

import math
from collections.abc import Iterator
from dataclasses import asdict

from iae.study.clock import iso
from iae.study.quality import RaterQuality
from iae.study.status import StudyStatus
from iae.text import one_line


def format_status(status: StudyStatus) -> str:
    """Several lines; figures that cannot be told yet are a dash."""
    return "\n".join(_lines(status)) + "\n"


def _lines(status: StudyStatus) -> Iterator[str]:
    total = status.votes + status.wanted
    share = 100 * status.votes / total if total else 100.0
    yield one_line(status.title)
    yield (f"votes: {status.votes:,} of {total:,} ({share:.1f} %), {status.raters_per_image} an "
           f"image; {status.on_screens:,} images are with raters now")  # fmt: skip
    yield "images by votes: " + ", ".join(
        f"{votes}: {images:,}" for votes, images in status.by_votes.items()
    )
    if status.unreadable:
        yield (f"cannot be read and is given to nobody: {one_line(', '.join(status.unreadable))}; "
               "mend the files and start iae study serve anew")  # fmt: skip
    yield f"rate: {status.votes_per_day:,.0f} votes a day; {_end(status)}"
    for question, figures in status.agreement.items():
        yield f"agreement on {question}: " + ", ".join(
            f"{_NAMES[name]} {_number(value)}" for name, value in figures.items()
        )
    yield ""
    yield _HEADER
    for rater in status.raters:
        yield _rater(rater)


_NAMES = {"alpha": "alpha", "alpha_interval": "alpha (interval)", "icc1": "ICC(1)",
          "icc2k": "ICC(2,k)", "half_interval": "mean ±"}  # fmt: skip
_HEADER = (f"{'rater':<10}{'votes':>7}{'seconds':>9}{'bias':>7}{'noise':>7}{'repeats':>13}"
           f"{'gold':>13}{'one key':>9}  notes")  # fmt: skip


def _end(status: StudyStatus) -> str:
    if not status.wanted:
        return "all votes are there"
    if status.expected_end_ms is None:
        return "no vote in the last day, so no end can be expected"
    return f"at this rate the last one comes on {iso(status.expected_end_ms)[:10]}"


def _number(value: float, digits: int = 2) -> str:
    return "–" if math.isnan(value) else f"{value:.{digits}f}"


def _share(count: int, share: float) -> str:
    return "–" if math.isnan(share) else f"{100 * share:.0f} % of {count}"


def _rater(rater: RaterQuality) -> str:
    notes = [one_line(rater.name)] if rater.name else []
    notes += ["always one level"] if rater.straight_lining else []
    notes += ["outlier (BT.500)"] if rater.outlier else []
    bias = "–" if math.isnan(rater.bias) else f"{rater.bias:+.2f}"
    return (f"{rater.id:<10}{rater.votes:>7,}{_number(rater.median_seconds, 1):>9}{bias:>7}"
            f"{_number(rater.inconsistency):>7}{_share(rater.repeats, rater.repeat_agreement):>13}"
            f"{_share(rater.gold, rater.gold_hits):>13}{_number(rater.top_share):>9}  "
            + ", ".join(notes)).rstrip()  # fmt: skip


def status_values(status: StudyStatus) -> dict[str, object]:
    """The status as plain values for JSON: unknown figures are None; images not among them."""
    end = status.expected_end_ms
    return {
        "title": status.title,
        "images": status.images,
        "raters_per_image": status.raters_per_image,
        "votes": status.votes,
        "wanted": status.wanted,
        "on_screens": status.on_screens,
        "unreadable": list(status.unreadable),
        "by_votes": {str(votes): images for votes, images in status.by_votes.items()},
        "agreement": {q: _known(figures) for q, figures in status.agreement.items()},
        "raters": [_known(asdict(rater)) for rater in status.raters],
        "votes_per_day": status.votes_per_day,
        "expected_end": None if end is None else iso(end),
    }


def _known(values: object) -> dict[str, object]:
    assert isinstance(values, dict)
    return {name: None if isinstance(value, float) and math.isnan(value) else value
            for name, value in values.items()}  # fmt: skip


def image_rows(status: StudyStatus) -> list[dict[str, object]]:
    """A row an image: ``image``, ``votes``, ``mean``, ``mean_low``, ``mean_high``."""
    each = status.per_image
    rows = zip(each.images, each.votes.tolist(), each.mean.tolist(), each.low.tolist(),
               each.high.tolist(), strict=True)  # fmt: skip
    return [
        _known({"image": image, "votes": votes, "mean": mean, "mean_low": low, "mean_high": high})
        for image, votes, mean, low, high in rows
    ]
