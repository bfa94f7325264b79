"""The joint network: what goes in is normalised, what comes out is named, what is kept is kept."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from toys import BACKBONE

from iae.images.preprocess import PreprocessSpec
from iae.labels import EMOTIONS, LEVELS
from iae.nn.backbone import build_backbone, freeze_stages
from iae.nn.joint import JointNet, ScoringNet, expected_score
from iae.scoring.session import OUTPUTS


class Witness(nn.Module):
    """A backbone that keeps what it was shown."""

    num_features = 3

    def forward(self, x: Tensor) -> Tensor:
        self.seen = x
        return x.mean((2, 3))


def random_pixels(count: int, size: int = 64) -> Tensor:
    values = np.random.default_rng(0).integers(0, 256, (count, size, size, 3), np.uint8)
    return torch.from_numpy(values)


def small_net(dropout: float = 0.0) -> JointNet:
    torch.manual_seed(0)
    return JointNet(build_backbone(BACKBONE), PreprocessSpec(size=64), dropout=dropout)


def step(net: JointNet) -> None:
    """One step of plain gradient descent on some loss."""
    optimizer = torch.optim.SGD([p for p in net.parameters() if p.requires_grad], lr=1.0)
    logits = net(random_pixels(4))
    sum(out.square().sum() for out in logits.values()).backward()
    optimizer.step()


def test_the_backbone_sees_pixels_minus_mean_over_standard_deviation():
    spec = PreprocessSpec(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))
    witness, pixels = Witness(), random_pixels(2, 32)
    JointNet(witness, spec)(pixels)
    by_hand = (pixels.numpy() / 255 - np.array(spec.mean)) / np.array(spec.std)
    np.testing.assert_allclose(witness.seen.permute(0, 2, 3, 1).numpy(), by_hand, atol=1e-5)


def test_every_task_has_a_logit_for_each_of_its_classes():
    logits = small_net()(random_pixels(2))
    assert {task: out.shape for task, out in logits.items()} == {
        "aesthetic": (2, len(LEVELS)), "emotion": (2, len(EMOTIONS))}  # fmt: skip


def test_the_normalisation_is_not_among_the_weights():
    assert not {"scale", "shift"} & set(small_net().state_dict())


@pytest.mark.parametrize("mode", ["as made", "after train()"])
def test_training_leaves_normalisation_statistics_and_learns_its_scale_and_shift(mode: str):
    net = small_net()
    if mode == "after train()":
        net.eval()
        net.train()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    step(net)
    changed = {name for name, value in net.state_dict().items() if not value.equal(before[name])}
    assert not [name for name in changed if "running" in name or "num_batches" in name]
    assert {"backbone.bn1.weight", "backbone.bn1.bias"} <= changed


def test_dropout_is_on_while_training_and_off_while_scoring():
    net = small_net(dropout=0.5)
    pixels = random_pixels(2)
    assert not net(pixels)["emotion"].equal(net(pixels)["emotion"])
    net.eval()
    assert net(pixels)["emotion"].equal(net(pixels)["emotion"])


def test_frozen_stages_do_not_change_and_the_rest_does():
    net = small_net()
    freeze_stages(net.backbone, 2)
    before = {name: value.detach().clone() for name, value in net.named_parameters()}
    step(net)
    kept = {name for name, value in net.named_parameters() if value.equal(before[name])}
    stages = ("backbone.conv_stem", "backbone.bn1", "backbone.blocks.0", "backbone.blocks.1")
    assert kept == {name for name in before if name.startswith(stages)}


def test_freezing_no_stage_freezes_nothing_not_even_the_stem():
    net = small_net()
    freeze_stages(net.backbone, 0)
    assert all(parameter.requires_grad for parameter in net.parameters())


def test_an_unknown_backbone_is_refused_with_similar_names():
    with pytest.raises(ValueError, match="timm has no model 'resnet51'; similar: .*resnet"):
        build_backbone("resnet51")


def test_the_expected_score_of_a_certain_level_is_what_the_level_counts():
    certain = 100 * torch.eye(4)
    assert expected_score(certain).tolist() == pytest.approx([1, 4, 7, 10])


def test_exported_outputs_have_the_names_that_scoring_reads():
    assert ScoringNet.OUTPUTS == OUTPUTS


def test_scoring_gives_probabilities_and_the_pooled_features():
    net, pixels = small_net().eval(), random_pixels(3)
    with torch.inference_mode():
        levels, emotions, embedding = ScoringNet(net).eval()(pixels)
        features = net.features(pixels)
    assert levels.sum(dim=1).tolist() == pytest.approx([1, 1, 1], abs=1e-6)
    assert emotions.sum(dim=1).tolist() == pytest.approx([1, 1, 1], abs=1e-6)
    assert embedding.equal(features)


def test_the_temperature_divides_the_emotion_logits_and_leaves_the_levels():
    net, pixels = small_net().eval(), random_pixels(3)
    with torch.inference_mode():
        logits = net(pixels)
        levels, emotions, _ = ScoringNet(net, emotion_temperature=2.0).eval()(pixels)
    torch.testing.assert_close(emotions, (logits["emotion"] / 2).softmax(dim=1))
    torch.testing.assert_close(levels, logits["aesthetic"].softmax(dim=1))
