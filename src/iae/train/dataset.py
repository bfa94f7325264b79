"""Batches out of the caches: pixels (or maps) and targets of chosen rows, in a seeded order."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import BatchSampler, DataLoader, Dataset, Sampler

from iae.train.cache import PixelCache
from iae.train.share import Share
from iae.train.targets import Targets

Batch = dict[str, Tensor]


class CachedPhotos(Dataset[Batch]):
    """Some rows of a cache with their targets; a whole batch is fetched at once."""

    def __init__(self, cache: PixelCache, targets: Targets, rows: NDArray[np.intp]) -> None:
        """Show the given rows of cache and targets, which number the same photos."""
        self.cache, self.targets, self.rows = cache, targets, rows

    def __len__(self) -> int:
        """Number of photos."""
        return len(self.rows)

    def __getitem__(self, index: int) -> Batch:
        """One photo, as a batch of one."""
        return self.__getitems__([index])

    def __getitems__(self, indices: Sequence[int]) -> Batch:
        """Photos by their place among the rows; pixels (N, H, W, 3) uint8 and the targets."""
        rows = self.rows[np.asarray(indices, np.intp)]  # there may be none
        arrays = {"pixels": self.cache.pixels[rows], **self.targets.rows(rows)}
        return {name: torch.from_numpy(np.ascontiguousarray(a)) for name, a in arrays.items()}

    def emotion_labels(self) -> NDArray[np.int64]:
        """(N,) the one labelled emotion of each photo; -1 where there is none."""
        return self.targets.emotion_label[self.rows]

    def only(self, places: NDArray[np.intp]) -> "CachedPhotos":
        """Those at these places among the rows."""
        return CachedPhotos(self.cache, self.targets, self.rows[places])


class CachedMaps(Dataset[Batch]):
    """Photos of which only the trunk's output is looked at."""

    def __init__(
        self,
        photos: CachedPhotos,
        maps: NDArray[np.floating[Any]],
        places: NDArray[np.intp] | None = None,
    ) -> None:
        """Take the maps of ``photos``, place by place, as ``cached_trunk`` makes them."""
        self.photos, self.maps = photos, maps
        self.places = np.arange(len(photos)) if places is None else places

    def __len__(self) -> int:
        """Number of photos."""
        return len(self.places)

    def __getitem__(self, index: int) -> Batch:
        """One photo, as a batch of one."""
        return self.__getitems__([index])

    def __getitems__(self, indices: Sequence[int]) -> Batch:
        """Photos by their place; all views of their maps (N, views, …) and the targets."""
        places = self.places[np.asarray(indices, np.intp)]
        arrays = {"maps": self.maps[places],
                  **self.photos.targets.rows(self.photos.rows[places])}  # fmt: skip
        return {name: torch.from_numpy(np.ascontiguousarray(a)) for name, a in arrays.items()}

    def emotion_labels(self) -> NDArray[np.int64]:
        """(N,) the one labelled emotion of each photo; -1 where there is none."""
        return self.photos.emotion_labels()[self.places]

    def only(self, places: NDArray[np.intp]) -> "CachedMaps":
        """Those at these places."""
        return CachedMaps(self.photos, self.maps, self.places[places])


Photos = CachedPhotos | CachedMaps


class EpochShuffle(Sampler[int]):
    """A new order each epoch that depends on the seed and the epoch only, so runs can resume."""

    def __init__(self, count: int, seed: int) -> None:
        """Order ``count`` photos."""
        self.count, self.seed, self.epoch = count, seed, 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch; Lightning calls this."""
        self.epoch = epoch

    def __len__(self) -> int:
        """Number of photos."""
        return self.count

    def __iter__(self) -> Iterator[int]:
        """The places 0 .. count-1 in this epoch's order."""
        return iter(np.random.default_rng([self.seed, self.epoch]).permutation(self.count).tolist())


class SharedBatches(BatchSampler):
    """One process's share of each batch; in the last batch it may be empty."""

    def __init__(self, shuffle: EpochShuffle, batch_size: int, share: Share) -> None:
        """Batches of ``batch_size`` photos in all processes together."""
        super().__init__(shuffle, batch_size, drop_last=False)
        self.share = share

    def __iter__(self) -> Iterator[list[int]]:
        """The process's places of each batch."""
        return (list(self.share.of(batch)) for batch in super().__iter__())


def make_loader(
    photos: Photos, batch_size: int, *, seed: int | None, share: Share | None = None
) -> DataLoader[Batch]:
    """Batches of photos: shuffled by epoch with a seed, in order without.

    No worker processes: a batch is one copy out of the mapped cache file.

    Args:
        photos: what to show.
        batch_size: photos a batch; where there is a seed, in all processes together.
        seed: of the order.
        share: of these batches; without a seed, of the photos.
    """
    share = share or Share()
    if seed is None:
        mine = photos.only(np.asarray(share.of(range(len(photos))), np.intp))
        return DataLoader(mine, batch_size=batch_size, collate_fn=_whole_batch)  # type: ignore[arg-type]
    batches = SharedBatches(EpochShuffle(len(photos), seed), batch_size, share)
    # __getitems__ made the batch already.
    return DataLoader(photos, batch_sampler=batches, collate_fn=_whole_batch)  # type: ignore[arg-type]


def _whole_batch(batch: Batch) -> Batch:
    return batch
