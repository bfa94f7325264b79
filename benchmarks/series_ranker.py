"""Would a small network compare shots of one scene better than the mixture does?

    python benchmarks/degradations.py degraded FI8 DEGRADED --count 1500
    python benchmarks/degradations.py degraded examples/photos EXAMPLES --views 14
    python benchmarks/series_ranker.py PARA DEGRADED EXAMPLES --cache DIR

A shot's utility is that of the mixture (``iae.series.ranking``) plus one linear sum of what a
frozen ImageNet network sees (``ranker_features.py``). Its weights are those of a Bradley-Terry
regression with a ridge, the mixture being its offset, on pairs of shots of PARA's series (shares by
Thurstone, as ``degradations.py`` makes them) and, with the same total weight, of photographs of
DEGRADED's train part and their own degradations. The ridge is chosen on series that are neither
learned from nor judged on.

Judged are (a) PARA's series of different pictures whose means differ by .25 or more, in five folds
of whole groups, each by weights that have not seen it; (b) degradations of other photographs:
DEGRADED's val part, and EXAMPLES, of larger pictures. The bundled scorer, though, has seen four
fifths of PARA, so (a) is done with a stand-in for its score as well that has not: a ridge
regression on the same features of 3,000 PARA photos in no series. Intervals are 95 %, over series;
of EXAMPLES over photographs.

Features stay in the cache; for another scorer its scores are made anew, by the same command. From
the cache that is a minute of CPU time, with new scores two, from nothing four.
"""

import argparse
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from degradations import KINDS
from numpy.typing import NDArray
from ranker_features import features, scores
from scipy.optimize import minimize
from scipy.special import expit
from series_judged import unlike
from series_ranking import DIFFERENT, close_calls
from series_ranking import fit as fit_mixture
from series_space import photo_rows

from iae.data.pair_set import read_pair_set
from iae.metrics import bootstrap, srcc
from iae.scoring.session import DEFAULT_MODEL
from iae.series.ranking import FLAT, Mixture

FOLDS = 5
RIDGES = (1.0, 3.0, 10.0)
"""On weights of features in units of their own spread within a series."""

OPINIONS = 1.702 / (0.7 * 2**0.5)
"""Log-odds of a preference for each point of difference of two means; see degradations.py."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Photos:
    """N photos of one source, and the series to learn from or to judge on."""

    taps: Floats
    score: Floats
    sharpness: Floats
    """Logarithm."""
    clipped: Floats
    series: list[NDArray[np.intp]]
    truth: Floats
    """What people gave them; of degradations less the more they are degraded."""
    least: float
    """Difference of it from which a pair counts."""
    cluster: NDArray[np.intp]
    """Of each series: what it is drawn with."""

    def mixed(self, mixture: Mixture) -> Floats:
        """(N,) utilities by a mixture alone."""
        return (mixture.score * self.score + mixture.sharpness * self.sharpness
                - mixture.clipped * self.clipped)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Pairs of photos to learn from."""

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    share: Floats
    weight: Floats
    """Sums to 1; each series has the same."""


def is_people(photos: Photos) -> bool:
    """Whether the truth is what people gave, and no rule."""
    return photos.least == DIFFERENT


def pairs_to_learn(photos: Photos, series: Sequence[int]) -> Pairs:
    """All pairs of some series, with the share of people who prefer the first."""
    first, second, weight = [], [], []
    for number in series:
        own = photos.series[number]
        a, b = np.triu_indices(len(own), 1)
        first += own[a].tolist()
        second += own[b].tolist()
        weight += [1 / len(a) / len(series)] * len(a)
    share = expit((photos.truth[first] - photos.truth[second])
                  * (OPINIONS if is_people(photos) else 1))  # fmt: skip
    return Pairs(first=np.array(first), second=np.array(second), share=share,
                 weight=np.array(weight))  # fmt: skip


