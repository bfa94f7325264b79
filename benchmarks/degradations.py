"""Pairs of real pixels to learn from where PhotoTriage's photographs are not at hand.

Writes folders in PhotoTriage's form, so that its reader, training and evaluation run on them:

    python benchmarks/degradations.py degraded SOURCE OUT --count 1500   # a folder of photographs
    python benchmarks/degradations.py series PARA OUT                    # PARA with its labels.csv
    python benchmarks/degradations.py judged PAIRS MODEL --split val     # accuracy by kind

``degraded``: series of four, a photograph and three degradations of one kind of growing strength.
What is "preferred" is the less degraded one, by a rule and not by people: the shares are those of
utilities 0, -1, -2, -3. Degradations are made at the full size of the source, before any resizing;
of sources of 224 pixels that is not large, and slight defocus cannot be seen there.

``series``: pairs of shots of one of PARA's automatically found series. The share is that of two
normally distributed opinions with the series' own mean scores (Thurstone's case V), the spread
of single ratings being .7 on PARA's scale of 1 to 5.

A photograph, and a series, is in one split only. Kinds of degradation can be told by the series
number: kind × 100,000 + photograph.
"""

import argparse
import csv
import hashlib
import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image, ImageFilter

from iae.data.pair_set import read_pair_set
from iae.evaluate.pair_judges import judge_pairs, open_judge
from iae.images.decode import SUFFIXES, load_photo
from iae.metrics import bootstrap
from iae.metrics.pairwise import both_orders, pair_hits

_MARGIN = 0.86
"""Part of each side that is kept of every picture, degraded or not, so that a turned one has no
black corners, and a narrower view gives nothing away."""

_SPREAD = 0.7
"""Of single ratings around the mean, on PARA's scale of 1 to 5."""


def defocus(image: Image.Image, strength: int, rng: np.random.Generator) -> Image.Image:
    """A blur of .6, 1.2, 1.8 pixels of 224."""
    del rng
    return image.filter(ImageFilter.GaussianBlur(0.6 * strength * min(image.size) / 224))


def shake(image: Image.Image, strength: int, rng: np.random.Generator) -> Image.Image:
    """A straight smear of 1.5 to 6 % of the short side."""
    length = max(round(0.02 * strength * min(image.size)), 2)
    angle, steps = rng.uniform(0, math.pi), np.linspace(-0.5, 0.5, length + 1)
    total = np.zeros((image.height, image.width, 3), np.float32)
    for step in steps:
        moved = image.transform(
            image.size, Image.Transform.AFFINE,
            (1, 0, step * length * math.cos(angle), 0, 1, step * length * math.sin(angle)),
            Image.Resampling.BILINEAR,
        )  # fmt: skip
        total += np.asarray(moved, np.float32)
    return Image.fromarray((total / len(steps)).round().astype(np.uint8))


def exposure(image: Image.Image, strength: int, rng: np.random.Generator) -> Image.Image:
    """Over or under by .6, 1.2, 1.8 stops of light."""
    stops = 0.6 * strength * rng.choice([-1, 1])
    linear = (np.asarray(image, np.float32) / 255) ** 2.2 * 2**stops
    return Image.fromarray((255 * np.clip(linear, 0, 1) ** (1 / 2.2)).round().astype(np.uint8))


def white_balance(image: Image.Image, strength: int, rng: np.random.Generator) -> Image.Image:
    """Towards orange or blue by 8, 16, 24 % of the gain of red and of blue."""
    shift = 0.08 * strength * rng.choice([-1, 1])
    gains = np.array([1 + shift, 1, 1 - shift], np.float32)
    return Image.fromarray(np.clip(np.asarray(image) * gains, 0, 255).round().astype(np.uint8))


def noise(image: Image.Image, strength: int, rng: np.random.Generator) -> Image.Image:
    """Gaussian noise of 6, 12, 18 levels at 224 pixels."""
    level = 6 * strength * min(image.size) / 224
    noisy = np.asarray(image, np.float32) + rng.normal(0, level, (image.height, image.width, 3))
    return Image.fromarray(np.clip(noisy, 0, 255).round().astype(np.uint8))


def tilt(image: Image.Image, strength: int, rng: np.random.Generator) -> Image.Image:
    """A horizon out of level by 2.5, 5, 7.5 degrees."""
    angle = 2.5 * strength * rng.choice([-1, 1])
    return image.rotate(angle, Image.Resampling.BICUBIC)


def crop(image: Image.Image, strength: int, rng: np.random.Generator) -> Image.Image:
    """A view that loses 14, 28, 42 % of each side, towards a corner: the subject is cut."""
    keep = 1 - 0.14 * strength
    size = [round(side * keep) for side in image.size]
    left, top = ((a - b) * rng.choice([0, 1]) for a, b in zip(image.size, size, strict=True))
    return image.crop((left, top, left + size[0], top + size[1])).resize(
        image.size, Image.Resampling.BICUBIC
    )


KINDS: tuple[Callable[[Image.Image, int, np.random.Generator], Image.Image], ...] = (
    defocus, shake, exposure, white_balance, noise, tilt, crop,
)  # fmt: skip


def centre(image: Image.Image, part: float) -> Image.Image:
    """The middle of a picture; ``part`` of each side."""
    width, height = (round(side * part) for side in image.size)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))


def split_of(name: str) -> str:
    """Train for four of five names, val for the fifth."""
    return "val" if hashlib.sha256(name.encode()).digest()[0] % 5 == 0 else "train"


