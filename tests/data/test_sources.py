from pathlib import Path

import pytest

from iae.config import SplitConfig, TableSource
from iae.data.sources import load_sources, read_given
from iae.errors import DataError

SOURCES = {
    "moods": TableSource(emotion="m"),
    "stars": TableSource(aesthetic_mean="s", scale=(1, 5)),
    "extra": TableSource(optional=True),
}


@pytest.fixture
def roots(tmp_path: Path) -> dict[str, Path]:
    for name, column, value in (("moods", "m", "awe"), ("stars", "s", "3"), ("extra", "x", "")):
        root = tmp_path / name
        root.mkdir()
        (root / "labels.csv").write_text(
            f"image,{column}\n" + "".join(f"{i}.jpg,{value}\n" for i in range(20))
        )
        (root / "0.jpg").touch()
    return {name: tmp_path / name for name in SOURCES}


def test_all_sources_are_read_with_a_split_for_every_record(roots):
    loaded = load_sources(SOURCES, roots, SplitConfig())
    assert len(loaded.records) == 60
    assert all(record.split for record in loaded.records)


def test_records_know_their_source(roots):
    loaded = load_sources(SOURCES, roots, SplitConfig())
    assert [record.source for record in loaded.records[::20]] == ["moods", "stars", "extra"]


def test_nothing_is_left_out_when_every_root_is_given(roots):
    assert load_sources(SOURCES, roots, SplitConfig()).left_out == []


def test_an_optional_source_without_a_root_is_left_out_and_said_so(roots):
    del roots["extra"]
    loaded = load_sources(SOURCES, roots, SplitConfig())
    assert loaded.left_out == ["extra"]
    assert {record.source for record in loaded.records} == {"moods", "stars"}


def test_an_optional_source_changes_no_split_of_the_others(roots):
    full = load_sources(SOURCES, roots, SplitConfig()).records
    del roots["extra"]
    assert load_sources(SOURCES, roots, SplitConfig()).records == full[:40]


def test_needed_sources_without_a_root_are_all_named_with_what_to_type(roots):
    with pytest.raises(
        DataError, match="no folder given for moods, stars; add --data moods=PATH --data stars=PATH"
    ):
        load_sources(SOURCES, {"extra": roots["extra"]}, SplitConfig())


def test_a_misspelt_source_is_refused_and_the_nearest_one_named(roots):
    with pytest.raises(DataError, match="--data mods=… names no source; known: .*mean 'moods'"):
        load_sources(SOURCES, {"mods": roots["moods"]}, SplitConfig())


def test_a_source_like_no_other_is_answered_with_the_known_ones(roots):
    with pytest.raises(DataError, match="names no source; known: moods, stars, extra$"):
        load_sources(SOURCES, {"zzz": roots["moods"]}, SplitConfig())


def test_some_of_the_sources_can_be_read_alone_with_the_same_splits(roots):
    full = load_sources(SOURCES, roots, SplitConfig()).records
    alone = read_given(SOURCES, {"stars": roots["stars"]}, SplitConfig())
    assert alone == full[20:40]
