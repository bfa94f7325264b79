"""Which photos are taken from the store and which are scored, without looking at a pixel."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from iae.errors import ImageError
from iae.scoring.content import checksum_of
from iae.scoring.find import Found
from iae.scoring.known import Entry, Plan, Wanted, path_key, plan_run, stamp_of

WANTED = Wanted(
    model="m",
    facts_version=2,
    thumbnail_of=lambda name: f"t/{name}",
    thumbnails=frozenset(),
    reader="r 1",
)


def write(path: Path, content: bytes = b"content", *, seconds: int = 1_000_000) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (seconds, seconds))
    return path


def entry(path: Path, **changes: object) -> Entry:
    """What the store has of a photo that was scored as it lies there now."""
    found = Found(path)
    scored = Entry(path=path_key(path), name=found.name, position=0, stamp=stamp_of(path),
                   checksum=checksum_of(path), model="m", facts_version=2,
                   thumbnail=True)  # fmt: skip
    return replace(scored, **changes)  # type: ignore[arg-type]


def plan(
    entries: list[Entry], *photos: Path | Found, wanted: Wanted | None = None, lying: bool = True
) -> Plan:
    found = [photo if isinstance(photo, Found) else Found(photo) for photo in photos]
    names = {f"t/{known.name}" for known in entries} if lying else set()
    return plan_run(
        found,
        {known.path: known for known in entries},
        wanted or replace(WANTED, thumbnails=frozenset(names)),
    )


def why(made: Plan) -> dict[str, int]:
    return {reason: count for reason, count in made.why.items() if count}


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return write(tmp_path / "a.jpg")


def test_a_photo_that_is_not_in_the_store_is_new(photo: Path):
    made = plan([], photo)
    assert why(made) == {"new": 1}
    assert [found.path for found, _ in made.to_score] == [photo]


def test_an_unchanged_photo_is_known_and_not_opened(photo: Path, monkeypatch: pytest.MonkeyPatch):
    known = entry(photo)
    monkeypatch.setattr("iae.scoring.known.checksum_of", lambda path: pytest.fail("was opened"))
    made = plan([known], photo)
    assert made.known == [(known.path, known)]
    assert why(made) == {}


def test_a_touched_photo_with_the_same_bytes_is_known_and_its_new_time_is_kept(photo: Path):
    known = entry(photo)
    write(photo, seconds=2_000_000)
    made = plan([known], photo)
    assert why(made) == {}
    assert made.known[0][1].stamp == stamp_of(photo) != known.stamp


def test_other_bytes_of_the_same_number_at_a_new_time_are_scored_again(photo: Path):
    known = entry(photo)
    write(photo, b"CONTENT", seconds=2_000_000)
    assert why(plan([known], photo)) == {"changed": 1}


def test_one_changed_bit_anywhere_is_seen(tmp_path: Path):
    content = bytes(range(256)) * 12_000  # 3 MB: more than one read
    path = write(tmp_path / "a.jpg", content)
    known = entry(path)
    for place in (0, 1_500_000, len(content) - 1):
        changed = bytearray(content)
        changed[place] ^= 1
        write(path, bytes(changed), seconds=2_000_000)
        assert why(plan([known], path)) == {"changed": 1}


def test_a_file_of_another_size_that_is_no_jpeg_is_scored_again_without_being_read(
    photo: Path, monkeypatch: pytest.MonkeyPatch
):
    known = entry(photo)
    write(photo, b"longer content", seconds=2_000_000)
    monkeypatch.setattr("iae.scoring.known.checksum_of", lambda path: pytest.fail("was opened"))
    assert why(plan([known], photo)) == {"changed": 1}


def test_a_photo_that_changed_while_it_was_scored_is_scored_again(photo: Path):
    assert why(plan([entry(photo, stamp=None)], photo)) == {"changed": 1}


def test_another_model_scores_again(photo: Path):
    assert why(plan([entry(photo, model="other")], photo)) == {"model": 1}


@pytest.mark.parametrize(("measured", "wanted", "reasons"), [
    (0, 2, {"facts": 1}), (1, 2, {"facts": 1}), (2, 2, {}), (2, 0, {}), (0, 0, {}),
])  # fmt: skip
def test_facts_of_another_version_are_measured_again_if_facts_are_wanted(
    photo: Path, measured: int, wanted: int, reasons: dict[str, int]
):
    known = entry(photo, facts_version=measured)
    lying = frozenset({f"t/{known.name}"})
    made = plan([known], photo, wanted=replace(WANTED, facts_version=wanted, thumbnails=lying))
    assert why(made) == reasons


def test_a_photo_without_its_thumbnail_is_decoded_again(photo: Path):
    assert why(plan([entry(photo)], photo, lying=False)) == {"thumbnail": 1}


def test_a_thumbnail_of_older_bytes_does_not_count(photo: Path):
    assert why(plan([entry(photo, thumbnail=False)], photo)) == {"thumbnail": 1}


def test_without_a_gallery_no_thumbnail_is_missed(photo: Path):
    wanted = replace(WANTED, thumbnail_of=lambda name: None)
    assert why(plan([entry(photo, thumbnail=False)], photo, wanted=wanted)) == {}


def test_an_unreadable_photo_is_not_tried_again_until_something_has_changed(photo: Path):
    bad = entry(photo, error="damaged", reader="r 1", checksum=None, thumbnail=False)
    assert why(plan([bad], photo)) == {}
    assert why(plan([bad], photo, wanted=replace(WANTED, reader="r 2"))) == {"unreadable": 1}
    assert why(plan([bad], photo, wanted=replace(WANTED, retry=True))) == {"unreadable": 1}
    photo.chmod(0o600)  # moves the time of the inode only
    assert why(plan([bad], photo)) == {"unreadable": 1}
    write(photo, seconds=2_000_000)
    assert why(plan([bad], photo)) == {"changed": 1}


def test_a_photo_that_could_not_be_opened_at_all_is_tried_every_time(tmp_path: Path):
    gone = Entry(path=path_key(tmp_path / "gone.jpg"), name="gone.jpg", position=0, stamp=None,
                 model="m", error="the file is gone", reader="r 1")  # fmt: skip
    assert why(plan([gone], tmp_path / "gone.jpg")) == {"unreadable": 1}


def test_a_place_that_was_not_tried_is_known_by_its_reason(photo: Path):
    closed = Found(photo, ImageError("HEIC files are not read"))
    known = entry(photo, stamp=None, error="HEIC files are not read")
    assert why(plan([known], closed)) == {}
    assert why(plan([known], photo)) == {"unreadable": 1}
    assert why(plan([entry(photo)], closed)) == {"changed": 1}


def test_a_moved_photo_keeps_its_scores_under_its_new_path(photo: Path, tmp_path: Path):
    known = entry(photo)
    target = tmp_path / "new" / "b.jpg"
    target.parent.mkdir()
    photo.rename(target)
    made = plan([known], target)
    assert why(made) == {"moved": 1}
    old, new = made.known[0]
    assert (old, new.path, new.name) == (known.path, path_key(target), str(target))
    assert made.gone == 0


def test_a_copy_of_a_photo_that_is_still_there_is_scored(photo: Path, tmp_path: Path):
    known = entry(photo)
    made = plan([known], photo, write(tmp_path / "copy.jpg"))
    assert why(made) == {"new": 1}


def test_of_two_copies_of_a_moved_photo_one_is_known(photo: Path, tmp_path: Path):
    known = entry(photo)
    photo.unlink()
    copies = [write(tmp_path / name) for name in ("b.jpg", "c.jpg")]
    assert why(plan([known], *copies)) == {"moved": 1, "new": 1}


def test_another_photo_of_the_size_of_a_missing_one_is_new(photo: Path, tmp_path: Path):
    known = entry(photo)
    photo.unlink()
    made = plan([known], write(tmp_path / "b.jpg", b"CONTENT"))
    assert why(made) == {"new": 1}
    assert made.gone == 1


def test_a_photo_is_known_by_any_name_of_its_folder(
    photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    known = entry(photo)
    monkeypatch.chdir(tmp_path)
    made = plan([known], Path("a.jpg"))
    assert why(made) == {}
    assert made.known[0][1].name == "a.jpg"


def test_places_are_those_in_which_the_photos_were_found(tmp_path: Path):
    paths = [write(tmp_path / name) for name in ("a.jpg", "b.jpg", "c.jpg")]
    made = plan([entry(paths[2]), entry(paths[0])], *paths)
    assert [new.position for _, new in made.known] == [0, 2]
    assert [new.position for _, new in made.to_score] == [1]


def test_a_time_far_in_the_future_can_be_stored(photo: Path):
    stamp = stamp_of(photo)
    assert stamp is not None
    assert 0 <= stamp.mtime_ns < 2**63


def test_what_is_no_regular_file_has_no_stamp(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.jpg")
    for path in (tmp_path, tmp_path / "pipe.jpg", tmp_path / "gone.jpg"):
        assert stamp_of(path) is None


def test_progress_is_told_now_and_then_and_at_the_end(tmp_path: Path):
    told: list[tuple[int, int]] = []
    found = [Found(tmp_path / f"{i}.jpg") for i in range(250)]
    plan_run(found, {}, WANTED, progress=lambda done, total: told.append((done, total)))
    assert told == [(100, 250), (200, 250), (250, 250)]
