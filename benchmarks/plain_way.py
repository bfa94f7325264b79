"""The plain way to score photos: every pixel decoded, one photo after the other.

What a short script does with Pillow and a network: no scaled decoding, no batches, no overlap.
"""

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from PIL import Image

from iae.config import ModelConfig
from iae.images.preprocess import Pixels, PreprocessSpec, to_pixels
from iae.scoring.session import ModelInfo


def plain_decode(path: Path, spec: PreprocessSpec) -> Pixels:
    """One photo at its full size, then resized; (1, size, size, 3) uint8."""
    with Image.open(path) as image:
        return to_pixels(image.convert("RGB"), spec)[None]


def plain_onnx(photos: Sequence[Path], model: Path, spec: PreprocessSpec) -> None:
    """The exported network in ONNX Runtime, a photo a call, on every core."""
    session = _onnx(model)
    for path in photos:
        session.run(None, {"pixels": plain_decode(path, spec)})


def plain_torch(photos: Sequence[Path], network: Callable[[Pixels], object],
                spec: PreprocessSpec) -> None:  # fmt: skip
    """The network of training in torch, a photo a call, on every core."""
    for path in photos:
        network(plain_decode(path, spec))


def torch_network(info: ModelInfo, checkpoint: Path | None) -> Callable[[Pixels], object]:
    """The trained network of a checkpoint, or its backbone and heads untrained: as fast."""
    import torch

    from iae.nn.backbone import build_backbone
    from iae.nn.build import build_network
    from iae.nn.joint import ScoringNet
    from iae.train.checkpoint import load_model

    if checkpoint is not None:
        net, _ = load_model(checkpoint)
    else:
        backbone = build_backbone(info.backbone)
        net = build_network(backbone, info.preprocess, ModelConfig())
    scoring = ScoringNet(net).eval()

    def predict(pixels: Pixels) -> object:
        with torch.inference_mode():
            return scoring(torch.from_numpy(pixels.copy()))

    return predict


@cache
def _onnx(model: Path):  # onnxruntime has no types
    import onnxruntime as ort

    return ort.InferenceSession(model, providers=["CPUExecutionProvider"])
