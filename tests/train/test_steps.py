"""The optimizer's groups, mirroring, and the figures that choose the best model."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from toys import BACKBONE

from iae.config import LossConfig, TrainConfig
from iae.images.preprocess import PreprocessSpec
from iae.nn.backbone import build_backbone, freeze_stages
from iae.nn.branches import BranchedNet
from iae.nn.joint import JointNet
from iae.train.backward import shared_and_own
from iae.train.figures import validation_figures
from iae.train.module import JointTraining
from iae.train.optimizer import param_groups
from iae.train.views import one_view


@pytest.fixture
def net() -> JointNet:
    return JointNet(build_backbone(BACKBONE), PreprocessSpec(size=64))


CONFIG = TrainConfig(lr=1e-3, head_lr_factor=5, weight_decay=0.02)


def test_every_parameter_is_in_exactly_one_group(net: JointNet):
    grouped = [id(p) for group in param_groups(net, CONFIG) for p in group["params"]]
    assert sorted(grouped) == sorted(id(p) for p in net.parameters())


def test_heads_learn_faster_by_the_factor(net: JointNet):
    rates = {id(p): group["lr"] for group in param_groups(net, CONFIG) for p in group["params"]}
    assert {rates[id(p)] for p in net.heads.parameters()} == {5e-3}
    assert {rates[id(p)] for p in net.backbone.parameters()} == {1e-3}


def test_biases_and_normalisation_are_never_decayed(net: JointNet):
    decays = {id(p): g["weight_decay"] for g in param_groups(net, CONFIG) for p in g["params"]}
    assert {decays[id(p)] for p in net.parameters() if p.ndim == 1} == {0.0}
    assert {decays[id(p)] for p in net.parameters() if p.ndim > 1} == {0.02}


def test_frozen_parameters_are_in_no_group(net: JointNet):
    freeze_stages(net.backbone, 2)
    grouped = {id(p) for group in param_groups(net, CONFIG) for p in group["params"]}
    assert grouped == {id(p) for p in net.parameters() if p.requires_grad}


def test_early_stages_learn_slower_by_the_decay_and_the_stem_like_the_first(net: JointNet):
    slow = replace(CONFIG, layer_decay=0.5)
    rates = {id(p): group["lr"] for group in param_groups(net, slow) for p in group["params"]}
    stages = list(net.backbone.blocks)
    tail = [*net.backbone.conv_head.parameters(), *net.backbone.bn2.parameters()]
    for at, part in enumerate(stages, start=1):
        wanted = 1e-3 * 0.5 ** (len(stages) - at)
        assert {rates[id(p)] for p in part.parameters()} == {wanted}
    assert rates[id(net.backbone.conv_stem.weight)] == 1e-3 * 0.5 ** (len(stages) - 1)
    assert {rates[id(p)] for p in tail} == {1e-3}
    assert {rates[id(p)] for p in net.heads.parameters()} == {5e-3}


@pytest.mark.parametrize("sharing", ["hard", "single"])
def test_a_stage_has_the_same_number_in_trunk_and_branches_as_in_the_backbone(
    net: JointNet, sharing: str
):
    apart = branched(sharing=sharing)
    sizes = [
        sorted((number, parts[name].numel()) for name, number in one.stage_numbers().items())
        for one in (net, apart)
        for parts in [dict(one.named_parameters())]
    ]
    assert set(sizes[1]) == set(sizes[0])
    assert sizes[1] == sizes[0] or sharing == "single"
    others = {name.split(".")[0] for name, _ in apart.named_parameters()
              if name not in apart.stage_numbers()}  # fmt: skip
    assert others == {"heads"}


def branched(**options: object) -> BranchedNet:
    return BranchedNet(build_backbone(BACKBONE), PreprocessSpec(size=64), trunk_stages=3, **options)  # type: ignore[arg-type]


def shared_names(net: BranchedNet) -> set[str]:
    shared, own = shared_and_own(net, net(torch.zeros(1, 64, 64, 3, dtype=torch.uint8)))
    trained = {id(p) for p in net.parameters() if p.requires_grad}
    assert {id(p) for p in (*shared, *own)} == trained
    assert len(shared) + len(own) == len(trained)
    ids = {id(p) for p in shared}
    return {name for name, p in net.named_parameters() if id(p) in ids}


def test_fusions_learn_as_fast_as_heads():
    net = branched(sharing="nddr", fuse_after=(4, 5), nddr_shortcut=True)
    rates = {id(p): group["lr"] for group in param_groups(net, CONFIG) for p in group["params"]}
    assert net.shortcut is not None
    for part in (net.fusions, net.shortcut, net.heads):
        assert {rates[id(p)] for p in part.parameters()} == {5e-3}
    assert {rates[id(p)] for p in net.branches.parameters()} == {1e-3}


def test_behind_the_last_fusion_a_branch_is_its_tasks_own():
    names = shared_names(branched(sharing="afa", fuse_after=(4,)))
    assert {name.split(".")[0] for name in names} == {"trunk_layers", "branches", "fusions"}
    assert any(name.startswith("branches.emotion.stages.0.") for name in names)
    assert not any(".stages.1." in name or ".tail." in name for name in names)


def test_without_fusions_only_the_trunk_is_shared_and_frozen_nothing_is():
    net = branched(sharing="single")
    assert {name.split(".")[0] for name in shared_names(net)} == {"trunk_layers"}
    net.freeze_stages(3)
    assert shared_names(net) == set()


def test_a_branch_that_others_send_no_gradient_into_is_its_own():
    names = shared_names(branched(sharing="cross-stitch", stop_gradient_from=("emotion",)))
    assert any(name.startswith("branches.aesthetic.") for name in names)
    assert not any(name.startswith("branches.emotion.") for name in names)


def test_freezing_more_stages_than_the_trunk_has_freezes_them_in_every_branch():
    net = branched(sharing="afa")
    net.freeze_stages(4)
    for branch in net.branches.values():
        assert not any(p.requires_grad for p in branch.stages[0].parameters())
        assert all(p.requires_grad for p in branch.stages[1].parameters())


def test_mirroring_turns_about_half_of_the_photos_left_to_right():
    pixels = torch.arange(200 * 4 * 5 * 3).reshape(200, 4, 5, 3)
    mirrored = one_view({"pixels": pixels}, mirror_seed=[0, 0])["pixels"]
    turned = [bool((m == p.flip(1)).all()) for m, p in zip(mirrored, pixels, strict=True)]
    kept = [bool((m == p).all()) for m, p in zip(mirrored, pixels, strict=True)]
    assert sum(turned) + sum(kept) == 200
    assert 70 < sum(turned) < 130


def averaging(net: JointNet, decay: float) -> JointTraining:
    return JointTraining(net, LossConfig(), TrainConfig(ema_decay=decay), variance=1.0)


def biases_kept(module: JointTraining, values: list[float]) -> torch.Tensor:
    """The bias of a head that is kept after steps that gave it these values."""
    for value in values:
        torch.nn.init.constant_(module.net.heads["emotion"].bias, value)
        module.on_train_batch_end(None, {}, 0)
    return module.kept_net.heads["emotion"].bias


def test_the_kept_weights_are_the_moving_average_of_those_after_each_step(net: JointNet):
    kept = biases_kept(averaging(net, 0.8), [1.0, 2.0, 5.0])
    assert kept.tolist() == pytest.approx([0.8 * (0.8 * 1 + 0.2 * 2) + 0.2 * 5] * 8)


def test_without_decay_the_latest_weights_are_kept(net: JointNet):
    assert biases_kept(averaging(net, 0.0), [1.0, 2.0, 5.0]).tolist() == [5.0] * 8


def test_the_average_is_no_part_of_what_is_optimised(net: JointNet):
    module = averaging(net, 0.8)
    optimised = {id(p) for group in param_groups(module.net, CONFIG) for p in group["params"]}
    assert not optimised & {id(p) for p in module.kept_net.parameters()}


def outputs(**changes: np.ndarray) -> dict[str, np.ndarray]:
    """Three photos: their scores in the right order, two of three emotions right."""
    eye = np.eye(8) * 9
    return {
        "aesthetic": np.array([[9.0, 0, 0, 0], [0, 9, 0, 0], [0, 0, 9, 0]]),
        "emotion": eye[[0, 1, 2]],
        "mean": np.array([2.0, 5.0, 8.0]),
        "shares": np.full((3, 4), np.nan),
        "label": np.array([0, 1, 7]),
        **changes,
    }


def test_the_choosing_figure_is_the_mean_of_rank_correlation_and_emotion_accuracy():
    figures = validation_figures(outputs())
    assert figures["srcc"] == pytest.approx(1)
    assert figures["emotion_accuracy"] == pytest.approx(2 / 3)
    assert figures["score"] == pytest.approx((1 + 2 / 3) / 2)


def test_a_task_without_labels_has_no_figure_and_no_part_in_the_choice():
    figures = validation_figures(outputs(label=np.array([-1, -1, -1])))
    assert "emotion_accuracy" not in figures
    assert figures["score"] == pytest.approx(1)


def test_a_network_that_gives_every_photo_one_score_is_not_chosen_for_an_undefined_figure():
    figures = validation_figures(outputs(aesthetic=np.zeros((3, 4))))
    assert np.isnan(figures["srcc"])
    assert figures["score"] == pytest.approx((0 + 2 / 3) / 2)


def test_perfect_shares_have_distance_zero():
    shares = np.array([[0.1, 0.2, 0.3, 0.4]] * 3)
    figures = validation_figures(outputs(aesthetic=np.log(shares), shares=shares))
    assert figures["emd"] == pytest.approx(0, abs=1e-6)
    assert figures["std_mae"] == pytest.approx(0, abs=1e-6)