def pair_lines(series: int, utilities: Sequence[float]) -> list[str]:
    """Lines of a pair list; photos are numbered from 1 in the order of their utilities."""
    ranks = np.argsort(np.argsort(-np.array(utilities), kind="stable"), kind="stable") + 1
    return [
        f"{series} {i + 1} {j + 1} {1 / (1 + math.exp(utilities[j] - utilities[i])):.3f} "
        f"{ranks[i]} {ranks[j]}"
        for i, j in itertools.combinations(range(len(utilities)), 2)
    ]


def write_lists(out: Path, lists: dict[str, list[str]]) -> None:
    """``train_pairlist.txt`` and ``val_pairlist.txt``."""
    for split, lines in lists.items():
        (out / f"{split}_pairlist.txt").write_text("\n".join(lines) + "\n")
        print(f"{split}: {len(lines)} pairs, {len({x.split()[0] for x in lines})} series")


def write_degraded(source: Path, out: Path, count: int, views: int, seed: int) -> None:
    """Series of a photograph and its degradations; ``views`` square parts of each photograph."""
    paths = sorted(p for p in source.rglob("*") if p.suffix.lower() in SUFFIXES)
    rng = np.random.default_rng(seed)
    chosen = [paths[i] for i in rng.permutation(len(paths))[:count]]
    images = out / "train_val_imgs"
    images.mkdir(parents=True, exist_ok=True)
    lists: dict[str, list[str]] = {"train": [], "val": []}
    for number, (path, view) in enumerate(itertools.product(chosen, range(views)), 1):
        photo = load_photo(path)
        if views > 1:
            side = round(min(photo.size) * rng.uniform(0.6, 1))
            left, top = (int(rng.integers(0, extent - side + 1)) for extent in photo.size)
            photo = photo.crop((left, top, left + side, top + side))
        kind = (number + view) % len(KINDS)
        series = (kind + 1) * 100_000 + number
        strengths = rng.permutation(4)  # the numbers of photos say nothing of what was done
        for place, strength in enumerate(strengths, 1):
            shown = KINDS[kind](photo, int(strength), rng) if strength else photo
            centre(shown, _MARGIN).save(images / f"{series:06d}-{place:02d}.JPG", quality=95)
        lists[split_of(path.name)] += pair_lines(series, (-strengths.astype(float)).tolist())
    write_lists(out, lists)


def write_series(para: Path, out: Path) -> None:
    """PARA's series of different pictures, with the shares that their mean scores imply."""
    groups: dict[str, list[dict[str, str]]] = defaultdict(list)
    with (para / "labels.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row["group"].startswith("series"):
                groups[row["group"]].append(row)
    images = out / "train_val_imgs"
    images.mkdir(parents=True, exist_ok=True)
    lists: dict[str, list[str]] = {"train": [], "val": []}
    for number, (name, rows) in enumerate(sorted(groups.items()), 1):
        means = np.array([float(row["aesthetic_mean"]) for row in rows])
        # Log-odds with the share that two normal opinions of this spread have: a logistic curve
        # of slope 1.702 lies within .01 of the normal one.
        utilities = 1.702 * means / (_SPREAD * math.sqrt(2))
        for place, row in enumerate(rows, 1):
            picture = load_photo(para / row["image"])
            picture.save(images / f"{number:06d}-{place:02d}.JPG", quality=95)
        lists["train" if split_of(name) == "train" else "val"] += pair_lines(number, utilities)
    write_lists(out, lists)


def print_judged(folder: Path, model: Path, split: Literal["val", "all"]) -> None:
    """Accuracy of a model, and of the sharpest photo, for each kind of degradation."""
    pairs, opinions = judge_pairs(open_judge(model), read_pair_set(folder, split))
    kind = np.array([int(pair.series) // 100_000 - 1 for pair in pairs.pairs])
    shown = {"model": opinions[0], **{one.name: one for one in opinions[1:]}}
    print(f"{'':16}{'pairs':>6}" + "".join(f"{name:>24}" for name in shown))
    for k, degrade in enumerate(KINDS):
        own = np.flatnonzero(kind == k)
        cells = []
        for judge in shown.values():
            logits = both_orders(judge.utilities, pairs.first, pairs.second)
            hits = np.mean([pair_hits(row, pairs.share) for row in logits], axis=0)[own]
            value, low, high = bootstrap(
                lambda drawn, hits=hits: float(hits[drawn].mean()), len(own),
                groups=pairs.series[own],
            )  # fmt: skip
            cells.append(f"{value:.3f} ({low:.3f}–{high:.3f})")
        print(f"{degrade.__name__:16}{len(own):>6}" + "".join(f"{cell:>24}" for cell in cells))


def main() -> None:
    """Write one of the two, or judge it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["degraded", "series", "judged"])
    parser.add_argument("source", type=Path)
    parser.add_argument("out", type=Path, help="folder to write; with judged, the model")
    parser.add_argument("--count", type=int, default=1500, help="photographs of SOURCE")
    parser.add_argument("--views", type=int, default=1, help="square parts of each photograph")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--split", choices=["val", "all"], default="val", help="with judged")
    arguments = parser.parse_args()
    if arguments.what == "judged":
        print_judged(arguments.source, arguments.out, arguments.split)
    elif arguments.what == "series":
        write_series(arguments.source, arguments.out)
    else:
        write_degraded(arguments.source, arguments.out, arguments.count, arguments.views,
                       arguments.seed)  # fmt: skip


if __name__ == "__main__":
    main()
