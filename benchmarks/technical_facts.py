"""How the measured facts go along with what people and the bundled model say.

    python benchmarks/technical_facts.py PARA_FOLDER

PARA_FOLDER holds ``labels.csv`` with the columns image, aesthetic_mean and quality_mean_screened,
and the pictures it names. Prints, with 95 % bootstrap intervals over photos:

* SRCC of each fact, and of other forms it could have had, with the two ratings;
* how photos in the outer tenth of a fact were rated, in standard deviations from the mean;
* what the bundled model's score does when a fact alone is changed;
* processor time of the measurement by size of the decoded photo.
"""

import csv
import platform
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter
from scipy.stats import rankdata

from iae.images.decode import DecodedPhoto
from iae.images.preprocess import to_pixels
from iae.images.technical import FACTS, technical_facts
from iae.metrics import plcc
from iae.metrics.bootstrap import bootstrap
from iae.scoring.library import TAIL, tail_shares
from iae.scoring.scorer import Scorer

RESAMPLES = 500
CHANGED = 160
"""Photos that the model scores again after each change."""

Values = NDArray[np.float64]


def main() -> None:
    """Print the tables."""
    folder = Path(sys.argv[1])
    rows = list(csv.DictReader((folder / "labels.csv").open(encoding="utf-8")))
    photos = [folder / row["image"] for row in rows]
    quality = np.array([float(row["quality_mean_screened"]) for row in rows])
    aesthetic = np.array([float(row["aesthetic_mean"]) for row in rows])
    sides = {min(Image.open(path).size) for path in photos[:100]}
    print(f"{platform.machine()}, Python {platform.python_version()}, {len(photos):,} photos, "
          f"short sides of {min(sides)} to {max(sides)} pixels")  # fmt: skip
    measured = [measure(path) for path in photos]
    facts = {name: np.array([row[name] for row in measured]) for name in measured[0]}
    constant = [name for name, values in facts.items() if np.ptp(values) == 0]
    print_relations(facts, constant, quality, aesthetic)
    print_tails({name: facts[name] for name in FACTS if name not in constant}, aesthetic)
    print_changes(photos)
    print_times()


def measure(path: Path) -> Mapping[str, float]:
    """The facts of a photo, and other forms of them."""
    with Image.open(path) as opened:
        image = opened.convert("RGB")
    facts = technical_facts(DecodedPhoto(image, *image.size))
    return {name: getattr(facts, name) for name in FACTS} | other_forms(image)


def other_forms(image: Image.Image) -> Mapping[str, float]:
    """What the literature also offers for sharpness, noise, contrast and colour."""
    luma = np.asarray(image.convert("L"))
    signed = luma.astype(np.float32)
    laplacian = (signed[1:-1, :-2] + signed[1:-1, 2:] + signed[:-2, 1:-1] + signed[2:, 1:-1]
                 - 4 * signed[1:-1, 1:-1])  # fmt: skip
    down, across = np.gradient(signed)
    bends = np.diff(np.diff(signed, 2, axis=0), 2, axis=1)
    low, lower, upper, high = np.quantile(signed, (0.05, 0.25, 0.75, 0.95))
    return {
        "  sharpness: std of the Laplacian": laplacian.std(),
        "  … its mean size": np.abs(laplacian).mean(),
        "  … 99 % quantile by range": np.quantile(np.abs(laplacian), 0.99) / (np.ptp(signed) + 5),
        "  … mean gradient (Tenengrad)": np.hypot(down, across).mean(),
        "  noise: Immerkaer over all": np.abs(bends).mean() * np.sqrt(np.pi / 2) / 6,
        "  … median instead of mean": np.median(np.abs(bends)) / 6 / 0.6745,
        "  contrast: 5 to 95 %": high - low,
        "  … 25 to 75 %": upper - lower,
        "  colour: mean HSV saturation": np.asarray(image.convert("HSV"))[..., 1].mean(),
    }


def print_relations(
    facts: Mapping[str, Values], constant: list[str], quality: Values, aesthetic: Values
) -> None:
    """SRCC of every fact with both ratings; ranks are those among all photos in every draw."""
    ranks = [rankdata(rated) for rated in (quality, aesthetic)]
    print(f"\nSRCC with ratings\n{'':<36}{'quality':>22}{'aesthetic':>24}{'median':>9}")
    for name, values in facts.items():
        if name in constant:
            print(f"{name:<36}{'the same for every photo':>46}{values[0]:>9.3g}")
            continue
        own = rankdata(values)
        cells = [
            "{:+.3f} [{:+.3f}, {:+.3f}]".format(
                *bootstrap(
                    lambda draw, v=own, r=rank: plcc(v[draw], r[draw]),
                    len(values),
                    resamples=RESAMPLES,
                )
            )
            for rank in ranks
        ]
        print(f"{name:<36}{cells[0]:>22}{cells[1]:>24}{np.median(values):>9.3g}")


