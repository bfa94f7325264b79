"""What can be wrong with a data set: one code a kind, with what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class DefectKind:
    """One kind of defect."""

    title: str
    advice: str
    severity: Literal["error", "note"] = "error"
    """A note is worth knowing and no fault of the copy; it does not make ``check`` fail."""


@dataclass(frozen=True, slots=True)
class Defect:
    """One place where something is wrong."""

    code: str
    """A key of :data:`DEFECT_KINDS`."""
    where: str
    """The image's name, or file:line."""
    text: str
    """What was found there and what was wanted."""
    images: tuple[str, ...] = ()
    """Names of the images to leave out of a clean copy, if leaving them out cures it."""

    def __post_init__(self) -> None:
        assert self.code in DEFECT_KINDS, self.code


DEFECT_KINDS: Mapping[str, DefectKind] = {
    # files
    "missing-file": DefectKind(
        "listed images without a file", "fetch them again, or leave their rows out"
    ),
    "unlisted-file": DefectKind(
        "image files that no list names", "add them to a list, or leave the files out"
    ),
    "no-pictures": DefectKind(
        "the pictures are not there",
        "nothing, if a copy of the labels alone is meant; else unpack them where it says",
        severity="note",
    ),
    "empty-file": DefectKind("files of 0 bytes", "fetch them again"),
    "unreadable": DefectKind("files that are no readable photo", "fetch them again"),
    "misnamed": DefectKind(
        "files whose name says another kind than their content is",
        "rename them; readers that trust the name fail on them",
    ),
    "flat": DefectKind("pictures of a single colour", "leave them out: there is nothing to see"),
    "placeholder": DefectKind(
        "one picture many times, in the place of different photos",
        "leave all of them out: sites serve such a picture for photos that are gone",
    ),
    "exact-duplicate": DefectKind("the same picture more than once", "keep one of each"),
    "near-duplicate": DefectKind(
        "nearly the same picture more than once (resized, recompressed, mirrored)",
        "keep one of each, or keep them in one split: iae data split does",
        severity="note",  # told by looking; a still camera's shots are alike too, and no fault
    ),
    "duplicate-in-group": DefectKind(
        "the same or nearly the same picture more than once within one group",
        "nothing, as long as groups are kept together: that is what they are for",
        severity="note",
    ),
    "duplicate-across-splits": DefectKind(
        "the same picture in two splits", "test figures would be too good: split again"
    ),
    "duplicate-conflict": DefectKind(
        "the same picture with contradicting labels", "decide which is right, or leave both out"
    ),
    # ids and splits
    "missing-id": DefectKind("ids that should be there and are not", "compare with the source"),
    "doubled-id": DefectKind("ids listed more than once", "keep one line of each"),
    "unknown-id": DefectKind("ids that exist in one list only", "compare the lists"),
    "group-across-splits": DefectKind(
        "groups or series in two splits", "test figures would be too good: split again"
    ),
    # rows
    "bad-row": DefectKind("rows that cannot be understood", "correct the line"),
    "bad-value": DefectKind("values that are not what the column holds", "correct the value"),
    "off-scale": DefectKind("ratings off the scale", "correct them or state another scale"),
    "label-contradicts-ratings": DefectKind(
        "high/low labels that contradict the ratings", "trust the ratings; see which is wrong"
    ),
    "total-not-sum": DefectKind(
        "totals that are not the sum of the ratings", "trust the ratings; see which is wrong"
    ),
    "not-one-hot": DefectKind("label rows that are not one-hot", "correct the row"),
    # pairs
    "pair-share-contradicts-ranks": DefectKind(
        "pairs whose share prefers one photo and whose ranks the other", "correct the line"
    ),
    "pair-share-inconsistent": DefectKind(
        "series whose shares no ranking of utilities (Bradley-Terry) explains",
        "compare the shares with the source",
    ),
    "pair-order": DefectKind(
        "pairs not written with the smaller photo number first", "swap the photos and the share"
    ),
    "pair-ranks-inconsistent": DefectKind(
        "series whose ranks are not one order, or not that of their shares",
        "compare the ranks with the source",
    ),
    "doubled-pair": DefectKind("pairs listed more than once", "keep one line of each"),
    # the whole
    "count-differs": DefectKind(
        "counts that differ from the published ones", "compare with the source"
    ),
    "count-note": DefectKind(
        "published figures that contradict each other", "nothing: it is no fault of this copy",
        severity="note",
    ),
}  # fmt: skip
