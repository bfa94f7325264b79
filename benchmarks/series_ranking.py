"""How well the best shot of a series is found: PARA's series, by what people gave each picture.

    python benchmarks/series_ranking.py PARA [--cache FILE.npz] [--fit]

PARA is a folder with ``labels.csv`` and the pictures it names. Taken are its groups ``series…``
with two or more different pictures whose mean ratings (1 to 5) differ by .25 or more; pairs are
those of one series that differ so much. The half that chose the weights of ``rank_series`` (and
``TOO_CLOSE``) is printed apart from the half that judges; ``--fit`` prints that choice again.

Read with care: there are few; at 224 pixels focus can hardly be seen; and the bundled model was
trained on four fifths of these very pictures, so its score is better here than on new photos. The
series of its validation and test tenths are printed alone. Intervals are 95 %, over series.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from series_judged import unlike
from series_space import is_judged, photo_rows

from iae.config import load_experiment
from iae.data.sources import read_given
from iae.images.decode import decode_photo
from iae.images.preprocess import load_pixels
from iae.images.technical import FACTS, technical_facts
from iae.metrics import bootstrap, level_mean
from iae.scoring.session import ModelSession
from iae.series.ranking import (
    FLAT,
    TOO_CLOSE,
    Mixture,
    ShotFeatures,
    preferred,
    rank_series,
)

DIFFERENT = 0.25
"""Difference of two mean ratings from which one picture counts as liked more."""

RIDGE = 0.1
"""Penalty of the fit, on weights of features in units of their own spread."""


def measured(folder: Path, names: Sequence[str], cache: Path | None) -> dict[str, np.ndarray]:
    """Score, embedding and technical facts of each picture."""
    if cache is not None and cache.exists():
        with np.load(cache) as kept:
            if list(kept["names"]) == list(names):
                return dict(kept)
    session = ModelSession(threads=1)
    scores, embeddings, facts = [], [], []
    for start in range(0, len(names), 64):
        paths = [folder / name for name in names[start : start + 64]]
        pixels = np.stack([load_pixels(path, session.info.preprocess) for path in paths])
        prediction = session.predict(pixels)
        scores.append(level_mean(prediction.level_probs))
        embeddings.append(prediction.embedding)
        found = [technical_facts(decode_photo(path)) for path in paths]
        facts += [[getattr(one, name) for name in FACTS] for one in found]
    values = {
        "names": np.array(names),
        "score": np.concatenate(scores),
        "embedding": np.concatenate(embeddings),
        **dict(zip(FACTS, np.array(facts).T, strict=True)),
    }
    if cache is not None:
        np.savez(cache, **values)
    return values


def unseen_groups(folder: Path, experiment: Path) -> set[str]:
    """Groups of the validation and test parts of the bundled model's split."""
    settings = load_experiment(experiment)
    records = read_given(settings.sources, {"para": folder}, settings.split)
    return {r.group for r in records if r.group and r.split != "train"}


def pairs_of(series: np.ndarray, rated: np.ndarray) -> list[tuple[int, int]]:
    """(liked more, liked less)."""
    return [(i, j) for i in series for j in series if rated[i] - rated[j] >= DIFFERENT]


def fit(series: Sequence[np.ndarray], rated: np.ndarray, features: np.ndarray) -> np.ndarray:
    """Bradley-Terry weights of (N, K) features; each series counts the same."""
    pairs = [(pair, 1 / len(own)) for s in series for own in [pairs_of(s, rated)] for pair in own]
    weight = np.array([w for _, w in pairs])
    difference = np.array([features[i] - features[j] for (i, j), _ in pairs])
    scale = np.sqrt((weight[:, None] * difference**2).sum(axis=0) / weight.sum())

    def loss(w: np.ndarray) -> float:
        logits = difference / scale @ w
        return float((weight * np.log1p(np.exp(-logits))).sum() / weight.sum() + RIDGE * w @ w / 2)

    return minimize(loss, np.zeros(features.shape[1])).x / scale


