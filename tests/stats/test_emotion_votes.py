import numpy as np
import pytest

from iae.stats.emotion_votes import confusion, vote_statistics


def test_entropy_winner_and_ties_are_those_worked_by_hand():
    found = vote_statistics(np.array([[4.0, 0, 0], [2, 2, 0], [1, 1, 2], [0, 0, 0]]))
    assert found.entropy == pytest.approx([0, 1, 1.5, np.nan], nan_ok=True)
    assert found.winner.tolist() == [0, 0, 2, -1]
    assert found.winner_share == pytest.approx([1, 0.5, 0.5, np.nan], nan_ok=True)
    assert found.is_tie.tolist() == [False, True, False, False]


def test_confusion_is_the_chance_of_what_a_second_voter_says():
    votes = np.array([[2.0, 1, 0], [0, 1, 1]])
    said = np.zeros((3, 3))
    for row in votes.astype(int):
        voters = np.repeat(np.arange(3), row)
        for i, first in enumerate(voters):
            for j, second in enumerate(voters):
                if i != j:
                    said[first, second] += 1 / (len(voters) - 1)
    assert confusion(votes) == pytest.approx(said / said.sum(axis=1, keepdims=True))


def test_an_emotion_nobody_chose_has_no_confusion():
    found = confusion(np.array([[2.0, 1, 0], [0, 0, 1]]))
    assert np.isnan(found[2]).all()  # its one voter was alone
    assert found[:2].sum(axis=1) == pytest.approx(1)


def test_no_votes_at_all_give_nan_without_a_warning():
    assert np.isnan(confusion(np.zeros((2, 3)))).all()
    assert np.isnan(vote_statistics(np.zeros((2, 3))).entropy).all()
