"""Batches out of the cache, in an order that depends on seed and epoch only."""

from pathlib import Path

import numpy as np
import torch

from iae.config import LossConfig
from iae.data.records import ImageRecord
from iae.train.cache import PixelCache
from iae.train.dataset import CachedPhotos, EpochShuffle, make_loader
from iae.train.targets import build_targets


def numbered_photos(count: int) -> CachedPhotos:
    """Photos whose pixels and score both are their number; every second one is chosen."""
    pixels = np.arange(count, dtype=np.uint8)[:, None, None, None].repeat(4, 1).repeat(4, 2)
    records = [ImageRecord(path=Path("a"), name=str(i), source="s", aesthetic_mean=1.0 + i / 100)
               for i in range(count)]  # fmt: skip
    targets = build_targets(records, LossConfig())
    return CachedPhotos(PixelCache(pixels.repeat(3, 3), {}), targets, np.arange(0, count, 2))


def order(loader: torch.utils.data.DataLoader[dict[str, torch.Tensor]]) -> list[int]:
    return [int(n) for batch in loader for n in batch["pixels"][:, 0, 0, 0]]


def test_an_epoch_shows_each_chosen_photo_once():
    assert sorted(order(make_loader(numbered_photos(40), 8, seed=1))) == list(range(0, 40, 2))


def test_pixels_and_targets_of_a_batch_belong_together():
    for batch in make_loader(numbered_photos(40), 8, seed=1):
        numbers = batch["pixels"][:, 0, 0, 0].float()
        torch.testing.assert_close(batch["mean"], 1 + numbers / 100)


def test_without_a_seed_photos_come_in_their_order():
    assert order(make_loader(numbered_photos(40), 8, seed=None)) == list(range(0, 40, 2))


def test_a_single_photo_is_a_batch_of_one():
    assert numbered_photos(6)[1]["pixels"].shape == (1, 4, 4, 3)


def epoch_order(seed: int, epoch: int) -> list[int]:
    shuffle = EpochShuffle(20, seed)
    shuffle.set_epoch(epoch)
    return list(shuffle)


def test_the_order_of_an_epoch_is_the_same_in_every_run():
    assert epoch_order(3, 5) == epoch_order(3, 5)


def test_epochs_and_seeds_have_orders_of_their_own():
    orders = {tuple(epoch_order(seed, epoch)) for seed in (0, 1) for epoch in (0, 1)}
    assert len(orders) == 4
