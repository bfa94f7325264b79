"""A vote is stored once, may be changed and taken back, and everything stays in the history."""

import threading
from itertools import count

import pytest
from sqlalchemy import select

from iae.study.errors import AnswerError, KeyReusedError, UnknownIdError
from iae.study.schema import ASSIGNMENT, IMAGE, VOTE, Action
from iae.study.service import open_study

GOOD, BAD = {"quality": "good"}, {"quality": "bad"}
_KEYS = count()


def new_key() -> str:
    return f"key-{next(_KEYS):08d}"


def joined(study):
    return study.rater(study.invite()[1])


def history(study):
    with study.storage.reading() as connection:
        rows = connection.execute(select(VOTE.c.action, VOTE.c.answers).order_by(VOTE.c.id)).all()
    return [(Action(row.action), row.answers) for row in rows]


def counts(study):
    """Votes and load of all images, as the images say."""
    with study.storage.reading() as connection:
        rows = connection.execute(select(IMAGE.c.votes, IMAGE.c.load)).all()
    return sum(row.votes for row in rows), sum(row.load for row in rows)


def test_a_vote_is_there_after_the_study_was_closed_and_opened_again(make_study, database):
    study = make_study(settings=f'database = "{database}"')
    rater = joined(study)
    now = study.next_images(rater).assignments[0]
    done = study.vote(rater, now.id, new_key(), GOOD, 2.5, {"width": 390, "input": "touch"})
    assert (done.assignment, done.number, done.repeated, done.changed) == (now.id, 1, False, False)
    study.close()
    with open_study(study.folder) as again:
        assert again.progress(rater).rated == 1
        with again.storage.reading() as connection:
            row = connection.execute(select(VOTE)).one()
    assert (row.answers, row.seconds) == ('{"quality": "good"}', 2.5)
    assert row.conditions == '{"input": "touch", "width": 390}'


def test_the_same_key_again_is_acknowledged_again_and_stored_once(make_study, database):
    study = make_study(settings=f'database = "{database}"')
    rater, key = joined(study), new_key()
    now = study.next_images(rater).assignments[0]
    first = study.vote(rater, now.id, key, GOOD)
    again = study.vote(rater, now.id, key, GOOD)
    assert (first.repeated, again.repeated, again.number) == (False, True, first.number)
    assert history(study) == [(Action.CAST, '{"quality": "good"}')]
    assert counts(study)[0] == 1


def test_one_key_sent_by_many_threads_at_once_is_one_vote(make_study, database):
    study = make_study(settings=f'database = "{database}"')
    rater, key = joined(study), new_key()
    now = study.next_images(rater).assignments[0]
    done = []

    def send():
        done.append(study.vote(rater, now.id, key, GOOD))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.repeated for one in done) == [False] + [True] * 7
    assert len(history(study)) == 1


def test_a_key_with_another_vote_is_refused(make_study, database):
    study = make_study(settings=f'database = "{database}"')
    rater, key = joined(study), new_key()
    first, second, _ = study.next_images(rater).assignments
    study.vote(rater, first.id, key, GOOD)
    with pytest.raises(KeyReusedError, match="a new vote needs a key of its own"):
        study.vote(rater, first.id, key, BAD)
    with pytest.raises(KeyReusedError):
        study.vote(rater, second.id, key, GOOD)
    with pytest.raises(KeyReusedError):
        study.undo_last(rater, key)
    assert len(history(study)) == 1


def test_another_key_on_the_same_image_changes_the_vote_and_keeps_the_old_one(make_study, database):
    study = make_study(settings=f'database = "{database}"')
    rater = joined(study)
    now = study.next_images(rater).assignments[0]
    study.vote(rater, now.id, new_key(), GOOD)
    assert study.vote(rater, now.id, new_key(), BAD).changed
    assert [action for action, _ in history(study)] == [Action.CAST, Action.CHANGED]
    assert study.progress(rater).rated == 1
    assert counts(study)[0] == 1


def test_an_undone_vote_gives_its_image_back_with_what_was_said(make_study, database):
    study = make_study(settings=f'database = "{database}"')
    rater, undo = joined(study), new_key()
    first, second, _ = study.next_images(rater).assignments
    study.vote(rater, first.id, new_key(), GOOD)
    study.vote(rater, second.id, new_key(), BAD)
    back = study.undo_last(rater, undo)
    assert (back.id, back.answers) == (second.id, BAD)
    assert study.undo_last(rater, undo) == back  # a retry takes nothing more back
    assert study.next_images(rater).assignments[0] == back
    assert study.progress(rater).rated == 1
    study.vote(rater, second.id, new_key(), GOOD)
    assert [action for action, _ in history(study)] == [
        Action.CAST, Action.CAST, Action.WITHDRAWN, Action.CAST]  # fmt: skip
    assert counts(study)[0] == 2


