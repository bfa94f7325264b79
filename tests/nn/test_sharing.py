"""Fusion units: names, sizes, order, and the gradients that do and do not get through."""

from collections.abc import Callable, Mapping

import pytest
import torch
from torch import Tensor, nn

from iae.nn.sharing.aggregation import AFA, ChannelAggregation, SpatialAggregation
from iae.nn.sharing.build import FUSED, build_unit
from iae.nn.sharing.cross_stitch import CrossStitch
from iae.nn.sharing.nddr import NDDR, NDDRShortcut
from iae.nn.sharing.unit import FusionUnit

CHANNELS = 5
TWO, THREE = ("aesthetic", "emotion"), ("quality", "emotion", "aesthetic")

UNITS: Mapping[str, Callable[..., FusionUnit]] = {
    "cross-stitch": lambda tasks, **options: CrossStitch(tasks, CHANNELS, **options),
    "cross-stitch of whole maps": lambda tasks, **options: CrossStitch(
        tasks, CHANNELS, per_channel=False, **options
    ),
    "nddr": lambda tasks, **options: NDDR(tasks, CHANNELS, **options),
    "channels": lambda tasks, **options: ChannelAggregation(tasks, CHANNELS, **options),
    "space": lambda tasks, **options: SpatialAggregation(tasks, **options),
    "afa": lambda tasks, **options: AFA(tasks, CHANNELS, **options),
}
every_unit = pytest.mark.parametrize("make", UNITS.values(), ids=UNITS)


def random_maps(
    tasks: tuple[str, ...], height: int = 3, width: int = 4, *, channels: int = CHANNELS
) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(1)
    shape = (2, channels, height, width)
    return {task: torch.rand(shape, generator=generator) for task in sorted(tasks)}


def randomised(unit: FusionUnit) -> FusionUnit:
    """In eval mode, weights and statistics drawn anew: no symmetry of the start is left."""
    generator = torch.Generator().manual_seed(2)
    for tensor in unit.state_dict().values():
        if tensor.is_floating_point():
            tensor.copy_(torch.rand(tensor.shape, generator=generator))
    return unit.eval()


@every_unit
@pytest.mark.parametrize("tasks", [TWO, THREE])
@pytest.mark.parametrize("size", [(1, 1), (7, 7), (3, 4), (11, 2)])
def test_maps_of_any_size_keep_their_shape(make, tasks: tuple[str, ...], size: tuple[int, int]):
    maps = random_maps(tasks, *size)
    mixed = make(tasks)(maps)
    assert {task: x.shape for task, x in mixed.items()} == {t: x.shape for t, x in maps.items()}
    assert all(x.isfinite().all() for x in mixed.values())


@every_unit
def test_every_task_is_influenced_by_every_other(make):
    unit, maps = randomised(make(THREE)), random_maps(THREE)
    before = unit(maps)
    for changed in THREE:
        after = unit({**maps, changed: maps[changed] + 0.5})
        assert not any(after[task].equal(before[task]) for task in THREE)


@every_unit
def test_the_order_of_tasks_and_of_maps_changes_nothing(make):
    maps, reversed_tasks = random_maps(THREE), tuple(reversed(THREE))
    one, other = randomised(make(THREE)), make(reversed_tasks).eval()
    other.load_state_dict(one.state_dict())
    turned = other({task: maps[task] for task in reversed_tasks})
    assert all(turned[task].equal(x) for task, x in one(maps).items())


@every_unit
def test_renaming_tasks_renames_results(make):
    unit, maps = randomised(make(TWO)), random_maps(TWO)
    names = {"aesthetic": "z", "emotion": "b"}
    renamed = make(tuple(names.values())).eval()
    state = unit.state_dict()
    renamed.load_state_dict(
        {".".join(names.get(part, part) for part in key.split(".")): state[key] for key in state}
    )
    results = renamed({names[task]: x for task, x in maps.items()})
    for task, mixed in unit(maps).items():
        torch.testing.assert_close(results[names[task]], mixed)


@every_unit
def test_weights_survive_being_saved(make):
    maps, saved = random_maps(TWO), randomised(make(TWO))
    loaded = make(TWO).eval()
    loaded.load_state_dict(saved.state_dict(), strict=True)
    assert all(loaded(maps)[task].equal(x) for task, x in saved(maps).items())


