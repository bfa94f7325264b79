"""A model file in ONNX Runtime: what it says of itself, what is refused, and equal scores."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from iae.errors import CheckpointError
from iae.images.preprocess import PreprocessSpec
from iae.scoring.session import BATCH, ModelSession

Rewrite = Callable[..., Path]


@pytest.fixture(scope="module")
def session(toy_onnx: Path) -> ModelSession:
    return ModelSession(toy_onnx)


def pixels(count: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, 64, 64, 3), np.uint8)


@pytest.fixture
def rewritten(toy_onnx: Path, tmp_path: Path) -> Rewrite:
    """The toy model with parts of its description changed, or all of it replaced by a text."""

    def rewrite(text: str | None = None, **changes: object) -> Path:
        model = onnx.load(toy_onnx)
        card = {**json.loads(model.metadata_props[0].value), **changes}
        known = {name: value for name, value in card.items() if value is not None}
        helper.set_model_props(model, {"iae": json.dumps(known) if text is None else text})
        onnx.save(model, tmp_path / "changed.onnx")
        return tmp_path / "changed.onnx"

    return rewrite


def test_a_model_says_what_it_is_made_for(session: ModelSession):
    assert session.info.preprocess.size == 64
    assert isinstance(session.info.preprocess, PreprocessSpec)
    assert session.info.licence == "research only: toy photos"
    assert session.info.backbone == "test_efficientnet"


@pytest.mark.parametrize("count", [0, 1, BATCH, BATCH + 1])
def test_any_number_of_photos_can_be_predicted(session: ModelSession, count: int):
    prediction = session.predict(pixels(count))
    assert prediction.level_probs.shape == (count, 4)
    assert prediction.emotion_probs.shape == (count, 8)
    assert prediction.embedding.shape == (count, 256)


def test_a_photo_has_the_same_outputs_alone_and_in_company(session: ModelSession):
    photos = pixels(2 * BATCH + 3)
    together = session.predict(photos)
    for i in (0, BATCH - 1, BATCH, 2 * BATCH + 2):
        alone = session.predict(photos[i : i + 1])
        np.testing.assert_array_equal(alone.level_probs[0], together.level_probs[i])
        np.testing.assert_array_equal(alone.emotion_probs[0], together.emotion_probs[i])
        np.testing.assert_array_equal(alone.embedding[0], together.embedding[i])


def test_the_network_is_always_given_one_number_of_photos(
    toy_onnx: Path, monkeypatch: pytest.MonkeyPatch
):
    # With other numbers it may sum in another order, and a score would depend on its company.
    session = ModelSession(toy_onnx)
    network, given = session._session, []

    class Witness:
        def run(self, outputs: list[str], inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
            given.append(len(inputs["pixels"]))
            return network.run(outputs, inputs)

    monkeypatch.setattr(session, "_session", Witness())
    session.predict(pixels(1))
    session.predict(pixels(BATCH + 3))
    assert given == [BATCH] * 3


@pytest.mark.parametrize(
    "wrong", [pixels(1)[:, :32], pixels(1)[..., :1], pixels(1).astype(np.float32)]
)
def test_pixels_of_another_shape_or_type_are_refused(session: ModelSession, wrong: np.ndarray):
    with pytest.raises(ValueError, match=r"wanted \(N, 64, 64, 3\) uint8, got "):
        session.predict(wrong)


def test_a_missing_file_is_named_with_how_to_get_one(tmp_path: Path):
    with pytest.raises(CheckpointError, match="no model file .*gone.onnx; wanted .* 'iae export'"):
        ModelSession(tmp_path / "gone.onnx")


@pytest.mark.parametrize("content", [b"", b"this is no model", b"\x08\x0a" * 100])
def test_a_file_that_is_no_onnx_model_is_refused(tmp_path: Path, content: bytes):
    (tmp_path / "a.onnx").write_bytes(content)
    with pytest.raises(CheckpointError, match=r"a\.onnx is "):
        ModelSession(tmp_path / "a.onnx")


def test_a_model_that_is_cut_short_is_refused(toy_onnx: Path, tmp_path: Path):
    (tmp_path / "a.onnx").write_bytes(toy_onnx.read_bytes()[:20_000])
    with pytest.raises(CheckpointError, match=r"a\.onnx is no readable ONNX model: "):
        ModelSession(tmp_path / "a.onnx")


def test_an_onnx_model_from_elsewhere_is_refused(tmp_path: Path):
    shape = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    result = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", [shape], [result])
    opset = [helper.make_opsetid("", 20)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=10), tmp_path / "a.onnx")
    with pytest.raises(CheckpointError, match="is an ONNX model, but not one written by 'iae expo"):
        ModelSession(tmp_path / "a.onnx")


def test_a_model_of_another_kind_is_refused_and_both_kinds_named(rewritten: Rewrite):
    with pytest.raises(CheckpointError, match=r"of kind iae\.pair format 1, wanted iae\.scorer "):
        ModelSession(rewritten(kind="iae.pair"))


def test_a_later_format_is_refused(rewritten: Rewrite):
    with pytest.raises(CheckpointError, match=r"format 2, wanted iae\.scorer format 1"):
        ModelSession(rewritten(format=2))


def test_a_model_for_other_labels_is_refused_and_both_named(rewritten: Rewrite):
    with pytest.raises(CheckpointError, match=r"made for the labels .*joy.*, this .*awe"):
        ModelSession(rewritten(labels={"emotion": ["joy"]}))


@pytest.mark.parametrize("text", ["{", "[]", '{"kind": "iae.scorer"'])
def test_a_description_that_is_damaged_is_refused(rewritten: Rewrite, text: str):
    with pytest.raises(CheckpointError, match=r"changed\.onnx says damaged things about itself"):
        ModelSession(rewritten(text))


@pytest.mark.parametrize("field", ["preprocess", "calibration", "licence"])
def test_a_description_that_lacks_something_is_refused(rewritten: Rewrite, field: str):
    with pytest.raises(CheckpointError, match=f"damaged things about itself: KeyError.*{field}"):
        ModelSession(rewritten(**{field: None}))


def test_a_model_without_one_of_the_outputs_is_refused(toy_onnx: Path, tmp_path: Path):
    model = onnx.load(toy_onnx)
    del model.graph.output[2]
    onnx.save(model, tmp_path / "a.onnx")
    with pytest.raises(CheckpointError, match="lacks the output 'embedding'; it has "):
        ModelSession(tmp_path / "a.onnx")
