"""How well photos are divided into series: PARA's groups, made-up times, and FI-8, which has few.

    python benchmarks/series_judged.py PARA FI8 [--cache FOLDER] [--sheets FOLDER]

PARA's groups were found automatically by its authors' copy and are not complete: of the pairs that
are found here and not there, most are shots of one scene, too (``--sheets`` writes pictures to look
at). Precision is therefore a lower bound. Of identical pictures one is kept. ``alike`` is chosen on
half of the groups for each way of comparing, as what gives the best F1 of pairs there; everything
printed is of the other half, with 95 % bootstrap intervals over groups.
"""

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from series_space import embed, is_judged, photo_rows

from iae.images.similar import describe
from iae.metrics import bootstrap
from iae.scoring.session import DEFAULT_MODEL
from iae.series.grouping import GroupConfig, group_shots
from iae.series.linkage import Components
from iae.series.shots import load_space, shot_vectors

GRID = np.arange(0.44, 0.91, 0.02)


def numbers(groups: Iterable[Sequence[int]], count: int) -> np.ndarray:
    """Groups of indices -> (N,) number of the group."""
    number = np.zeros(count, int)
    for k, members in enumerate(groups):
        number[list(members)] = k
    return number


def sums(found: np.ndarray, true: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Per photo what the figures are ratios of, (N, 6), and its group of dependent photos (N,).

    Columns: pairs right, found, true (each pair half a pair of its two photos); B-cubed precision,
    recall and one, of photos that are in a series by either.
    """
    joint = np.unique(np.stack([found, true]), axis=1, return_inverse=True)[1].ravel()
    both, own, labelled = (np.bincount(x)[x] for x in (joint, found, true))
    counted = (own > 1) | (labelled > 1)
    columns = [(both - 1) / 2, (own - 1) / 2, (labelled - 1) / 2]
    columns += [both / own * counted, both / labelled * counted, counted]
    connected = Components(len(found))
    for number in (found, true):
        order = np.argsort(number, kind="stable")
        same = np.diff(number[order]) == 0
        connected.link(order[:-1][same], order[1:][same])
    return np.stack(columns, axis=1), connected.label


def figures(found: np.ndarray, true: np.ndarray) -> str:
    """Pairs and B-cubed, precision and recall with their intervals."""
    table, dependent = sums(found, true)
    in_series = np.flatnonzero(table[:, 5])
    table, dependent = table[in_series], dependent[in_series]
    text = []
    for over, under in ((0, 1), (0, 2), (3, 5), (4, 5)):

        def ratio(draw: np.ndarray, over: int = over, under: int = under) -> float:
            return float(table[draw, over].sum() / table[draw, under].sum())

        value, low, high = bootstrap(ratio, len(table), groups=dependent)
        text.append(f"{value:.3f} ({low:.3f}-{high:.3f})")
    return "  ".join(text)


def pair_f1(found: np.ndarray, true: np.ndarray) -> float:
    """Of pairs."""
    table, _ = sums(found, true)
    right, own, labelled = table[:, :3].sum(axis=0)
    return float(2 * right / (own + labelled))


def unlike(embeddings: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Indices without those that show the same picture as an earlier one of their group."""
    unit = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    kept = []
    for number in np.unique(group):
        own: list[int] = []
        for i in np.flatnonzero(group == number):
            if not any(unit[i] @ unit[j] > 0.9995 for j in own):
                own.append(int(i))
        kept += own
    return np.sort(kept)


def made_up_times(group: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Shots of a group .2-2 s after each other; 5 s to 10 min from one group to the next."""
    times, now = np.zeros(len(group)), 0.0
    for number in rng.permutation(np.unique(group)):
        now += np.exp(rng.uniform(np.log(5), np.log(600)))
        for i in np.flatnonzero(group == number):
            times[i] = now
            now += rng.uniform(0.2, 2)
    return times


def sheet(pairs: Sequence[tuple[int, int]], paths: Sequence[Path], target: Path) -> None:
    """Pairs of pictures side by side, eight pairs a row (of FI-8 one pair a group)."""
    side, across = 112, 8
    page = Image.new("RGB", (across * (2 * side + 8), -(-len(pairs) // across) * (side + 6)))
    for k, pair in enumerate(pairs):
        for half, i in enumerate(pair):
            picture = Image.open(paths[i]).convert("RGB").resize((side, side))
            page.paste(picture, ((k % across) * (2 * side + 8) + half * side,
                                 k // across * (side + 6)))  # fmt: skip
    page.save(target)


def found_pairs(groups: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """All pairs within groups."""
    return [(a, b) for own in groups for k, a in enumerate(own) for b in own[k + 1 :]]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("para", type=Path)
    parser.add_argument("fi8", type=Path)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--sheets", type=Path)
    arguments = parser.parse_args()

    rows = photo_rows(arguments.para)
    names = [row["image"] for row in rows]
    cache = arguments.cache and arguments.cache / "para-embedded.npz"
    raw, small = embed(arguments.para, names, DEFAULT_MODEL, cache)
    group = np.unique([row["group"] for row in rows], return_inverse=True)[1]
    kept = unlike(raw, group)
    judged = np.array([is_judged(rows[i]["group"]) for i in kept])
    space = load_space()
    vectors = shot_vectors(raw, small, space)
    axes = space.projection.shape[1]
    unlabelled = raw[kept[~judged]]
    ways = {
        "features as they are": raw,
        "features, centred": raw - unlabelled.mean(axis=0),
        "features, whitened": vectors[:, :axes],
        "perceptual hash (DCT)": describe(small),
        "whitened + hash": vectors,
    }
    choose, test = kept[~judged], kept[judged]
    for name, part in (("chosen on", choose), ("judged on", test)):
        count = np.bincount(group[part])
        print(f"PARA, {name}: {len(part):,} photos, {(count > 1).sum()} series of 2-{count.max()}, "
              f"{(count * (count - 1) // 2).sum()} pairs")  # fmt: skip
    print(f"\n{'':28}{'alike':>6}  {'pairs: precision':22}{'recall':22}{'B3: precision':22}recall")
    for name, way in ways.items():
        f1 = [pair_f1(numbers(group_shots(way[choose], config=GroupConfig(alike=a)), len(choose)),
                      group[choose]) for a in GRID]  # fmt: skip
        alike = float(GRID[int(np.argmax(f1))])
        found = numbers(group_shots(way[test], config=GroupConfig(alike=alike)), len(test))
        print(f"{name:28}{alike:6.2f}  {figures(found, group[test])}", flush=True)

    print("\nwhitened + hash at other thresholds; of FI-8, groups of 2 or more")
    times = made_up_times(group[test], np.random.default_rng(0))
    fi8_rows = photo_rows(arguments.fi8)
    cache = arguments.cache and arguments.cache / "fi8-embedded.npz"
    fi8_names = [row["image"] for row in fi8_rows]
    fi8 = shot_vectors(*embed(arguments.fi8, fi8_names, DEFAULT_MODEL, cache), space)
    for alike in (0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7):
        config = GroupConfig(alike=alike)
        groups = group_shots(vectors[test], config=config)
        timed = group_shots(vectors[test], times=times, config=config)
        others = group_shots(fi8, config=config)
        print(f"{'  no times':28}{alike:6.2f}  {figures(numbers(groups, len(test)), group[test])}")
        print(
            f"{'  made-up times':28}{alike:6.2f}  {figures(numbers(timed, len(test)), group[test])}"
        )
        series = [own for own in others if len(own) > 1]
        print(
            f"{'  FI-8, no times':28}{alike:6.2f}  {len(series)} groups, "
            f"{sum(map(len, series))} of {len(fi8):,} photos, largest {max(map(len, series))}",
            flush=True,
        )
        if arguments.sheets:
            rng = np.random.default_rng(1)
            new = [p for p in found_pairs(groups) if group[test[p[0]]] != group[test[p[1]]]]
            for what, chosen, paths in (
                ("para-unlabelled", new, [arguments.para / names[i] for i in test]),
                (
                    "fi8",
                    [(own[0], own[-1]) for own in series],
                    [arguments.fi8 / name for name in fi8_names],
                ),
            ):
                some = rng.permutation(len(chosen))[:64]
                if len(some):
                    sheet([chosen[i] for i in some], paths,
                          arguments.sheets / f"{what}-{alike:.2f}.png")  # fmt: skip


if __name__ == "__main__":
    main()
