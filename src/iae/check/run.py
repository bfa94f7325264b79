"""The whole check of one data set: its labels, its pictures, and the two together."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from iae.check.counts import count_defects
from iae.check.duplicates import duplicate_defects
from iae.check.files import file_defects, has_no_pictures, no_pictures, unlisted_files
from iae.check.labels import label_defects
from iae.check.look import Progress, look_at_photos, pictured_records, remember_pixels
from iae.check.pairs import pair_defects
from iae.check.photos import PhotoFacts, digest_of
from iae.check.report import Report, make_report
from iae.check.same import SamePictures, find_same
from iae.data.dataset import Dataset
from iae.data.defects import Defect
from iae.data.records import ImageRecord


def check_dataset(
    dataset: Dataset,
    *,
    images: bool = True,
    out: Path | None = None,
    workers: int | None = None,
    progress: Progress = lambda done, total: None,
) -> Report:
    """Everything that is found wrong with a data set, and what is worth knowing of it.

    Args:
        dataset: as it was read; what the reader found wrong is part of the report.
        images: whether pictures are looked at, or the labels alone.
        out: folder for what is known of each picture, so that a second run is quick; None: none.
        workers: decoding threads; one a core by default.
        progress: called after each picture with (done, in all).

    Raises:
        OutputError: the folder cannot be written into.
    """
    defects = [*dataset.defects, *label_defects(dataset), *pair_defects(dataset.pairs),
               *count_defects(dataset)]  # fmt: skip
    records = pictured_records(dataset) if images else []
    looked_at = 0
    if records and has_no_pictures(dataset, records):
        defects.append(no_pictures(dataset, records))
    elif records:
        facts = look_at_photos(dataset, records, out=out, workers=workers, progress=progress)
        looked_at = sum(found.state != "missing" for found in facts)
        defects += _picture_defects(dataset, records, facts, out)
    return make_report(dataset, defects, looked_at)


def same_in(
    dataset: Dataset,
    records: Sequence[ImageRecord],
    facts: Sequence[PhotoFacts],
    out: Path | None = None,
) -> SamePictures:
    """Which pictures of a data set are the same; full decodings are remembered in ``out``."""
    same = find_same(facts, lambda place: digest_of(records[place], dataset.store))
    if out is not None and same.digests:
        remember_pixels(out, facts, dict(same.digests))
    return same


def _picture_defects(
    dataset: Dataset, records: Sequence[ImageRecord], facts: Sequence[PhotoFacts], out: Path | None
) -> Iterator[Defect]:
    yield from file_defects(records, facts)
    yield from unlisted_files(dataset, records)
    yield from duplicate_defects(records, facts, same_in(dataset, records, facts, out))