def print_tails(facts: Mapping[str, Values], rated: Values) -> None:
    """Mean aesthetic rating of the lowest and of the highest tenth."""
    print(f"\nAesthetic rating of the outer {TAIL:.0%}, in standard deviations from the mean")
    standard = (rated - rated.mean()) / rated.std()
    for name, values in facts.items():
        cells = []
        for side in (-1, 1):
            tail = standard[tail_shares(side * values) <= TAIL]
            if not tail.size:
                cells.append("too many share it")
                continue
            found = bootstrap(
                lambda draw, t=tail: float(t[draw].mean()), len(tail), resamples=RESAMPLES
            )
            cells.append("{:+.2f} [{:+.2f}, {:+.2f}]".format(*found))
        print(f"{name:<20}lowest {cells[0]:<24} highest {cells[1]}")


def noisy(level: float) -> Callable[[Image.Image], Image.Image]:
    """Grey Gaussian noise of that many levels of 255."""
    rng = np.random.default_rng(0)

    def change(image: Image.Image) -> Image.Image:
        grain = rng.normal(0, level, (image.height, image.width, 1))
        return Image.fromarray((np.asarray(image) + grain).clip(0, 255).round().astype(np.uint8))

    return change


CHANGES: Mapping[str, Callable[[Image.Image], Image.Image]] = {
    "blurred by 1 pixel": lambda image: image.filter(ImageFilter.GaussianBlur(1)),
    "sharpened (unsharp mask)": lambda image: image.filter(ImageFilter.UnsharpMask(1, 100, 0)),
    "noise of 5 levels": noisy(5),
    "noise of 10 levels": noisy(10),
    "contrast × 0.5": lambda image: ImageEnhance.Contrast(image).enhance(0.5),
    "contrast × 1.4": lambda image: ImageEnhance.Contrast(image).enhance(1.4),
    "colour × 0.5": lambda image: ImageEnhance.Color(image).enhance(0.5),
    "colour × 1.5": lambda image: ImageEnhance.Color(image).enhance(1.5),
    "brightness × 0.5": lambda image: ImageEnhance.Brightness(image).enhance(0.5),
    "highlights clipped (× 1.35)": lambda image: image.point(lambda v: min(255, v * 1.35)),
    "shadows clipped (- 60)": lambda image: image.point(lambda v: max(0, (v - 60) * 255 / 195)),
}


def print_changes(photos: list[Path]) -> None:
    """How the bundled model's score moves when one thing is changed."""
    scorer = Scorer()
    chosen = np.random.default_rng(0).choice(len(photos), min(CHANGED, len(photos)), replace=False)
    images = []
    for i in chosen:
        with Image.open(photos[i]) as image:
            images.append(image.convert("RGB"))

    def score(change: Callable[[Image.Image], Image.Image]) -> Values:
        pixels = [("", to_pixels(change(image), scorer.info.preprocess)) for image in images]
        return np.array([row.aesthetic_mean for row in scorer.score_stream(pixels)], np.float64)

    print(f"\nThe bundled model's score after a change, {len(images)} photos, points of ten")
    before = score(lambda image: image)
    for name, change in CHANGES.items():
        moved = score(change) - before
        found = bootstrap(lambda draw, m=moved: float(m[draw].mean()), len(moved))
        print("{:<30}{:+.3f} [{:+.3f}, {:+.3f}]".format(name, *found)
              + f"   lower for {np.mean(moved < 0):.0%}")  # fmt: skip


def print_times() -> None:
    """Least processor time of one measurement, of 50."""
    print("\nProcessor time of one photo, least of 50")
    example = Path(__file__).parent.parent / "examples" / "photos" / "sunset-over-hills.jpg"
    with Image.open(example) as opened:
        for size in ((672, 448), (750, 500), (1000, 750), (1343, 895)):
            image = opened.convert("RGB").resize(size)
            photo = DecodedPhoto(image, *size)
            spent = _least(lambda photo=photo: technical_facts(photo))
            print(f"{size[0]}×{size[1]:<8}{1000 * spent:.1f} ms")


def _least(run: Callable[[], object]) -> float:
    spent = []
    for _ in range(50):
        clock = time.thread_time()
        run()
        spent.append(time.thread_time() - clock)
    return min(spent)


if __name__ == "__main__":
    main()