def fit(parts: Sequence[tuple[Photos, Pairs]], mixture: Mixture, ridge: float) -> Floats:
    """(F,) weights of what is seen, the mixture being given."""
    seen = np.concatenate([p.taps[q.first] - p.taps[q.second] for p, q in parts])
    mixed = [p.mixed(mixture) for p, _ in parts]
    offset = np.concatenate([u[q.first] - u[q.second]
                             for u, (_, q) in zip(mixed, parts, strict=True)])  # fmt: skip
    share = np.concatenate([q.share for _, q in parts])
    weight = np.concatenate([q.weight for _, q in parts]) / len(parts)
    scale = np.sqrt(weight @ seen**2) + 1e-6
    seen /= scale

    def loss(w: Floats) -> tuple[float, Floats]:
        logits = seen @ w + offset
        value = weight @ (np.logaddexp(0, logits) - share * logits) + ridge * w @ w / 2
        return float(value), seen.T @ (weight * (expit(logits) - share)) + ridge * w

    found = minimize(loss, np.zeros(len(scale)), jac=True, method="L-BFGS-B")
    weights: Floats = found.x / scale
    return weights


def hits(photos: Photos, series: Sequence[int], utility: Floats) -> tuple[Floats, Floats]:
    """Per series: whether the best was found, and the share of its pairs; ties count half."""
    top, pair = [], []
    for own in (photos.series[number] for number in series):
        best = utility[own] == utility[own].max()
        top.append(float((photos.truth[own][best] == photos.truth[own].max()).mean()))
        gaps = np.subtract.outer(photos.truth[own], photos.truth[own])
        signs = np.sign(np.subtract.outer(utility[own], utility[own]))
        pair.append(float((signs[gaps >= photos.least] / 2 + 0.5).mean()))
    return np.array(top), np.array(pair)


def judged(photos: Photos) -> list[int]:
    """Series that have a pair to judge."""
    return [k for k, own in enumerate(photos.series) if np.ptp(photos.truth[own]) >= photos.least]


def choose(
    people: Photos, made: Photos, groups: Sequence[int], train: Sequence[int], mixture: Mixture
) -> float:
    """The ridge that is right most often where nothing was learned from, of both sources alike."""
    right = dict.fromkeys(RIDGES, 0.0)
    inner, inner_made = ([[k for k in own if (fold(k, "inner") == 0) == held] for held in (0, 1)]
                         for own in (groups, train))  # fmt: skip
    for ridge in RIDGES:
        weights = learned(people, made, inner[0], inner_made[0], mixture, ridge)
        for photos, held in ((people, inner[1]), (made, inner_made[1])):
            counted = [k for k in held if k in set(judged(photos))]
            utility = photos.mixed(mixture) + photos.taps @ weights
            right[ridge] += hits(photos, counted, utility)[1].mean()
    return max(right, key=lambda ridge: right[ridge])


def learned(
    people: Photos, made: Photos, groups: Sequence[int], train: Sequence[int], mixture: Mixture,
    ridge: float,
) -> Floats:  # fmt: skip
    """Weights from both sources; one of them may be empty."""
    parts = [(photos, pairs_to_learn(photos, own))
             for photos, own in ((people, groups), (made, train)) if len(own)]  # fmt: skip
    return fit(parts, mixture, ridge)


def fold(number: int, name: str = "outer") -> int:
    """Of a series, by its number: no order of anything."""
    return zlib.crc32(f"{name} {number}".encode()) % FOLDS


def across_folds(
    people: Photos, made: Photos, train: Sequence[int], mixture: Mixture | None = None
) -> tuple[Floats, Floats]:
    """(N,) utilities of PARA's pictures by the ranker and by the mixture, their group not seen.

    Without a mixture it is fitted anew to the groups that are learned from, as the shipped one was.
    """
    utility, mixed = np.zeros((2, len(people.truth)))
    numbers = range(len(people.series))
    chosen = []
    for k in range(FOLDS):
        groups = [n for n in numbers if fold(n) != k]
        own_mixture = mixture or fitted_mixture(people, groups)
        chosen.append(choose(people, made, groups, train, own_mixture))
        weights = learned(people, made, groups, train, own_mixture, chosen[-1])
        held = np.concatenate([people.series[n] for n in numbers if fold(n) == k])
        mixed[held] = people.mixed(own_mixture)[held]
        utility[held] = mixed[held] + people.taps[held] @ weights
    print(f"  ridge by fold: {chosen}", flush=True)
    return utility, mixed


def fitted_mixture(people: Photos, groups: Sequence[int]) -> Mixture:
    """By the regression that made the shipped one."""
    x = np.column_stack([people.score, people.sharpness, -people.clipped])
    own = [people.series[n] for n in groups if n in set(judged(people))]
    score, sharpness, clipped = fit_mixture(own, people.truth, x)
    return Mixture(score=float(score), sharpness=float(sharpness), clipped=float(clipped))