def test_undo_goes_back_step_by_step_and_then_there_is_nothing(make_study):
    study = make_study()
    rater = joined(study)
    given = study.next_images(rater).assignments
    for now in given:
        study.vote(rater, now.id, new_key(), GOOD)
    back = [study.undo_last(rater, new_key()).id for _ in given]
    assert back == [now.id for now in reversed(given)]
    assert study.undo_last(rater, new_key()) is None
    votes, load = counts(study)
    assert (votes, load) == (0, 3)


def test_a_vote_that_arrives_after_the_image_was_given_away_still_counts(make_study, database):
    time = [1_000_000.0]
    study = make_study(1, f'database = "{database}"', clock=lambda: time[0])
    late, other = joined(study), joined(study)
    now = study.next_images(late).assignments[0]
    time[0] += 3600
    study.next_images(other)  # takes back what was not rated in time
    with study.storage.reading() as connection:
        states = connection.execute(select(ASSIGNMENT.c.state).order_by(ASSIGNMENT.c.id))
        assert states.scalars().all() == [2, 0]
    study.vote(late, now.id, new_key(), GOOD)
    assert counts(study) == (1, 2)


def test_nobody_votes_on_the_assignment_of_another(make_study):
    study = make_study()
    mine, other = joined(study), joined(study)
    now = study.next_images(mine).assignments[0]
    for wrong in (now.id[:-1], "", "' OR 1=1 --", "demo.x"):
        with pytest.raises(UnknownIdError):
            study.vote(mine, wrong, new_key(), GOOD)
    with pytest.raises(UnknownIdError):
        study.vote(other, now.id, new_key(), GOOD)
    assert history(study) == []


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({}, "'quality' is not answered"),
        ({"quality": "great"}, "no level 'great'; known: excellent, good, fair, bad"),
        ({"quality": ["good"]}, "no level"),
        ({"quality": "good", "mood": "awe"}, "does not ask for 'mood'"),
        (None, "a table of questions"),
    ],
)
def test_answers_that_are_none_are_refused(make_study, answers, message):
    study = make_study(2)
    rater = joined(study)
    now = study.next_images(rater).assignments[0]
    with pytest.raises(AnswerError, match=message):
        study.vote(rater, now.id, new_key(), answers)


@pytest.mark.parametrize("key", ["short", "x" * 65, "späteste", "with space", "", None, 12345678])
def test_a_key_that_is_none_is_refused(make_study, key):
    study = make_study(2)
    rater = joined(study)
    now = study.next_images(rater).assignments[0]
    with pytest.raises(AnswerError, match="8 to 64 letters"):
        study.vote(rater, now.id, key, GOOD)


def test_conditions_beyond_the_screen_are_refused(make_study):
    study = make_study(2)
    rater = joined(study)
    now = study.next_images(rater).assignments[0]
    for wrong in ({"user_agent": "X"}, {"width": "w" * 41}, {"height": float("nan")}):
        with pytest.raises(AnswerError, match="condition"):
            study.vote(rater, now.id, new_key(), GOOD, None, wrong)


def test_a_clock_that_went_wrong_costs_the_time_and_not_the_vote(make_study):
    study = make_study(9)
    rater = joined(study)
    times = [-1.0, float("nan"), float("inf"), 1e9, True]
    for now, seconds in zip(study.next_images(rater, 5).assignments, times, strict=True):
        study.vote(rater, now.id, new_key(), GOOD, seconds)
    with study.storage.reading() as connection:
        assert connection.execute(select(VOTE.c.seconds)).scalars().all() == [None] * 5


def test_both_questions_of_a_study_are_answered_at_once(make_study):
    study = make_study(2, 'questions = ["emotion", "quality"]')
    rater = joined(study)
    now = study.next_images(rater).assignments[0]
    with pytest.raises(AnswerError, match="'emotion' is not answered"):
        study.vote(rater, now.id, new_key(), GOOD)
    study.vote(rater, now.id, new_key(), {"quality": "good", "emotion": "awe"})
    assert history(study) == [(Action.CAST, '{"emotion": "awe", "quality": "good"}')]
