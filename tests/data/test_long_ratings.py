import numpy as np

from iae.data.long_ratings import NEUTRAL, LongColumns, read_long_ratings
from iae.labels import EMOTIONS

COLUMNS = LongColumns(width=4, image=(0,), rater=1, questions={"score": (2, (1, 5))}, emotion=3)


def read(*rows: str):
    return read_long_ratings(((i, row.split(",")) for i, row in enumerate(rows, 2)), COLUMNS, "f")


def test_means_and_votes_agree_with_counting_by_hand():
    rng = np.random.default_rng(0)
    answers = [*EMOTIONS, "neutral"]
    rows = [(rng.integers(5), i, rng.integers(1, 6), rng.integers(9)) for i in range(300)]
    long = read(*(f"{image},{rater},{score},{answers[e]}" for image, rater, score, e in rows))
    for place, image in enumerate(long.images):
        mine = [(score, e) for i, _, score, e in rows if str(i) == image]
        expected = np.mean([1 + (score - 1) * 9 / 4 for score, _ in mine])
        assert np.isclose(long.means("score")[place], expected)
        assert long.emotion_votes()[place].tolist() == [
            sum(e == emotion for _, e in mine) for emotion in range(NEUTRAL + 1)
        ]


def test_a_row_that_came_three_times_counts_once():
    long = read("a,u,3,awe", "a,v,3,awe", "a,u,3,awe", "a,u,3,awe", "b,u,3,awe")
    assert long.line.tolist() == [2, 3, 6]
    assert [d.where for d in long.defects] == ["f:4", "f:5"]


def test_one_that_differs_in_the_emotion_alone_is_kept():
    assert len(read("a,u,3,awe", "a,u,3,fear").image) == 2


def test_rows_without_an_answer_are_equal_too():
    assert [d.code for d in read("a,u,,", "a,u,,").defects] == ["doubled-id"]


def test_no_rows_give_nothing():
    long = read()
    assert (list(long.images), long.emotion_votes().shape) == ([], (0, 9))
