"""What the ranker looks at: pooled maps of the first stages of a network that has never seen PARA.

Used by ``series_ranker.py``. The network is EfficientNet-Lite0 with the ImageNet weights of its
package (Apache-2.0), cut after its fifth stage (112 maps of 14 × 14), and stands still: of each map
after the stages 1 to 5 the mean and the standard deviation are taken. It is exported once, with
weights in 16 bits (1.4 MB), and runs in ONNX Runtime.
"""

import logging
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch
from torch import Tensor, nn

from iae.export import to_half_storage
from iae.images.decode import decode_photo
from iae.images.preprocess import PreprocessSpec, load_pixels, to_pixels
from iae.images.technical import FACTS, FACTS_VERSION, technical_facts
from iae.metrics import level_mean
from iae.nn.backbone import build_backbone
from iae.scoring.session import ModelSession
from iae.series.shots import file_digest
from iae.train.pretrained import load_pretrained

BACKBONE, STAGES = "tf_efficientnet_lite0", 5
SPEC = PreprocessSpec(size=224)
"""What the network was pretrained with, of the whole photo."""

_AT_ONCE = 32


class Taps(nn.Module):
    """(N, 224, 224, 3) uint8 -> (N, F) means and standard deviations of maps."""

    def __init__(self) -> None:
        super().__init__()
        net = build_backbone(BACKBONE)
        load_pretrained(net, BACKBONE, "package")
        self.stem = nn.Sequential(net.conv_stem, net.bn1)
        self.stages = nn.ModuleList(list(net.blocks)[:STAGES])

    def forward(self, pixels: Tensor) -> Tensor:
        """See the class."""
        x = self.stem(pixels.permute(0, 3, 1, 2).float() / 127.5 - 1)
        pooled = []
        for stage in self.stages:
            x = stage(x)
            mean = x.mean((2, 3))
            pooled += [mean, ((x * x).mean((2, 3)) - mean**2).clamp_min(1e-6).sqrt()]
        return torch.cat(pooled, 1)


def taps_file(cache: Path) -> Path:
    """The network as an ONNX file in the cache; exported if it is not there (a minute)."""
    path = cache / "taps.onnx"
    if not path.exists():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            logging.getLogger("torch.onnx").setLevel(logging.ERROR)
            program = torch.onnx.export(
                Taps().eval(), (torch.zeros((2, 224, 224, 3), dtype=torch.uint8),),
                input_names=["pixels"], output_names=["features"], opset_version=20, dynamo=True,
                dynamic_shapes={"pixels": {0: torch.export.Dim("photos")}}, verbose=False,
            )  # fmt: skip
        model = program.model_proto
        for node in model.graph.node:
            del node.metadata_props[:]  # where it came from, with paths of this machine
            node.doc_string = ""
        del model.graph.metadata_props[:]
        onnx.save(to_half_storage(model), path)
    return path


def features(name: str, paths: Sequence[Path], cache: Path) -> dict[str, np.ndarray]:
    """``taps`` (N, F) and each technical fact (N,) of photos; kept in the cache by ``name``."""
    made_by = f"{file_digest(taps_file(cache))} {FACTS_VERSION}"
    kept = _kept(cache / f"{name}-features.npz", paths, made_by)
    if kept is not None:
        return kept
    session = _session(taps_file(cache))
    taps, facts = [], []
    for start in range(0, len(paths), _AT_ONCE):
        photos = [decode_photo(p, min_side=SPEC.decode_side)
                  for p in paths[start : start + _AT_ONCE]]  # fmt: skip
        pixels = np.stack([to_pixels(photo.image, SPEC) for photo in photos])
        taps.append(session.run(["features"], {"pixels": pixels})[0])
        found = [technical_facts(photo) for photo in photos]
        facts += [[getattr(one, fact) for fact in FACTS] for one in found]
        _told(name, start + len(photos), len(paths))
    values = {"taps": np.concatenate(taps), **dict(zip(FACTS, np.array(facts).T, strict=True))}
    return _keep(cache / f"{name}-features.npz", paths, made_by, values)


def scores(name: str, paths: Sequence[Path], cache: Path, model: Path) -> dict[str, np.ndarray]:
    """``score`` (N,) and ``embedding`` (N, D) of photos by a scorer; kept by ``name`` and model."""
    kept = _kept(cache / f"{name}-scores.npz", paths, file_digest(model))
    if kept is not None:
        return kept
    session = ModelSession(model, threads=1)
    found, embeddings = [], []
    for start in range(0, len(paths), _AT_ONCE):
        part = paths[start : start + _AT_ONCE]
        pixels = np.stack([load_pixels(path, session.info.preprocess) for path in part])
        prediction = session.predict(pixels)
        found.append(level_mean(prediction.level_probs))
        embeddings.append(prediction.embedding.astype(np.float16))
        _told(f"{name}, scores", start + len(part), len(paths))
    values = {"score": np.concatenate(found), "embedding": np.concatenate(embeddings)}
    return _keep(cache / f"{name}-scores.npz", paths, file_digest(model), values)


def _session(path: Path) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def _kept(file: Path, paths: Sequence[Path], made_by: str) -> dict[str, np.ndarray] | None:
    if not file.exists():
        return None
    with np.load(file, allow_pickle=False) as stored:
        values = dict(stored)
    same = values.pop("made_by") == made_by and list(values.pop("paths")) == list(map(str, paths))
    return values if same else None


def _keep(
    file: Path, paths: Sequence[Path], made_by: str, values: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    np.savez(file, made_by=made_by, paths=np.array(list(map(str, paths))), **values)
    return values


def _told(name: str, done: int, total: int) -> None:
    if done == total or done // _AT_ONCE % 20 == 0:
        print(f"{name}: {done:,} of {total:,} photos looked at", flush=True)
