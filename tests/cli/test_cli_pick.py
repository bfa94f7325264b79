"""``iae pick`` at the door: what is printed, what lies there afterwards, and clear refusals."""

from collections.abc import Callable
from pathlib import Path

import pytest
from bursts import walk
from click.testing import CliRunner, Result

from iae.cli.main import main
from iae.editor.show import show_photo

Run = Callable[..., Result]


@pytest.fixture
def iae(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a verb beside a folder ``photos`` with two series; bugs keep their traceback."""
    monkeypatch.chdir(tmp_path)
    walk(Path("photos"))

    def run(*words: str) -> Result:
        return CliRunner().invoke(main, list(words), catch_exceptions=False)

    return run


def test_series_are_counted_and_the_results_named(iae: Run):
    Path("photos/bad.jpg").write_bytes(b"no picture")
    result = iae("pick", "photos", "-o", "out")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "7 photos: 2 series (2-3 shots), 1 single; 1 could not be read"
    assert lines[1].startswith("unreadable: photos/bad.jpg: ")
    assert lines[2:4] == [f"table:   {Path('out/picks.csv')}", f"gallery: {Path('out/picks.html')}"]


def test_the_results_of_scoring_are_gone_on_with(iae: Run):
    iae("score", "photos", "-o", "out", "--no-gallery", "--format", "ndjson")
    result = iae("pick", "photos", "-o", "out", "--no-gallery", "--format", "ndjson")
    assert "to score" not in result.output
    assert sorted(p.name for p in Path("out").iterdir()) == [
        ".iae",
        "picks.ndjson",
        "scores.ndjson",
    ]


def test_what_is_kept_is_copied_and_marked(iae: Run):
    result = iae("pick", "photos", "-o", "out", "--no-gallery", "--keep", "2",
                 "--copy-best", "best", "--xmp", "sidecar",
                 "--best-stars", "5", "--reject")  # fmt: skip
    assert result.exit_code == 0
    assert f"copied:  5 photos that are kept, to {Path('best')}" in result.stdout
    assert len(list(Path("best").glob("*.jpg"))) == 5
    assert "xmp: 5 written" in result.stdout
    assert "xmp:Rating 5" in show_photo(Path("photos/IMG_1.jpg"))[0].text
    assert "digiKam:PickLabel 3" in show_photo(Path("photos/IMG_5.jpg"))[0].text
    assert not Path("photos/IMG_3.jpg.xmp").exists()


def test_marks_are_taken_back_by_undo(iae: Run):
    iae("pick", "photos", "-o", "out", "--no-gallery", "--xmp", "sidecar")
    assert list(Path("photos").glob("*.xmp"))
    assert iae("xmp", "undo", "out").exit_code == 0
    assert not list(Path("photos").glob("*.xmp"))


def test_a_dry_run_prints_each_shot_of_a_series_and_writes_no_xmp(iae: Run):
    result = iae("pick", "photos", "-o", "out", "--no-gallery", "--xmp", "sidecar",
                 "--best-stars", "5", "--dry-run")  # fmt: skip
    assert result.exit_code == 0
    photo = Path("photos").absolute()
    assert result.stdout.splitlines()[-6:] == [
        f"{photo / 'IMG_0.jpg'} (IMG_0.jpg.xmp): nothing to change",
        f"{photo / 'IMG_1.jpg'} (IMG_1.jpg.xmp): rating none -> 5, pick none -> 3",
        f"{photo / 'IMG_2.jpg'} (IMG_2.jpg.xmp): nothing to change",
        f"{photo / 'IMG_4.jpg'} (IMG_4.jpg.xmp): rating none -> 5, pick none -> 3",
        f"{photo / 'IMG_5.jpg'} (IMG_5.jpg.xmp): nothing to change",
        "xmp: 2 would be written, 3 already so",
    ]
    assert not list(Path("photos").glob("*.xmp"))
    assert not Path("out/.iae/xmp-journal.ndjson").exists()
    assert Path("out/picks.csv").exists()


def test_stars_and_picks_of_a_person_stay_unless_told_otherwise(iae: Run):
    sidecar = Path("photos/IMG_1.jpg.xmp")
    sidecar.write_bytes(
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/'
        b'22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
        b' xmlns:digiKam="http://www.digikam.org/ns/1.0/" xmp:Rating="2" digiKam:PickLabel="2"/>'
        b"</rdf:RDF></x:xmpmeta>"
    )
    words = ("pick", "photos", "-o", "out", "--no-gallery", "--xmp", "sidecar", "--best-stars", "5")
    result = iae(*words)
    assert "1 with a person's own marks, which stay (--overwrite-rating replaces" in result.stdout
    assert "xmp:Rating 2" in show_photo(Path("photos/IMG_1.jpg"))[0].text
    iae(*words, "--overwrite-rating")
    text = show_photo(Path("photos/IMG_1.jpg"))[0].text
    assert "xmp:Rating 5" in text
    assert "digiKam:PickLabel 3" in text


def test_if_no_mark_can_be_written_the_run_ends_with_an_error(iae: Run):
    for number in (0, 1, 2, 4, 5):
        Path(f"photos/IMG_{number}.jpg.xmp").mkdir()
    result = iae("pick", "photos", "-o", "out", "--no-gallery", "--xmp", "sidecar")
    assert result.exit_code == 2
    assert "5 not written" in result.stdout
    assert Path("out/picks.csv").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--alike", "2"], "alike must lie between 0 and 1, got 2"),
        (["--gap", "-1"], "gap must be 0 seconds or more, got -1"),
        (["--copy-best", "photos"], "photos exists already"),
        (["--overrules", "none.json"], "cannot read none.json"),
        (["--reject"], "add --xmp MODE"),
        (["--dry-run"], "add --xmp MODE"),
        (["--overwrite-rating"], "add --xmp MODE"),
        (["--keep", "0"], "0 is not in the range"),
    ],
)
def test_a_mistake_is_one_line_before_anything_is_written(iae: Run, words: list[str], message: str):
    result = iae("pick", "photos", "-o", "out", *words)
    assert result.exit_code == 2
    assert message in result.output
    assert not Path("out").exists()


def test_nothing_readable_is_an_error_that_says_so(iae: Run):
    Path("bad").mkdir()
    Path("bad/a.jpg").write_bytes(b"no picture")
    result = iae("pick", "bad", "-o", "out")
    assert result.exit_code == 2
    assert "none of 1 photos could be read" in result.output
