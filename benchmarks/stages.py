"""What each stage of scoring costs for one photo, on one core, one after the other."""

import hashlib
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from iae.images.decode import DecodedPhoto, decode_photo
from iae.images.preprocess import Pixels, to_pixels
from iae.images.technical import technical_facts
from iae.scoring.session import BATCH, ModelSession

Item = TypeVar("Item")


def stage_times(photos: Sequence[Path], model: Path, rounds: int = 3) -> dict[str, float]:
    """Milliseconds a photo of every stage; the median over the photos, the best of the rounds.

    The files lie in the system's cache, so reading is a copy; from a disk it takes what that takes.
    """
    session = ModelSession(model, threads=1)
    spec = session.info.preprocess
    decoded = [decode_photo(path, min_side=spec.decode_side) for path in photos]
    pixels = [to_pixels(photo.image, spec) for photo in decoded]
    stages: dict[str, list[float]] = {
        "read": _each(Path.read_bytes, photos, rounds),
        "content hash": _each(lambda path: hashlib.sha256(path.read_bytes()), photos, rounds),
        "decode in full": _each(decode_photo, photos, 1),
        "decode scaled": _each(
            lambda p: decode_photo(p, min_side=spec.decode_side), photos, rounds
        ),
        "resize": _each(lambda photo: to_pixels(photo.image, spec), decoded, rounds),
        "technical facts": _each(technical_facts, decoded, rounds),
        "thumbnail": _thumbnails(photos, decoded, rounds),
        "network": [t / BATCH for t in _each(session.predict, _batches(pixels), rounds)],
    }
    return {name: 1000 * statistics.median(times) for name, times in stages.items()}


def _each(work: Callable[[Item], object], items: Sequence[Item], rounds: int) -> list[float]:
    best = [float("inf")] * len(items)
    for _ in range(rounds):
        for i, item in enumerate(items):
            start = time.perf_counter()
            work(item)
            best[i] = min(best[i], time.perf_counter() - start)
    return best


def _thumbnails(
    photos: Sequence[Path], decoded: Sequence[DecodedPhoto], rounds: int
) -> list[float]:
    from iae.scoring.decoding import _write_thumbnail as write_thumbnail

    with tempfile.TemporaryDirectory() as folder:

        def write(photo: DecodedPhoto) -> None:
            write_thumbnail(photo.image.copy(), Path(folder) / "one.jpg")

        return _each(write, decoded, rounds)


def _batches(pixels: Sequence[Pixels]) -> list[Pixels]:
    return [np.stack([pixels[i % len(pixels)] for i in range(BATCH)])] * 4
