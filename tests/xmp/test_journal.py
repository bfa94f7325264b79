"""The journal survives what can happen to it."""

from dataclasses import replace
from pathlib import Path

import pytest
from full_disk import full_disk

from iae.errors import DataError, OutputError
from iae.xmp.journal import Journal, Record, keep_only, read

ONE = Record(path="/p/caf\udce9\n.jpg", before="a" * 64, after="b" * 64, parts=[(0, 5), "eJw="],
             mtime_ns=12345678901234567)  # fmt: skip
TWO = replace(ONE, path="/p/b.jpg.xmp", before=None, parts=[], mtime_ns=None)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / ".iae" / "journal.ndjson"


def test_records_come_back_as_they_were_in_their_order(journal: Path):
    Journal(journal).append([ONE])
    Journal(journal).append([TWO, ONE])
    assert read(journal) == [ONE, TWO, ONE]


def test_no_journal_is_an_empty_one(journal: Path):
    assert read(journal) == []


@pytest.mark.parametrize("lost", range(1, 60, 7))
def test_an_unfinished_line_is_passed_over_and_cut_off(journal: Path, lost: int):
    Journal(journal).append([ONE, TWO])
    journal.write_bytes(journal.read_bytes()[:-lost])
    assert read(journal) == [ONE]
    Journal(journal).append([TWO])
    assert read(journal) == [ONE, TWO]


def test_an_unfinished_first_line_is_begun_again(journal: Path):
    Journal(journal).append([ONE])
    journal.write_bytes(journal.read_bytes()[:10])
    assert read(journal) == []
    Journal(journal).append([TWO])
    assert read(journal) == [TWO]


def test_a_damaged_line_is_named(journal: Path):
    Journal(journal).append([ONE, TWO])
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(lines[0] + b"{}\n" + lines[2])
    with pytest.raises(DataError, match=r"journal\.ndjson:2: damaged; nothing was undone"):
        read(journal)


def test_another_file_is_not_taken_for_a_journal(journal: Path):
    journal.parent.mkdir()
    journal.write_text('{"schema": "other/9"}\n')
    with pytest.raises(DataError, match="is no journal of this version"):
        read(journal)
    with pytest.raises(DataError, match="is no journal of this version"):
        Journal(journal).append([ONE])


def test_a_folder_in_its_place_is_said(journal: Path):
    journal.mkdir(parents=True)
    with pytest.raises(DataError, match="Is a directory"):
        read(journal)


def test_a_full_disk_leaves_the_journal_as_it_was(journal: Path):
    book = Journal(journal)
    book.append([ONE])
    before = journal.read_bytes()
    large = replace(ONE, parts=["x" * 10_000])
    with full_disk(), pytest.raises(OutputError, match=r"cannot write .*journal\.ndjson"):
        book.append([large])
    assert journal.read_bytes() == before
    book.append([TWO])
    assert read(journal) == [ONE, TWO]


def test_what_was_undone_leaves_the_journal(journal: Path):
    Journal(journal).append([ONE, TWO])
    keep_only(journal, [TWO])
    assert read(journal) == [TWO]
    keep_only(journal, [])
    assert not journal.exists()
