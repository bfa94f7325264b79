"""Grouping: what holds for any photos, and the cases cameras and people make."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from iae.errors import ConfigError
from iae.series import grouping
from iae.series.grouping import GroupConfig, group_shots
from iae.series.likeness import CLOSE_FACTOR, NEXT_FACTOR

Vectors = np.ndarray


def scenes(count: int, shots: int, *, noise: float = 0.3, seed: int = 0) -> Vectors:
    """(count · shots, 64): scene after scene, the cosine within one near 1 / (1 + noise²)."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(count, 64))
    return np.repeat(centres, shots, axis=0) + noise * rng.normal(size=(count * shots, 64))


def at_cosine(*cosines: float) -> Vectors:
    """Unit vectors in a plane, each with this cosine to the one before; the first is (1, 0)."""
    angles = np.concatenate([[0], np.cumsum(np.arccos(cosines))])
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def in_runs(count: int, shots: int) -> list[list[int]]:
    return [list(range(i * shots, (i + 1) * shots)) for i in range(count)]


vectors = hnp.arrays(
    np.float32,
    st.tuples(st.integers(1, 25), st.just(3)),
    elements=st.integers(-4, 4).map(float),  # many equal ones, and many ties
)


@st.composite
def runs_of_shots(draw: st.DrawFn) -> dict[str, object]:
    """Everything that is given for some photos: vectors, times, clocks, bursts, file order."""
    given_vectors = draw(vectors)
    count = len(given_vectors)
    seconds = st.one_of(st.just(float("nan")), st.integers(0, 400).map(lambda s: s / 2))
    return {
        "vectors": given_vectors,
        "times": np.array(draw(st.lists(seconds, min_size=count, max_size=count))),
        "clocks": draw(st.lists(st.sampled_from("ab"), min_size=count, max_size=count)),
        "bursts": draw(st.lists(st.sampled_from(["", "", "x", "y"]),
                                min_size=count, max_size=count)),
        "order": np.array(draw(st.permutations(range(count)))),
    }  # fmt: skip


def group(run: dict[str, object], **settings: float) -> list[list[int]]:
    return group_shots(**run, config=GroupConfig(**settings))  # type: ignore[arg-type]


@given(runs_of_shots(), st.floats(0.05, 0.95))
def test_every_photo_is_in_exactly_one_group(run, alike):
    groups = group(run, alike=alike)
    assert sorted(i for own in groups for i in own) == list(range(len(run["vectors"])))
    assert groups == sorted(sorted(own) for own in groups)


@given(runs_of_shots(), st.floats(0.05, 0.95), st.randoms(use_true_random=False))
def test_another_order_of_the_photos_gives_the_same_groups(run, alike, random):
    count = len(run["vectors"])
    moved = list(range(count))
    random.shuffle(moved)
    shuffled = {name: [values[i] for i in moved] for name, values in run.items()}
    groups = group({**shuffled, "vectors": np.array(shuffled["vectors"])}, alike=alike)
    assert sorted(sorted(moved[i] for i in own) for own in groups) == group(run, alike=alike)


@given(vectors, st.floats(0.05, 0.95), st.randoms(use_true_random=False))
def test_another_order_gives_the_same_groups_also_where_file_order_is_not_known(
    some, alike, random
):
    moved = list(range(len(some)))
    random.shuffle(moved)
    groups = group_shots(some[moved], config=GroupConfig(alike=alike))
    kinds = [sorted(tuple(some[moved[i]]) for i in own) for own in groups]
    expected = group_shots(some, config=GroupConfig(alike=alike))
    assert sorted(kinds) == sorted(sorted(tuple(some[i]) for i in own) for own in expected)


