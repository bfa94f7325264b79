"""The report as one HTML page that needs nothing else: pictures are embedded, small and few."""

import base64
import hashlib
import io
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from iae.check.look import pictured_records
from iae.check.report import Finding, Report, verdict
from iae.data.dataset import Dataset
from iae.data.defects import Defect
from iae.data.records import ImageRecord
from iae.errors import ImageError
from iae.files import written_whole
from iae.images.decode import load_photo
from iae.text import one_line

_ILLUSTRATED = frozenset({
    "placeholder", "exact-duplicate", "near-duplicate", "duplicate-in-group",
    "duplicate-across-splits", "duplicate-conflict", "flat", "misnamed",
    "label-contradicts-ratings",
})  # fmt: skip
"""Kinds that are seen rather than read."""

_PLACES, _PICTURES = 8, 4
"""Places of one kind that are shown with pictures, and pictures a place: the page stays small."""

_MORE_PLACES = 50
"""Places of one kind that are listed; report.json has all."""

_SIDE = 112
"""Longest side of a picture in pixels."""


def write_page(out: Path, report: Report, dataset: Dataset) -> Path:
    """Write ``report.html`` and return its path. Raises ``OutputError``."""
    target = out / "report.html"
    page = render_page(report, thumbnails(report, dataset))
    with written_whole(target) as part:
        part.write_bytes(page.encode("utf-8"))
    return target


def thumbnails(report: Report, dataset: Dataset) -> dict[str, str]:
    """Image name -> its picture as a ``data:`` URL, of those that the page shows."""
    wanted = {
        name
        for finding in report.findings if finding.code in _ILLUSTRATED
        for defect in finding.defects[:_PLACES]
        for name in _pictured(defect)
    }  # fmt: skip
    records = {r.name: r for r in pictured_records(dataset) if r.name in wanted}
    made = ((name, _thumbnail(record, dataset)) for name, record in records.items())
    return {name: url for name, url in made if url is not None}


def render_page(report: Report, pictures: Mapping[str, str]) -> str:
    """The page as text; every name and text in it is escaped.

    Args:
        report: what was found.
        pictures: image name -> ``data:`` URL.
    """
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters["shown"] = one_line
    style = _source("report.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return environment.from_string(_source("report.html")).render(
        report=report,
        verdict=verdict(report),
        findings=[_shown_finding(finding, pictures) for finding in report.findings],
        style=Markup(style),
        security_policy=f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'",
    )


def _shown_finding(finding: Finding, pictures: Mapping[str, str]) -> dict[str, object]:
    illustrated = finding.code in _ILLUSTRATED
    places = [
        (defect, _own(defect, pictures) if illustrated and i < _PLACES else [])
        for i, defect in enumerate(finding.defects[:_MORE_PLACES])
    ]
    return {
        "code": finding.code,
        "kind": finding.kind,
        "count": len(finding.defects),
        "places": places,
        "more": max(0, len(finding.defects) - _MORE_PLACES),
    }


def _own(defect: Defect, pictures: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    return [(name, pictures[name]) for name in _pictured(defect) if name in pictures]


def _pictured(defect: Defect) -> list[str]:
    return list(dict.fromkeys([defect.where, *defect.images]))[:_PICTURES]


def _thumbnail(record: ImageRecord, dataset: Dataset) -> str | None:
    try:
        image = load_photo(io.BytesIO(dataset.store.read(record)), min_side=_SIDE)
    except ImageError:
        return None
    image.thumbnail((_SIDE, _SIDE))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=75, comment=b"")
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"


def _source(name: str) -> str:
    return (files("iae.check") / "templates" / name).read_text(encoding="utf-8")
