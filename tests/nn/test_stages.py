"""Networks of every family taken apart: the parts are the network, and no family is guessed."""

import pytest
import torch
from torch import Tensor

from iae.nn.backbone import build_backbone, freeze_stages
from iae.nn.stages import maps_to_tokens, take_apart, tokens_to_maps

SIZES = {"test_efficientnet": 64, "test_resnet": 64, "test_convnext": 64, "test_vit": 160,
         "test_vit2": 160, "resnet18": 64, "tf_efficientnet_lite0": 64}  # fmt: skip
"""Networks by name, and a side of pixels they take."""

every_network = pytest.mark.parametrize(("name", "size"), SIZES.items(), ids=SIZES)


def random_input(size: int) -> Tensor:
    return torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(0))


@every_network
def test_the_parts_one_after_the_other_are_the_network(name: str, size: int):
    torch.manual_seed(0)
    backbone = build_backbone(name).eval()
    parts, x = take_apart(backbone), random_input(size)
    with torch.inference_mode():
        whole = backbone(x)
        for part in (*parts.stages, parts.tail):
            x = part(x)
    assert x.equal(whole)


def test_an_inception_is_its_parts_too():
    torch.manual_seed(0)
    backbone = build_backbone("inception_v3").eval()
    parts, x = take_apart(backbone), random_input(96)
    with torch.inference_mode():
        whole = backbone(x)
        for part in (*parts.stages, parts.tail):
            x = part(x)
    assert len(parts.stages) == 12
    assert x.equal(whole)


@every_network
def test_a_stage_is_what_freezing_stages_counts_as_one(name: str, size: int):
    for count in (1, len(take_apart(build_backbone(name)).stages) - 1):
        backbone = build_backbone(name)
        freeze_stages(backbone, count)
        frozen = [p for p in backbone.parameters() if not p.requires_grad]
        first = take_apart(backbone).stages[:count]
        copied = [p for stage in first for p in stage.parameters()]
        assert sorted(p.numel() for p in copied) == sorted(p.numel() for p in frozen)
        assert not any(p.requires_grad for p in copied)


@every_network
def test_widths_are_those_timm_names_where_it_names_them(name: str, size: int):
    backbone = build_backbone(name)
    parts = take_apart(backbone)
    *widths, pooled = parts.widths(size)
    assert pooled == backbone.num_features
    last_of = {"blocks": 0, "stages": 0, "layer": -1}  # what a stage's number begins at, less 1
    known = 0
    for feature in backbone.feature_info:
        for prefix, offset in last_of.items():
            number = feature["module"].removeprefix(prefix).lstrip(".")
            if number.isdigit():
                assert widths[int(number) + offset] == feature["num_chs"]
                known += 1
    assert known >= 4


def test_measuring_widths_changes_nothing():
    backbone = build_backbone("test_efficientnet").train()
    parts = take_apart(backbone)
    before = {name: x.clone() for name, x in parts.stages[0].state_dict().items()}
    parts.widths(64)
    assert all(x.equal(before[name]) for name, x in parts.stages[0].state_dict().items())
    assert all(module.training for stage in parts.stages for module in stage.modules())


@every_network
def test_the_network_that_is_taken_apart_stays_whole(name: str, size: int):
    backbone = build_backbone(name).eval()
    before, x = backbone.state_dict(), random_input(size)
    with torch.inference_mode():
        whole = backbone(x)
        for part in take_apart(backbone).stages:
            for weight in part.parameters():
                weight.zero_()
        assert backbone(x).equal(whole)
    assert backbone.state_dict().keys() == before.keys()


def test_a_network_of_another_family_is_refused_with_those_that_can():
    with pytest.raises(ValueError, match="a ByobNet cannot be taken apart.*ResNet, EfficientNet,"):
        take_apart(build_backbone("test_byobnet"))


def test_tokens_become_a_map_row_by_row_and_tokens_again():
    tokens = torch.arange(2 * 7 * 3).view(2, 7, 3)  # a class token, two registers, 2 × 2 patches
    prefix, maps = tokens_to_maps(tokens, 3)
    assert prefix.equal(tokens[:, :3])
    assert maps[0, :, 0, 1].equal(tokens[0, 4])
    assert maps[1, :, 1, 0].equal(tokens[1, 5])
    assert maps_to_tokens(prefix, maps).equal(tokens)


def test_patches_that_form_no_square_are_refused():
    with pytest.raises(ValueError, match="6 patches form no square map"):
        tokens_to_maps(torch.zeros(1, 7, 3), 1)
