"""Complete linkage and connected components, against scipy and plain definitions."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from iae.series.linkage import Components, complete_linkage


@given(st.integers(0, 10_000), st.integers(1, 40), st.floats(0, 1))
def test_complete_linkage_is_that_of_scipy(seed, count, least):
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    likeness = np.random.default_rng(seed).random((count, count)).astype(np.float32)
    likeness = np.minimum(likeness, likeness.T)
    np.fill_diagonal(likeness, 1)
    got = complete_linkage(likeness.copy(), least)
    if count == 1:
        assert got.tolist() == [0]
        return
    distance = squareform(1 - likeness.astype(np.float64), checks=False)
    number = fcluster(linkage(distance, "complete"), 1 - least, "distance")
    first = [int(np.flatnonzero(number == k)[0]) for k in number]
    assert got.tolist() == first


def test_nothing_is_grouped_where_nothing_is_alike():
    assert complete_linkage(np.zeros((4, 4), np.float32), 0.5).tolist() == [0, 1, 2, 3]


@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=40), st.integers(1, 9))
def test_components_are_those_of_scipy_however_the_links_are_cut(links, size):
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    found = Components(20)
    for start in range(0, len(links), size):
        a, b = np.array(links[start : start + size]).T
        found.link(a, b)
    a, b = np.array(links, int).reshape(-1, 2).T
    graph = coo_array((np.ones(len(a)), (a, b)), shape=(20, 20))
    number = connected_components(graph, directed=False)[1]
    sets = [np.flatnonzero(number == k).tolist() for k in np.unique(number)]
    assert [own.tolist() for own in found.sets()] == sorted(s for s in sets if len(s) > 1)
