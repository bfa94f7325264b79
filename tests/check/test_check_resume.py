"""facts.ndjson: what is known of a picture is not found out again, and never trusted too far."""

import os

import pytest
from full_disk import full_disk

import iae.check.photos as photos
from iae.check.facts_file import FactsFile
from iae.errors import OutputError


@pytest.fixture
def decoded(monkeypatch):
    """How often a picture was decoded."""
    count = []
    take = photos.take_fingerprint

    def counting(file):
        count.append(1)
        return take(file)

    monkeypatch.setattr(photos, "take_fingerprint", counting)
    return count


def test_a_second_run_decodes_nothing_and_finds_the_same(copy, tmp_path, decoded):
    copy.add("images/again.jpg", (copy.root / "images/04.jpg").read_bytes(), like=4)
    first = copy.check(out=tmp_path / "out")
    assert len(decoded) == 13
    assert copy.check(out=tmp_path / "out") == first
    assert len(decoded) == 13


def test_without_a_folder_nothing_is_remembered(copy, decoded):
    copy.check()
    copy.check()
    assert len(decoded) == 24


def test_what_is_new_is_decoded(copy, tmp_path, decoded, as_jpeg, picture_of):
    copy.check(out=tmp_path / "out")
    copy.add("images/new.jpg", as_jpeg(picture_of(30)))
    copy.check(out=tmp_path / "out")
    assert len(decoded) == 13


def test_a_file_that_changed_is_decoded_again(copy, tmp_path, decoded, found):
    copy.check(out=tmp_path / "out")
    changed = copy.root / "images/03.jpg"
    changed.write_bytes(b"x" * changed.stat().st_size)  # of the same size
    os.utime(changed, ns=(1, 1))
    assert found(copy.check(out=tmp_path / "out")) == {"unreadable": ["images/03.jpg"]}
    assert len(decoded) == 13


def test_a_missing_file_that_came_back_is_looked_at(copy, tmp_path, found):
    data = (copy.root / "images/03.jpg").read_bytes()
    (copy.root / "images/03.jpg").unlink()
    assert "missing-file" in found(copy.check(out=tmp_path / "out"))
    (copy.root / "images/03.jpg").write_bytes(data)
    assert found(copy.check(out=tmp_path / "out")) == {}


def test_a_run_that_was_cut_in_a_line_goes_on_after_the_whole_ones(copy, tmp_path, decoded):
    copy.check(out=tmp_path / "out")
    facts = tmp_path / "out/facts.ndjson"
    lines = facts.read_bytes().splitlines(keepends=True)
    facts.write_bytes(b"".join(lines[:7]) + lines[7][:50])
    copy.check(out=tmp_path / "out")
    assert len(decoded) == 12 + 5
    copy.check(out=tmp_path / "out")
    assert len(decoded) == 12 + 5


def test_damaged_lines_and_those_of_another_version_are_passed_over(copy, tmp_path, decoded):
    copy.check(out=tmp_path / "out")
    facts = tmp_path / "out/facts.ndjson"
    lines = facts.read_text().splitlines()
    lines[0] = lines[0].replace('"v": 1', '"v": 0')
    lines[1:4] = ["[]", "\x00", '{"v": 1, "name": "images/03.jpg", "small": "AAAA"}']
    facts.write_text("\n".join(lines) + "\n")
    copy.check(out=tmp_path / "out")
    assert len(decoded) == 12 + 4


def test_an_interrupted_run_keeps_what_it_finished(copy, tmp_path, decoded):
    def stop(done, total):
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy.check(out=tmp_path / "out", workers=1, progress=stop)
    assert len((tmp_path / "out/facts.ndjson").read_text().splitlines()) == 5


def test_progress_counts_every_picture(copy):
    seen = []
    copy.check(progress=lambda done, total: seen.append((done, total)))
    assert seen == [(i, 12) for i in range(1, 13)]


def test_pictures_that_are_no_files_are_known_by_their_bytes(copy, tmp_path, decoded):
    from dataclasses import replace

    from iae.check.run import check_dataset
    from iae.data.read import read_dataset

    class Store:
        def read(self, record):
            return record.path.read_bytes()

    dataset = replace(read_dataset(copy.root)[0], store=Store())
    first = check_dataset(dataset, out=tmp_path / "out")
    assert (len(decoded), first.findings) == (12, [])
    assert check_dataset(dataset, out=tmp_path / "out") == first
    assert len(decoded) == 12


def test_a_disk_that_is_full_at_the_end_is_one_line(tmp_path):
    (tmp_path / "facts.ndjson").write_bytes(b"\n" * 4096)
    with (
        full_disk(),
        pytest.raises(OutputError, match=r"cannot write .*facts\.ndjson: File too large"),
        FactsFile(tmp_path) as file,
    ):
        file.add(photos.PhotoFacts(name="a.jpg", state="readable", sha256="0" * 64))
