"""A full-size stand-in for the IAE dataset: the published counts, made-up ratings, no images.

22,086 images, each rated by ten made-up raters on the levels 1, 4, 7 and 10. The means give exactly
the published 12,762 high and 9,324 low images; images per emotion and quality are the bars of the
published chart, each moved within the error of reading it so that they add up to those totals.

    python tests/standin.py OUT [--release uae|iea] [--seed 0]
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from iae.config import SplitConfig
from iae.data.dataset import Dataset
from iae.data.published import IAE_BARS, IAE_HIGH, IAE_LOW, IAE_TOTAL
from iae.data.ratings import Ratings
from iae.data.records import ImageRecord
from iae.data.splits import assign_splits
from iae.labels import EMOTIONS, LEVEL_SCORES

RATERS = 10
LEAST_HIGH = 14
"""Level steps of ten raters above 1: a mean of 1 + 3 · 14 / 10 = 5.2 is the lowest that is high."""


def standin_bars() -> dict[str, tuple[int, int]]:
    """(high, low) images per emotion: the published bars, moved evenly to the published totals."""
    moved = []
    for column, total in ((0, IAE_HIGH), (1, IAE_LOW)):
        bars = [bar[column] for bar in IAE_BARS.values()]
        each, rest = divmod(total - sum(bars), len(bars))
        # What does not divide by eight goes to the largest bars, where one image is the least.
        largest = sorted(range(len(bars)), key=lambda i: -bars[i])[:rest]
        moved.append([bar + each + (i in largest) for i, bar in enumerate(bars)])
    return {emotion: (moved[0][i], moved[1][i]) for i, emotion in enumerate(IAE_BARS)}


def make_ratings(rng: np.random.Generator) -> NDArray[np.float64]:
    """(22086, 10) ratings; exactly 12,762 means are 5 or above, and all are roughly Gaussian.

    A rater sees the photo's quality, adds a bias and a noise of their own, and presses the key of
    the nearest level.
    """
    quality = rng.normal(0, 1.75, (IAE_TOTAL, 1))
    bias = rng.normal(0, 0.6, RATERS)
    noise = rng.normal(size=(IAE_TOTAL, RATERS)) * rng.uniform(1.2, 2.6, RATERS)
    seen = quality + bias + noise
    middle = _middle(seen)
    levels = _nearest_level(middle + seen)
    _correct_the_rest(levels, rng)
    return np.asarray(LEVEL_SCORES)[levels]


def _nearest_level(scores: NDArray[np.float64]) -> NDArray[np.int64]:
    return ((scores - LEVEL_SCORES[0]) / 3).round().clip(0, 3).astype(np.int64)


def _middle(seen: NDArray[np.float64]) -> float:
    """The mean quality at which the number of high images comes closest to the published one."""
    low, high = 1.0, 10.0
    for _ in range(40):
        middle = (low + high) / 2
        if (_nearest_level(middle + seen).sum(axis=1) >= LEAST_HIGH).sum() < IAE_HIGH:
            low = middle
        else:
            high = middle
    return high


def _correct_the_rest(levels: NDArray[np.int64], rng: np.random.Generator) -> None:
    """Take one step from one rating of as many images as are high too many."""
    steps = levels.sum(axis=1)
    surplus = int((steps >= LEAST_HIGH).sum()) - IAE_HIGH
    assert surplus >= 0
    for image in rng.choice(np.flatnonzero(steps == LEAST_HIGH), surplus, replace=False):
        levels[image, rng.choice(np.flatnonzero(levels[image] > 0))] -= 1


def make_emotions(is_high: NDArray[np.bool_], rng: np.random.Generator) -> list[str]:
    """An emotion for each image, in the numbers of :func:`standin_bars`."""
    emotions = np.empty(len(is_high), dtype=np.int64)
    for column, quality in ((0, True), (1, False)):
        counts = [bar[column] for bar in standin_bars().values()]
        emotions[is_high == quality] = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    return [EMOTIONS[i] for i in emotions]


def make_standin(seed: int = 0) -> Dataset:
    """The stand-in as a data set; another seed gives other ratings and the same counts."""
    rng = np.random.default_rng(seed)
    matrix = make_ratings(rng)
    means = matrix.sum(axis=1) / RATERS
    names = [str(i) for i in range(IAE_TOTAL)]
    records = [
        ImageRecord(
            path=Path("standin", "images", f"{name}.jpg"),
            name=name,
            source="standin",
            aesthetic_mean=float(means[i]),
            aesthetic_high=bool(means[i] >= 5),
            score_counts={s: float(n) for s, n in zip(LEVEL_SCORES, counts, strict=True) if n},
            level_shares=tuple(float(n) / RATERS for n in counts),
            emotion=emotion,
        )
        for i, (name, counts, emotion) in enumerate(
            zip(names, _level_counts(matrix), make_emotions(means >= 5, rng), strict=True)
        )
    ]
    return Dataset(
        root=Path("standin"),
        format="uae",
        records=assign_splits(records, SplitConfig(seed=seed)),
        ratings=Ratings.from_matrix(
            matrix, items=names, raters=[str(j + 1) for j in range(RATERS)]
        ),
    )


def _level_counts(matrix: NDArray[np.float64]) -> list[list[int]]:
    return np.stack([(matrix == score).sum(axis=1) for score in LEVEL_SCORES], axis=1).tolist()


def write_standin(folder: Path, release: str, dataset: Dataset) -> None:
    """Write it into an empty folder as one of the two releases, without images."""
    from iae.convert import iea, uae
    from iae.convert.target import WriteOptions

    target = {"uae": uae.TARGET, "iea": iea.TARGET}[release]
    target.write(dataset, folder, WriteOptions(images=False), lambda done, total: None)


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the full-size stand-in for IAE.")
    parser.add_argument("out", type=Path, help="a new or empty folder")
    parser.add_argument("--release", choices=("uae", "iea"), default="uae")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    if chosen.out.exists() and any(chosen.out.iterdir()):
        parser.error(f"{chosen.out} is not empty")
    chosen.out.mkdir(parents=True, exist_ok=True)
    write_standin(chosen.out, chosen.release, make_standin(chosen.seed))


if __name__ == "__main__":
    main()
