"""``iae xmp`` at the door."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from iae.cli import xmp_options
from iae.cli.main import main
from iae.editor.write import MODES
from iae.labels import EMOTIONS
from iae.scoring.output import write_scores
from iae.scoring.scores import PhotoScore

Run = Callable[..., Result]
RATED = (
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
    b'xmlns:x="http://ns.adobe.com/xap/1.0/" x:Rating="4"/></rdf:RDF>'
)


@pytest.fixture
def xmp(tmp_path: Path, picture: Image.Image, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run ``iae xmp`` where two photos lie in ``photos`` and their scores in ``out``."""
    monkeypatch.chdir(tmp_path)
    Path("photos").mkdir()
    Path("out").mkdir()
    awe = tuple(0.93 if emotion == "awe" else 0.01 for emotion in EMOTIONS)
    best = PhotoScore(path="photos/a.jpg", aesthetic_mean=8.0, emotions=awe)
    picture.save("photos/a.jpg")
    shutil.copy("photos/a.jpg", "photos/b.jpg")
    write_scores(Path("out"), [best, replace(best, path="photos/b.jpg", aesthetic_mean=3.0)], "csv")

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["xmp", *arguments], catch_exceptions=False)

    return run


def names() -> list[str]:
    return sorted(path.name for path in Path("photos").iterdir())


def test_scores_are_written_and_taken_back(xmp: Run):
    written = xmp("write", "out")
    assert written.exit_code == 0
    assert "xmp: 2 written, 0 already so\nxmp: iae xmp undo out takes it back\n" in written.stdout
    assert names() == ["a.jpg", "a.jpg.xmp", "b.jpg", "b.jpg.xmp"]
    undone = xmp("undo", "out")
    assert (undone.exit_code, undone.stdout) == (0, "xmp: 2 as before, 0 were so already\n")
    assert names() == ["a.jpg", "b.jpg"]


def test_a_dry_run_prints_each_photo_and_writes_nothing(xmp: Run):
    Path("photos/b.jpg.xmp").write_bytes(RATED)
    result = xmp("write", "out", "--dry-run", "--no-moods", "--mode", "sidecar")
    assert result.stdout.splitlines() == [
        "photos/a.jpg (a.jpg.xmp): rating none -> 5",
        "photos/b.jpg (b.jpg.xmp): rating 4 stays: it is a person's",
        "xmp: 1 would be written, 1 already so, 1 with a person's own marks, which stay "
        "(--overwrite-rating replaces them)",
    ]
    assert names() == ["a.jpg", "b.jpg", "b.jpg.xmp"]
    assert not Path("out/.iae/xmp-journal.ndjson").exists()


def test_stars_can_be_left_out_and_bad_photos_rejected(xmp: Run):
    result = xmp("write", "out", "--stars", "none", "--reject-below", "4", "--dry-run")
    assert "photos/a.jpg (a.jpg.xmp): + dc:subject iae|mood|awe" in result.stdout
    assert "photos/b.jpg (b.jpg.xmp): rating none -> -1" in result.stdout


def test_show_says_what_is_where(xmp: Run):
    xmp("write", "out", "--mode", "sidecar-stem")
    result = xmp("show", "photos/a.jpg", "photos/a.xmp")
    said = ("xmp:Rating 5; iae:Rating 5; dc:subject [iae|mood|awe]; "
            "lr:hierarchicalSubject [iae|mood|awe]")  # fmt: skip
    assert result.stdout.splitlines() == [
        "photos/a.jpg", "  a.jpg.xmp: not there", f"  a.xmp: {said}", "  embedded: none",
        "photos/a.xmp", f"  a.xmp: {said}",
    ]  # fmt: skip


def test_show_names_what_cannot_be_read(xmp: Run):
    Path("photos/a.xmp").write_bytes(RATED[:-5])
    result = xmp("show", "photos/a.jpg")
    assert result.exit_code == 1
    assert "  a.xmp: is not well-formed XML" in result.stdout


def test_one_photo_that_fails_is_named_and_the_rest_is_written(xmp: Run):
    Path("photos/a.jpg.xmp").mkdir()
    result = xmp("write", "out")
    assert result.exit_code == 0
    assert "1 written, 0 already so, 1 not written" in result.stdout
    assert result.stderr.endswith(
        "not written: photos/a.jpg: a.jpg.xmp is a directory; move it away\n"
    )
    Path("photos/b.jpg.xmp").unlink()
    Path("photos/b.jpg.xmp").mkdir()
    assert xmp("write", "out").exit_code == 2


def test_undo_names_what_was_changed_since(xmp: Run):
    xmp("write", "out")
    Path("photos/a.jpg.xmp").write_bytes(RATED)
    result = xmp("undo", "out")
    assert result.exit_code == 1
    assert result.stdout == "xmp: 1 as before, 0 were so already, 1 not undone\n"
    assert "a.jpg.xmp: it was changed since by another program; it stays" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["write", "nowhere"], "there are no scores in nowhere"),
        (["write", "out", "--stars", "all"], "'all' is no rule for stars; wanted top=5,20,50,80"),
        (["undo", "out"], "nothing to undo"),
        (["show", "gone.jpg"], "there is no file gone.jpg"),
    ],
)
def test_what_a_person_can_fix_is_one_line(xmp: Run, arguments: list[str], message: str):
    result = xmp(*arguments)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith(f"iae: {message}")


def test_embedding_without_exiftool_says_how_to_get_it(xmp: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "")
    result = xmp("write", "out", "--mode", "embed")
    assert result.exit_code == 2
    assert "apt install libimage-exiftool-perl, or see https://exiftool.org" in result.stderr


def test_the_options_offer_the_modes_that_there_are():
    assert xmp_options.MODES == MODES
