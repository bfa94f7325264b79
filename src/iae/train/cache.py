"""Photos decoded once: a file of uint8 pixels that every epoch reads instead of the photos."""

import hashlib
import json
import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from iae.errors import DataError, ImageError
from iae.files import written_whole
from iae.images.preprocess import Pixels, PreprocessSpec, load_pixels

Progress = Callable[[int, int], None]
"""Called with (done, total) while photos are decoded."""


@dataclass(frozen=True)
class PixelCache:
    """Pixels of N photos, row by row, in the order they were asked for."""

    pixels: NDArray[np.uint8]
    """(N, size, size, 3), mapped from the file; rows of unreadable photos are black."""
    unreadable: dict[int, str]
    """Row -> reason."""
    key: str = ""
    """Stands for the photos and their preparation; of other pixels it is another."""


def build_cache(
    paths: Sequence[Path],
    spec: PreprocessSpec,
    folder: Path,
    *,
    workers: int = 2,
    progress: Progress = lambda done, total: None,
) -> PixelCache:
    """Decode photos into ``folder``, or open the file an earlier run left there.

    The file is named after the photos (path, size, time of change) and the ``PreprocessSpec``, so
    a changed photo or another preparation is another file. It is written under a temporary name.
    Decoding threads run side by side; Pillow releases the interpreter lock.

    Raises:
        OutputError: the folder cannot be written.
        DataError: no photo can be read.
    """
    shape = (len(paths), spec.size, spec.size, 3)
    stem = folder / _key(paths, spec)
    data, index = stem.with_suffix(".pixels"), stem.with_suffix(".json")
    if not (index.exists() and data.exists()):
        with written_whole(data) as part:
            unreadable = _decode_all(paths, spec, part, shape, workers, progress)
        with written_whole(index) as part:
            part.write_text(json.dumps(unreadable), "utf-8")
    pixels = np.memmap(data, np.uint8, "r", shape=shape)
    reasons = {int(row): why for row, why in json.loads(index.read_text("utf-8")).items()}
    if len(reasons) == len(paths):
        raise DataError(f"none of {len(paths)} photos could be read, for example {paths[0]}: "
                        f"{reasons[0]}")  # fmt: skip
    return PixelCache(pixels, reasons, stem.name)


def _key(paths: Sequence[Path], spec: PreprocessSpec) -> str:
    digest = hashlib.sha256(json.dumps(spec.to_dict(), sort_keys=True).encode())
    for path in paths:
        try:
            stat = path.stat()
            state = f"{stat.st_size} {stat.st_mtime_ns}"
        except OSError:
            state = "missing"
        digest.update(f"{path.absolute()}\0{state}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()[:24]


def _decode_all(
    paths: Sequence[Path],
    spec: PreprocessSpec,
    data: Path,
    shape: tuple[int, ...],
    workers: int,
    progress: Progress,
) -> dict[int, str]:
    unreadable: dict[int, str] = {}
    black = bytes(math.prod(shape[1:]))

    def decode(path: Path) -> Pixels | ImageError:
        try:
            return load_pixels(path, spec)
        except ImageError as error:
            return error

    # Not by way of a mapped file: on a full disk that ends the process without a word.
    with ThreadPoolExecutor(workers) as pool, data.open("wb") as file:
        for row, result in enumerate(pool.map(decode, paths)):
            if isinstance(result, ImageError):
                unreadable[row] = str(result)
                file.write(black)
            else:
                file.write(result.tobytes())
            progress(row + 1, len(paths))
    return unreadable
