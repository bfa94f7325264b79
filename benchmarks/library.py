"""A library of 20,000 photos: scored once, and again when all of it is known."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

IAE = Path(sys.executable).with_name("iae")
_EVERY = 0.2
"""Seconds between two looks at the memory."""


@dataclass(frozen=True)
class Run:
    """What one command took."""

    seconds: float
    peak: float
    """Most memory of its processes together, in MB; what they share is counted for each."""
    largest: float
    """… and of the one that had most at a time."""


def print_library(photos: Sequence[Path], model: Path, count: int) -> None:
    """Time and memory of a first and of a second run; ``photos`` again and again, as hard links."""
    with tempfile.TemporaryDirectory(dir=photos[0].parent.parent) as folder:
        root, out = Path(folder) / "photos", Path(folder) / "out"
        _make_library(root, photos, count)
        words = ["score", root, "-o", out, "--model", model]
        print(f"\n{f'{count:,} photos, facts and gallery':38}{'seconds':>10}{'MB in all':>11}"
              f"{'largest process':>17}")  # fmt: skip
        for name in ("first run", "all known"):
            run = timed(words)
            print(f"{name:38}{run.seconds:10.1f}{run.peak:11.0f}{run.largest:17.0f}", flush=True)


def _make_library(root: Path, photos: Sequence[Path], count: int) -> None:
    for i in range(count):
        target = root / f"{i // 1000:03}" / f"{i:05}.jpg"
        target.parent.mkdir(parents=True, exist_ok=True)
        source = photos[i % len(photos)]
        try:
            os.link(source, target)
        except OSError:
            shutil.copyfile(source, target)


def timed(words: Sequence[str | Path]) -> Run:
    """Run ``iae`` with these words to its end; memory is only seen on Linux."""
    start = time.perf_counter()
    with subprocess.Popen([IAE, *words], stdout=subprocess.DEVNULL) as process:
        peak = largest = 0.0
        while True:
            each = [_resident(pid) for pid in _family(process.pid)]
            peak, largest = max(peak, sum(each)), max([largest, *each])
            try:
                process.wait(_EVERY)
                break
            except subprocess.TimeoutExpired:
                continue
    if process.returncode:
        sys.exit(f"iae ended with {process.returncode}")
    return Run(time.perf_counter() - start, peak, largest)


def _family(pid: int) -> Iterator[int]:
    """A process and all that it started."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found = children.read_text().split()
        except OSError:  # it has just ended
            continue
        for child in found:
            yield from _family(int(child))


def _resident(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
