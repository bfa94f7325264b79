"""``iae pick`` on folders of shots: series found, ranked, kept from run to run, whatever is odd."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from bursts import shoot, walk

import iae.pick.captures
from iae.errors import CheckpointError, DataError, OutputError
from iae.images.exif import capture_facts
from iae.pick.job import PickChoices, PickResult, pick_photos
from iae.pick.overrules import KEPT, Decision, overrules_text
from iae.scoring.scorer import Scorer
from iae.series.grouping import GroupConfig
from iae.series.shots import load_space

BARE = PickChoices(gallery=False)

Pick = Callable[..., PickResult]


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return Scorer(threads=1)


@pytest.fixture
def pick(tmp_path: Path, scorer: Scorer) -> Pick:
    """Run the job over the folder ``photos`` into ``out``."""

    def run(choices: PickChoices = BARE, **more) -> PickResult:
        return pick_photos([tmp_path / "photos"], tmp_path / "out", scorer, choices, workers=1,
                           **more)  # fmt: skip

    return run


def series_of(result: PickResult) -> list[set[str]]:
    return [{Path(shot.path).name for shot in row} for row in result.series]


def said(folder: Path, **decisions: Decision) -> Path:
    """A file of overrules, as the page exports it."""
    path = folder / "exported.json"
    entries = [(str(folder / "photos" / f"{name}.jpg"), d) for name, d in decisions.items()]
    path.write_text(overrules_text(entries), encoding="utf-8")
    return path


def test_a_walk_is_divided_into_its_series_and_the_sharp_shots_are_best(tmp_path: Path, pick: Pick):
    walk(tmp_path / "photos")
    result = pick(PickChoices(formats=("csv", "ndjson")))
    assert series_of(result) == [
        {"IMG_0.jpg", "IMG_1.jpg", "IMG_2.jpg"},
        {"IMG_4.jpg", "IMG_5.jpg"},
    ]
    best = {Path(shot.path).name: shot.reasons for shot in result.picks if shot.best}
    assert set(best) == {"IMG_1.jpg", "IMG_4.jpg"}
    assert all("sharper" in reasons for reasons in best.values())
    table = pl.read_csv(tmp_path / "out/picks.csv")
    assert table["kept"].to_list() == [False, True, False, True, True, False]
    other = pl.read_ndjson(tmp_path / "out/picks.ndjson")
    assert other["preference"].to_list() == table["preference"].to_list()
    assert result.page == tmp_path / "out/picks.html"
    assert result.notes == []


def test_a_second_run_opens_no_photo_and_says_the_same(
    tmp_path: Path, pick: Pick, monkeypatch: pytest.MonkeyPatch
):
    walk(tmp_path / "photos")
    first = pick()

    def no_photo(*_args, **_more):
        raise AssertionError("a photo was opened")

    monkeypatch.setattr(iae.pick.captures, "capture_facts", no_photo)
    monkeypatch.setattr(iae.pick.captures, "DecoderPool", no_photo)
    monkeypatch.setattr("iae.scoring.pipeline.DecoderPool", no_photo)
    assert pick().picks == first.picks


def test_a_changed_photo_alone_is_read_again(
    tmp_path: Path, pick: Pick, monkeypatch: pytest.MonkeyPatch
):
    photos = walk(tmp_path / "photos")
    pick()
    read = []
    monkeypatch.setattr(
        iae.pick.captures,
        "capture_facts",
        lambda path: read.append(path.name) or capture_facts(path),
    )
    shoot(photos / "IMG_3.jpg", 2, seconds=602, step=3)  # joins the second series
    assert series_of(pick())[1] == {"IMG_3.jpg", "IMG_4.jpg", "IMG_5.jpg"}
    assert read == ["IMG_3.jpg"]


def test_a_damaged_cache_is_made_anew(tmp_path: Path, pick: Pick):
    walk(tmp_path / "photos")
    first = pick()
    (tmp_path / "out/.iae/pick.sqlite").write_bytes(b"not a database, but long enough " * 9)
    assert pick().picks == first.picks


# ---- What a person decided


def test_overrules_are_kept_and_shown_in_later_runs(tmp_path: Path, pick: Pick):
    walk(tmp_path / "photos")
    told = said(tmp_path, IMG_0=Decision(best=True), IMG_5=Decision(keep=True))
    pick(PickChoices(gallery=False, overrules=told))
    told.unlink()
    table = pl.read_csv(pick().tables[0])
    assert table["best"].to_list() == [True, False, False, False, True, False]
    assert table["kept"].to_list() == [True, False, False, True, True, True]
    assert table["overruled"].to_list() == [True, True, False, False, False, True]


def test_a_newer_file_of_overrules_takes_the_place_of_the_older(tmp_path: Path, pick: Pick):
    walk(tmp_path / "photos")
    pick(PickChoices(gallery=False, overrules=said(tmp_path, IMG_0=Decision(best=True))))
    result = pick(PickChoices(gallery=False, overrules=said(tmp_path)))
    assert not any(shot.overruled for shot in result.picks)


def test_overrules_of_photos_that_are_not_here_are_counted_and_those_kept_stay(
    tmp_path: Path, pick: Pick
):
    photos = walk(tmp_path / "photos")
    pick(PickChoices(gallery=False, overrules=said(tmp_path, IMG_0=Decision(best=True))))
    (photos / "IMG_0.jpg").rename(tmp_path / "away.jpg")
    result = pick(PickChoices(gallery=False, overrules=said(tmp_path, gone=Decision(best=True))))
    assert [note for note in result.notes if "not here" in note] == [
        f"1 decision in {tmp_path / 'exported.json'} on photos that are not here"
    ]
    (tmp_path / "away.jpg").rename(photos / "IMG_0.jpg")
    assert next(Path(shot.path).name for shot in pick().picks if shot.best) == "IMG_0.jpg"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "it is no JSON"),
        ("[]", 'it has no "format": "iae-overrules"'),
        ('{"format": "iae-overrules", "version": 2, "photos": []}', "is of version 2"),
        ('{"format": "iae-overrules", "version": 1}', "it lists no photos"),
        ('{"format": "iae-overrules", "version": 1, "photos": [{"path": 3}]}', "is no decision"),
        (
            '{"format": "iae-overrules", "version": 1, "photos": [{"path": "a", "keep": "no"}]}',
            "is no decision",
        ),
    ],
)
def test_a_file_that_is_no_file_of_overrules_is_refused_before_any_scoring(
    tmp_path: Path, pick: Pick, content: str, message: str
):
    walk(tmp_path / "photos")
    (tmp_path / "odd.json").write_text(content)
    with pytest.raises(DataError, match=message):
        pick(PickChoices(overrules=tmp_path / "odd.json"))
    assert not (tmp_path / "out").exists()


def test_a_damaged_file_of_kept_overrules_is_named(tmp_path: Path, pick: Pick):
    walk(tmp_path / "photos")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / KEPT).write_text("{}")
    with pytest.raises(DataError, match=f"{KEPT} is no file of overrules"):
        pick()


# ---- Odd libraries


def test_one_photo_is_a_series_of_none(tmp_path: Path, pick: Pick):
    shoot(tmp_path / "photos/a.jpg", 0, seconds=0)
    result = pick(PickChoices())
    assert result.series == []
    assert [shot.kept for shot in result.picks] == [True]
    assert "No two of the photos are shots of one scene" in (result.page or Path()).read_text()


def test_copies_of_one_photo_are_one_series_in_which_nothing_can_be_called(
    tmp_path: Path, pick: Pick
):
    first = shoot(tmp_path / "photos/0.jpg", 0, seconds=0)
    for number in range(1, 30):
        shutil.copy(first, first.with_name(f"{number}.jpg"))
    result = pick()
    assert [len(row) for row in result.series] == [30]
    assert all(shot.too_close for shot in result.picks)
    assert [shot.best for shot in result.picks].count(True) == 1


def test_an_unset_clock_and_missing_times_are_told_and_likeness_decides(tmp_path: Path, pick: Pick):
    photos = tmp_path / "photos"
    for number in range(2):
        shoot(photos / f"a{number}.jpg", 0, seconds=3000 * number, step=4 * number, year=1970)
        shoot(photos / f"b{number}.jpg", 1, step=4 * number)
    result = pick()
    assert series_of(result) == [{"a0.jpg", "a1.jpg"}, {"b0.jpg", "b1.jpg"}]
    assert result.notes == [
        "2 taken by a clock that was never set: grouped by likeness alone",
        "2 without a time of capture: grouped by likeness alone",
    ]


def test_two_cameras_hours_apart_by_their_clocks_can_share_a_series(tmp_path: Path, pick: Pick):
    shoot(tmp_path / "photos/a.jpg", 0, seconds=0, camera="R6")
    shoot(tmp_path / "photos/b.jpg", 0, seconds=7200, step=4, camera="R7")
    result = pick()
    assert series_of(result) == [{"a.jpg", "b.jpg"}]
    assert [note.split(":")[0] for note in result.notes] == [
        "2 clocks (cameras, or with and without a time zone)"
    ]


def test_one_camera_hours_apart_makes_no_series(tmp_path: Path, pick: Pick):
    shoot(tmp_path / "photos/a.jpg", 0, seconds=0)
    shoot(tmp_path / "photos/b.jpg", 0, seconds=7200, step=4)
    assert pick().series == []
    again = pick(PickChoices(gallery=False, group=GroupConfig(gap=7300)))
    assert len(again.series) == 1


def test_upright_and_lying_shots_are_each_kept_and_ranked(tmp_path: Path, pick: Pick):
    photos = tmp_path / "photos"
    for number in range(4):
        shoot(photos / f"{number}.jpg", 0, seconds=number, step=number, turned=number > 1)
    result = pick(PickChoices())
    assert {len(row) for row in result.series} <= {2, 4}
    assert all(shot.series is not None for shot in result.picks)


def test_an_unreadable_shot_stands_among_the_shots_it_was_found_with(tmp_path: Path, pick: Pick):
    photos = walk(tmp_path / "photos")
    (photos / "IMG_0_broken.jpg").write_bytes(b"no picture")
    (photos / "IMG_9.jpg").write_bytes(b"")
    result = pick(PickChoices())
    assert [Path(shot.path).name for shot in result.picks if shot.error] == [
        "IMG_0_broken.jpg", "IMG_9.jpg",
    ]  # fmt: skip
    page = (result.page or Path()).read_text()
    row = page.split('data-series="0"')[1].split("</section>")[0]
    assert row.index("IMG_0.jpg") < row.index("IMG_0_broken.jpg") < row.index("IMG_1.jpg")
    assert "could not be read" in row
    assert "IMG_9.jpg" in page.split('class="unreadable"')[1]


def test_nothing_but_unreadable_photos_still_makes_a_table_and_a_page(tmp_path: Path, pick: Pick):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/a.jpg").write_bytes(b"no picture")
    result = pick(PickChoices())
    assert len(pl.read_csv(result.tables[0])) == 1
    assert "No photo could be read" in (result.page or Path()).read_text()


def test_an_empty_folder_is_named(tmp_path: Path, pick: Pick):
    (tmp_path / "photos").mkdir()
    with pytest.raises(DataError, match="no photos in"):
        pick()


def test_a_foreign_model_is_refused_before_anything_is_written(tmp_path: Path, pick: Pick):
    walk(tmp_path / "photos")
    with pytest.raises(CheckpointError, match="series are not known for the model"):
        pick(space=replace(load_space(), model="0" * 64))
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_burst_of_hundreds_is_one_series(tmp_path: Path, pick: Pick):
    first = shoot(tmp_path / "photos/0.jpg", 0, seconds=0)
    for number in range(1, 300):
        shutil.copy(first, first.with_name(f"{number}.jpg"))
    result = pick()
    assert [len(row) for row in result.series] == [300]
    assert np.mean([shot.kept for shot in result.picks]) == 1 / 300


def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path, pick: Pick):
    walk(tmp_path / "photos")
    (tmp_path / "out").write_text("in the way")
    with pytest.raises(OutputError, match="a file has that name"):
        pick()
