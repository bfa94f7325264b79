"""Quality against polarity: worked by hand, against scipy, and against the plain bootstrap."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.stats.contingency import odds_ratio as scipy_odds_ratio

from iae.data.records import ImageRecord
from iae.labels import EMOTIONS
from iae.metrics import bootstrap
from iae.stats.association import (
    by_polarity,
    odds_ratio,
    phi,
    polarity_claim,
    score_means,
    wald_odds_ratio,
    wilson_interval,
)
from iae.stats.count_bootstrap import drawn_counts
from iae.stats.counts import ImageLabels, image_labels

TABLE = np.array([[30, 10], [20, 40]])
CELLS = st.lists(st.integers(1, 500), min_size=4, max_size=4)


def labelled(
    counts: dict[str, tuple[int, int]], *, group_size: int | None = None, score: bool = False
) -> ImageLabels:
    """Emotion -> (high, low) images, in runs of one group where a size is given."""
    kinds = [
        (emotion, high)
        for emotion, pair in counts.items()
        for high, images in zip((True, False), pair, strict=True)
        for _ in range(images)
    ]
    return image_labels([
        ImageRecord(path=Path("a"), name=str(i), source="toy", emotion=emotion, aesthetic_high=high,
                    aesthetic_mean=(8.0 if high else 2.0) if score else None,
                    group=None if group_size is None else str(i // group_size))
        for i, (emotion, high) in enumerate(kinds)
    ])  # fmt: skip


TOY = {"awe": (20, 5), "amusement": (10, 5), "fear": (15, 10), "anger": (5, 30)}
"""Its table of polarities is TABLE."""


# The 2×2 table


def test_the_odds_ratio_worked_by_hand():
    assert odds_ratio(TABLE) == pytest.approx(30 * 40 / (10 * 20))


@given(CELLS)
def test_the_odds_ratio_is_the_sample_odds_ratio_of_scipy(cells):
    table = np.reshape(cells, (2, 2))
    assert odds_ratio(table) == pytest.approx(
        scipy_odds_ratio(table, kind="sample").statistic, rel=1e-9
    )


@given(CELLS)
def test_walds_interval_is_that_of_scipy(cells):
    table = np.reshape(cells, (2, 2))
    reference = scipy_odds_ratio(table, kind="sample").confidence_interval(0.95)
    assert wald_odds_ratio(table)[1:] == pytest.approx(tuple(reference), rel=1e-9)


@given(CELLS)
def test_phi_is_the_correlation_of_the_two_labels_one_an_image(cells):
    positive = np.repeat([1, 1, 0, 0], cells)
    high = np.repeat([1, 0, 1, 0], cells)
    assert phi(np.reshape(cells, (2, 2))) == pytest.approx(np.corrcoef(positive, high)[0, 1])


@given(CELLS)
def test_phi_squared_is_chi_squared_per_image(cells):
    table = np.reshape(cells, (2, 2))
    chi2 = stats.chi2_contingency(table, correction=False).statistic
    assert float(phi(table)) ** 2 == pytest.approx(chi2 / table.sum(), abs=1e-12)


@given(CELLS)
def test_swapping_the_rows_inverts_the_odds_ratio_and_negates_phi(cells):
    table = np.reshape(cells, (2, 2))
    assert odds_ratio(table[::-1]) == pytest.approx(1 / odds_ratio(table))
    assert phi(table[::-1]) == pytest.approx(-phi(table))


def test_an_empty_cell_leaves_the_odds_ratio_undefined_but_not_phi():
    table = np.array([[5, 0], [3, 4]])
    assert math.isnan(odds_ratio(table))
    assert all(map(math.isnan, wald_odds_ratio(table)))
    assert phi(table) > 0


def test_phi_of_one_kind_of_image_is_undefined():
    assert math.isnan(phi(np.array([[5, 3], [0, 0]])))


@pytest.mark.parametrize(("hits", "of"), [(0, 4), (4, 4), (3, 7), (870, 1000)])
def test_wilsons_interval_is_that_of_scipy(hits, of):
    reference = stats.binomtest(hits, of).proportion_ci(0.95, method="wilson")
    assert wilson_interval(hits, of) == pytest.approx((hits / of, reference.low, reference.high))


def test_the_share_of_nothing_is_undefined():
    assert all(map(math.isnan, wilson_interval(0, 0)))


def test_rows_of_emotions_become_rows_of_polarities():
    assert by_polarity(np.arange(16).reshape(8, 2)).tolist() == [[12, 16], [44, 48]]


# The claim


def test_the_claim_worked_by_hand():
    claim = polarity_claim(labelled(TOY))
    assert claim.table == ((30, 10), (20, 40))
    assert claim.odds_ratio.value == claim.odds_ratio_wald.value == pytest.approx(6)
    assert claim.high_shares["positive"].value == pytest.approx(0.75)
    assert claim.difference.value == pytest.approx(0.75 - 1 / 3)
    assert claim.phi.value == pytest.approx(1000 / math.sqrt(40 * 60 * 50 * 50))
    assert claim.emotions["awe"] == pytest.approx(wilson_interval(20, 25))
    assert math.isnan(claim.emotions["sadness"].value)
    assert not claim.grouped


@pytest.mark.parametrize(
    ("counts", "direction"),
    [
        (TOY, "more"),
        ({"awe": (5, 30), "fear": (30, 5)}, "less"),
        ({"awe": (10, 10), "fear": (10, 11)}, "unclear"),
        ({"awe": (10, 10)}, "unclear"),
    ],
)
def test_the_direction_of_the_claim_is_said(counts, direction):
    assert polarity_claim(labelled(counts)).direction == direction


def test_images_without_emotion_or_quality_are_left_out():
    labels = labelled(TOY)
    labels.emotion[0], labels.quality[-1] = -1, -1
    assert polarity_claim(labels).table == ((29, 10), (20, 39))


def test_the_claim_needs_an_image_with_both_labels():
    with pytest.raises(ValueError, match="both an emotion and a quality"):
        polarity_claim(image_labels([]))


@pytest.mark.parametrize("group_size", [None, 4])
def test_intervals_are_those_of_the_plain_bootstrap(group_size):
    labels = labelled(TOY, group_size=group_size)
    cells = (labels.emotion >= 4) * 2 + labels.quality

    def table(i: np.ndarray) -> np.ndarray:
        return np.bincount(cells[i], minlength=4).reshape(2, 2)

    plain = {
        name: bootstrap(lambda i, f=figure: float(f(table(i))), len(cells), groups=labels.groups,
                        resamples=4000, seed=1)
        for name, figure in (("phi", phi), ("odds", lambda t: np.log(odds_ratio(t))))
    }  # fmt: skip
    claim = polarity_claim(labels, resamples=4000)
    assert claim.phi == pytest.approx(plain["phi"], abs=0.02)
    assert np.log(claim.odds_ratio) == pytest.approx(plain["odds"], abs=0.12)


def test_groups_of_equal_images_widen_the_intervals_and_that_is_marked():
    alone, grouped = (polarity_claim(labelled(TOY, group_size=size)) for size in (None, 5))
    assert grouped.grouped
    assert grouped.phi.value == alone.phi.value
    assert grouped.phi.high - grouped.phi.low > 1.5 * (alone.phi.high - alone.phi.low)
    awe = grouped.emotions["awe"]
    assert awe.high - awe.low > 1.2 * (alone.emotions["awe"].high - alone.emotions["awe"].low)


# Mean scores


def test_mean_scores_worked_by_hand():
    means = score_means(labelled(TOY, score=True))
    assert means.emotions["awe"].value == pytest.approx((20 * 8 + 5 * 2) / 25)
    assert means.polarities["positive"].value == pytest.approx((30 * 8 + 10 * 2) / 40)
    assert means.difference.value == pytest.approx(6 * (0.75 - 1 / 3))
    assert math.isnan(means.emotions["sadness"].value)


@pytest.mark.parametrize("grouped", [False, True])
def test_intervals_of_mean_scores_are_those_of_the_plain_bootstrap(grouped):
    rng = np.random.default_rng(0)
    labels = labelled({"awe": (150, 50), "fear": (40, 60)}, group_size=3 if grouped else None)
    labels.score[:] = rng.normal(5, 1.5, len(labels.score))
    awe = labels.emotion == EMOTIONS.index("awe")
    plain = bootstrap(lambda i: float(labels.score[i][awe[i]].mean()), len(awe),
                      groups=labels.groups, resamples=3000, seed=1)  # fmt: skip
    means = score_means(labels, resamples=3000)
    assert means.emotions["awe"] == pytest.approx(plain, abs=0.03)


def test_mean_scores_need_an_image_with_both():
    with pytest.raises(ValueError, match="both an emotion and a score"):
        score_means(labelled(TOY))


# The draws below all of them


@pytest.mark.parametrize("groups", [None, np.repeat(np.arange(50), 2)], ids=["alone", "grouped"])
def test_drawn_counts_sum_to_the_drawn_images_and_are_right_on_average(groups):
    kind = np.arange(100) % 3
    drawn = np.concatenate(list(drawn_counts(kind, 3, groups=groups, resamples=2000)))
    assert drawn.shape == (2000, 3)
    assert (drawn.sum(axis=1) == 100).all()
    assert drawn.mean(axis=0) == pytest.approx(np.bincount(kind), abs=0.6)


def test_both_ways_to_draw_images_have_the_same_distribution():
    few, many = (
        np.concatenate(list(drawn_counts(np.repeat([0, 1], [30, 70]), kinds, resamples=4000)))[:, 0]
        for kinds in (2, 50)  # of 100 images, 50 kinds are too many for a multinomial
    )
    assert few.mean() == pytest.approx(many.mean(), abs=0.4)
    assert few.std() == pytest.approx(many.std(), abs=0.3)
    assert few.std() == pytest.approx(math.sqrt(100 * 0.3 * 0.7), abs=0.2)
