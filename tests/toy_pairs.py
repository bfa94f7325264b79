"""A pair data set in PhotoTriage's form that a network learns in seconds: brighter is better."""

import itertools
import math
from pathlib import Path

import numpy as np
from PIL import Image

TOY_PAIRS = """
licence = "toy photos"

[pairs]
target = "shares"

[model]
backbone = "test_efficientnet"
pretrained = "none"
normalisation = "batch"
input_size = 32
head = "pooled"

[train]
epochs = 2
batch_size = 8
lr = 1e-3
"""


def make_pairs(root: Path, series: dict[str, int], seed: int = 0) -> Path:
    """Write so many series of two to four photos a split, with their images."""
    rng, number = np.random.default_rng(seed), 0
    images = root / "train_val_imgs"
    images.mkdir(parents=True)
    for split, count in series.items():
        lines: list[str] = []
        for _ in range(count):
            number += 1
            utilities = rng.permutation(int(rng.integers(2, 5))).tolist()
            colour = rng.uniform(0.3, 0.6, 3)
            for place, utility in enumerate(utilities, 1):
                values = rng.normal(colour + 0.12 * utility, 0.04, (40, 48, 3))
                pixels = (255 * values.clip(0, 1)).astype(np.uint8)
                Image.fromarray(pixels).save(images / f"{number:06d}-{place:02d}.JPG")
            lines += pair_lines(number, utilities)
        (root / f"{split}_pairlist.txt").write_text("\n".join(lines) + "\n")
    return root


def pair_lines(number: int, utilities: list[float]) -> list[str]:
    """Lines of a pair list; the shares are those of a Bradley-Terry model, rounded as published."""
    ranks = {utility: k for k, utility in enumerate(sorted(utilities, reverse=True), 1)}
    return [
        f"{number} {i + 1} {j + 1} {1 / (1 + math.exp(b - a)):.3f} {ranks[a]} {ranks[b]}"
        for (i, a), (j, b) in itertools.combinations(enumerate(utilities), 2)
    ]
