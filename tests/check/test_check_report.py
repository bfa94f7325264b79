"""The report: errors first, counted, with examples; escaped wherever it is shown."""

import json

import pytest

from iae.check.page import render_page, write_page
from iae.check.report import (
    Report,
    format_report,
    make_report,
    to_json,
    verdict,
    write_fix_list,
    write_text_and_json,
)
from iae.data.dataset import Dataset
from iae.data.defects import Defect
from iae.data.read import read_dataset

NOTE = Defect("near-duplicate", "c.jpg", "also d.jpg", ("d.jpg",))
ERROR = Defect("empty-file", "a.jpg", "0 bytes", ("a.jpg",))


@pytest.fixture
def make(tmp_path):
    def report(*defects: Defect, looked_at: int = 3) -> Report:
        return make_report(Dataset(root=tmp_path, format="table"), defects, looked_at)

    return report


def test_errors_come_first_and_notes_do_not_make_a_set_unsound(make):
    assert [f.code for f in make(NOTE, ERROR).findings] == ["empty-file", "near-duplicate"]
    assert not make(NOTE, ERROR).is_sound
    assert make(NOTE).is_sound


def test_the_last_line_says_what_is_wrong_in_how_much(make):
    assert verdict(make(ERROR, ERROR, NOTE)) == (
        "2 things wrong, of 1 kind, in 0 images (3 pictures opened); 1 note"
    )
    assert verdict(make(looked_at=0)) == "nothing wrong found in 0 images (no picture opened)"


def test_the_text_has_five_examples_and_the_count_of_the_rest(make):
    text = format_report(make(*[ERROR] * 1200))
    assert "empty-file: 1,200 × files of 0 bytes" in text
    assert text.count("    a.jpg: 0 bytes") == 5
    assert "… and 1,195 more" in text
    assert "what to do: fetch them again" in text


def test_the_text_steers_no_terminal(make):
    text = format_report(make(Defect("empty-file", "a\x1b[2J\n.jpg", "0 bytes")))
    assert "a\\x1b[2J\\n.jpg" in text


def test_the_fix_list_names_each_image_of_an_error_once_and_none_of_a_note(make, tmp_path):
    report = make(ERROR, Defect("flat", "a.jpg", "", ("a.jpg",)),
                  Defect("flat", "caf\udce9.jpg", "", ("caf\udce9.jpg",)), NOTE)  # fmt: skip
    write_fix_list(tmp_path / "fix.txt", report)
    assert (tmp_path / "fix.txt").read_bytes() == b"a.jpg\ncaf\xe9.jpg\n"


def test_the_json_has_every_place(make, tmp_path):
    report = make(*[ERROR] * 70, NOTE)
    write_text_and_json(tmp_path, report)
    values = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert values == to_json(report)
    assert values["sound"] is False
    assert [(f["code"], f["count"], len(f["places"])) for f in values["findings"]] == [
        ("empty-file", 70, 70),
        ("near-duplicate", 1, 1),
    ]
    assert values["findings"][0]["places"][0] == {
        "where": "a.jpg", "text": "0 bytes", "leave_out": ["a.jpg"],
    }  # fmt: skip


def test_the_page_escapes_what_names_and_texts_hold(make):
    nasty = '<script>alert("x")</script>\u202egpj.exe'
    page = render_page(make(Defect("empty-file", nasty, nasty)), {nasty: "data:image/jpeg,"})
    assert "<script" not in page
    assert "\u202e" not in page
    assert "&lt;script&gt;" in page


def test_the_page_shows_duplicates_and_needs_nothing_from_elsewhere(copy, tmp_path):
    copy.add("images/again.jpg", (copy.root / "images/04.jpg").read_bytes(), like=4)
    page = write_page(tmp_path, copy.check(), read_dataset(copy.root)[0]).read_text("utf-8")
    assert page.count('<img src="data:image/jpeg;base64,') == 2
    assert "http" not in page.replace("http-equiv", "")


def test_the_page_stays_small_however_much_is_found(copy, tmp_path):
    data = (copy.root / "images/04.jpg").read_bytes()
    for i in range(60):
        copy.add(f"images/gone{i}.jpg", data, like=4)
    page = write_page(tmp_path, copy.check(), read_dataset(copy.root)[0])
    assert page.stat().st_size < 60_000


def test_a_sound_set_has_a_page_that_says_so(make):
    assert "Nothing wrong found in" in render_page(make(), {})
