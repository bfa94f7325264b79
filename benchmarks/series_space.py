"""Make the space in which shots of one scene are near each other, from photos without any label.

    python benchmarks/series_space.py PARA FI8 -o src/iae/weights/series.npz [--model MODEL.onnx]

PARA and FI8 are folders with ``labels.csv`` and the pictures it names. Taken are all photos of the
half of PARA that is not judged (see ``series_judged.py``), and every second of FI-8, as many; their
embeddings are centred, and the 256 axes of largest variance divided by their standard deviation.
Nothing is learned from labels or groups. About eight minutes on one core; prints what it did. The
photographs are for research only, so the file has the licence of the weights beside it.
"""

import argparse
import csv
import io
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from iae.files import written_whole
from iae.images.fingerprint import SMALL_BYTES, small_copy
from iae.images.preprocess import load_pixels
from iae.scoring.session import DEFAULT_MODEL, ModelSession
from iae.series.shots import file_digest

AXES = 256
_AT_ONCE = 256


def photo_rows(folder: Path) -> list[dict[str, str]]:
    """Rows of ``labels.csv``; ``image`` is the path below the folder."""
    with (folder / "labels.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def is_judged(group: str) -> bool:
    """Whether a group of PARA is of the half that figures are stated on; the other one chooses."""
    return zlib.crc32(group.encode()) % 2 == 1


def embed(
    folder: Path, names: list[str], model: Path, cache: Path | None
) -> tuple[np.ndarray, ...]:
    """(N, D) embeddings and (N, SMALL_BYTES) small copies; kept in ``cache`` if one is named."""
    digest = file_digest(model)
    if cache is not None and cache.exists():
        with np.load(cache) as kept:
            if str(kept["model"]) == digest and list(kept["names"]) == names:
                return kept["embeddings"], kept["small"]
    session = ModelSession(model, threads=1)
    embeddings, small = [], np.zeros((len(names), SMALL_BYTES), np.uint8)
    for start in range(0, len(names), _AT_ONCE):
        part = names[start : start + _AT_ONCE]
        pixels = np.stack([load_pixels(folder / name, session.info.preprocess) for name in part])
        embeddings.append(session.predict(pixels).embedding)
        for i, one in enumerate(pixels, start):
            small[i] = small_copy(Image.fromarray(one))
        print(f"\r{folder.name}: {start + len(part):,} of {len(names):,}", end="", flush=True)
    print()
    joined = np.concatenate(embeddings)
    if cache is not None:
        np.savez(cache, model=digest, names=names, embeddings=joined, small=small)
    return joined, small


def fit(embeddings: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(N, D) -> mean (D,) and whitening projection (D, AXES); the signs of axes are arbitrary."""
    mean = embeddings.mean(axis=0, dtype=np.float64)
    centred = embeddings - mean
    variance, axes = np.linalg.eigh(centred.T @ centred / len(centred))
    largest = np.argsort(variance)[::-1][:AXES]
    return mean, axes[:, largest] / np.sqrt(variance[largest])


def main() -> None:
    """Embed, fit, write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("para", type=Path)
    parser.add_argument("fi8", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL)
    parser.add_argument("--cache", type=Path, help="folder that keeps embeddings")
    arguments = parser.parse_args()
    parts = []
    for folder in (arguments.para, arguments.fi8):
        rows = photo_rows(folder)
        cache = arguments.cache and arguments.cache / f"{folder.name}-embedded.npz"
        embeddings, _ = embed(folder, [row["image"] for row in rows], arguments.model, cache)
        taken = [
            i for i, row in enumerate(rows) if "group" not in row or not is_judged(row["group"])
        ]
        taken = taken[::2] if "group" not in rows[0] else taken
        parts.append(embeddings[taken])
    count = min(len(part) for part in parts)
    mean, projection = fit(np.concatenate([part[:count] for part in parts]))
    packed = io.BytesIO()
    np.savez_compressed(packed, mean=mean.astype(np.float32),
                        projection=projection.astype(np.float16),
                        model=file_digest(arguments.model))  # fmt: skip
    with written_whole(arguments.output) as part:
        part.write_bytes(packed.getvalue())
    print(f"{arguments.output}: {len(packed.getvalue()):,} bytes, from 2 × {count:,} photos")


if __name__ == "__main__":
    main()
