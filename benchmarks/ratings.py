"""How long ``iae data ratings`` takes, and how much memory a rating costs.

Run it with: python benchmarks/ratings.py. Each size runs in a process of its own. Tables are long
CSV files in random order, as a database would give them; seconds are without imports.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

SIZES = ((22_086, 10, 220_860), (10_000, 500, 100_000), (50_000, 2_000, 1_000_000),
         (500_000, 5_000, 10_000_000))  # fmt: skip
"""(images, raters, ratings)."""


def write_study(path: Path, images: int, raters: int, ratings: int) -> None:
    """A long CSV with ids as text and scores 1 to 7; every image has as many ratings."""
    import numpy as np
    import polars as pl

    rng = np.random.default_rng(0)
    image = rng.permutation(np.repeat(np.arange(images), ratings // images))
    rater = rng.integers(0, raters, len(image))
    score = rng.normal(4, 1, images)[image] + rng.normal(0, 0.5, raters)[rater]
    score += rng.normal(0, 1, len(image))
    frame = pl.DataFrame({"image": image, "rater": rater, "rating": np.clip(np.rint(score), 1, 7)})
    names = (pl.format("{}.jpg", "image").alias("image"), pl.format("w{}", "rater").alias("rater"),
             pl.col("rating").cast(pl.Int8))  # fmt: skip
    frame.with_columns(names).write_csv(path)


def measure(path: Path) -> dict[str, float]:
    """Seconds and peak memory of reading the table and of all statistics, in this process."""
    import resource
    import time

    begun = time.perf_counter()
    from iae.ratings.open import NamedColumns, open_ratings
    from iae.ratings.report import report_ratings
    from iae.ratings.text import format_ratings

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    opened = open_ratings(path, NamedColumns(), None, None)
    read = time.perf_counter()
    assert opened.ratings is not None
    report = report_ratings(opened.ratings)
    format_ratings(report)
    done = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"imports": started - begun, "read": read - started, "statistics": done - read,
            "bytes": (peak - before) * 1024, "draws": report.draws}  # fmt: skip


def main() -> None:
    """Print one row a size."""
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"{'ratings':>12}{'images':>9}{'raters':>8}{'imports':>9}{'read':>8}{'statistics':>12}"
          f"{'in all':>8}{'MB':>7}{'bytes/rating':>14}{'draws':>7}")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "study.csv"
        for images, raters, ratings in SIZES:
            # Written by another process: its memory must not count here.
            for step in (f"write {images} {raters} {ratings}", "measure"):
                out = subprocess.run([sys.executable, __file__, step, str(path)], check=True,
                                     capture_output=True, text=True).stdout  # fmt: skip
            m = json.loads(out)
            in_all = m["read"] + m["statistics"]
            print(
                f"{ratings:>12,}{images:>9,}{raters:>8,}{m['imports']:>8.2f}s"
                f"{m['read']:>7.2f}s{m['statistics']:>11.2f}s{in_all:>7.2f}s"
                f"{m['bytes'] / 1e6:>7.0f}{m['bytes'] / ratings:>14.0f}{m['draws']:>7}"
            )


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "measure":
        print(json.dumps(measure(Path(sys.argv[2]))))
    elif len(sys.argv) == 3:
        write_study(Path(sys.argv[2]), *map(int, sys.argv[1].split()[1:]))
    else:
        main()
