"""AFA against its formulas, written out once more with torch's functions and dense matrices."""

import pytest
import torch
from torch import Tensor
from torch.nn.functional import conv2d

from iae.nn.sharing.aggregation import AFA, ChannelAggregation, SpatialAggregation

TASKS = ("aesthetic", "emotion")


def signed_maps(channels: int, height: int, width: int, count: int = 3) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    shape = (2, count, channels, height, width)
    x1, x2 = torch.randn(shape, generator=generator)
    return x1, x2


def published_channels(
    x1: Tensor, x2: Tensor, w: Tensor, w_self: Tensor, w_other: Tensor
) -> tuple[Tensor, Tensor]:
    """W (width, 2C), two maps (C, width); a softmax over the two, then relu."""
    g = torch.relu(torch.cat([x1.mean((2, 3)), x2.mean((2, 3))], dim=1) @ w.T)
    a, b = g @ w_self.T, g @ w_other.T
    s = (a.exp() / (a.exp() + b.exp()))[:, :, None, None]
    o = (b.exp() / (a.exp() + b.exp()))[:, :, None, None]
    return torch.relu(s * x1 + o * x2), torch.relu(s * x2 + o * x1)


def published_space(
    x1: Tensor, x2: Tensor, kernel: Tensor, m_self: Tensor, m_other: Tensor
) -> tuple[Tensor, Tensor]:
    """Kernel (1, 2, 7, 7), then two linear maps (HW, HW) of the flattened map."""
    means = torch.stack([x1.mean(dim=1), x2.mean(dim=1)], dim=1)  # (N, 2, H, W)
    h = torch.relu(conv2d(means, kernel, padding=3)).flatten(1)  # (N, HW)
    a, b = h @ m_self.T, h @ m_other.T
    shape = (len(x1), 1, *x1.shape[2:])
    s = (a.exp() / (a.exp() + b.exp())).view(shape)
    o = (b.exp() / (a.exp() + b.exp())).view(shape)
    return torch.relu(s * x1 + o * x2), torch.relu(s * x2 + o * x1)


def matrix_of(kernel: Tensor, height: int, width: int) -> Tensor:
    """The (HW, HW) matrix whose entry for two positions is the kernel at their distance."""
    matrix = torch.zeros(height, width, height, width)
    for row in range(height):
        for column in range(width):
            for i in range(7):
                for j in range(7):
                    there = row + i - 3, column + j - 3
                    if 0 <= there[0] < height and 0 <= there[1] < width:
                        matrix[row, column, there[0], there[1]] = kernel[0, 0, i, j]
    return matrix.view(height * width, height * width)


def space_with_large_weights(tasks: tuple[str, ...] = TASKS) -> SpatialAggregation:
    """Weights so large that the shares are far from even, signs of the first kernel mixed."""
    torch.manual_seed(0)
    unit = SpatialAggregation(tasks)
    for weight in unit.parameters():
        torch.nn.init.normal_(weight, std=0.5)
    return unit


def by_formula_of_space(unit: SpatialAggregation, x1: Tensor, x2: Tensor) -> tuple[Tensor, Tensor]:
    state = unit.state_dict()
    kernel = torch.cat([state[f"squeeze.{task}.weight"] for task in TASKS], dim=1)
    size = (x1.shape[2], x1.shape[3])
    own, other = (matrix_of(state[f"{name}.weight"], *size) for name in ("own", "other"))
    return published_space(x1, x2, kernel, own, other)


def by_formula_of_channels(
    unit: ChannelAggregation, x1: Tensor, x2: Tensor
) -> tuple[Tensor, Tensor]:
    state = unit.state_dict()
    w = torch.cat([state[f"squeeze.{task}.weight"] for task in TASKS], dim=1)
    return published_channels(x1, x2, w, state["own.weight"], state["other.weight"])


@pytest.mark.parametrize(("height", "width"), [(7, 7), (3, 5)])
def test_channel_aggregation_of_two_tasks_is_the_published_formula(height: int, width: int):
    torch.manual_seed(0)
    unit = ChannelAggregation(TASKS, 6)
    for weight in unit.parameters():
        torch.nn.init.normal_(weight)
    x1, x2 = signed_maps(6, height, width)
    mixed = unit({"aesthetic": x1, "emotion": x2})
    expected = by_formula_of_channels(unit, x1, x2)
    torch.testing.assert_close((mixed["aesthetic"], mixed["emotion"]), expected)


@pytest.mark.parametrize(("height", "width"), [(7, 7), (3, 5), (9, 10)])
def test_spatial_aggregation_of_two_tasks_is_the_published_formula_with_tied_matrices(
    height: int, width: int
):
    unit, (x1, x2) = space_with_large_weights(), signed_maps(6, height, width)
    mixed = unit({"aesthetic": x1, "emotion": x2})
    torch.testing.assert_close(
        (mixed["aesthetic"], mixed["emotion"]), by_formula_of_space(unit, x1, x2)
    )