def told(values: Floats, cluster: NDArray[np.intp], form: str = ".3f") -> str:
    """Mean over series with its interval."""
    value, low, high = bootstrap(lambda draw: float(values[draw].mean()), len(values),
                                 groups=cluster)  # fmt: skip
    return f"{value:{form}} ({low:{form}}, {high:{form}})"


def print_table(title: str, photos: Photos, series: Sequence[int], ways: dict[str, Floats]) -> None:
    """Top-1 and pairs of each way, and what the first is ahead of each other."""
    cluster = photos.cluster[list(series)]
    chance = np.mean([1 / len(photos.series[k]) for k in series])
    print(f"\n{title}: {len(series)} series\n  {'':34}{'top-1':26}pairs")
    right = {name: hits(photos, series, utility) for name, utility in ways.items()}
    for name, both in right.items():
        print(f"  {name:34}" + "".join(f"{told(one, cluster):26}" for one in both))
    print(f"  {'chance (one best)':34}{chance:.3f}{'':21}.500")
    (first, ahead), *others = right.items()
    for name, both in others:
        gaps = [told(a - b, cluster, "+.3f") for a, b in zip(ahead, both, strict=True)]
        print(f"  {first + ' less ' + name:34}" + "".join(f"{gap:26}" for gap in gaps))


