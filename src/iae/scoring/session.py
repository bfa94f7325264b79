"""An exported model in ONNX Runtime: what it is made for, and pixels in, probabilities out."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from iae.config import SCORED_TASKS, LossConfig, from_mapping
from iae.errors import CheckpointError, ConfigError
from iae.images.preprocess import Pixels, PreprocessSpec
from iae.labels import EMOTIONS, LEVELS
from iae.metrics import Calibration

METADATA_KEY = "iae"
KIND = "iae.scorer"
FORMAT = 1
OUTPUTS = ("level_probs", "emotion_probs", "embedding")
LABELS = {"aesthetic": list(LEVELS), "emotion": list(EMOTIONS)}

BATCH = 16
"""Photos an inference call, always: a short batch is padded, so that a photo's scores do not
depend, to the last bit, on how many others were scored with it."""

DEFAULT_MODEL = Path(__file__).parent.parent / "weights" / "default.onnx"
"""The model that comes with the package."""


@dataclass(frozen=True, kw_only=True)
class ModelInfo:
    """What an exported model says about itself."""

    preprocess: PreprocessSpec
    calibration: Calibration
    """Fitted on validation; the emotion temperature is applied inside the model."""
    licence: str
    precision: str
    """``float``, ``half`` (stored, computed in float) or ``int8``."""
    backbone: str
    metrics: Mapping[str, float]
    """Validation figures of the checkpoint it was exported from."""
    data: Mapping[str, Any]
    """Photos of each training source, by split."""
    experiment: Mapping[str, Any]
    """Settings of the training run, among them sources and split."""
    version: str

    @property
    def tasks(self) -> tuple[str, ...]:
        """What it was trained for, of ``SCORED_TASKS``; of the other its outputs are constants."""
        try:
            trained = from_mapping(LossConfig, self.experiment.get("loss", {})).tasks()
        except ConfigError:  # settings of another version, which say it in other words
            return SCORED_TASKS
        return tuple(task for task in SCORED_TASKS if task in trained)


@dataclass(frozen=True)
class Prediction:
    """What the network says about N photos."""

    level_probs: NDArray[np.float32]
    """(N, 4) shares of raters per level, worst first."""
    emotion_probs: NDArray[np.float32]
    """(N, 8)."""
    embedding: NDArray[np.float32]
    """(N, D) pooled features."""


class ModelSession:
    """An exported model, ready to predict."""

    def __init__(self, path: Path = DEFAULT_MODEL, *, threads: int = 0) -> None:
        """Load a model file.

        Args:
            path: an ``.onnx`` file written by ``iae export``.
            threads: of one inference call; 0 takes every core.

        Raises:
            CheckpointError: the file is missing or damaged, or is no model of this kind.
        """
        if not os.path.isfile(path):  # noqa: PTH113  # Path.is_file raises where nobody may look
            raise CheckpointError(f"there is no model file {path}; wanted an .onnx file "
                                  "written by 'iae export'")  # fmt: skip
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        # Threads that wait for work would turn in circles on the cores that decode: with them a
        # folder of 1080×800 took 28 ms a photo on 2 busy cores, without 19. No number changes.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            self._session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except Exception as error:
            reason = " ".join(str(error).split())[:200]
            raise CheckpointError(f"{path} is no readable ONNX model: {reason}") from None
        self.info = _read_info(self._session.get_modelmeta().custom_metadata_map, path)
        names = [output.name for output in self._session.get_outputs()]
        if missing := [name for name in OUTPUTS if name not in names]:
            raise CheckpointError(f"{path} lacks the output '{missing[0]}'; it has {names}")

    def predict(self, pixels: Pixels) -> Prediction:
        """Predict for N prepared photos; (N, size, size, 3) uint8, any N.

        Raises:
            ValueError: the pixels have another shape or type.
        """
        size = self.info.preprocess.size
        if pixels.shape[1:] != (size, size, 3) or pixels.dtype != np.uint8:
            raise ValueError(f"wanted (N, {size}, {size}, 3) uint8, got {pixels.shape} "
                             f"{pixels.dtype}")  # fmt: skip
        parts = [self._predict_padded(pixels[i : i + BATCH]) for i in range(0, len(pixels), BATCH)]
        if not parts:
            parts = [[output[:0] for output in self._predict_padded(pixels)]]
        return Prediction(*(np.concatenate(outputs) for outputs in zip(*parts, strict=True)))

    def _predict_padded(self, pixels: Pixels) -> list[NDArray[np.float32]]:
        padded = np.zeros((BATCH, *pixels.shape[1:]), np.uint8)
        padded[: len(pixels)] = pixels
        outputs = self._session.run(list(OUTPUTS), {"pixels": padded})
        return [output[: len(pixels)] for output in outputs]


def _read_info(metadata: Mapping[str, str], path: Path) -> ModelInfo:
    if METADATA_KEY not in metadata:
        raise CheckpointError(f"{path} is an ONNX model, but not one written by 'iae export'")
    try:
        return _parse_card(json.loads(metadata[METADATA_KEY]), path)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise CheckpointError(f"{path} says damaged things about itself: {error!r}") from None


def _parse_card(card: Mapping[str, Any], path: Path) -> ModelInfo:
    found = (card.get("kind"), card.get("format"))
    if found != (KIND, FORMAT):
        raise CheckpointError(f"{path} is of kind {found[0]} format {found[1]}, "
                              f"wanted {KIND} format {FORMAT}")  # fmt: skip
    if card.get("labels") != LABELS:
        raise CheckpointError(f"{path} was made for the labels {card.get('labels')}, "
                              f"this version has {LABELS}")  # fmt: skip
    fields = {name: card[name] for name in ModelInfo.__dataclass_fields__}
    fields["preprocess"] = PreprocessSpec.from_dict(card["preprocess"])
    fields["calibration"] = Calibration(**card["calibration"])
    fields["metrics"] = {name: float("nan") if value is None else value
                         for name, value in card["metrics"].items()}  # fmt: skip
    return ModelInfo(**fields)
