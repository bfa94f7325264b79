import numpy as np
import pytest
from scipy import stats
from studies import NAN, ratings_of, simulated

from iae.stats.leave_one_out import leave_one_out
from iae.stats.raters import rater_model
from iae.stats.rating_design import is_complete, panels, without_repeats

BIAS = np.array([1.5, -1.0, 0.5, 0.0, -1.0, 0.0, 0.5, -0.5])
NOISE = np.array([0.5, 1.0, 1.5, 2.0, 1.0, 3.0, 1.0, 1.0])


@pytest.mark.parametrize("share", [1.0, 0.4], ids=["complete", "incomplete"])
def test_planted_bias_and_noise_are_recovered(share):
    ratings, quality = simulated(items=2000, bias=BIAS, noise=NOISE, share=share)
    model = rater_model(ratings)
    assert model.converged
    assert model.bias == pytest.approx(BIAS - BIAS.mean(), abs=0.2)
    assert model.inconsistency == pytest.approx(NOISE, rel=0.12)
    rated = ~np.isnan(model.quality)
    assert np.corrcoef(model.quality[rated], quality[rated])[0, 1] > 0.85


def test_biases_are_off_by_about_their_standard_error():
    errors = []
    for seed in range(30):
        ratings, _ = simulated(items=60, bias=np.tile(BIAS, 5), noise=np.tile(NOISE, 5), seed=seed)
        model = rater_model(ratings)
        errors.append((model.bias - np.tile(BIAS - BIAS.mean(), 5)) / model.bias_error)
    assert np.std(errors) == pytest.approx(1, abs=0.12)


def test_quality_is_nearer_to_the_truth_than_the_mean():
    ratings, quality = simulated(items=2000, bias=BIAS, noise=NOISE, share=0.5)
    found, mean = rater_model(ratings).quality, ratings.mean_per_item()
    rated = ~np.isnan(mean)

    def error(estimate):
        return np.std((estimate - quality)[rated])

    assert error(found) < 0.8 * error(mean)


def test_many_raters_get_what_the_published_rule_gives():
    # ITU-T P.910's alternating projection as it stands, on a complete matrix.
    ratings, _ = simulated(items=300, bias=np.tile(BIAS, 12), noise=np.tile(NOISE, 12))
    u = ratings.to_matrix()
    psi = u.mean(axis=1)
    for _ in range(100):
        delta = (u - psi[:, None]).mean(axis=0)
        rest = u - psi[:, None] - delta
        weight = 1 / rest.std(axis=0) ** 2
        psi = ((u - delta) * weight).sum(axis=1) / weight.sum()
    model = rater_model(ratings)
    assert model.bias == pytest.approx(delta - delta.mean(), abs=1e-3)
    assert model.inconsistency == pytest.approx(rest.std(axis=0), rel=0.05)


def test_two_raters_are_equally_uncertain():
    ratings, _ = simulated(items=100, bias=[1, -1], noise=[1, 1])
    model = rater_model(ratings)
    assert model.inconsistency[0] == pytest.approx(model.inconsistency[1])
    assert model.bias[0] == pytest.approx(-model.bias[1])


def test_two_ratings_do_not_make_a_rater_certain():
    ratings, _ = simulated(items=100, bias=np.zeros(6), noise=np.full(6, 1.0))
    matrix = np.column_stack([ratings.to_matrix(), np.full(100, NAN)])
    matrix[:2, 6] = np.nanmean(matrix[:2], axis=1)  # by chance just the mean of the others
    assert rater_model(ratings_of(matrix)).inconsistency[6] > 0.4


def test_a_rater_without_ratings_has_no_figures():
    model = rater_model(ratings_of([[1, 4, NAN], [7, 7, NAN], [4, 10, NAN]]))
    assert np.isnan([model.bias[2], model.inconsistency[2], model.bias_error[2]]).all()
    assert model.panel.tolist() == [0, 0, -1]


def test_a_rater_of_one_item_has_a_bias_and_no_consistency():
    model = rater_model(ratings_of([[1, 4, 10], [7, 7, NAN], [4, 10, NAN]]))
    assert model.bias[2] > 0
    assert np.isnan(model.inconsistency[2])


