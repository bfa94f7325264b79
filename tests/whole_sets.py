"""A small data set with every field, also missing ones; tests of several folders convert it."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from iae.convert.target import Target, WriteOptions
from iae.data.dataset import Dataset
from iae.data.ratings import Ratings
from iae.data.read import read_dataset
from iae.data.records import ImageRecord, PairVotes, PhotoPair


def picture(number: int, kind: str = "JPEG") -> bytes:
    """A small picture, another for each number."""
    file = io.BytesIO()
    Image.new("RGB", (8, 6), (number * 20 % 256, 90, 200)).save(file, kind)
    return file.getvalue()


def whole_set(root: Path) -> Dataset:
    """Six images below ``root``: full and bare, split and not, with names that make trouble."""
    names = ["2019/a.jpg", "2020/a.jpg", "b c#1\n.png", "caf\udce9.jpg", "17", "A.JPG"]
    kinds = ["JPEG", "JPEG", "PNG", "JPEG", "PNG", "JPEG"]
    records = []
    for i, (name, kind) in enumerate(zip(names, kinds, strict=True)):
        path = root / "files" / str(i)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture(i, kind))
        records.append(ImageRecord(path=path, name=name, source="study"))
    records[0] = replace(
        records[0], group="g", split="test", aesthetic_mean=1 / 3 + 4, aesthetic_high=True,
        score_counts={3.25: 2.0, 10.0: 1.0, 1.0: 0.0}, level_shares=(0.0, 0.5, 0.25, 0.25),
        emotion="awe", emotion_votes={"awe": 3.0, "fear": 0.0}, neutral_votes=2.0,
        attributes={"light": 7.5, "colour (hue)": 2.0},
    )  # fmt: skip
    records[1] = replace(records[1], split="train", aesthetic_high=False, emotion_votes={"fear": 1})
    records[2] = replace(records[2], split="val", group="caf\udce9")
    records[5] = replace(records[5], split="train", emotion="sadness")
    ratings = Ratings(
        items=[names[0], names[1], names[4]],
        raters=["r1", "r\n2", "never"],
        item=np.array([0, 0, 1, 1], np.int32),
        rater=np.array([1, 0, 1, 1], np.int32),  # a rater who came twice
        value=np.array([1 / 3 + 4, 10, 2.5, 7]),
        scale=(1.0, 5.0),
    )
    pair = PhotoPair(series="s", photo_a=names[0], photo_b=names[1], share=0.25, rank_a=2,
                     rank_b=1, split="train", where="list.txt:1")  # fmt: skip
    votes = PairVotes(series="s", photo_a="1", photo_b="2", votes_a=1, votes_b=3)
    return Dataset(root=root, format="study", records=records, ratings=ratings, pairs=[pair],
                   pair_votes=[votes], notes=["a note"])  # fmt: skip


def written(target: Target, dataset: Dataset, out: Path, **options: object) -> Dataset:
    """The data set after it went through a target and its reader."""
    out.mkdir()
    target.write(dataset, out, WriteOptions(**options), lambda done, total: None)  # type: ignore[arg-type]
    return read_dataset(out)[0]


def rated(ratings: Ratings) -> list[tuple[str, str, float]]:
    """(image, rater, score) of each rating, sorted: the same however it is stored."""
    return sorted(
        (ratings.items[i], ratings.raters[j], value)
        for i, j, value in zip(ratings.item, ratings.rater, ratings.value.tolist(), strict=True)
    )
