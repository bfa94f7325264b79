"""How far scores through scaled decoding are from those of the full decode."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from mosaic import SIZES, enlarged_photo

from iae.images.decode import load_photo
from iae.images.preprocess import to_pixels
from iae.metrics import level_mean
from iae.scoring.session import ModelSession

EXAMPLES = Path(__file__).parents[1] / "examples" / "photos"
ENLARGED = 40
"""Real photos that are enlarged; spread over the folder."""


def print_differences(
    made: dict[str, Sequence[Path]], sources: Sequence[Path], model: Path
) -> None:
    """One line a set of photos: mean and largest absolute difference on the ten-point scale."""
    session = ModelSession(model)
    chosen = sources[:: max(1, len(sources) // ENLARGED)][:ENLARGED]
    sets: dict[str, list[bytes]] = {
        f"mosaics, {name}": [path.read_bytes() for path in photos[:: max(1, len(photos) // 40)]]
        for name, photos in made.items()
    }
    for size in SIZES[:2]:
        sets[f"real photos enlarged, {size.name}"] = [
            enlarged_photo(path, size, seed=i) for i, path in enumerate(chosen)
        ]
    sets["example photos as they are"] = [p.read_bytes() for p in sorted(EXAMPLES.glob("*.jpg"))]
    print(f"\n{'scaled against full decode':34}{'photos':>7}{'mean |Δ|':>10}{'largest':>9}"
          f"{'scores':>13}")  # fmt: skip
    for name, files in sets.items():
        full = _scores(files, session, None)
        gap = np.abs(_scores(files, session, session.info.preprocess.decode_side) - full)
        print(f"{name:34}{len(files):7}{gap.mean():10.4f}{gap.max():9.4f}"
              f"{full.min():8.2f}-{full.max():.2f}")  # fmt: skip


def _scores(files: Sequence[bytes], session: ModelSession, min_side: int | None) -> np.ndarray:
    spec = session.info.preprocess
    pixels = [to_pixels(load_photo(io.BytesIO(file), min_side=min_side), spec) for file in files]
    return level_mean(session.predict(np.stack(pixels)).level_probs)