@every_unit
@pytest.mark.parametrize("tasks", [TWO, THREE])
def test_branches_that_are_alike_are_not_disturbed_in_the_beginning(make, tasks):
    same = random_maps(tasks)["aesthetic"]
    mixed = make(tasks).eval()(dict.fromkeys(tasks, same))
    for x in mixed.values():
        torch.testing.assert_close(x, same, rtol=1e-5, atol=1e-6)


@every_unit
def test_every_weight_learns(make):
    unit, maps = make(THREE), random_maps(THREE)
    torch.manual_seed(0)
    sum((x * torch.randn_like(x)).sum() for x in unit(maps).values()).backward()
    silent = [name for name, weight in unit.named_parameters() if not weight.grad.any()]
    assert not silent


def gradients(unit: nn.Module, maps: Mapping[str, Tensor], of: str) -> dict[str, Tensor]:
    """Of one task's output with respect to all maps."""
    leaves = {task: x.clone().requires_grad_() for task, x in maps.items()}
    weight = torch.rand(maps[of].shape, generator=torch.Generator().manual_seed(3))
    (unit(leaves)[of] * weight).sum().backward()
    return {task: torch.zeros_like(x) if x.grad is None else x.grad for task, x in leaves.items()}


@every_unit
@pytest.mark.parametrize("tasks", [TWO, THREE])
def test_no_gradient_of_another_task_enters_a_stopped_branch(make, tasks: tuple[str, ...]):
    free = randomised(make(tasks))
    stopped = randomised(make(tasks, stop_gradient_from={"emotion"}))
    maps = random_maps(tasks)
    for target in set(tasks) - {"emotion"}:
        assert gradients(free, maps, of=target)["emotion"].any()
        assert not gradients(stopped, maps, of=target)["emotion"].any()
        assert gradients(stopped, maps, of=target)[target].any()
    assert gradients(stopped, maps, of="emotion")["aesthetic"].any()  # the way back is open


@every_unit
def test_a_stopped_branch_is_still_seen(make):
    stopped = randomised(make(TWO, stop_gradient_from={"emotion"}))
    maps = random_maps(TWO)
    for task, x in randomised(make(TWO))(maps).items():
        assert stopped(maps)[task].equal(x)


@pytest.mark.parametrize("kind", ["cross-stitch", "nddr"])
def test_the_own_gradient_of_a_stopped_branch_is_what_it_was(kind: str):
    maps = random_maps(THREE)
    stopped = randomised(UNITS[kind](THREE, stop_gradient_from={"emotion"}))
    own = gradients(stopped, maps, of="emotion")["emotion"]
    assert own.equal(gradients(randomised(UNITS[kind](THREE)), maps, of="emotion")["emotion"])


@pytest.mark.parametrize("kind", ["channels", "space"])
def test_the_own_gradient_of_a_stopped_branch_passes_with_its_share(kind: str):
    """The share itself was computed by the fusion, so nothing comes back through it."""
    maps = random_maps(THREE)
    unit = randomised(UNITS[kind](THREE, stop_gradient_from={"emotion"}))
    upstream = torch.rand(maps["emotion"].shape, generator=torch.Generator().manual_seed(3))
    own_share, _ = unit.weights(maps)  # type: ignore[operator]
    torch.testing.assert_close(gradients(unit, maps, of="emotion")["emotion"], own_share * upstream)


@pytest.mark.parametrize("per_channel", [True, False])
def test_a_cross_stitch_of_weight_one_is_the_identity_in_the_beginning(per_channel: bool):
    maps = random_maps(THREE)
    mixed = CrossStitch(THREE, CHANNELS, self_weight=1.0, per_channel=per_channel)(maps)
    assert all(mixed[task].equal(x) for task, x in maps.items())


def test_a_cross_stitch_is_the_matrix_product_of_each_channel():
    unit, maps = randomised(CrossStitch(TWO, CHANNELS)), random_maps(TWO)
    mixed, weights = unit(maps), unit.state_dict()
    for channel in range(CHANNELS):
        matrix = torch.tensor(
            [[weights[f"mix.{to}.{source}"][channel] for source in TWO] for to in TWO]
        )
        before = torch.stack([maps[task][:, channel] for task in TWO])
        after = torch.stack([mixed[task][:, channel] for task in TWO])
        torch.testing.assert_close(after, torch.einsum("ts,snhw->tnhw", matrix, before))


