"""Tiny things that several test folders share: photos that can be learned, and models of them.

Registered in conftest.py. Whatever is dear is made once a session, so tests only read it.
"""

import csv
import os
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

BACKBONE = "test_efficientnet"
"""timm's smallest network with the parts of an EfficientNet (0.1 million weights)."""

SIZE = 64

COLOURS = {
    "amusement": (1.0, 0.8, 0.1),
    "awe": (0.1, 0.3, 1.0),
    "fear": (0.3, 0.1, 0.3),
    "sadness": (0.4, 0.4, 0.4),
}
"""What the toy photos teach: the hue is the emotion, the brightness the score."""

TOY_EXPERIMENT = """
licence = "research only: toy photos"

[model]
backbone = "test_efficientnet"
pretrained = "none"
input_size = 64

[loss]
label_smoothing = 0.1

[train]
epochs = 2
probe_epochs = 3
refit_emotion_l2 = [0.03, 0.3]
batch_size = 8
lr = 1e-3
ema_decay = 0.5

[sources.labelled]
image = "photo"
aesthetic_mean = "score"
emotion = "mood"
group = "scene"

[sources.voted]
table = "votes.csv"
image = "photo"
scale = [1, 5]
neutral_votes = "nothing"

[sources.voted.score_counts]
"two" = 2
"four" = 4

[sources.voted.emotion_votes]
amusement = "amused"
awe = "awed"
fear = "afraid"
"""


def draw_photo(path: Path, rng: np.random.Generator, emotion: str, brightness: float) -> None:
    """A coloured plane with some noise, 96×64."""
    plane = np.array(COLOURS[emotion]) * brightness * 255
    noisy = plane + rng.normal(0, 20, (64, 96, 3))
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(path, quality=90)


def _write_table(path: Path, rows: list[dict[str, object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="session")
def toy_roots(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of two data sets: 40 photos with a score and an emotion, 24 with counted votes."""
    rng = np.random.default_rng(0)
    roots = {name: tmp_path_factory.mktemp(name) for name in ("labelled", "voted")}
    emotions = list(COLOURS)
    rows: list[dict[str, object]] = []
    for i in range(40):
        emotion, brightness = emotions[i % 4], 0.2 + 0.8 * rng.random()
        draw_photo(roots["labelled"] / f"{i:02}.jpg", rng, emotion, brightness)
        rows.append({"photo": f"{i:02}.jpg", "score": round(1 + 9 * brightness, 2),
                     "mood": emotion, "scene": f"scene {i // 2}"})  # fmt: skip
    _write_table(roots["labelled"] / "labels.csv", rows)
    votes: list[dict[str, object]] = []
    for i in range(24):
        emotion, brightness = emotions[i % 3], 0.2 + 0.8 * rng.random()
        draw_photo(roots["voted"] / f"{i:02}.jpg", rng, emotion, brightness)
        high = round(10 * brightness)
        votes.append({"photo": f"{i:02}.jpg", "two": 10 - high, "four": high,
                      "amused": 5 * (emotion == "amusement"), "awed": 5 * (emotion == "awe"),
                      "afraid": 5 * (emotion == "fear") + 1, "nothing": 2})  # fmt: skip
    _write_table(roots["voted"] / "votes.csv", votes)
    return roots


@pytest.fixture(scope="session")
def toy_experiment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The experiment file that describes and trains on the toy photos."""
    path = tmp_path_factory.mktemp("experiment") / "toy.toml"
    path.write_text(TOY_EXPERIMENT, "utf-8")
    return path


@pytest.fixture(scope="session")
def toy_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where training runs keep the decoded toy photos."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def toy_run(
    tmp_path_factory: pytest.TempPathFactory,
    toy_roots: dict[str, Path],
    toy_experiment: Path,
    toy_cache: Path,
) -> Path:
    """The folder of a finished training run on the toy photos."""
    from iae.config import load_experiment
    from iae.train.run import train

    out = tmp_path_factory.mktemp("runs") / "toy"
    train(load_experiment(toy_experiment), toy_roots, out, toy_cache, device="cpu")
    return out


@pytest.fixture(scope="session")
def toy_onnx(toy_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trained toy model as a float ONNX file."""
    import onnx

    from iae.export import to_onnx, with_metadata
    from iae.nn.joint import ScoringNet
    from iae.train.checkpoint import load_model

    net, record = load_model(toy_run / "best")
    scoring = ScoringNet(net, emotion_temperature=record.calibration.emotion_temperature).eval()
    path = tmp_path_factory.mktemp("model") / "toy.onnx"
    onnx.save(with_metadata(to_onnx(scoring, record), record, "float"), path)
    return path


@pytest.fixture(scope="session")
def example_photos() -> list[Path]:
    """The photographs that come with the repository."""
    return sorted((Path(__file__).parents[1] / "examples" / "photos").glob("*.jpg"))


@pytest.fixture
def as_anybody() -> list[str]:
    """What to put before a command so that file permissions bind it, also when we are root."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


@pytest.fixture
def iae_command() -> list[str]:
    """``iae`` as a command line of its own Python."""
    return [sys.executable, "-c", "from iae.cli.main import main; main(prog_name='iae')"]


def _png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0"))


@pytest.fixture(scope="session")
def bad_photos(example_photos: list[Path]) -> dict[str, bytes]:
    """Files that look like photos by name only: what is wrong -> their bytes."""
    jpeg = example_photos[0].read_bytes()
    return {
        "text": b"Dear diary, this is not a photo.\n",
        "truncated": jpeg[: len(jpeg) // 3],
        "empty": b"",
        "huge": _png_header(50_000, 50_000),
    }
