"""How long ``iae data stats`` takes on a set of the size of IAE: 22,086 images, ten raters.

    python benchmarks/stats.py [PATH]

Without PATH the set is made in memory with the published bars; with it, a copy is read first.
Imports and reading are printed apart. The statistics should take less than a second.
"""

import platform
import sys
import time
from pathlib import Path
from typing import Any


def timed(what: str, since: float) -> float:
    """Print a line of the table and start the next."""
    now = time.perf_counter()
    print(f"{what:<42}{now - since:8.3f} s")
    return time.perf_counter()


def made_dataset() -> Any:
    """Images by the published bars; ratings that are high or low as each image should be."""
    import numpy as np

    from iae.data.dataset import Dataset
    from iae.data.published import IAE_BARS, IAE_TOTAL
    from iae.data.ratings import Ratings
    from iae.data.records import ImageRecord

    kinds = [(e, q) for e, bar in IAE_BARS.items() for q in (0, 1) for _ in range(bar[q])]
    kinds = (kinds * 2)[:IAE_TOTAL]
    rng = np.random.default_rng(0)
    levels = np.array([1.0, 4.0, 7.0, 10.0])
    chances = np.array([[0.05, 0.2, 0.5, 0.25], [0.4, 0.4, 0.15, 0.05]]).cumsum(axis=1)
    quality = np.array([q for _, q in kinds])
    matrix = levels[(rng.random((len(kinds), 10, 1)) > chances[quality][:, None, :3]).sum(axis=2)]
    records = [
        ImageRecord(path=Path(f"{i}.jpg"), name=str(i), source="made", emotion=emotion,
                    aesthetic_mean=mean)
        for i, ((emotion, _), mean) in enumerate(zip(kinds, matrix.mean(axis=1).tolist(),
                                                     strict=True))
    ]  # fmt: skip
    return Dataset(root=Path("made"), format="uae", records=records,
                   ratings=Ratings.from_matrix(matrix))  # fmt: skip


def main() -> None:
    """Time each step and print it."""
    print(f"{platform.machine()}, Python {platform.python_version()}")
    clock = time.perf_counter()
    from iae.data.read import read_dataset
    from iae.describe.report import SECTIONS, describe, format_report
    from iae.describe.section import Subject
    from iae.stats.counts import image_labels

    clock = timed("imports", clock)
    dataset = read_dataset(Path(sys.argv[1]))[0] if sys.argv[1:] else made_dataset()
    clock = timed(
        f"{'reading' if sys.argv[1:] else 'making'} {len(dataset.records):,} images", clock
    )

    labels = image_labels(dataset.records)
    clock = timed("  labels as arrays", clock)
    subject = Subject(dataset=dataset, labels=labels, compare_iae=True)
    for section in SECTIONS:
        section(subject)
        clock = timed(f"  {section.__name__}", clock)
    report = describe(dataset, compare_iae=True)
    clock = timed("statistics, all of the above once more", clock)
    format_report(report)
    timed("text", clock)


if __name__ == "__main__":
    main()
