"""How much `iae data check` costs beyond decoding, in pictures a second.

    python benchmarks/check.py --photos PHOTOS
    python benchmarks/check.py                    # made from examples/photos

Both sides decode every picture once, on as many threads, JPEGs at the same fraction of their size.
"""

import argparse
import os
import platform
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from PIL import Image

from iae.check.run import check_dataset
from iae.data.dataset import Dataset
from iae.data.image_files import image_names
from iae.data.records import ImageRecord
from iae.errors import ImageError
from iae.images.decode import load_photo

EXAMPLES = Path(__file__).parents[1] / "examples" / "photos"
DECODE_SIDE = 128  # as fingerprints are taken


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=Path, help="folder of photos [default: made]")
    parser.add_argument("--made", type=int, default=400, help="photos to make [400]")
    parser.add_argument("--side", type=int, default=2400, help="their longest side [2400]")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, {given.threads} threads, "
          f"Python {platform.python_version()}")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        photos = given.photos or make_photos(Path(folder), given.made, given.side)
        compare(photos, given.threads)


def make_photos(folder: Path, count: int, side: int) -> Path:
    """Crops of the example photos, each another, enlarged to JPEGs of this longest side."""
    sources = sorted(EXAMPLES.glob("*.jpg"))
    for i in range(count):
        with Image.open(sources[i % len(sources)]) as image:
            shrunk = 1 - 0.3 * (i // len(sources)) / (count / len(sources))
            box = (0, 0, round(image.width * shrunk), round(image.height * shrunk))
            crop = image.convert("RGB").crop(box)
        scale = side / max(crop.size)
        size = (round(crop.width * scale), round(crop.height * scale))
        crop.resize(size).save(folder / f"{i:05}.jpg", quality=90)
    return folder


def compare(photos: Path, threads: int) -> None:
    """Time decoding alone, a first check and a second one."""
    paths = [photos / name for name in image_names(photos)]
    records = [ImageRecord(path=p, name=str(p), source="photos") for p in paths]
    dataset = Dataset(root=photos, format="table", records=records, image_folder=photos)
    with tempfile.TemporaryDirectory() as out:

        def check() -> None:
            check_dataset(dataset, out=Path(out), workers=threads)

        decode_all(paths[:200], threads)  # the disk's cache, for whatever comes first
        rows = {
            "decoding alone": seconds(lambda: decode_all(paths, threads)),
            "check": seconds(check),
            "check again": seconds(check),
        }
    head = "seconds  photos/s  of decoding  CPU seconds  of decoding"
    print(f"{len(paths):,} photos".ljust(18) + head)
    alone = rows["decoding alone"]
    for name, (wall, cpu) in rows.items():
        print(f"{name:18}{wall:7.1f}{len(paths) / wall:10.0f}{wall / alone[0]:13.2f}"
              f"{cpu:13.1f}{cpu / alone[1]:13.2f}")  # fmt: skip


def decode_all(paths: list[Path], threads: int) -> None:
    """Decode on every thread and keep nothing."""

    def decode(path: Path) -> None:
        with suppress(ImageError):  # a bad photo takes its time on both sides
            load_photo(path, min_side=DECODE_SIDE)

    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(decode, paths):
            pass


def seconds(work: Callable[[], None]) -> tuple[float, float]:
    """How long it takes, and the time all threads computed: that holds on a busy machine, too."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


if __name__ == "__main__":
    main()
