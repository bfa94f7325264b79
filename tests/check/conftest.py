"""A small clean data set, made anew for each test, for it to spoil."""

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from iae.check.report import Report
from iae.check.run import check_dataset
from iae.data.read import read_dataset
from iae.labels import EMOTIONS

Rows = list[dict[str, object]]


def draw(seed: int, size: tuple[int, int] = (120, 96)) -> Image.Image:
    """A smooth picture of random colours, unlike that of any other seed."""
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)


def jpeg(image: Image.Image, quality: int = 90) -> bytes:
    """The picture as a JPEG file."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()


class Copy:
    """A folder with a label table and pictures; `save` writes the rows as they are now."""

    def __init__(self, root: Path, count: int = 12) -> None:
        self.root = root
        (root / "images").mkdir()
        self.rows: Rows = []
        for i in range(count):
            name = f"images/{i:02}.jpg"
            (root / name).write_bytes(jpeg(draw(i)))
            split = ("train", "val", "test")[i % 3]
            self.rows.append({"image": name, "emotion": EMOTIONS[i % 8], "mos": 1 + i % 9,
                              "split": split, "group": f"g{i}"})  # fmt: skip
        self.save()

    def save(self) -> None:
        with (self.root / "labels.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(self.rows[0]))
            writer.writeheader()
            writer.writerows(self.rows)

    def add(self, name: str, data: bytes, like: int = 0, **facts: object) -> None:
        """One more picture, labelled like a row but for some facts; it has no group."""
        (self.root / name).write_bytes(data)
        self.rows.append({**self.rows[like], "group": "", **facts, "image": name})
        self.save()

    def check(self, **options: object) -> Report:
        dataset, _ = read_dataset(self.root)
        return check_dataset(dataset, **options)  # type: ignore[arg-type]


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    root = tmp_path / "set"
    root.mkdir()
    return Copy(root)


@pytest.fixture
def picture_of() -> Callable[..., Image.Image]:
    return draw


@pytest.fixture
def as_jpeg() -> Callable[..., bytes]:
    return jpeg


@pytest.fixture
def found() -> Callable[[Report], dict[str, Sequence[str]]]:
    """A report as code -> where."""
    return lambda report: {f.code: [d.where for d in f.defects] for f in report.findings}
