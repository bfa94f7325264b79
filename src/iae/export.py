"""A checkpoint becomes ONNX files, each compared with the checkpoint before it is kept.

Three precisions of one network: ``float``; ``half`` (weights stored in 16 bits, computed in
float); ``int8`` (weights and activations, calibrated on training photos only). Every file carries
its labels, preprocessing, calibration, data, licence and figures in its metadata.
"""

import json
import logging
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

from iae.data.records import ImageRecord
from iae.errors import DataError, ImageError
from iae.evaluate.model import Model, Predictions, open_model, predict_records, select_records
from iae.files import written_whole
from iae.images.preprocess import Pixels, load_pixels
from iae.labels import EMOTIONS
from iae.metrics import accuracy, level_mean, srcc
from iae.metrics.json_ready import json_ready
from iae.nn.joint import ScoringNet
from iae.scoring.session import BATCH, FORMAT, KIND, LABELS, METADATA_KEY
from iae.train.checkpoint import ModelRecord, load_model

MAX_SRCC_LOSS = 0.01
MAX_ACCURACY_LOSS = 0.01

_OPSET = 20
_HALF_MIN_SIZE = 256
"""Weights with fewer numbers (biases) stay in float: they weigh nothing and matter."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Exported:
    """One precision: its file and how it compares with the checkpoint on the same photos."""

    precision: str
    path: Path
    megabytes: float
    srcc: float
    srcc_loss: float
    """Checkpoint's SRCC minus this file's; NaN without rated photos."""
    emotion_accuracy: float
    accuracy_loss: float
    """Checkpoint's emotion accuracy minus this file's; NaN without labelled photos."""
    mean_score_change: float
    """Mean absolute change of the score, on the ten-point scale."""
    top_emotion_change: float
    """Share of photos whose top emotion changed."""

    @property
    def refused(self) -> str:
        """Why the file is not kept; empty when it is."""
        if self.srcc_loss > MAX_SRCC_LOSS:
            return f"loses {self.srcc_loss:.3f} SRCC, {MAX_SRCC_LOSS} is allowed"
        if self.accuracy_loss > MAX_ACCURACY_LOSS:
            return f"loses {self.accuracy_loss:.1%} accuracy, {MAX_ACCURACY_LOSS:.0%} is allowed"
        return ""


def export_model(
    checkpoint: Path,
    out: Path,
    roots: Mapping[str, Path],
    *,
    calibration_photos: int = 512,
    progress: Progress = lambda what, done, total: None,
) -> list[Exported]:
    """Write ``float.onnx``, ``half.onnx`` and ``int8.onnx`` into ``out``, and compare them.

    Args:
        checkpoint: folder of a trained model.
        out: folder for the files. One that loses too much is not left there.
        roots: data folders by source name: int8 is calibrated on photos of their train split, and
            all files are compared on their val split.
        calibration_photos: photos that int8 ranges are measured on.
        progress: called with (what, done, total).

    Returns:
        One entry a precision, the refused ones too.

    Raises:
        IaeError: the checkpoint or the data is wrong, or a file cannot be written.
    """
    net, record = load_model(checkpoint)
    scoring = ScoringNet(net, emotion_temperature=record.calibration.emotion_temperature).eval()
    reference_model = open_model(checkpoint)
    compared_on = select_records(reference_model, roots, "val")
    reference = predict_records(
        reference_model, compared_on,
        progress=partial(progress, "checkpoint"),
    )  # fmt: skip
    calibration = _calibration_pixels(reference_model, roots, calibration_photos)

    float_model = to_onnx(scoring, record)
    builders: dict[str, Callable[[], onnx.ModelProto]] = {
        "float": lambda: float_model,
        "half": lambda: to_half_storage(float_model),
        "int8": lambda: to_int8(float_model, calibration),
    }
    exported = []
    for precision, build in builders.items():
        model = with_metadata(build(), record, precision).SerializeToString()
        with tempfile.TemporaryDirectory() as folder:
            candidate = Path(folder) / "candidate.onnx"
            candidate.write_bytes(model)
            predictions = predict_records(
                open_model(candidate), compared_on, progress=partial(progress, precision)
            )
        path = out / f"{precision}.onnx"
        entry = _compare(precision, path, len(model), reference, predictions)
        if not entry.refused:
            with written_whole(path) as part:
                part.write_bytes(model)
        exported.append(entry)
    return exported


def to_onnx(scoring: ScoringNet, record: ModelRecord) -> onnx.ModelProto:
    """The float model with a free batch size, through torch's dynamo exporter."""
    size = record.preprocess.size
    example = torch.zeros((2, size, size, 3), dtype=torch.uint8)
    # Channels-last weights are a training matter; the exporter writes plain layouts.
    scoring = scoring.to(memory_format=torch.contiguous_format)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        program = torch.onnx.export(
            scoring,
            (example,),
            input_names=["pixels"],
            output_names=list(ScoringNet.OUTPUTS),
            dynamic_shapes={"pixels": {0: torch.export.Dim("photos")}},
            opset_version=_OPSET,
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    model = program.model_proto
    # Where each node came from in the Python code, with file paths: of no use to a reader.
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    del model.graph.metadata_props[:]
    return _prepared(model)


def _prepared(model: onnx.ModelProto) -> onnx.ModelProto:
    """Shapes inferred and normalisation folded into the convolutions, by ONNX Runtime."""
    with tempfile.TemporaryDirectory() as folder:
        raw, prepared = Path(folder) / "raw.onnx", Path(folder) / "prepared.onnx"
        onnx.save(model, raw)
        quant_pre_process(raw, prepared, skip_symbolic_shape=True)
        return onnx.load(prepared)


def to_half_storage(model: onnx.ModelProto) -> onnx.ModelProto:
    """Large weights stored as float16, each cast to float32 when the session is made.

    ONNX Runtime folds the casts while loading, so inference runs in float, at its speed.
    """
    half = onnx.ModelProto()
    half.CopyFrom(model)
    casts = []
    for tensor in half.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < _HALF_MIN_SIZE:
            continue
        name = tensor.name
        values = numpy_helper.to_array(tensor).astype(np.float16)
        tensor.CopyFrom(numpy_helper.from_array(values, f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *half.graph.node]
    del half.graph.node[:]
    half.graph.node.extend(nodes)
    return half


class _Photos(CalibrationDataReader):  # type: ignore[misc]
    """Calibration photos in the batches of inference."""

    def __init__(self, pixels: Pixels) -> None:
        self._batches: Iterator[Pixels] = iter(np.split(pixels, range(BATCH, len(pixels), BATCH)))

    def get_next(self) -> dict[str, Pixels] | None:
        batch = next(self._batches, None)
        return None if batch is None else {"pixels": batch}


def to_int8(model: onnx.ModelProto, calibration: Pixels) -> onnx.ModelProto:
    """Static int8: symmetric weights with a scale a channel, activations with one a tensor.

    Args:
        model: the float model.
        calibration: (N, size, size, 3) uint8 training photos that ranges are measured on.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "float.onnx", Path(folder) / "int8.onnx"
        onnx.save(model, source)
        quantize_static(
            source,
            target,
            _Photos(calibration),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "Gemm", "MatMul", "Clip", "Add"],
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
        )
        return onnx.load(target)


def _calibration_pixels(model: Model, roots: Mapping[str, Path], count: int) -> Pixels:
    """Training photos spread evenly over all sources; unreadable ones are left out."""
    records = select_records(model, roots, "train")
    chosen = np.linspace(0, len(records) - 1, min(count, len(records))).round().astype(int)
    pixels = _readable_pixels([records[i] for i in chosen], model)
    if not pixels:
        raise DataError("not one of the training photos for int8 calibration could be read")
    return np.stack(pixels)


def _readable_pixels(records: Sequence[ImageRecord], model: Model) -> list[Pixels]:
    pixels = []
    for record in records:
        try:
            pixels.append(load_pixels(record.path, model.preprocess))
        except ImageError:
            continue
    return pixels


def with_metadata(model: onnx.ModelProto, record: ModelRecord, precision: str) -> onnx.ModelProto:
    """Write into the model what scoring and evaluation need to know of it, and its licence."""
    card: dict[str, Any] = {
        "kind": KIND,
        "format": FORMAT,
        "precision": precision,
        "labels": LABELS,
        "preprocess": record.preprocess.to_dict(),
        "calibration": asdict(record.calibration),
        "backbone": record.backbone,
        "experiment": dict(record.experiment),
        "data": dict(record.data),
        "metrics": dict(record.metrics),
        "licence": record.licence,
        "version": record.version,
    }
    del model.metadata_props[:]
    said = json.dumps(json_ready(card), sort_keys=True, allow_nan=False)
    helper.set_model_props(model, {METADATA_KEY: said})
    return model


def _compare(
    precision: str, path: Path, size: int, reference: Predictions, predictions: Predictions
) -> Exported:
    before, after = _figures(reference), _figures(predictions)
    scores = level_mean(reference.level_probs), level_mean(predictions.level_probs)
    tops = reference.emotion_probs.argmax(axis=1), predictions.emotion_probs.argmax(axis=1)
    return Exported(
        precision=precision,
        path=path,
        megabytes=size / 1e6,
        srcc=after[0],
        # Without an SRCC of its own (all scores alike, or none a number) it lost all there was.
        srcc_loss=before[0] - float(np.nan_to_num(after[0])),
        emotion_accuracy=after[1],
        accuracy_loss=before[1] - after[1],
        mean_score_change=float(np.abs(scores[0] - scores[1]).mean()),
        top_emotion_change=float((tops[0] != tops[1]).mean()),
    )


def _figures(predictions: Predictions) -> tuple[float, float]:
    """SRCC over rated photos and accuracy over labelled ones; NaN without any."""
    records = predictions.records
    rated = _where([r.aesthetic_mean is not None for r in records])
    labelled = _where([r.emotion is not None for r in records])
    ratings = [r.aesthetic_mean for r in records if r.aesthetic_mean is not None]
    labels = [EMOTIONS.index(r.emotion) for r in records if r.emotion is not None]
    score = level_mean(predictions.level_probs)[rated]
    return (
        srcc(score, ratings) if len(rated) > 1 else float("nan"),
        accuracy(predictions.emotion_probs.argmax(axis=1)[labelled], labels),
    )


def _where(mask: list[bool]) -> NDArray[np.intp]:
    return np.flatnonzero(mask)
