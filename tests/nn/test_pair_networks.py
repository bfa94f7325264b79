"""Attention units are the published ones; a preference is a difference of utilities."""

import dataclasses
import math

import numpy as np
import pytest
import torch

from iae.config.pairs import PairModelConfig
from iae.images.preprocess import PreprocessSpec
from iae.nn.attention import ParallelAttention
from iae.nn.backbone import build_backbone
from iae.nn.pair import PairNet, pair_logits, pair_loss

SPEC = PreprocessSpec(size=64)
TOY = PairModelConfig(backbone="test_efficientnet", pretrained="none", normalisation="batch")


def make_net(seed: int = 0, **changes: object) -> PairNet:
    torch.manual_seed(seed)
    model = dataclasses.replace(TOY, **changes)
    return PairNet(build_backbone(model.backbone), SPEC, model)


def photos(count: int, seed: int = 0) -> torch.Tensor:
    return torch.from_numpy(
        np.random.default_rng(seed).integers(0, 256, (count, 64, 64, 3), dtype=np.uint8)
    )


def published_unit(x: np.ndarray, unit: ParallelAttention) -> np.ndarray:
    """The unit's formulas, one place and one channel after the other; (C, H, W) -> (2C,)."""
    first, _, second = unit.convs
    w1, b1 = first.weight.detach().numpy()[:, :, 0, 0], first.bias.detach().numpy()
    w2, b2 = second.weight.detach().numpy()[:, :, 0, 0], second.bias.detach().numpy()
    squeeze, excite = unit.squeeze.weight.detach().numpy(), unit.excite.weight.detach().numpy()
    channels, height, width = x.shape
    v = np.zeros_like(x)
    for row in range(height):
        for column in range(width):
            here = x[:, row, column]
            v[:, row, column] = here * (w2 @ np.maximum(w1 @ here + b1, 0) + b2)
    pooled = np.array([v[c].mean() + v[c].max() for c in range(channels)])
    by_channel = excite @ np.maximum(squeeze @ pooled, 0)
    by_place = np.maximum(v.mean(axis=0) + v.max(axis=0), 0)
    return np.array(
        [(by_channel[c] * x[c]).mean() for c in range(channels)]
        + [(by_place * x[c]).mean() for c in range(channels)]
    )


@pytest.mark.parametrize(("channels", "height", "width"), [(32, 7, 5), (16, 1, 1), (40, 4, 4)])
def test_a_unit_is_the_published_formulas(channels: int, height: int, width: int):
    torch.manual_seed(channels)
    unit = ParallelAttention(channels).double()
    x = torch.randn(3, channels, height, width, dtype=torch.float64)
    expected = np.stack([published_unit(one, unit) for one in x.numpy()])
    np.testing.assert_allclose(unit(x).detach().numpy(), expected, rtol=1e-9, atol=1e-12)
    in_32_bits = unit.float()(x.float()).detach().numpy()
    np.testing.assert_allclose(in_32_bits, expected, rtol=1e-4, atol=1e-5)


def test_a_unit_has_the_published_parameters():
    unit = ParallelAttention(512)
    shapes = {name: tuple(p.shape) for name, p in unit.named_parameters()}
    assert shapes == {
        "convs.0.weight": (512, 512, 1, 1), "convs.0.bias": (512,),
        "convs.2.weight": (512, 512, 1, 1), "convs.2.bias": (512,),
        "squeeze.weight": (32, 512), "excite.weight": (512, 32),
    }  # fmt: skip


def test_an_empty_map_says_nothing():
    assert not ParallelAttention(16)(torch.zeros(1, 16, 3, 3)).any()


def test_on_a_resnet50_the_units_give_7168_features_of_stages_3_to_5():
    model = PairModelConfig(backbone="resnet50", pretrained="none", normalisation="batch")
    net = PairNet(build_backbone("resnet50"), SPEC, model)
    assert [unit.squeeze.in_features for unit in net.units[0]] == [512, 1024, 2048]
    assert net.utility.in_features == 7168


@pytest.mark.parametrize("head", ["pau", "pooled"])
@pytest.mark.parametrize("seed", range(3))
def test_swapping_the_photos_of_a_pair_negates_the_preference(seed: int, head: str):
    net = make_net(seed, head=head, standardise=seed == 1).eval()
    with torch.no_grad():
        utilities = net(photos(4, seed))
    first, second = torch.tensor([0, 1, 3]), torch.tensor([2, 3, 0])
    one_way, other_way = (pair_logits(utilities, *o) for o in ((first, second), (second, first)))
    assert one_way.all()
    assert one_way.equal(-other_way)
    assert not pair_logits(utilities, first, first).any(), "nor is a photo preferred to itself"


def test_the_published_two_sided_network_is_not_antisymmetric_and_prefers_a_photo_to_itself():
    net = make_net(branch="two-sided").eval()
    with torch.no_grad():
        utilities = net(photos(2))
    a, b = torch.tensor([0]), torch.tensor([1])
    there, back = pair_logits(utilities, a, b), pair_logits(utilities, b, a)
    assert (there + back).abs() > 1e-3
    assert pair_logits(utilities, a, a).abs() > 1e-3


def test_the_two_sided_preference_is_a_linear_layer_on_the_difference_of_the_sides():
    net = make_net(branch="two-sided").eval()
    with torch.no_grad():
        left, right = net.sides(photos(3))
        said = pair_logits(net(photos(3)), torch.tensor([0, 2]), torch.tensor([1, 2]))
        expected = net.utility(left[[0, 2]] - right[[1, 2]]).flatten()
    torch.testing.assert_close(said, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["test_resnet", "test_convnext"])
@pytest.mark.parametrize("head", ["pau", "pooled"])
def test_networks_of_several_families_compare_photos(name: str, head: str):
    utilities = make_net(backbone=name, head=head).eval()(photos(2))
    assert utilities.shape == (2, 2)
    assert utilities[0, 0] != utilities[1, 0]


def test_fixed_normalisation_keeps_its_statistics_and_batch_normalisation_does_not():
    for normalisation, stays in (("fixed", True), ("batch", False)):
        net = make_net(normalisation=normalisation).train()
        before = net.backbone.bn1.running_mean.clone()
        net(photos(2))
        assert before.equal(net.backbone.bn1.running_mean) is stays


def test_the_loss_is_least_at_the_log_odds_of_the_shares():
    share = torch.tensor([0.2, 0.5, 0.949])
    best = pair_loss(torch.logit(share), share)
    entropy = -sum(s * math.log(s) + (1 - s) * math.log(1 - s) for s in share.tolist()) / 3
    assert best.item() == pytest.approx(entropy, abs=1e-6)
    assert pair_loss(torch.logit(share) + 0.3, share) > best
    assert pair_loss(torch.zeros(3), share).item() == pytest.approx(math.log(2))
