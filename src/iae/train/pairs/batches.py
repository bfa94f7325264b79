"""Batches of pairs: which pairs, which distinct photos they have, and how those are shown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from iae.data.pair_set import PairSet
from iae.images.preprocess import Pixels


@dataclass(frozen=True)
class PairBatch:
    """P pairs of N photos, every photo once."""

    pixels: Tensor
    """(N, H, W, 3) uint8."""
    first: Tensor
    """(P,) number of the first photo of each pair among these."""
    second: Tensor
    """(P,)."""
    share: Tensor
    """(P,) of people who prefer the first; 0, ½ or 1 where the majority is learned."""


def targets(share: NDArray[np.float64], kind: str) -> NDArray[np.float64]:
    """What is learned of each pair; (P,) -> (P,): the shares, or 0, 1 and NaN for ties."""
    if kind == "shares":
        return share
    return np.where(share == 0.5, np.nan, (share > 0.5).astype(float))


def epoch_order(pairs: PairSet, chosen: NDArray[np.intp], seed: Sequence[int],
                *, whole_series: bool) -> NDArray[np.intp]:  # fmt: skip
    """The chosen pairs in the order of one epoch, which depends on the seed alone.

    Args:
        pairs: the pairs.
        chosen: (Q,) numbers of those to put in order.
        seed: of the order.
        whole_series: keep pairs of a series together, so that they share photos of a batch.
    """
    rng = np.random.default_rng(seed)
    shuffled = chosen[rng.permutation(len(chosen))]
    if not whole_series:
        return shuffled
    place = rng.permutation(len(pairs.series_names))
    return shuffled[np.argsort(place[pairs.series[shuffled]], kind="stable")]


def make_batch(
    pairs: PairSet,
    pixels: Pixels,
    target: NDArray[np.float64],
    chosen: NDArray[np.intp],
    mirror: np.random.Generator | None = None,
) -> PairBatch:
    """A batch of the chosen pairs.

    Args:
        pairs: the pairs.
        pixels: (N, H, W, 3) of all their photos.
        target: (P,) what is learned of every pair.
        chosen: (Q,) numbers of pairs.
        mirror: draws which photos are mirrored left to right; None: none.
    """
    photos, places = np.unique(
        np.stack([pairs.first[chosen], pairs.second[chosen]]), return_inverse=True
    )
    shown = np.array(pixels[photos])  # a copy out of the mapped file
    if mirror is not None:
        mirrored = mirror.random(len(photos)) < 0.5
        shown[mirrored] = shown[mirrored, :, ::-1]
    first, second = places.reshape(2, -1)
    return PairBatch(
        pixels=torch.from_numpy(shown),
        first=torch.from_numpy(first),
        second=torch.from_numpy(second),
        share=torch.from_numpy(target[chosen].astype(np.float32)),
    )


def in_pieces(order: NDArray[np.intp], size: int) -> Iterator[NDArray[np.intp]]:
    """An order cut into batches; the last may be smaller."""
    for start in range(0, len(order), size):
        yield order[start : start + size]
