"""What becomes of the choice outside of the page: copies, and marks for photo editors."""

from pathlib import Path

import pytest

from iae.errors import OutputError
from iae.pick.choice import Decision, choose
from iae.pick.copies import copy_kept
from iae.pick.marks import PickMarks, marks_of
from iae.scoring.find import THUMBNAILS_MARK
from iae.scoring.scores import PhotoScore
from iae.xmp.marks import Marks


@pytest.fixture
def shots(tmp_path: Path):
    """A series of two, the second better, a photo alone and one that cannot be read."""
    names = ["x/a.jpg", "x/b.jpg", "y/B.jpg", "y/lost.jpg"]
    files = [tmp_path / name for name in names]
    for file in files:
        file.parent.mkdir(exist_ok=True)
        file.write_text(file.name)
    scores = [PhotoScore(path=n, aesthetic_mean=s) for n, s in zip(names, (5, 7, 3), strict=False)]
    scores.append(PhotoScore(path=names[3], error="broken"))
    return scores, files


def test_what_is_kept_is_copied_and_what_is_not_stays_where_it_is(tmp_path: Path, shots):
    scores, files = shots
    assert copy_kept(tmp_path / "best", choose(scores, [[0, 1], [2]]), files) == 2
    copies = {p.name: p.read_text() for p in (tmp_path / "best").iterdir()}
    assert copies == {"b.jpg": "b.jpg", "B (2).jpg": "B.jpg", THUMBNAILS_MARK: ""}
    assert all(file.exists() for file in files)


def test_a_taken_folder_is_refused(tmp_path: Path, shots):
    scores, files = shots
    with pytest.raises(OutputError, match="exists already; name a new or empty folder"):
        copy_kept(tmp_path / "x", choose(scores, [[0, 1], [2]]), files)


def test_a_photo_that_is_gone_leaves_no_half_folder(tmp_path: Path, shots):
    scores, files = shots
    files[2].unlink()
    with pytest.raises(OutputError, match=r"cannot copy .*B\.jpg: No such file"):
        copy_kept(tmp_path / "best", choose(scores, [[0, 1], [2]]), files)
    assert not [p for p in tmp_path.iterdir() if "best" in p.name]


@pytest.mark.parametrize(
    ("rules", "best", "other"),
    [
        (PickMarks(), Marks(pick=3), Marks(pick=0)),
        (PickMarks(best_stars=5), Marks(pick=3, rating=5), Marks(pick=0, rating=0)),
        (PickMarks(reject=True), Marks(pick=3, rating=0), Marks(pick=1, rating=-1)),
    ],
)
def test_marks_of_a_series_and_none_of_other_photos(shots, rules, best, other):
    scores, files = shots
    assert marks_of(choose(scores, [[0, 1], [2]]), files, rules) == {
        files[1]: best,
        files[0]: other,
    }


def test_marks_follow_what_a_person_decided(shots):
    scores, files = shots
    picks = choose(
        scores, [[0, 1], [2]], decisions={0: Decision(best=True), 1: Decision(keep=True)}
    )
    marks = marks_of(picks, files, PickMarks(best_stars=4, reject=True))
    assert marks == {files[0]: Marks(pick=3, rating=4), files[1]: Marks(pick=3, rating=0)}
