"""How fast `iae score` is: against decoding and the network alone, and against the plain way.

    python benchmarks/folder_scoring.py PHOTO_FOLDER [--sizes 24MP 1080x800] [--rounds 3]

Everything takes some ten minutes on two cores that do nothing else; --parts and --sizes take less.

PHOTO_FOLDER holds real photos, some hundred at least; small ones do. Files as large as a
camera's are made of them once (mosaic.py) and used again. The floor is what decoding alone on all
cores and the network alone on all cores take one after the other: 1/(1/decoding + 1/network).
The plain way (plain_way.py) decodes every pixel and runs the network one photo after the other.
"""

import argparse
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from differences import print_differences
from library import print_library, timed
from mosaic import SIZES, Size, make_photos
from plain_way import plain_onnx, plain_torch, torch_network
from stages import stage_times
from timing import median_cpu, take_turns

from iae.data.image_files import image_names
from iae.images.preprocess import Pixels, load_pixels
from iae.scoring.folder import score_folder
from iae.scoring.scorer import Scorer
from iae.scoring.session import DEFAULT_MODEL, ModelSession

CORES = os.cpu_count() or 1
PARTS = ("rates", "differences", "starts", "library")
Rows = dict[str, Callable[[], object]]


def main() -> None:
    """Print a table a size, and what is measured once."""
    given = _arguments()
    sources = [given.photos / name for name in image_names(given.photos)]
    if len(sources) < 20:
        sys.exit(f"{given.photos} holds {len(sources)} photos; wanted some hundred")
    print(f"{platform.machine()}, {CORES} cores, load {os.getloadavg()[0]:.1f}, "
          f"Python {platform.python_version()}, model {given.model.name}; "
          f"medians of {given.rounds} rounds")  # fmt: skip
    made = {
        size.name: make_photos(size, given.count or size.count, sources, given.work / size.name)
        for size in SIZES
        if size.name in given.sizes
    }
    for size in SIZES:
        if size.name in made and "rates" in given.parts:
            print_size(size, made[size.name], given)
    if "differences" in given.parts:
        print_differences(made, sources, given.model)
    if "starts" in given.parts:
        print_starts(next(iter(made.values()))[0], given.model, given.rounds)
    if "library" in given.parts:
        print_library(list(made.values())[-1], given.model, given.library)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = [size.name for size in SIZES]
    parser.add_argument("photos", type=Path, metavar="PHOTO_FOLDER", help="real photos")
    parser.add_argument("--sizes", nargs="+", choices=names, default=names)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--count", type=int, help="photos a size [120 to 800, by size]")
    parser.add_argument("--library", type=int, default=20_000,
                        help="photos of the part 'library' [20000]")  # fmt: skip
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL, help="an .onnx file")
    parser.add_argument("--checkpoint", type=Path,
                        help="folder of the trained model, for torch [its network untrained, "
                             "which is as fast]")  # fmt: skip
    parser.add_argument("--work", type=Path, default=Path("build/folder-scoring"),
                        help="where the photos are made [build/folder-scoring]")  # fmt: skip
    return parser.parse_args()


def print_size(size: Size, photos: Sequence[Path], given: argparse.Namespace) -> None:
    """Measure one size and print its table."""
    few = photos[:: max(1, len(photos) // size.plain)][: size.plain]
    megabytes = statistics.mean(path.stat().st_size for path in photos) / 1e6
    print(f"\n{size.name}: {len(photos)} photos of {size.width}×{size.height}, "
          f"{megabytes:.2f} MB each")  # fmt: skip
    one_core = stage_times(few, given.model)
    print("one core, ms a photo: "
          + ", ".join(f"{name} {spent:.1f}" for name, spent in one_core.items()))  # fmt: skip
    session = ModelSession(given.model)
    alone = _alone(photos, session)
    ours = _ours(photos, Scorer(given.model))
    plain = _plain(few, session, given.model, given.checkpoint)
    times = take_turns({**alone, **ours, **plain}, given.rounds)
    seconds = {
        name: [one.wall / (len(few) if name in plain else len(photos)) for one in times[name]]
        for name in times
    }
    floor = [sum(pair) for pair in zip(*(seconds[name] for name in alone), strict=True)]
    quickest = [min(pair) for pair in zip(*(seconds[name] for name in plain), strict=True)]
    computed = {
        name: median_cpu(times[name], len(few) if name in plain else len(photos)) for name in times
    }
    least = sum(computed[name] for name in alone)
    print(f"{'':32}{'photos/s':>9}{'of the floor':>14}{'× plain way':>13}{'CPU ms':>9}{'of it':>7}")
    _print_row("floor", floor, floor, quickest, least, least)
    for name in times:
        _print_row(name, seconds[name], floor, quickest, computed[name], least)


def _print_row(
    name: str,
    seconds: Sequence[float],
    floor: Sequence[float],
    plain: Sequence[float],
    cpu: float,
    least: float,
) -> None:
    """One way: its rate, and its ratios as the median of those within each round.

    The last two columns say the same of processor time, which others on the machine disturb less.
    """
    share = statistics.median(f / s for f, s in zip(floor, seconds, strict=True))
    times = statistics.median(p / s for p, s in zip(plain, seconds, strict=True))
    print(f"{name:32}{1 / statistics.median(seconds):9.1f}{share:14.0%}{times:13.1f}{cpu:9.1f}"
          f"{least / cpu:7.0%}")  # fmt: skip


def _alone(photos: Sequence[Path], session: ModelSession) -> Rows:
    """The two halves of the work, each with all cores to itself."""
    spec = session.info.preprocess

    def decode_all() -> list[Pixels]:
        with ThreadPoolExecutor(CORES) as pool:
            return list(pool.map(lambda path: load_pixels(path, spec), photos))

    pixels = np.stack(decode_all())
    return {"decoding alone": decode_all, "network alone": lambda: session.predict(pixels)}


def _ours(photos: Sequence[Path], scorer: Scorer) -> Rows:
    """The whole job into a folder that is new each time."""

    def scored(**options: bool) -> Callable[[], object]:
        def score() -> None:
            with tempfile.TemporaryDirectory() as out:
                result = score_folder(photos, Path(out) / "out", scorer, **options)
                assert len(result.readable) == len(photos)

        return score

    return {
        "iae score, CSV": scored(gallery=False, facts=False),
        "iae score, CSV and facts": scored(gallery=False),
        "iae score, facts and gallery": scored(),
    }


def _plain(
    few: Sequence[Path], session: ModelSession, model: Path, checkpoint: Path | None
) -> Rows:
    spec = session.info.preprocess
    network = torch_network(session.info, checkpoint)
    return {
        "plain way, ONNX float": lambda: plain_onnx(few, model, spec),
        "plain way, torch": lambda: plain_torch(few, network, spec),
    }


def print_starts(photo: Path, model: Path, rounds: int) -> None:
    """The command itself, from a cold start: one photo."""
    seconds: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for i in range(rounds):
            for name, words in (("without a gallery", ["--no-gallery"]), ("with a gallery", [])):
                out = Path(folder) / f"{name}-{i}"
                run = timed(["score", photo, "-o", out, "--model", model, *words])
                seconds.setdefault(name, []).append(run.seconds)
    print(f"\n{'one photo, the command from start to end':42}seconds")
    for name, each in seconds.items():
        print(f"{name:38}{statistics.median(each):11.2f}")


if __name__ == "__main__":
    main()
