"""Probing trains the heads on fixed features, and the heads only."""

from pathlib import Path

import numpy as np
import pytest
import torch
from toys import BACKBONE

from iae.config import LossConfig
from iae.data.records import ImageRecord
from iae.images.preprocess import PreprocessSpec
from iae.nn.backbone import build_backbone
from iae.nn.joint import JointNet
from iae.nn.losses import joint_losses, weighted_sum
from iae.train.cache import PixelCache
from iae.train.dataset import CachedPhotos, make_loader
from iae.train.probe import probe_heads
from iae.train.targets import build_targets

LOSS = LossConfig()


@pytest.fixture(scope="module")
def photos() -> CachedPhotos:
    """Bright photos are good and awesome, dark ones bad and fearful."""
    brightness = np.linspace(0, 255, 32).round()
    pixels = np.broadcast_to(brightness[:, None, None, None], (32, 64, 64, 3)).astype(np.uint8)
    records = [
        ImageRecord(path=Path("a"), name="a", source="s", aesthetic_mean=1 + 9 * value / 255,
                    emotion="awe" if value > 127 else "fear")
        for value in brightness
    ]  # fmt: skip
    return CachedPhotos(PixelCache(pixels, {}), build_targets(records, LOSS), np.arange(32))


def fresh_net() -> JointNet:
    torch.manual_seed(0)
    return JointNet(build_backbone(BACKBONE), PreprocessSpec(size=64))


def probe(net: JointNet, photos: CachedPhotos, epochs: int) -> list[tuple[int, int]]:
    told: list[tuple[int, int]] = []
    probe_heads(net, make_loader(photos, 8, seed=None), LOSS, epochs=epochs, variance=6.75, seed=0,
                device=torch.device("cpu"), progress=lambda *done: told.append(done))  # fmt: skip
    return told


@torch.inference_mode()
def loss_of(net: JointNet, photos: CachedPhotos) -> float:
    batch = photos.__getitems__(list(range(len(photos))))
    parts = joint_losses(net.eval()(batch["pixels"]), batch, variance=6.75)
    return weighted_sum(parts, LOSS).item()


def test_probing_lowers_the_loss(photos: CachedPhotos):
    net = fresh_net()
    before = loss_of(net, photos)
    probe(net, photos, epochs=300)
    assert loss_of(net, photos) < 0.9 * before


def test_probing_leaves_the_backbone_as_it_was(photos: CachedPhotos):
    net = fresh_net()
    before = {name: value.clone() for name, value in net.backbone.state_dict().items()}
    probe(net, photos, epochs=2)
    assert all(value.equal(before[name]) for name, value in net.backbone.state_dict().items())


def test_probing_twice_with_one_seed_ends_with_the_same_heads(photos: CachedPhotos):
    first, second = fresh_net(), fresh_net()
    probe(first, photos, epochs=2)
    probe(second, photos, epochs=2)
    wanted = first.heads.state_dict()
    assert all(value.equal(wanted[name]) for name, value in second.heads.state_dict().items())


def test_each_photo_goes_through_the_backbone_once(photos: CachedPhotos):
    assert probe(fresh_net(), photos, epochs=3) == [(8, 32), (16, 32), (24, 32), (32, 32)]


def test_no_epochs_leave_the_heads_as_they_were(photos: CachedPhotos):
    net = fresh_net()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    probe(net, photos, epochs=0)
    assert all(value.equal(before[name]) for name, value in net.state_dict().items())
