"""All pictures of a data set, looked at on every core, with what an earlier run knows left out."""

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from iae.check.facts_file import FactsFile
from iae.check.photos import PhotoFacts, look_at
from iae.data.dataset import Dataset
from iae.data.records import ImageRecord

Progress = Callable[[int, int], None]
"""Called with (pictures done, pictures in all)."""

_AHEAD = 16
"""Pictures a thread under way; a large one then keeps no thread waiting."""


def pictured_records(dataset: Dataset) -> list[ImageRecord]:
    """One record a picture, in the order of the data set.

    An image that is listed twice has one picture. The photos of pair lists become records of their
    own, with the series as their group.
    """
    records = {record.name: record for record in reversed(dataset.records)}
    listed = [record for record in dataset.records if records[record.name] is record]
    return listed or _paired_records(dataset)


def _paired_records(dataset: Dataset) -> list[ImageRecord]:
    records: dict[str, ImageRecord] = {}
    folder = dataset.image_folder or dataset.root
    for pair in dataset.pairs:
        for name in (pair.photo_a, pair.photo_b):
            if name not in records:
                records[name] = ImageRecord(path=folder / name, name=name, source=dataset.name,
                                            group=pair.series, split=pair.split)  # fmt: skip
    return list(records.values())


def look_at_photos(
    dataset: Dataset,
    records: Sequence[ImageRecord],
    *,
    out: Path | None = None,
    workers: int | None = None,
    progress: Progress = lambda done, total: None,
) -> list[PhotoFacts]:
    """The facts of each record's picture, in their order.

    Args:
        dataset: where the pictures are.
        records: whose pictures, each name once.
        out: folder for ``facts.ndjson``, read first and added to; None keeps nothing.
        workers: threads (Pillow releases the interpreter lock); one a core by default.
        progress: called after each picture.

    Raises:
        OutputError: the folder cannot be written into.
    """
    facts_file = None if out is None else FactsFile(out)
    found: list[PhotoFacts] = []

    def look(record: ImageRecord) -> PhotoFacts:
        known = facts_file.known(record.name) if facts_file else None
        return look_at(record, dataset.store, known)

    def finish(pending: "deque[Future[PhotoFacts]]") -> None:
        facts = pending.popleft().result()
        found.append(facts)
        if facts_file:
            facts_file.add(facts)
        progress(len(found), len(records))

    threads = workers or os.cpu_count() or 1
    pool = ThreadPoolExecutor(threads)
    try:
        with facts_file or nullcontext():
            pending: deque[Future[PhotoFacts]] = deque()
            for record in records:
                pending.append(pool.submit(look, record))
                if len(pending) >= _AHEAD * threads:
                    finish(pending)
            while pending:
                finish(pending)
    finally:
        pool.shutdown(cancel_futures=True)
    return found


def remember_pixels(out: Path, facts: Sequence[PhotoFacts], pixels: dict[int, str]) -> None:
    """Add the hashes of a second, full decoding to ``facts.ndjson``. Raises ``OutputError``.

    Args:
        out: folder of the file.
        facts: of every picture.
        pixels: place in ``facts`` -> hash of all its decoded pixels.
    """
    with FactsFile(out) as file:
        for i, digest in pixels.items():
            known = facts[i].fingerprint
            if known is not None:
                file.add(replace(facts[i], fingerprint=replace(known, pixels=digest)))
