"""Defects of the labels: doubled ids, labels against ratings, groups and series in two splits."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from iae.data.dataset import Dataset
from iae.data.defects import Defect
from iae.data.records import ImageRecord
from iae.labels import HIGH_THRESHOLD

_ROUNDING = 1e-6
"""A mean of exactly 5 may be a rounding error below it."""


def label_defects(dataset: Dataset) -> Iterator[Defect]:
    """What is wrong with labels, ids and groups; not again what the reader has found already."""
    known = {(defect.code, defect.where) for defect in dataset.defects}
    for defect in (*_doubled(dataset.records), *_contradicting(dataset.records),
                   *_groups_across_splits(dataset)):  # fmt: skip
        if (defect.code, defect.where) not in known:
            yield defect


def _doubled(records: Sequence[ImageRecord]) -> Iterator[Defect]:
    by_name: dict[str, list[ImageRecord]] = defaultdict(list)
    for record in records:
        by_name[record.name].append(record)
    for name, own in by_name.items():
        if len(own) > 1:
            labels = "the same labels" if all(r == own[0] for r in own) else "different labels"
            yield Defect("doubled-id", name, f"listed {len(own)} times, with {labels}")


def _contradicting(records: Sequence[ImageRecord]) -> Iterator[Defect]:
    for record in records:
        if record.aesthetic_high is None or record.aesthetic_mean is None:
            continue
        if (record.aesthetic_mean + _ROUNDING >= HIGH_THRESHOLD) != record.aesthetic_high:
            label = "high" if record.aesthetic_high else "low"
            text = (f"labelled {label}, its ratings have the mean {record.aesthetic_mean:g} "
                    f"({HIGH_THRESHOLD:g} and above is high)")  # fmt: skip
            yield Defect("label-contradicts-ratings", record.name, text, (record.name,))


def _groups_across_splits(dataset: Dataset) -> Iterator[Defect]:
    places: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for record in dataset.records:
        if record.group and record.split:
            places[("group", record.group)].setdefault(record.split, record.name)
    for pair in dataset.pairs:
        if pair.split:
            places[("series", pair.series)].setdefault(pair.split, pair.where or pair.photo_a)
    for (kind, name), splits in places.items():
        if len(splits) > 1:
            examples = " and ".join(f"{split} ({example})" for split, example in splits.items())
            yield Defect("group-across-splits", f"{kind} {name}", f"in {examples}")
