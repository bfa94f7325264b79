"""``PairSet``: the pairs of a data set whose photographs are there; the rest by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from iae.data.dataset import Dataset
from iae.data.image_files import ImageFiles
from iae.data.read import read_dataset
from iae.data.records import PhotoPair, Split
from iae.errors import DataError


@dataclass(frozen=True, kw_only=True, eq=False)
class PairSet:
    """P pairs of N photographs."""

    photos: tuple[str, ...]
    """(N,) names; series by series as listed, in a series by name."""
    paths: tuple[Path, ...]
    """(N,) their files."""
    first: NDArray[np.intp]
    """(P,) number of the first photo of each pair."""
    second: NDArray[np.intp]
    """(P,) … of the second."""
    share: NDArray[np.float64]
    """(P,) share of people who prefer the first."""
    series: NDArray[np.intp]
    """(P,) number of the series, from 0 in the order of the list."""
    series_names: tuple[str, ...]
    pairs: tuple[PhotoPair, ...]
    """(P,) as they were read."""
    missing: Mapping[str, str]
    """Photo of a pair that was asked for -> why it is not here."""
    listed: int
    """Pairs that were asked for; those that are not here lack a photograph."""

    def without(self, reasons: Mapping[str, str]) -> "PairSet":
        """The same without the pairs of some photos, each with its reason. Raises ``DataError``."""
        kept = [p for p in self.pairs if p.photo_a not in reasons and p.photo_b not in reasons]
        paths = dict(zip(self.photos, self.paths, strict=True))
        return _numbered(kept, paths, {**self.missing, **reasons}, self.listed)


def read_pair_set(root: Path, split: Split | Literal["all"]) -> PairSet:
    """The pairs of a split, read from a folder in any format that has pairs.

    Raises:
        DataError: there are no pairs, none in this split, or no pair has both photographs.
    """
    dataset, _ = read_dataset(root)
    if not dataset.pairs:
        raise DataError(f"{root} (read as {dataset.format}) has no pairs of photos; wanted pair "
                        "lists as PhotoTriage has them, such as train_pairlist.txt")  # fmt: skip
    chosen = [pair for pair in dataset.pairs if split in ("all", pair.split)]
    if not chosen:
        there = ", ".join(dict.fromkeys(str(pair.split) for pair in dataset.pairs))
        raise DataError(f"{root} has no {split} pairs; it has {there}: choose with --split")
    return _found(chosen, dataset)


def _found(pairs: Sequence[PhotoPair], dataset: Dataset) -> PairSet:
    folder = dataset.image_folder or dataset.root
    files = ImageFiles(folder)
    names = dict.fromkeys(name for pair in pairs for name in (pair.photo_a, pair.photo_b))
    paths = {name: path for name in names if (path := files.find(name)) is not None}
    missing = {name: f"there is no {folder / name}" for name in names if name not in paths}
    kept = [pair for pair in pairs if pair.photo_a in paths and pair.photo_b in paths]
    return _numbered(kept, paths, missing, len(pairs))


def _numbered(
    pairs: Sequence[PhotoPair], paths: Mapping[str, Path], missing: Mapping[str, str], listed: int
) -> PairSet:
    if not pairs:
        raise DataError(f"none of {listed} pairs has both photographs; {len(missing)} are missing "
                        f"or unreadable, the first: {next(iter(missing.values()), 'none')}; put "
                        "the photographs of the data set there")  # fmt: skip
    series = {name: k for k, name in enumerate(dict.fromkeys(pair.series for pair in pairs))}
    seen = {name: series[pair.series] for pair in pairs for name in (pair.photo_a, pair.photo_b)}
    photos = tuple(sorted(seen, key=lambda name: (seen[name], name)))
    number = {name: k for k, name in enumerate(photos)}
    return PairSet(
        photos=photos,
        paths=tuple(paths[name] for name in photos),
        first=np.array([number[pair.photo_a] for pair in pairs], np.intp),
        second=np.array([number[pair.photo_b] for pair in pairs], np.intp),
        share=np.array([pair.share for pair in pairs]),
        series=np.array([series[pair.series] for pair in pairs], np.intp),
        series_names=tuple(series),
        pairs=tuple(pairs),
        missing=missing,
        listed=listed,
    )