@pytest.mark.parametrize(
    "matrix",
    [[[4.0], [7.0]], [[4.0, 7.0]], [[4, 4], [4, 4]], [[4, NAN], [NAN, 7]], [[NAN, NAN]]],
    ids=["one rater", "one item", "all equal", "no overlap", "no ratings"],
)
def test_degenerate_studies_end_without_a_warning(matrix):
    ratings = ratings_of(matrix)
    model = rater_model(ratings)
    assert model.quality == pytest.approx(ratings.mean_per_item(), nan_ok=True)
    assert np.nansum(model.bias) == pytest.approx(0)
    assert np.isnan(leave_one_out(ratings).srcc).all()


# Panels and repeats


def test_raters_without_common_items_are_two_panels_with_biases_of_their_own():
    top, _ = simulated(items=50, bias=[1, -1], noise=[0.1, 0.1])
    bottom, _ = simulated(items=50, bias=[3, 5], noise=[0.1, 0.1])
    matrix = np.full((100, 4), NAN)
    matrix[:50, ::2], matrix[50:, 1::2] = top.to_matrix(), bottom.to_matrix()
    model = rater_model(ratings_of(matrix))
    assert model.panel.tolist() == [0, 1, 0, 1]
    assert model.bias == pytest.approx([1, -1, -1, 1], abs=0.1)


def test_raters_linked_over_others_are_one_panel():
    chain = [[1, 4, NAN, NAN], [NAN, 4, 7, NAN], [NAN, NAN, 7, 10]]
    assert panels(ratings_of(chain)).tolist() == [0, 0, 0, 0]
    assert panels(ratings_of([[NAN, NAN]])).tolist() == [-1, -1]


def test_of_a_raters_repeats_the_last_counts():
    from iae.data.ratings import Ratings

    item, rater = np.array([[1, 0, 1, 1], [0, 1, 1, 0]], np.int32)
    value = np.array([1.0, 4, 7, 10])
    ratings = Ratings(items="ab", raters="rs", item=item, rater=rater, value=value)
    once, repeats = without_repeats(ratings)
    assert repeats == 1
    assert once.to_matrix() == pytest.approx(ratings.to_matrix(), nan_ok=True)
    assert len(once.value) == 3


def test_a_design_is_complete_when_everybody_rated_everything():
    assert is_complete(ratings_of([[1, 4], [4, 7]]))
    assert is_complete(ratings_of([[1, 4, NAN], [NAN, NAN, NAN]]))
    assert not is_complete(ratings_of([[1, 4], [4, NAN]]))


# Agreement with the others


def test_agreement_is_the_correlation_with_the_mean_of_the_others():
    rng = np.random.default_rng(0)
    matrix = np.clip(np.rint(rng.normal(5, 2, (60, 1)) + rng.normal(0, 2, (60, 5))), 1, 10)
    matrix[rng.random(matrix.shape) < 0.3] = NAN
    found = leave_one_out(ratings_of(matrix))
    for j in range(5):
        others = np.delete(matrix, j, axis=1)
        both = ~np.isnan(matrix[:, j]) & (~np.isnan(others)).any(axis=1)
        own, theirs = matrix[both, j], np.nanmean(others[both], axis=1)
        assert found.common[j] == both.sum()
        assert found.srcc[j] == pytest.approx(stats.spearmanr(own, theirs).statistic)
        assert found.plcc[j] == pytest.approx(stats.pearsonr(own, theirs).statistic)


def test_an_inverse_rater_agrees_negatively_and_a_random_one_hardly():
    ratings, _ = simulated(items=500, bias=np.zeros(10), noise=np.full(10, 1.0))
    matrix = ratings.to_matrix()
    matrix[:, 3] = 11 - matrix[:, 3]
    matrix[:, 7] = np.random.default_rng(1).uniform(1, 10, 500)
    found = leave_one_out(ratings_of(matrix)).srcc
    assert found[3] < -0.5
    assert abs(found[7]) < 0.15
    assert np.delete(found, [3, 7]).min() > 0.6


def test_a_rater_who_gives_one_score_has_no_correlation():
    assert np.isnan(leave_one_out(ratings_of([[4, 1, 2], [4, 7, 5], [4, 10, 9]])).srcc[0])
