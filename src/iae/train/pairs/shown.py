"""Pairs with the decoded pixels of their photos; what is not there is counted and named."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from iae.data.pair_set import PairSet, read_pair_set
from iae.data.records import Split
from iae.images.preprocess import Pixels, PreprocessSpec
from iae.train.cache import build_cache

Report = Callable[[str], None]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Shown:
    """Pairs of one split and the pixels of their photos."""

    pairs: PairSet
    pixels: Pixels
    """(N, H, W, 3) uint8."""


def show_pairs(
    root: Path, split: Split, spec: PreprocessSpec, cache: Path, report: Report, progress: Progress
) -> Shown:
    """Read the pairs of a split and decode their photos into ``cache``.

    Raises:
        IaeError: there are no such pairs, or none of which both photos can be read.
    """
    pairs = read_pair_set(root, split)
    decoded = build_cache(
        pairs.paths, spec, cache,
        progress=lambda done, total: progress(f"decoding {split}", done, total),
    )  # fmt: skip
    unreadable = {pairs.photos[row]: why for row, why in decoded.unreadable.items()}
    # Rows of the cache number all photos; of a smaller set they are other ones.
    rows = {name: row for row, name in enumerate(pairs.photos)}
    kept = pairs.without(unreadable) if unreadable else pairs
    pixels = decoded.pixels if not unreadable else decoded.pixels[[rows[n] for n in kept.photos]]
    counts = pair_counts(kept)
    report(f"{split}: {counts['pairs']} pairs of {counts['photos']} photos in "
           f"{counts['series']} series")  # fmt: skip
    for line in missing_lines(kept):
        report(line)
    return Shown(kept, pixels)


def missing_lines(pairs: PairSet, most: int = 10) -> list[str]:
    """Which photos are not there, and how many pairs that costs; none where all are."""
    if not pairs.missing:
        return []
    lost = pairs.listed - len(pairs.pairs)
    lines = [f"left out: {lost} of {pairs.listed} pairs, for {len(pairs.missing)} photos:"]
    lines += [f"  {name}: {why}" for name, why in list(pairs.missing.items())[:most]]
    more = len(pairs.missing) - most
    return [*lines, f"  and {more} more"] if more > 0 else lines


def pair_counts(pairs: PairSet) -> dict[str, int]:
    """How many pairs, series and photos there are."""
    return {"pairs": len(pairs.pairs), "series": len(pairs.series_names),
            "photos": len(pairs.photos)}  # fmt: skip