def test_a_cross_stitch_begins_with_its_weight_for_self_and_an_even_rest():
    maps = random_maps(THREE)
    mixed = CrossStitch(THREE, CHANNELS, self_weight=0.8)(maps)
    by_hand = 0.8 * maps["quality"] + 0.1 * maps["emotion"] + 0.1 * maps["aesthetic"]
    torch.testing.assert_close(mixed["quality"], by_hand)


def test_a_cross_stitch_has_only_vectors_so_that_weight_decay_spares_them():
    assert {weight.ndim for weight in CrossStitch(TWO, CHANNELS).parameters()} == {1}


@pytest.mark.parametrize("training", [True, False])
def test_nddr_is_a_1x1_convolution_of_the_concatenation_then_a_batch_norm(training: bool):
    unit, maps = randomised(NDDR(TWO, CHANNELS)).train(training), random_maps(TWO)
    joined = torch.cat([maps["aesthetic"], maps["emotion"]], dim=1)
    state = {name: tensor.clone() for name, tensor in unit.state_dict().items()}
    for task, mixed in unit(maps).items():
        kernel = torch.cat([state[f"reduce.{task}.{source}.weight"] for source in TWO], dim=1)
        reduced = nn.functional.conv2d(joined, kernel)
        norm = {name: state[f"norm.{task}.{name}"]
                for name in ("running_mean", "running_var", "weight", "bias")}  # fmt: skip
        by_torch = nn.functional.batch_norm(reduced, **norm, training=training)
        torch.testing.assert_close(mixed, by_torch)


def test_the_shortcut_is_a_convolution_of_all_resized_and_concatenated_maps():
    shortcut = NDDRShortcut(TWO, [2, 3, CHANNELS])
    maps = [random_maps(TWO, 8, 8, channels=2), random_maps(TWO, 4, 4, channels=3),
            random_maps(TWO, 4, 4)]  # fmt: skip
    for weight in shortcut.parameters():
        nn.init.normal_(weight)
    for task, x in shortcut(maps).items():
        half = nn.functional.avg_pool2d(maps[0][task], 2)  # what bilinear scaling by half does
        joined = torch.cat([half, maps[1][task], maps[2][task]], dim=1)
        kernel = torch.cat([part.weight for part in shortcut.reduce[task]], dim=1)
        torch.testing.assert_close(x, nn.functional.conv2d(joined, kernel), rtol=1e-4, atol=1e-5)


def test_the_shortcut_begins_with_the_last_maps():
    maps = [random_maps(TWO, 6, 6, channels=7), random_maps(TWO)]
    assert all(x.equal(maps[1][t]) for t, x in NDDRShortcut(TWO, [7, CHANNELS])(maps).items())


def test_a_shortcut_from_nowhere_is_refused():
    with pytest.raises(ValueError, match="needs two fusions or more, got 1"):
        NDDRShortcut(TWO, [CHANNELS])


@pytest.mark.parametrize("tasks", [(), ("emotion",), ("emotion", "emotion")])
def test_a_fusion_of_fewer_than_two_tasks_is_refused(tasks: tuple[str, ...]):
    with pytest.raises(ValueError, match="needs two or more different tasks"):
        CrossStitch(tasks, CHANNELS)


def test_a_task_with_a_dot_in_its_name_is_refused():
    with pytest.raises(ValueError, match="no dot, got 'a.b'"):
        NDDR(("a.b", "c"), CHANNELS)


def test_stopping_the_gradient_of_an_unknown_task_is_refused_with_the_tasks():
    with pytest.raises(ValueError, match="'emotions'; the tasks are aesthetic, emotion"):
        AFA(TWO, CHANNELS, stop_gradient_from={"emotions"})


@every_unit
def test_maps_of_other_tasks_are_refused(make):
    with pytest.raises(ValueError, match="wanted maps of aesthetic, emotion; got aesthetic, emo$"):
        make(TWO)({"aesthetic": torch.zeros(1, CHANNELS, 2, 2), "emo": torch.zeros(1)})


def test_units_are_built_by_the_name_of_their_way_of_sharing():
    kinds = [type(build_unit(sharing, TWO, CHANNELS)) for sharing in FUSED]
    assert kinds == [CrossStitch, NDDR, AFA]


def test_a_way_of_sharing_without_units_is_refused():
    with pytest.raises(ValueError, match="'hard' has no fusion unit; cross-stitch, nddr, afa have"):
        build_unit("hard", TWO, CHANNELS)