def print_kinds(title: str, photos: Photos, series: Sequence[int], names: Sequence[str],
                ways: dict[str, Floats]) -> None:  # fmt: skip
    """Share of pairs by kind of degradation."""
    print(f"\n{title}, pairs by kind\n  {'':16}{'series':>7}" + "".join(f"{w:>20}" for w in ways))
    kind = np.array([int(names[k]) // 100_000 - 1 for k in series])
    for number, degrade in enumerate(KINDS):
        own = [k for k, one in zip(series, kind, strict=True) if one == number]
        cells = [hits(photos, own, utility)[1].mean() for utility in ways.values()]
        print(f"  {degrade.__name__:16}{len(own):>7}" + "".join(f"{c:>20.3f}" for c in cells))


def measured(name: str, paths: Sequence[Path], cache: Path, model: Path) -> dict[str, Floats]:
    """Taps, facts, scores and embeddings of photos, as far as a :class:`Photos` wants them."""
    seen, scored = features(name, paths, cache), scores(name, paths, cache, model)
    return {
        "taps": seen["taps"].astype(np.float64),
        "score": scored["score"],
        "sharpness": np.log(np.maximum(seen["sharpness"], FLAT)),
        "clipped": seen["clipped_highlights"] + seen["clipped_shadows"],
        "embedding": scored["embedding"],
    }


def people_of(para: Path, cache: Path, model: Path) -> Photos:
    """PARA's series of two or more different pictures."""
    rows = [row for row in photo_rows(para) if row["group"].startswith("series")]
    values = measured("series", [para / row["image"] for row in rows], cache, model)
    number = np.unique([row["group"] for row in rows], return_inverse=True)[1]
    kept = unlike(values.pop("embedding").astype(np.float32), number)
    series = [kept[number[kept] == k] for k in range(number.max() + 1)]
    series = [own for own in series if len(own) > 1]
    truth = np.array([float(row["aesthetic_mean"]) for row in rows])
    return Photos(**values, series=series, truth=truth, least=DIFFERENT,
                  cluster=np.arange(len(series)))  # fmt: skip


def made_of(
    folder: Path, cache: Path, model: Path, views: int
) -> tuple[Photos, list[int], list[int], list[str]]:
    """Degradations: photos, series of the train part, of the val part, and their names."""
    pairs = read_pair_set(folder, "all")
    values = measured(folder.name, pairs.paths, cache, model)
    values.pop("embedding")
    names, number = list(pairs.series_names), pairs.series
    series = [np.unique(np.concatenate([pairs.first[number == k], pairs.second[number == k]]))
              for k in range(len(names))]  # fmt: skip
    truth = np.zeros(len(pairs.paths))  # utilities 0, -1, -2, -3 are what the shares came from
    np.add.at(truth, pairs.first, np.sign(pairs.share - 0.5) / 2)
    np.add.at(truth, pairs.second, np.sign(0.5 - pairs.share) / 2)
    split = {pair.series: pair.split for pair in pairs.pairs}
    train, val = ([k for k, name in enumerate(names) if split[name] == part]
                  for part in ("train", "val"))  # fmt: skip
    photograph = np.array([(int(name) % 100_000 - 1) // views for name in names])
    return (Photos(**values, series=series, truth=truth, least=0.5, cluster=photograph),
            train, val, names)  # fmt: skip


def stand_in(para: Path, cache: Path) -> tuple[Floats, Floats, float]:
    """(F,) mean and weights of a score fitted on PARA photos in no series, and its SRCC on a fifth
    that was held back; in points of ten."""
    rows = [row for row in photo_rows(para) if not row["group"].startswith("series")][::4]
    x = features("others", [para / row["image"] for row in rows], cache)["taps"].astype(float)
    y = np.array([float(row["aesthetic_mean"]) for row in rows]) * 9 / 4
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-6
    z = (x - mean) / spread
    held = np.arange(len(y)) % 5 == 0

    def ridge(own: NDArray[np.bool_]) -> Floats:
        inner = z[own].T @ z[own] + 0.3 * own.sum() * np.eye(z.shape[1])
        return np.linalg.solve(inner, z[own].T @ (y[own] - y[own].mean()))

    order = srcc(z[held] @ ridge(~held), y[held])
    return mean, ridge(np.ones(len(y), bool)) / spread, order


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("para", type=Path)
    parser.add_argument("degraded", type=Path)
    parser.add_argument("examples", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL)
    parser.add_argument("--views", type=int, default=14, help="of EXAMPLES, as it was made")
    arguments = parser.parse_args()
    arguments.cache.mkdir(exist_ok=True)
    people = people_of(arguments.para, arguments.cache, arguments.model)
    made, train, val, names = made_of(arguments.degraded, arguments.cache, arguments.model, 1)
    other, *both, other_names = made_of(arguments.examples, arguments.cache, arguments.model,
                                        arguments.views)  # fmt: skip
    others = sorted(both[0] + both[1])
    everyone = list(range(len(people.series)))

    mean, weights, order = stand_in(arguments.para, arguments.cache)
    print(f"\nwith a stand-in for the score that has not seen the series (SRCC {order:.2f})")
    fair = [replace(photos, score=(photos.taps - mean) @ weights)
            for photos in (people, made, other)]  # fmt: skip
    ranker, mixed = across_folds(fair[0], fair[1], train)
    print_table("(a) PARA's series", fair[0], judged(people), {
        "ranker": ranker, "mixture, refitted": mixed, "score alone": fair[0].score,
        "sharpness alone": people.sharpness,
    })  # fmt: skip

    print("\nwith the bundled score, which was trained on four fifths of PARA")
    ranker, mixed = across_folds(people, made, train, Mixture())
    print_table("(a) PARA's series", people, judged(people), {
        "ranker": ranker, "mixture": mixed, "score alone": people.score,
        "sharpness alone": people.sharpness,
    })  # fmt: skip
    found = [people.series[k] for k in judged(people)]
    print(f"  best over runner-up, by preference: {close_calls(found, people.truth, ranker)}")

    mixture = Mixture()
    ridge = choose(people, made, everyone, train, mixture)
    weights = learned(people, made, everyone, train, mixture, ridge)
    print(f"\nthe ranker of all of that: ridge {ridge:g}, from {len(everyone)} series of PARA and "
          f"{len(train)} of degradations")  # fmt: skip
    alone = {"degradations alone": learned(people, made, [], train, mixture, ridge),
             "PARA alone": learned(people, made, everyone, [], mixture, ridge)}  # fmt: skip
    for title, photos, series, of in (
        ("(b) held-back degradations", made, val, names),
        ("(b) degradations of the example photographs", other, others, other_names),
    ):
        ways = {
            "ranker": photos.mixed(mixture) + photos.taps @ weights,
            "mixture": photos.mixed(Mixture()),
            "score alone": photos.score,
            "sharpness alone": photos.sharpness,
        }
        more = {f"from {name}": photos.mixed(mixture) + photos.taps @ w
                for name, w in alone.items()}  # fmt: skip
        print_table(title, photos, series, ways | more)
        print_kinds(title, photos, series, of, ways)


if __name__ == "__main__":
    main()
