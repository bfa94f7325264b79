"""The branched network: one backbone in every way of sharing, and JointNet where it promises it."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from torch import Tensor

from iae.images.preprocess import PreprocessSpec
from iae.labels import EMOTIONS, LEVELS
from iae.nn.backbone import build_backbone
from iae.nn.branches import BranchedNet, parameter_counts
from iae.nn.joint import JointNet, ScoringNet

STAGES = {"test_efficientnet": 5, "test_resnet": 4, "test_convnext": 4, "test_vit": 6,
          "test_vit2": 8, "resnet18": 4, "tf_efficientnet_lite0": 7}  # fmt: skip
"""Networks by name, and the number of their stages."""

SHARING = ("hard", "single", "cross-stitch", "nddr", "afa")
every_network = pytest.mark.parametrize(("name", "stages"), STAGES.items(), ids=STAGES)
small_networks = pytest.mark.parametrize(
    ("name", "stages"), [(name, count) for name, count in STAGES.items() if "test" in name]
)
every_sharing = pytest.mark.parametrize("sharing", SHARING)


def spec_for(name: str) -> PreprocessSpec:
    return PreprocessSpec(size=160 if "vit" in name else 64)


def random_pixels(count: int = 2, size: int = 64) -> Tensor:
    values = np.random.default_rng(0).integers(0, 256, (count, size, size, 3), np.uint8)
    return torch.from_numpy(values)


def joint_net(name: str) -> JointNet:
    torch.manual_seed(0)
    return JointNet(build_backbone(name), spec_for(name)).eval()


def branched(sharing: str, name: str = "test_efficientnet", **options: Any) -> BranchedNet:
    torch.manual_seed(0)
    return BranchedNet(build_backbone(name), spec_for(name), sharing=sharing, **options)


def disturbed(net: BranchedNet) -> BranchedNet:
    """In eval mode, with branches that have moved apart, as they do in training."""
    torch.manual_seed(1)
    with torch.no_grad():
        for weight in net.parameters():
            # Also those that begin all alike, which have no spread of their own.
            weight += (0.3 * weight.std(correction=0) + 0.02) * torch.randn_like(weight)
    return net.eval()


@every_network
@pytest.mark.parametrize("trunk_stages", [0, 2, "all"])
def test_hard_sharing_with_the_same_weights_is_the_joint_net(
    name: str, stages: int, trunk_stages: int | str
):
    joint = joint_net(name)
    net = BranchedNet(
        joint.backbone, joint.spec, trunk_stages=stages if trunk_stages == "all" else trunk_stages
    ).eval()
    net.heads.load_state_dict(joint.heads.state_dict())
    pixels = random_pixels(size=joint.spec.size)
    with torch.inference_mode():
        for task, logits in joint(pixels).items():
            torch.testing.assert_close(net(pixels)[task], logits, rtol=0, atol=1e-6)
        torch.testing.assert_close(net.features(pixels), joint.features(pixels), rtol=0, atol=1e-6)


@small_networks
@every_sharing
def test_every_way_of_sharing_begins_with_the_features_of_the_backbone(
    name: str, stages: int, sharing: str
):
    joint = joint_net(name)
    fuse_after = (stages - 2, stages - 1) if sharing not in ("hard", "single") else ()
    net = BranchedNet(
        joint.backbone, joint.spec, sharing=sharing, trunk_stages=1, fuse_after=fuse_after
    ).eval()
    pixels = random_pixels(size=joint.spec.size)
    with torch.inference_mode():
        features = joint.features(pixels)
        by_task = net.from_trunk(net.trunk(pixels))
    assert sorted(by_task) == ["aesthetic", "emotion"]
    for ours in by_task.values():
        torch.testing.assert_close(ours, features, rtol=1e-4, atol=1e-4 * features.abs().max())


@small_networks
@every_sharing
def test_logits_have_the_shape_of_each_task(name: str, stages: int, sharing: str):
    fuse_after = (stages - 1,) if sharing not in ("hard", "single") else ()
    net = disturbed(branched(sharing, name, trunk_stages=1, fuse_after=fuse_after))
    logits = net(random_pixels(size=net.spec.size))
    assert {task: out.shape for task, out in logits.items()} == {
        "aesthetic": (2, len(LEVELS)), "emotion": (2, len(EMOTIONS))}  # fmt: skip
    assert all(out.isfinite().all() for out in logits.values())


@every_sharing
def test_three_tasks_have_three_heads(sharing: str):
    tasks = {"aesthetic": LEVELS, "emotion": EMOTIONS, "quality": ("quality",)}
    net = branched(sharing, trunk_stages=3, tasks=tasks)
    logits = net(random_pixels())
    assert {task: out.shape[1] for task, out in logits.items()} == {
        "aesthetic": 4, "emotion": 8, "quality": 1}  # fmt: skip


def test_a_single_task_is_a_network_with_one_branch():
    net = branched("single", trunk_stages=2, tasks={"emotion": EMOTIONS})
    assert list(net(random_pixels())) == ["emotion"]
    assert list(net.branches) == ["emotion"]


@every_sharing
@pytest.mark.parametrize("trunk_stages", [0, 3])
def test_the_trunk_and_then_the_rest_is_the_whole(sharing: str, trunk_stages: int):
    net = disturbed(branched(sharing, trunk_stages=trunk_stages))
    with torch.inference_mode():
        maps = net.trunk(random_pixels())
        kept = maps.clone()
        logits = net.classify(net.embedding(net.from_trunk(maps)))
        assert maps.equal(kept)  # branches do not write into what they share
        assert all(out.equal(logits[task]) for task, out in net(random_pixels()).items())


def test_maps_kept_in_half_precision_can_be_gone_on_with():
    net = disturbed(branched("afa", trunk_stages=3))
    maps = net.trunk(random_pixels())
    features, rounded = net.from_trunk(maps), net.from_trunk(maps.half())
    assert rounded["emotion"].dtype == torch.float32
    torch.testing.assert_close(rounded["emotion"], features["emotion"], rtol=0.01, atol=0.01)


@every_sharing
def test_the_order_in_which_tasks_are_listed_changes_nothing(sharing: str):
    forward = {"aesthetic": LEVELS, "emotion": EMOTIONS, "quality": ("quality",)}
    one = disturbed(branched(sharing, trunk_stages=3, tasks=forward))
    other = branched(sharing, trunk_stages=3, tasks=dict(reversed(forward.items()))).eval()
    other.load_state_dict(one.state_dict())
    pixels = random_pixels()
    with torch.inference_mode():
        assert one.features(pixels).equal(other.features(pixels))
        assert all(out.equal(other(pixels)[task]) for task, out in one(pixels).items())


@every_sharing
def test_the_embedding_holds_the_features_of_all_branches(sharing: str):
    net = disturbed(branched(sharing, trunk_stages=3))
    with torch.inference_mode():
        by_task = net.from_trunk(net.trunk(random_pixels()))
        embedding = net.features(random_pixels())
    assert embedding.shape == (2, net.width * (1 if sharing == "hard" else 2))
    assert all(x.equal(by_task[task]) for task, x in net.task_features(embedding).items())


@every_sharing
def test_all_branches_learn_and_a_frozen_trunk_does_not(sharing: str):
    net = disturbed(branched(sharing, trunk_stages=2)).train()
    net.freeze_stages(net.trunk_stages)
    torch.manual_seed(0)
    sum((out * torch.randn_like(out)).sum() for out in net(random_pixels(4)).values()).backward()
    without = {name for name, weight in net.named_parameters()
               if weight.grad is None or not weight.grad.any()}  # fmt: skip
    assert without == {name for name, _ in net.named_parameters() if name.startswith("trunk")}


def test_without_fusion_no_branch_feels_the_other_task():
    assert not branch_gradient(branched("single", trunk_stages=3), of="aesthetic")


@pytest.mark.parametrize("sharing", ["cross-stitch", "nddr", "afa"])
def test_a_stopped_branch_feels_its_own_task_only(sharing: str):
    free = branched(sharing, trunk_stages=3, fuse_after=(4, 5))
    assert branch_gradient(free, of="aesthetic")
    stopped = branched(sharing, trunk_stages=3, fuse_after=(4, 5), stop_gradient_from={"emotion"})
    assert not branch_gradient(stopped, of="aesthetic")
    assert branch_gradient(stopped, of="emotion")


def branch_gradient(net: BranchedNet, *, of: str) -> bool:
    """Whether the stages of the emotion branch feel the loss of a task."""
    disturbed(net)(random_pixels())[of].square().sum().backward()
    gradients = [weight.grad for weight in net.branches["emotion"].stages.parameters()]
    return any(gradient is not None and bool(gradient.any()) for gradient in gradients)


@every_sharing
def test_weights_survive_being_saved(sharing: str, tmp_path: Path):
    saved = disturbed(branched(sharing, trunk_stages=3))
    torch.save(saved.state_dict(), tmp_path / "net.pt")
    loaded = branched(sharing, trunk_stages=3).eval()
    loaded.load_state_dict(torch.load(tmp_path / "net.pt", weights_only=True), strict=True)
    with torch.inference_mode():
        pixels = random_pixels()
        assert all(out.equal(loaded(pixels)[task]) for task, out in saved(pixels).items())


def test_branches_share_no_weight_and_the_backbone_keeps_its_own():
    backbone = build_backbone("test_resnet")
    net = BranchedNet(backbone, spec_for("test_resnet"), sharing="single", trunk_stages=1)
    places = [weight.data_ptr() for module in (net, backbone) for weight in module.parameters()]
    assert len(set(places)) == len(places)


@every_sharing
@pytest.mark.parametrize("mode", ["as made", "after train()"])
def test_training_leaves_all_normalisation_statistics(sharing: str, mode: str):
    net = branched(sharing, trunk_stages=2)
    if mode == "after train()":
        net.eval().train()
    before = {name: value.clone() for name, value in net.named_buffers()}
    net(random_pixels())
    assert net.training
    assert all(value.equal(before[name]) for name, value in net.named_buffers())


def test_dropout_is_on_while_training_and_off_while_scoring():
    net, pixels = branched("single", trunk_stages=4, dropout=0.5), random_pixels()
    assert not net(pixels)["emotion"].equal(net(pixels)["emotion"])
    net.eval()
    assert net(pixels)["emotion"].equal(net(pixels)["emotion"])


def test_nddr_with_its_shortcut_begins_with_the_features_of_the_backbone():
    joint = joint_net("test_resnet")
    net = BranchedNet(joint.backbone, joint.spec, sharing="nddr", trunk_stages=1,
                      fuse_after=(2, 3, 4), nddr_shortcut=True).eval()  # fmt: skip
    with torch.inference_mode():
        features = joint.features(random_pixels())
        for ours in net.from_trunk(net.trunk(random_pixels())).values():
            torch.testing.assert_close(ours, features, rtol=1e-4, atol=1e-4)
        before = disturbed(net).features(random_pixels())
        net.shortcut.reduce["emotion"][0].weight.fill_(1.0)
        assert not net.features(random_pixels()).equal(before)


def test_fusion_stands_after_the_last_stage_unless_told_otherwise():
    assert branched("afa", trunk_stages=2).fuse_after == (5,)
    assert branched("nddr", trunk_stages=2, fuse_after=(4, 3)).fuse_after == (3, 4)
    assert branched("single", trunk_stages=2).fuse_after == ()


@pytest.mark.parametrize("sharing", ["cross-stitch", "nddr", "afa"])
def test_the_more_of_itself_a_task_keeps_the_further_apart_features_stay(sharing: str):
    def gap(self_weight: float) -> float:
        net = branched(sharing, trunk_stages=3, self_weight=self_weight).eval()
        torch.manual_seed(2)
        with torch.no_grad():
            for weight in net.branches["emotion"].parameters():
                weight += 0.3 * weight.std(correction=0) * torch.randn_like(weight)
        features = net.from_trunk(net.trunk(random_pixels()))
        return (features["aesthetic"] - features["emotion"]).norm().item()

    assert gap(0.99) > gap(0.9) > gap(0.6)


def test_numbers_learned_are_counted_by_part():
    joint = joint_net("test_efficientnet")
    hard = parameter_counts(branched("hard", trunk_stages=3))
    afa = parameter_counts(branched("afa", trunk_stages=3))
    assert sum(hard.values()) == sum(p.numel() for p in joint.parameters())
    assert afa == {"trunk": hard["trunk"], "branches": 2 * hard["branches"],
                   "fusions": 4 * 64 * 32 + 4 * 49, "heads": hard["heads"]}  # fmt: skip


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sharing": "soft"}, "sharing is one of hard, single, .*got 'soft'"),
        ({"sharing": "single", "trunk_stages": 6}, r"trunk_stages must lie in 0\.\.5.*got 6"),
        ({"sharing": "hard", "fuse_after": (5,)}, "sharing 'hard' has no fusion; leave out"),
        ({"sharing": "single", "stop_gradient_from": {"emotion"}}, "'single' has no fusion"),
        ({"sharing": "afa", "trunk_stages": 3, "fuse_after": (3,)}, r"stage 3; .*stages 4\.\.5"),
        ({"sharing": "afa", "fuse_after": (6,)}, "fuse_after has stage 6"),
        ({"sharing": "afa", "trunk_stages": 5}, "no stage is left"),
        ({"sharing": "afa", "nddr_shortcut": True}, "goes with sharing 'nddr', not 'afa'"),
        ({"sharing": "nddr", "nddr_shortcut": True}, "two fusions or more, got 1"),
        ({"sharing": "afa", "stop_gradient_from": {"joy"}}, "'joy'; the tasks are aesthetic"),
        ({"sharing": "afa", "tasks": {"emotion": EMOTIONS}}, "two or more different tasks"),
        ({"sharing": "single", "tasks": {}}, "at least one task"),
    ],
)
def test_settings_that_do_not_fit_are_refused(options: dict[str, Any], message: str):
    with pytest.raises(ValueError, match=message):
        branched(**options)


def test_a_fusion_that_a_class_token_would_never_see_is_refused():
    with pytest.raises(ValueError, match=r"class token.*after its last stage \(6\)"):
        branched("afa", "test_vit", trunk_stages=2)
    branched("afa", "test_vit2", trunk_stages=2)  # averages its patches


@pytest.mark.parametrize(
    ("sharing", "name", "fuse_after"),
    [("afa", "test_efficientnet", (4, 5)), ("afa", "test_vit", (5,)),
     ("nddr", "test_resnet", (3, 4)), ("cross-stitch", "test_convnext", (4,))],
)  # fmt: skip
def test_an_exported_network_gives_the_same_numbers(
    sharing: str, name: str, fuse_after: tuple[int, ...], tmp_path: Path
):
    net = disturbed(
        branched(
            sharing,
            name,
            trunk_stages=2,
            fuse_after=fuse_after,
            nddr_shortcut=sharing == "nddr",
        )
    )
    scoring = ScoringNet(net, emotion_temperature=1.5).eval()  # type: ignore[arg-type]
    path, pixels = tmp_path / "net.onnx", random_pixels(3, net.spec.size)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            scoring, (pixels[:2],), input_names=["pixels"], output_names=list(ScoringNet.OUTPUTS),
            dynamic_shapes={"pixels": {0: torch.export.Dim("photos")}},
            opset_version=20, dynamo=True, verbose=False,
        )  # fmt: skip
    program.save(path)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    exported = session.run(list(ScoringNet.OUTPUTS), {"pixels": pixels.numpy()})
    with torch.inference_mode():
        for ours, theirs in zip(scoring(pixels), exported, strict=True):
            scale = ours.abs().max().item()
            np.testing.assert_allclose(theirs, ours.numpy(), rtol=1e-3, atol=1e-5 * max(1, scale))