@given(runs_of_shots(), st.floats(0.05, 0.95))
def test_no_pair_of_a_group_is_below_the_guard(run, alike):
    unit = run["vectors"] / np.maximum(np.linalg.norm(run["vectors"], axis=1), 1e-9)[:, None]
    lowest = 1 - (1 - alike) / CLOSE_FACTOR
    for own in group(run, alike=alike):
        cosines = (unit[own] @ unit[own].T)[~np.eye(len(own), dtype=bool)]
        assert cosines.min(initial=1) >= lowest - 1e-5


@given(st.integers(0, 10_000), st.floats(0.05, 0.9), st.floats(0.01, 0.09), st.booleans())
def test_a_higher_threshold_never_joins_what_a_lower_one_kept_apart(seed, low, more, timed):
    rng = np.random.default_rng(seed)  # no ties, with which it need not hold
    some = np.repeat(rng.normal(size=(10, 4)), 4, axis=0) + 0.5 * rng.normal(size=(40, 4))
    times = rng.uniform(0, 600, 40) if timed else None
    loose = group_shots(some, times=times, config=GroupConfig(alike=low))
    tight = group_shots(some, times=times, config=GroupConfig(alike=low + more))
    where = {i: k for k, own in enumerate(loose) for i in own}
    assert all(len({where[i] for i in own}) == 1 for own in tight)


@given(vectors, st.floats(0.05, 0.95))
def test_identical_photos_are_together(some, alike):
    groups = group_shots(some, config=GroupConfig(alike=alike))
    where = {i: k for k, own in enumerate(groups) for i in own}
    for i in range(len(some)):
        for j in range(i):
            if np.array_equal(some[i], some[j]) and some[i].any():
                assert where[i] == where[j]


def test_the_groups_are_those_of_scipy():
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import pdist

    some = scenes(60, 4, noise=0.9)
    number = fcluster(linkage(pdist(some, "cosine"), "complete"), 1 - 0.4, "distance")
    expected = sorted(np.flatnonzero(number == k).tolist() for k in np.unique(number))
    assert group_shots(some, config=GroupConfig(alike=0.4)) == expected


def test_scenes_come_apart_and_their_shots_together():
    assert group_shots(scenes(30, 3)) == in_runs(30, 3)


def test_one_photo_is_a_series_of_one_and_no_photo_none():
    assert group_shots(np.ones((1, 4))) == [[0]]
    assert group_shots(np.ones((0, 4))) == []


def test_a_chain_of_alike_photos_is_not_one_series():
    chain = at_cosine(*[0.95] * 15)  # each like the next; .95 is cos 18°, .8 is cos 37°
    groups = group_shots(chain, config=GroupConfig(alike=0.8))
    assert max(map(len, groups)) <= 3
    assert all(own == list(range(own[0], own[-1] + 1)) for own in groups)


def test_all_photos_identical_are_one_series():
    assert group_shots(np.ones((3000, 16))) == [list(range(3000))]


@pytest.mark.slow
def test_five_thousand_photos_of_one_burst_are_one_series():
    assert len(group_shots(scenes(1, 5000), times=np.arange(5000) / 20)) == 1


def test_more_photos_of_one_scene_than_are_held_at_once_are_cut_in_the_order_of_their_files(
    monkeypatch,
):
    monkeypatch.setattr(grouping, "MAX_COMPONENT", 50)
    order = np.random.default_rng(0).permutation(120)
    groups = group_shots(scenes(1, 120), order=order)
    places = sorted(sorted(order[own].tolist()) for own in groups)
    assert places == [list(range(40)), list(range(40, 80)), list(range(80, 120))]


