"""The report of ``iae data stats``: a list of sections, each of what the data set has."""

import json
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from iae.data.dataset import Dataset
from iae.describe.claim import claim_section
from iae.describe.counts import count_section, published_section
from iae.describe.pairs import pair_section, vote_section
from iae.describe.scores import score_section
from iae.describe.section import Absent, Section, Subject
from iae.files import written_whole
from iae.metrics.json_ready import json_ready
from iae.stats.counts import image_labels
from iae.text import one_line

SECTIONS: Sequence[Callable[[Subject], Section | Absent | None]] = (
    count_section,
    published_section,
    score_section,
    claim_section,
    pair_section,
    vote_section,
)
"""In the order of the report; None stands for a part that nobody asked for."""

_WIDTH = 100


@dataclass(frozen=True, kw_only=True)
class DatasetReport:
    """What a data set holds, in numbers."""

    name: str
    format: str
    sections: Sequence[Section]
    absent: Sequence[str]
    """What the data set has not got, in sentences."""


def describe(
    dataset: Dataset, *, compare_iae: bool = False, resamples: int = 1000, seed: int = 0
) -> DatasetReport:
    """Count what is there and test what can be tested. Opens no picture.

    Args:
        dataset: as it was read.
        compare_iae: compare with the published counts of the IAE dataset also where the format
            does not say that it is one.
        resamples: bootstrap draws of each interval.
        seed: of the draws.
    """
    subject = Subject(
        dataset=dataset,
        labels=image_labels(dataset.records),
        compare_iae=compare_iae or dataset.is_iae,
        resamples=resamples,
        seed=seed,
    )
    parts = [section(subject) for section in SECTIONS]
    return DatasetReport(
        name=dataset.name,
        format=dataset.format,
        sections=[part for part in parts if isinstance(part, Section)],
        absent=[part.reason for part in parts if isinstance(part, Absent)],
    )


def format_report(report: DatasetReport) -> str:
    """The report as text."""
    lines = [f"{one_line(report.name)} ({report.format})"]
    for section in report.sections:
        lines += ["", section.title, "=" * len(section.title), *section.lines]
    if report.absent:
        lines += ["", "Not in this data set", "====================", *report.absent]
    return "".join(f"{_wrapped(line)}\n" for line in lines)


def _wrapped(line: str) -> str:
    """A long sentence on several lines; tables are narrow enough and stay as they are."""
    return line if len(line) <= _WIDTH else textwrap.fill(line, _WIDTH, subsequent_indent="  ")


def write_report(out: Path, report: DatasetReport) -> list[Path]:
    """Write ``report.txt`` and ``report.json`` into a folder; returns their paths.

    Raises:
        OutputError: they cannot be written.
    """
    values = {
        "name": report.name,
        "format": report.format,
        **{section.name: section.values for section in report.sections},
        "absent": report.absent,
    }
    texts = {
        out / "report.txt": format_report(report),
        out / "report.json": json.dumps(json_ready(values), indent=1) + "\n",
    }
    for path, text in texts.items():
        with written_whole(path) as part:
            part.write_text(text, "utf-8")
    return list(texts)
