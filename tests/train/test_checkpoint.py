"""A model on disk: it comes back as it was, carries no code, and is refused when it is not ours."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from full_disk import full_disk
from toys import BACKBONE

from iae.config import ModelConfig
from iae.errors import CheckpointError, OutputError
from iae.images.preprocess import PreprocessSpec
from iae.metrics import Calibration
from iae.nn.backbone import build_backbone
from iae.nn.branches import BranchedNet
from iae.nn.build import build_network
from iae.nn.joint import JointNet
from iae.train.checkpoint import ModelRecord, load_model, network_settings, save_model
from iae.train.keep import WholeCheckpoints

RECORD = ModelRecord(
    backbone=BACKBONE,
    preprocess=PreprocessSpec(size=64, aspect="crop", mean=(0.1, 0.2, 0.3)),
    calibration=Calibration(emotion_temperature=1.3, high_sigma=0.7),
    experiment={"train": {"epochs": 2}},
    data={"toys": {"train": 3}},
    metrics={"srcc": 0.5},
    licence="research only",
    version="0.0",
)


@pytest.fixture
def net() -> JointNet:
    return JointNet(build_backbone(BACKBONE), RECORD.preprocess)


@pytest.fixture
def saved(net: JointNet, tmp_path: Path) -> Path:
    save_model(tmp_path / "model", net, RECORD)
    return tmp_path / "model"


def rewrite_card(folder: Path, **changes: object) -> None:
    card = json.loads((folder / "model.json").read_text("utf-8"))
    (folder / "model.json").write_text(json.dumps({**card, **changes}), "utf-8")


def test_weights_come_back_bit_for_bit(net: JointNet, saved: Path):
    loaded, _ = load_model(saved)
    state = loaded.state_dict()
    assert list(state) == list(net.state_dict())
    assert all(state[name].equal(value) for name, value in net.state_dict().items())


def test_the_record_comes_back_equal(saved: Path):
    assert load_model(saved)[1] == RECORD


def test_an_undefined_figure_is_null_in_the_file_and_nan_when_read(net: JointNet, tmp_path: Path):
    save_model(tmp_path, net, replace(RECORD, metrics={"srcc": math.nan, "plcc": 0.5}))

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    card = json.loads((tmp_path / "model.json").read_text("utf-8"), parse_constant=refuse)
    assert card["metrics"] == {"srcc": None, "plcc": 0.5}
    metrics = load_model(tmp_path)[1].metrics
    assert math.isnan(metrics["srcc"])
    assert metrics["plcc"] == 0.5


def test_a_loaded_model_is_ready_to_predict(saved: Path):
    assert not any(module.training for module in load_model(saved)[0].modules())


def test_weights_in_the_layout_of_training_come_back_too(net: JointNet, tmp_path: Path):
    save_model(tmp_path, net.to(memory_format=torch.channels_last), RECORD)
    state = load_model(tmp_path)[0].state_dict()
    assert all(state[name].equal(value) for name, value in net.state_dict().items())


def test_the_weights_file_stands_for_its_folder(saved: Path):
    assert load_model(saved / "model.safetensors")[1] == RECORD


def test_a_folder_without_a_model_is_refused(tmp_path: Path):
    with pytest.raises(CheckpointError, match=r"is no model folder: it has no model\.json"):
        load_model(tmp_path)


def test_a_model_of_another_kind_is_refused_and_both_kinds_named(saved: Path):
    rewrite_card(saved, kind="iae.pair")
    with pytest.raises(CheckpointError, match=r"of kind 'iae\.pair', wanted 'iae\.joint'"):
        load_model(saved)


def test_a_later_format_is_refused(saved: Path):
    rewrite_card(saved, format=99)
    with pytest.raises(CheckpointError, match="has format 99, this version reads 1 and 2"):
        load_model(saved)


def test_a_model_for_other_labels_is_refused_and_both_named(saved: Path):
    rewrite_card(saved, labels={"emotion": ["joy"]})
    with pytest.raises(CheckpointError, match="made for the labels .*joy.*, this .*awe"):
        load_model(saved)


def test_a_damaged_description_is_refused(saved: Path):
    (saved / "model.json").write_text('{"kind": ', "utf-8")
    with pytest.raises(CheckpointError, match=r"cannot read .*model\.json: "):
        load_model(saved)


def test_a_description_that_lacks_something_is_refused(saved: Path):
    card = json.loads((saved / "model.json").read_text("utf-8"))
    del card["preprocess"]
    (saved / "model.json").write_text(json.dumps(card), "utf-8")
    with pytest.raises(CheckpointError, match=r"model\.json is damaged: 'preprocess'"):
        load_model(saved)


@pytest.mark.parametrize("damage", ["cut short", "missing", "pickle"])
def test_weights_that_are_damaged_or_could_carry_code_are_refused(
    saved: Path, net: JointNet, damage: str
):
    weights = saved / "model.safetensors"
    if damage == "cut short":
        weights.write_bytes(weights.read_bytes()[:-100])
    elif damage == "missing":
        weights.unlink()
    else:
        torch.save(net.state_dict(), weights)
    with pytest.raises(CheckpointError, match=r"cannot read .*model\.safetensors: "):
        load_model(saved)


def branched(**options: object) -> tuple[BranchedNet, ModelRecord]:
    model = ModelConfig(backbone=BACKBONE, sharing="afa", trunk_stages=3, **options)  # type: ignore[arg-type]
    net = build_network(build_backbone(BACKBONE), RECORD.preprocess, model)
    assert isinstance(net, BranchedNet)
    return net, replace(RECORD, network=network_settings(model))


def test_a_network_with_branches_comes_back_as_it_was(tmp_path: Path):
    net, record = branched(fuse_after=(4, 5), stop_gradient_from=("emotion",))
    save_model(tmp_path, net, record)
    loaded, found = load_model(tmp_path)
    assert isinstance(loaded, BranchedNet)
    assert (loaded.sharing, loaded.trunk_stages, loaded.fuse_after) == ("afa", 3, (4, 5))
    assert found == record
    pixels = torch.randint(0, 256, (2, 64, 64, 3), dtype=torch.uint8)
    with torch.inference_mode():
        for task, logits in net.eval()(pixels).items():
            assert logits.equal(loaded(pixels)[task])


def test_a_model_of_the_first_format_is_read(saved: Path):
    card = json.loads((saved / "model.json").read_text("utf-8"))
    del card["network"]
    (saved / "model.json").write_text(json.dumps({**card, "format": 1}), "utf-8")
    net, record = load_model(saved)
    assert isinstance(net, JointNet)
    assert record == RECORD


def test_a_network_that_its_description_cannot_make_is_refused(tmp_path: Path):
    save_model(tmp_path, *branched())
    rewrite_card(tmp_path, network={"sharing": "afa", "trunk_stages": 9})
    with pytest.raises(CheckpointError, match="does not hold a test_efficientnet: trunk_stages"):
        load_model(tmp_path)
    rewrite_card(tmp_path, network={"shared": True})
    with pytest.raises(CheckpointError, match="unknown setting 'shared'"):
        load_model(tmp_path)


def test_a_full_disk_is_said_and_leaves_the_model_that_was_there(net: JointNet, saved: Path):
    before = load_model(saved)[0].state_dict()
    torch.nn.init.zeros_(net.heads["emotion"].weight)
    with (
        full_disk(),
        pytest.raises(OutputError, match=r"model\.safetensors: .*too large"),
    ):
        save_model(saved, net, replace(RECORD, licence="another"))
    loaded, record = load_model(saved)
    assert record == RECORD
    assert all(value.equal(before[name]) for name, value in loaded.state_dict().items())
    assert sorted(path.name for path in saved.iterdir()) == ["model.json", "model.safetensors"]


def test_a_full_disk_leaves_the_state_to_resume_from(tmp_path: Path):
    path = tmp_path / "resume.ckpt"
    WholeCheckpoints().save_checkpoint({"epoch": 1}, path)
    with (
        full_disk(),
        pytest.raises(OutputError, match=r"resume\.ckpt: File too large"),
    ):
        WholeCheckpoints().save_checkpoint({"epoch": 2, "state": torch.ones(9999)}, path)
    assert torch.load(path, weights_only=True) == {"epoch": 1}


def test_weights_of_another_network_are_not_loaded_into_this_one(saved: Path):
    rewrite_card(saved, backbone="test_resnet")
    with pytest.raises(CheckpointError, match="does not hold a test_resnet: "):
        load_model(saved)


def test_a_backbone_that_timm_does_not_know_is_named(saved: Path):
    rewrite_card(saved, backbone="no_such_net")
    with pytest.raises(CheckpointError, match="timm has no model 'no_such_net'"):
        load_model(saved)