def test_scenes_that_are_all_connected_are_divided_where_they_are_least_alike(monkeypatch):
    monkeypatch.setattr(grouping, "MAX_COMPONENT", 50)
    rng = np.random.default_rng(0)
    in_common = 0.65 * rng.normal(size=64)  # the cosine of two scenes is .3 ± .1
    some = scenes(40, 4, noise=0.2) + in_common
    groups = group_shots(some, config=GroupConfig(alike=0.4))
    scene_of = [sorted({i // 4 for i in own}) for own in groups]
    assert sorted(scene for own in scene_of for scene in own) == list(range(40))
    assert max(map(len, groups)) <= 50


def test_the_same_scene_at_another_time_is_another_series():
    twice = at_cosine(0.99, 0.99, 0.99)
    assert group_shots(twice, times=[0, 1, 3600, 3601]) == [[0, 1], [2, 3]]
    assert group_shots(twice) == [[0, 1, 2, 3]]


def test_shots_close_in_time_may_look_less_alike():
    pair = at_cosine(0.5)
    assert group_shots(pair, config=GroupConfig(alike=0.6)) == [[0], [1]]
    assert group_shots(pair, times=[0, 0.5], config=GroupConfig(alike=0.6)) == [[0, 1]]
    assert CLOSE_FACTOR * (1 - 0.5) < 1 - 0.6


def test_a_burst_counts_as_close_in_time_whatever_the_clock_says():
    pair = at_cosine(0.5)
    assert group_shots(pair, bursts=["x", "x"], times=[0, 9e9]) == [[0, 1]]
    assert group_shots(pair, bursts=["x", "y"]) == [[0], [1]]


def test_the_order_of_files_is_a_weak_hint():
    cosine = 1 - (1 - 0.6) / NEXT_FACTOR + 0.01
    pair = at_cosine(cosine)
    assert cosine < 0.6
    assert group_shots(pair, order=[7, 8], config=GroupConfig(alike=0.6)) == [[0, 1]]
    assert group_shots(pair, order=[7, 80], config=GroupConfig(alike=0.6)) == [[0], [1]]
    assert group_shots(pair, config=GroupConfig(alike=0.6)) == [[0], [1]]


def test_times_of_two_cameras_are_not_compared():
    four = at_cosine(0.99, 0.99, 0.99)
    times = [0, 1, 7200, 7201]  # the clock of the second is two hours ahead
    groups = group_shots(four, times=times, clocks=["a", "a", "b", "b"])
    assert groups == [[0, 1, 2, 3]]
    assert group_shots(at_cosine(0.5), times=[0, 0], clocks=["a", "b"]) == [[0], [1]]


def test_a_photo_without_a_time_joins_by_its_looks():
    three = at_cosine(0.9, 0.9)
    assert group_shots(three, times=[0, np.nan, 1]) == [[0, 1, 2]]


def test_times_in_whole_minutes_make_no_series_of_what_looks_different():
    minutes = [0, 0, 60, 60]  # four scenes in two minutes
    unlike = at_cosine(0.5, 0.5, 0.5)
    assert group_shots(unlike, times=minutes) == [[0], [1], [2], [3]]
    assert group_shots(unlike, times=[0, 1, 61, 62], config=GroupConfig(gap=30)) == [[0, 1], [2, 3]]


def test_a_longer_gap_allows_longer_pauses():
    pair = at_cosine(0.9)
    assert group_shots(pair, times=[0.5, 90], config=GroupConfig(gap=60)) == [[0], [1]]
    assert group_shots(pair, times=[0.5, 90], config=GroupConfig(gap=120)) == [[0, 1]]


def test_impossible_settings_are_refused():
    with pytest.raises(ConfigError, match="alike must lie between 0 and 1, got 1.5; 0.6 is usual"):
        GroupConfig(alike=1.5)
    with pytest.raises(ConfigError, match="gap must be 0 seconds or more, got nan"):
        GroupConfig(gap=float("nan"))


def test_wrong_arrays_are_refused():
    with pytest.raises(ValueError, match=r"wanted vectors of shape \(N, D\), got \(4,\)"):
        group_shots(np.ones(4))
    with pytest.raises(ValueError, match="not finite; leave unreadable photos out"):
        group_shots([[np.nan, 1.0]])
    with pytest.raises(ValueError, match="2 vectors, but"):
        group_shots(np.ones((2, 4)), times=[0.0])
