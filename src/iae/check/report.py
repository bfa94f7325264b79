"""What a check found: by kind, with errors first; as text, as JSON, and as a list of images."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iae.data.dataset import Dataset
from iae.data.defects import DEFECT_KINDS, Defect, DefectKind
from iae.files import written_whole
from iae.text import one_line

_EXAMPLES = 5
"""Places of one kind that the text names; the JSON has all of them."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Everything of one kind that was found."""

    code: str
    defects: Sequence[Defect]

    @property
    def kind(self) -> DefectKind:
        """Its title, what to do, and whether it is an error."""
        return DEFECT_KINDS[self.code]


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a check found in one data set."""

    name: str
    """Of the data set."""
    format: str
    images: int
    """Images that are listed."""
    pairs: int
    looked_at: int
    """Pictures that were opened."""
    findings: Sequence[Finding]
    """Errors first, then notes, each in the order of ``DEFECT_KINDS``."""
    notes: Sequence[str] = ()
    """What was assumed while reading."""

    @property
    def is_sound(self) -> bool:
        """Whether there is no error; notes do not count."""
        return not any(finding.kind.severity == "error" for finding in self.findings)

    @property
    def fix_list(self) -> list[str]:
        """Images to leave out of a clean copy, in the order they were found; of errors only."""
        names = (
            name
            for finding in self.findings if finding.kind.severity == "error"
            for defect in finding.defects
            for name in defect.images
        )  # fmt: skip
        return list(dict.fromkeys(names))


def make_report(dataset: Dataset, defects: Iterable[Defect], looked_at: int) -> Report:
    """Sort defects by kind. ``looked_at``: pictures that were opened."""
    by_code: dict[str, list[Defect]] = defaultdict(list)
    for defect in defects:
        by_code[defect.code].append(defect)
    order = sorted(DEFECT_KINDS, key=lambda code: DEFECT_KINDS[code].severity == "note")
    return Report(
        name=dataset.name,
        format=dataset.format,
        images=len(dataset.records),
        pairs=len(dataset.pairs),
        looked_at=looked_at,
        findings=[Finding(code=code, defects=by_code[code]) for code in order if by_code[code]],
        notes=dataset.notes,
    )


def format_report(report: Report) -> str:
    """The report as text, with a few examples of each kind and a last line that sums up."""
    lines = [f"{one_line(report.name)} ({report.format}): {_extent(report)}", ""]
    for finding in report.findings:
        kind = finding.kind
        note = " (a note)" if kind.severity == "note" else ""
        lines.append(f"{finding.code}: {len(finding.defects):,} × {kind.title}{note}")
        lines += [
            f"    {one_line(d.where)}: {one_line(d.text)}" for d in finding.defects[:_EXAMPLES]
        ]
        more = len(finding.defects) - _EXAMPLES
        lines += [f"    … and {more:,} more"] if more > 0 else []
        lines += [f"    what to do: {kind.advice}", ""]
    lines += [f"assumed: {one_line(note)}" for note in report.notes]
    return "\n".join([*lines, verdict(report)]) + "\n"


def verdict(report: Report) -> str:
    """The last line: what is wrong, or that nothing is, and in how much."""
    errors = [f for f in report.findings if f.kind.severity == "error"]
    notes = sum(len(f.defects) for f in report.findings) - sum(len(f.defects) for f in errors)
    also = f"; {notes:,} {'note' if notes == 1 else 'notes'}" if notes else ""
    if not errors:
        return f"nothing wrong found in {_extent(report)}{also}"
    number = sum(len(finding.defects) for finding in errors)
    kinds = "1 kind" if len(errors) == 1 else f"{len(errors)} kinds"
    return (f"{number:,} {'thing' if number == 1 else 'things'} wrong, of {kinds}, in "
            f"{_extent(report)}{also}")  # fmt: skip


def to_json(report: Report) -> dict[str, Any]:
    """Every finding, as plain values."""
    return {
        "name": report.name,
        "format": report.format,
        "images": report.images,
        "pairs": report.pairs,
        "looked_at": report.looked_at,
        "sound": report.is_sound,
        "findings": [
            {
                "code": finding.code,
                "severity": finding.kind.severity,
                "title": finding.kind.title,
                "advice": finding.kind.advice,
                "count": len(finding.defects),
                "places": [
                    {"where": d.where, "text": d.text, "leave_out": list(d.images)}
                    for d in finding.defects
                ],
            }
            for finding in report.findings
        ],
        "notes": list(report.notes),
    }


def write_text_and_json(out: Path, report: Report) -> list[Path]:
    """Write ``report.txt`` and ``report.json``. Raises ``OutputError``."""
    texts = {
        "report.txt": format_report(report),
        "report.json": json.dumps(to_json(report), indent=1) + "\n",
    }
    for name, text in texts.items():
        with written_whole(out / name) as part:
            part.write_bytes(text.encode("utf-8", "surrogateescape"))
    return [out / name for name in texts]


def write_fix_list(target: Path, report: Report) -> None:
    """Write the images to leave out, one a line, in the bytes of their names.

    Raises:
        OutputError: it cannot be written.
    """
    lines = "".join(f"{name}\n" for name in report.fix_list)
    with written_whole(target) as part:
        part.write_bytes(lines.encode("utf-8", "surrogateescape"))


def _extent(report: Report) -> str:
    parts = [f"{report.images:,} {'image' if report.images == 1 else 'images'}"]
    if report.pairs:
        parts = [f"{report.pairs:,} pairs"] + (parts if report.images else [])
    opened = {0: "no picture", 1: "1 picture"}.get(
        report.looked_at, f"{report.looked_at:,} pictures"
    )
    return f"{', '.join(parts)} ({opened} opened)"