def test_afa_aggregates_channels_first_and_then_space():
    torch.manual_seed(0)
    unit, (x1, x2) = AFA(TASKS, 6), signed_maps(6, 7, 7)
    for weight in unit.parameters():
        torch.nn.init.normal_(weight, std=0.5)
    mixed = unit({"aesthetic": x1, "emotion": x2})
    expected = by_formula_of_space(unit.space, *by_formula_of_channels(unit.channel, x1, x2))
    torch.testing.assert_close((mixed["aesthetic"], mixed["emotion"]), expected)


@pytest.mark.parametrize(
    ("tasks", "channels", "width"),
    [(TASKS, 2048, 256), (TASKS, 512, 64), (TASKS, 64, 32), ((*TASKS, "quality"), 512, 96)],
)
def test_the_width_between_is_a_sixteenth_of_all_channels_and_at_least_32(
    tasks: tuple[str, ...], channels: int, width: int
):
    unit = ChannelAggregation(tasks, channels)
    assert unit.own.in_features == unit.other.in_features == width
    assert {part.out_features for part in unit.squeeze.values()} == {width}


def test_nothing_has_a_bias():
    assert not [name for name, _ in AFA(TASKS, 8).named_parameters() if "bias" in name]


@pytest.mark.parametrize("kind", ["channels", "space"])
def test_shares_of_three_sources_are_a_softmax_over_the_three(kind: str):
    tasks = (*TASKS, "quality")
    unit = ChannelAggregation(tasks, 6) if kind == "channels" else space_with_large_weights(tasks)
    maps = dict(zip(tasks, torch.rand(3, 2, 6, 4, 5), strict=True))
    own, other = unit.weights(maps)
    torch.testing.assert_close(own + 2 * other, torch.ones_like(own))
    assert (own > 0).all()
    assert (other > 0).all()
    mixed = unit(maps)
    by_hand = own * maps["emotion"] + other * (maps["aesthetic"] + maps["quality"])
    torch.testing.assert_close(mixed["emotion"], by_hand)  # positive, so the relu does nothing


@pytest.mark.parametrize("tasks", [TASKS, (*TASKS, "quality")])
@pytest.mark.parametrize("kind", ["channels", "space"])
def test_the_share_of_self_in_the_beginning_can_be_chosen(tasks: tuple[str, ...], kind: str):
    def unit(self_weight: float | None) -> ChannelAggregation | SpatialAggregation:
        if kind == "channels":
            return ChannelAggregation(tasks, 6, self_weight=self_weight)
        return SpatialAggregation(tasks, self_weight=self_weight)

    silent = dict.fromkeys(tasks, torch.zeros(2, 6, 4, 5))  # then g and h are 0
    for wanted, chosen in ((0.8, 0.8), (1 / len(tasks), None)):
        own, other = unit(chosen).weights(silent)
        torch.testing.assert_close(own, torch.full_like(own, wanted))
        torch.testing.assert_close(own + (len(tasks) - 1) * other, torch.ones_like(own))


@pytest.mark.parametrize("self_weight", [0.0, 1.0, 1.5])
def test_a_share_of_self_that_no_softmax_gives_is_refused(self_weight: float):
    with pytest.raises(
        ValueError, match=f"self_weight must lie between 0 and 1, got {self_weight}"
    ):
        AFA(TASKS, 6, self_weight=self_weight)


def test_with_even_shares_all_tasks_get_the_same_and_with_a_larger_own_share_they_do_not():
    maps = dict(zip(TASKS, (x.relu() for x in signed_maps(6, 5, 5)), strict=True))
    gaps = []
    for self_weight in (None, 0.9):
        torch.manual_seed(0)
        mixed = AFA(TASKS, 6, self_weight=self_weight)(maps)
        gaps.append((mixed["aesthetic"] - mixed["emotion"]).abs().mean().item())
    before = (maps["aesthetic"] - maps["emotion"]).abs().mean().item()
    assert gaps[0] < 0.05 * before
    assert gaps[1] > 0.5 * before


def test_the_relu_changes_nothing_on_maps_that_have_been_through_one():
    torch.manual_seed(0)
    published, plain = AFA(TASKS, 6), AFA(TASKS, 6, relu=False)
    plain.load_state_dict(published.state_dict())
    maps = dict(zip(TASKS, (x.relu() for x in signed_maps(6, 5, 5)), strict=True))
    assert all(published(maps)[task].equal(x) for task, x in plain(maps).items())


def test_without_the_relu_negative_values_stay():
    x1, x2 = signed_maps(6, 5, 5)
    mixed = AFA(TASKS, 6, relu=False)({"aesthetic": x1, "emotion": x2})
    assert (mixed["aesthetic"] < 0).any()
    assert (AFA(TASKS, 6)({"aesthetic": x1, "emotion": x2})["aesthetic"] >= 0).all()


@pytest.mark.parametrize("seed", range(8))
def test_however_it_begins_the_spatial_shares_of_positive_maps_can_learn(seed: int):
    torch.manual_seed(seed)
    unit = SpatialAggregation(TASKS)
    x1, x2 = (x.relu() for x in signed_maps(6, 7, 7))
    (unit({"aesthetic": x1, "emotion": x2})["aesthetic"] * torch.randn_like(x1)).sum().backward()
    assert all(weight.grad.any() for weight in unit.parameters())