def top_and_pairs(
    series: Sequence[np.ndarray], rated: np.ndarray, utility: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Per series: whether the best was found, and the share of its pairs; ties count half."""
    top, pair = [], []
    for s in series:
        best = utility[s] == utility[s].max()
        top.append(float((rated[s][best] == rated[s].max()).mean()))
        pair.append(np.mean([(np.sign(utility[i] - utility[j]) + 1) / 2
                             for i, j in pairs_of(s, rated)]))  # fmt: skip
    return np.array(top), np.array(pair)


def told(columns: Sequence[np.ndarray], form: str = ".3f") -> str:
    """Means over series with their intervals."""
    text = []
    for values in columns:
        value, low, high = bootstrap(
            lambda draw, values=values: float(values[draw].mean()), len(values)
        )
        text.append(f"{value:{form}} ({low:{form}}, {high:{form}})")
    return "".join(f"{one:26}" for one in text)


def close_calls(series: Sequence[np.ndarray], rated: np.ndarray, utility: np.ndarray) -> str:
    """How often the best beats the runner-up, by how sure that was said to be."""
    rows = []
    for s in series:
        first, second = s[np.argsort(-utility[s], kind="stable")[:2]]
        if abs(rated[first] - rated[second]) > 0:
            chance = preferred(utility[first], utility[second])
            rows.append((chance, float(rated[first] > rated[second])))
    chances, right = np.array(rows).T
    parts = []
    for low, high in ((0.5, 0.55), (0.55, 0.6), (0.6, 0.65), (0.65, 0.7), (0.7, 0.8), (0.8, 1.01)):
        inside = (chances >= low) & (chances < high)
        if inside.any():
            parts.append(f"{low:.2f}-{min(high, 1):.2f}: {right[inside].sum():.0f} of "
                         f"{inside.sum()}")  # fmt: skip
    return "; ".join(parts)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("para", type=Path)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--experiment", type=Path, default=Path("experiments/default.toml"))
    arguments = parser.parse_args()
    rows = [r for r in photo_rows(arguments.para) if r["group"].startswith("series")]
    values = measured(arguments.para, [row["image"] for row in rows], arguments.cache)
    rated = np.array([float(row["aesthetic_mean"]) for row in rows])
    names = np.array([row["group"] for row in rows])
    number = np.unique(names, return_inverse=True)[1]
    different = unlike(values["embedding"], number)
    series = [different[number[different] == k] for k in range(number.max() + 1)]
    series = [s for s in series if len(s) > 1 and np.ptp(rated[s]) >= DIFFERENT]
    clipped = values["clipped_highlights"] + values["clipped_shadows"]
    mixed = np.zeros(len(rated))
    for s in series:
        shots = ShotFeatures(
            score=values["score"][s], sharpness=values["sharpness"][s], clipped=clipped[s]
        )
        mixed[s] = rank_series(shots).utilities
    ways = {
        "the mixture": mixed,
        "aesthetic score alone": values["score"],
        "sharpness alone": values["sharpness"],
        "least clipped alone": -clipped,
    }
    chosen_on = [s for s in series if not is_judged(names[s[0]])]
    judged_on = [s for s in series if is_judged(names[s[0]])]
    unseen = unseen_groups(arguments.para, arguments.experiment)
    parts = {
        "judging half": judged_on,
        "… of them not trained on": [s for s in judged_on if names[s[0]] in unseen],
        "choosing half": chosen_on,
        "both halves, not trained on": [s for s in series if names[s[0]] in unseen],
    }
    if arguments.fit:
        log_sharpness = np.log(np.maximum(values["sharpness"], FLAT))
        features = np.stack([values["score"], log_sharpness, -clipped], axis=1)
        weights = fit(chosen_on, rated, features)
        print("fitted on the choosing half: score, ln sharpness, -clipped:", weights.round(2))
    print(f"weights: {Mixture()}; too close below {TOO_CLOSE}")
    for name, part in parts.items():
        pictures, pairs = sum(map(len, part)), sum(len(pairs_of(s, rated)) for s in part)
        print(f"\n{name}: {len(part)} series, {pictures} pictures, {pairs} pairs")
        if len(part) < 2:
            continue
        chance = np.mean([np.mean(rated[s] == rated[s].max()) for s in part])
        print(f"  {'':26}{'top-1':26}pairs")
        per_series = {way: top_and_pairs(part, rated, utility) for way, utility in ways.items()}
        for way, columns in per_series.items():
            print(f"  {way:26}{told(columns)}")
        mixture, alone = (per_series[way] for way in list(ways)[:2])
        gain = [one - other for one, other in zip(mixture, alone, strict=True)]
        print(f"  {'mixture less score alone':26}{told(gain, '+.3f')}")
        print(f"  {'chance':26}{chance:.3f}                     .500")
        print(f"  best over runner-up, by preference: {close_calls(part, rated, mixed)}")


if __name__ == "__main__":
    main()
