"""Marks written into files, and taken back byte for byte, whatever happens on the way."""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from full_disk import full_disk
from PIL import Image

from iae.editor.report import Report
from iae.editor.undo import undo_marks
from iae.editor.write import Mode, write_marks
from iae.errors import OutputError
from iae.xmp.marks import Marks
from iae.xmp.packet import read_packet

MOOD = ("iae|mood|awe",)
MARKS = Marks(rating=4, keywords=MOOD, hierarchical=MOOD)
NS = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
needs_exiftool = pytest.mark.skipif(
    shutil.which("exiftool") is None,
    reason="ExifTool is not installed (apt install libimage-exiftool-perl)",
)
not_root = pytest.mark.skipif(
    hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everywhere"
)


def rated(stars: int) -> bytes:
    return (f'<rdf:RDF {NS}><rdf:Description rdf:about="" xmlns:x="http://ns.adobe.com/xap/1.0/" '
            f'x:Rating="{stars}"/></rdf:RDF>').encode()  # fmt: skip


@pytest.fixture
def photo(tmp_path: Path, picture: Image.Image) -> Path:
    (tmp_path / "photos").mkdir()
    path = tmp_path / "photos" / "a.jpg"
    picture.save(path)
    return path


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "out" / ".iae" / "journal.ndjson"


def write(journal: Path, *photos: Path, mode: Mode = "sidecar", marks: Marks = MARKS,
          dry_run: bool = False, overwrite: bool = False) -> Report:  # fmt: skip
    return write_marks(dict.fromkeys(photos, marks), mode, journal=journal, dry_run=dry_run,
                       overwrite=overwrite)  # fmt: skip


def state(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def reason(report: Report) -> str:
    (outcome,) = report.of("failed")
    return outcome.reason


def test_a_photo_without_xmp_gets_a_sidecar_and_undo_takes_it_away(photo: Path, journal: Path):
    before = state(photo.parent)
    report = write(journal, photo)
    assert report.of("written")[0].shown[0] == "rating none -> 4"
    values = read_packet((photo.parent / "a.jpg.xmp").read_bytes())
    assert values.simple == {"xmp:Rating": "4", "iae:Rating": "4"}
    assert undo_marks(journal).of("written")
    assert state(photo.parent) == before
    assert not journal.exists()


def test_a_sidecar_that_was_there_comes_back_with_its_time(photo: Path, journal: Path):
    sidecar = photo.with_name("a.xmp")
    sidecar.write_bytes(rated(0) + b"\n\n")
    os.utime(sidecar, ns=(10**18, 10**18))
    sidecar.chmod(0o640)
    before = state(photo.parent)
    write(journal, photo, mode="sidecar-stem")
    assert read_packet(sidecar.read_bytes()).simple["xmp:Rating"] == "4"
    assert sidecar.stat().st_mode & 0o777 == 0o640
    assert sidecar.stat().st_mtime_ns != 10**18
    undo_marks(journal)
    assert state(photo.parent) == before
    assert sidecar.stat().st_mtime_ns == 10**18
    assert sidecar.stat().st_mode & 0o777 == 0o640


def test_a_second_run_writes_nothing(photo: Path, journal: Path):
    write(journal, photo)
    before = {path: path.stat().st_mtime_ns for path in photo.parent.iterdir()}
    length = journal.stat().st_size
    assert write(journal, photo).of("unchanged")
    assert {path: path.stat().st_mtime_ns for path in photo.parent.iterdir()} == before
    assert journal.stat().st_size == length


def test_several_runs_are_undone_to_the_first_state(photo: Path, journal: Path):
    sidecar = photo.with_name("a.jpg.xmp")
    sidecar.write_bytes(rated(0))
    before = state(photo.parent)
    for stars in (1, 5, 3):
        write(journal, photo, marks=Marks(rating=stars))
    assert len(undo_marks(journal).outcomes) == 1
    assert state(photo.parent) == before


def test_a_dry_run_says_the_same_and_writes_nothing(photo: Path, journal: Path):
    other = photo.with_name("b.jpg")
    shutil.copy2(photo, other)
    other.with_name("b.jpg.xmp").write_bytes(rated(2))
    before = state(photo.parent)
    dry = write(journal, photo, other, dry_run=True)
    assert state(photo.parent) == before
    assert not journal.exists()
    assert write(journal, photo, other) == dry
    assert dry.kept[0].kept == ("rating 2 stays: it is a person's",)
    written = state(photo.parent)
    assert len(undo_marks(journal, dry_run=True).of("written")) == 2
    assert state(photo.parent) == written


def test_a_persons_stars_go_only_when_asked(photo: Path, journal: Path):
    sidecar = photo.with_name("a.jpg.xmp")
    sidecar.write_bytes(rated(2))
    write(journal, photo)
    assert read_packet(sidecar.read_bytes()).simple["xmp:Rating"] == "2"
    write(journal, photo, overwrite=True)
    assert read_packet(sidecar.read_bytes()).simple["xmp:Rating"] == "4"


def test_stars_inside_of_the_photo_are_a_persons_too(photo: Path, journal: Path):
    """A sidecar hides what is inside: a new one begins with it."""
    keyword = rated(2).replace(b"/></rdf", b'><d:subject xmlns:d="http://purl.org/dc/elements/1.1/">'
                               b"<rdf:Bag><rdf:li>Sea</rdf:li></rdf:Bag></d:subject>"
                               b"</rdf:Description></rdf")  # fmt: skip
    xmp = b"http://ns.adobe.com/xap/1.0/\0" + keyword
    jpeg = photo.read_bytes()
    photo.write_bytes(jpeg[:2] + b"\xff\xe1" + (len(xmp) + 2).to_bytes(2) + xmp + jpeg[2:])
    assert write(journal, photo).kept
    values = read_packet(photo.with_name("a.jpg.xmp").read_bytes())
    assert values.simple["xmp:Rating"] == "2"
    assert values.lists["dc:subject"] == ("Sea", *MOOD)


def test_stars_in_the_sidecar_of_the_other_name_are_a_persons_too(photo: Path, journal: Path):
    photo.with_name("a.xmp").write_bytes(rated(2))
    assert write(journal, photo).kept
    assert read_packet(photo.with_name("a.jpg.xmp").read_bytes()).simple["xmp:Rating"] == "2"


def test_a_damaged_packet_inside_of_the_photo_is_no_obstacle(photo: Path, journal: Path):
    xmp = b"http://ns.adobe.com/xap/1.0/\0" + rated(2)[:-9]
    jpeg = photo.read_bytes()
    photo.write_bytes(jpeg[:2] + b"\xff\xe1" + (len(xmp) + 2).to_bytes(2) + xmp + jpeg[2:])
    assert write(journal, photo).of("written")


def test_a_file_changed_since_stays_and_is_named(photo: Path, journal: Path):
    other = photo.with_name("b.jpg")
    shutil.copy2(photo, other)
    write(journal, photo, other)
    changed = photo.with_name("a.jpg.xmp")
    changed.write_bytes(changed.read_bytes() + b"\n")
    report = undo_marks(journal)
    assert reason(report) == "it was changed since by another program; it stays as it is"
    assert changed.exists()
    assert not other.with_name("b.jpg.xmp").exists()
    changed.write_bytes(changed.read_bytes()[:-1])  # and back again: it can be undone after all
    assert undo_marks(journal).of("written")
    assert not changed.exists()


def test_a_file_that_is_gone_is_named(photo: Path, journal: Path):
    sidecar = photo.with_name("a.jpg.xmp")
    sidecar.write_bytes(rated(0))
    write(journal, photo)
    sidecar.unlink()
    assert reason(undo_marks(journal)) == "it is gone"


def test_a_sidecar_of_ours_that_is_gone_is_undone_already(photo: Path, journal: Path):
    write(journal, photo)
    photo.with_name("a.jpg.xmp").unlink()
    assert undo_marks(journal).of("unchanged")


BAD_SIDECARS = {
    "truncated": (rated(3)[:-20], "a.jpg.xmp is not well-formed XML"),
    "two packets": (rated(3) * 2, "a.jpg.xmp is not well-formed XML: something follows"),
    "entities": (b'<!DOCTYPE x [<!ENTITY a "b">]>' + rated(3), "a.jpg.xmp declares a document"),
    "not XMP": (b"\x89PNG\r\n", "a.jpg.xmp is not UTF-8 text"),
    "empty": (b"", "a.jpg.xmp is empty"),
}


@pytest.mark.parametrize("what", BAD_SIDECARS)
def test_a_bad_sidecar_costs_its_photo_only_and_stays(photo: Path, journal: Path, what: str):
    content, message = BAD_SIDECARS[what]
    sidecar = photo.with_name("a.jpg.xmp")
    sidecar.write_bytes(content)
    other = photo.with_name("b.jpg")
    shutil.copy2(photo, other)
    report = write(journal, photo, other)
    assert reason(report).startswith(message)
    assert sidecar.read_bytes() == content
    assert [outcome.path for outcome in report.of("written")] == [other]


def test_a_sidecar_that_is_a_directory_is_named(photo: Path, journal: Path):
    photo.with_name("a.jpg.xmp").mkdir()
    assert reason(write(journal, photo)) == "a.jpg.xmp is a directory; move it away"


def test_a_sidecar_that_is_a_link_is_changed_where_it_leads(
    photo: Path, journal: Path, tmp_path: Path
):
    real = tmp_path / "real.xmp"
    real.write_bytes(rated(0))
    link = photo.with_name("a.jpg.xmp")
    link.symlink_to(real)
    write(journal, photo)
    assert link.is_symlink()
    assert read_packet(real.read_bytes()).simple["xmp:Rating"] == "4"
    undo_marks(journal)
    assert link.is_symlink()
    assert real.read_bytes() == rated(0)


def test_a_link_that_leads_nowhere_is_named(photo: Path, journal: Path):
    photo.with_name("a.jpg.xmp").symlink_to("gone")
    assert "is a link that leads nowhere" in reason(write(journal, photo))


@pytest.mark.parametrize("mode", ["sidecar", pytest.param("embed", marks=needs_exiftool)])
def test_a_read_only_file_is_left_alone(photo: Path, journal: Path, mode: Mode):
    target = photo if mode == "embed" else photo.with_name("a.jpg.xmp")
    if mode == "sidecar":
        target.write_bytes(rated(0))
    target.chmod(0o444)
    assert reason(write(journal, photo, mode=mode)) == f"{target.name} is read-only"


@not_root
def test_a_read_only_folder_is_said(photo: Path, journal: Path):
    photo.parent.chmod(0o555)
    try:
        assert "Permission denied" in reason(write(journal, photo))
    finally:
        photo.parent.chmod(0o755)


def test_a_photo_that_vanished_gets_no_sidecar(photo: Path, journal: Path):
    photo.unlink()
    assert "there is no such photo" in reason(write(journal, photo))
    assert state(photo.parent) == {}


def test_two_photos_of_one_stem_are_refused_by_the_stem(photo: Path, journal: Path):
    other = photo.with_name("a.png")
    Image.open(photo).save(other)
    raw = photo.with_name("b.cr2")
    raw.write_bytes(b"raw")
    jpeg = photo.with_name("b.jpg")
    shutil.copy2(photo, jpeg)
    report = write(journal, photo, other, raw, jpeg, mode="sidecar-stem")
    assert [outcome.reason for outcome in report.outcomes] == [
        "a.xmp would be shared with a.png; use --xmp sidecar",
        "a.xmp would be shared with a.jpg; use --xmp sidecar",
        "",
        "b.xmp is that of b.cr2; use --xmp sidecar",
    ]


def test_odd_names_are_written_and_undone(photo: Path, journal: Path):
    photos = [photo.with_name(name) for name in ("-n.jpg", "a\nb.jpg", "caf\udce9.jpg", "x" * 240)]
    for path in photos:
        shutil.copy2(photo, path)
    too_long = photo.with_name("y" * 250)
    shutil.copy2(photo, too_long)
    before = state(photo.parent)
    report = write(journal, *photos, too_long)
    assert len(report.of("written")) == 4
    assert "File name too long" in reason(report)
    undo_marks(journal)
    assert state(photo.parent) == before


def test_a_full_disk_leaves_no_half_written_sidecar(photo: Path, journal: Path):
    sidecar = photo.with_name("a.jpg.xmp")
    large = rated(0).replace(b"<rdf:D", b"<!--" + b"x" * 8000 + b"--><rdf:D")
    sidecar.write_bytes(large)
    with full_disk():
        report = write(journal, photo)
    assert "File too large" in reason(report)
    assert state(photo.parent).keys() == {"a.jpg", "a.jpg.xmp"}
    assert sidecar.read_bytes() == large
    assert undo_marks(journal).of("unchanged")


def test_a_journal_that_cannot_be_written_stops_before_the_first_change(photo: Path, journal: Path):
    journal.parent.parent.write_text("in the way")
    before = state(photo.parent)
    with pytest.raises(OutputError, match="cannot make the folder"):
        write(journal, photo)
    assert state(photo.parent) == before


@needs_exiftool
def test_an_embedded_photo_comes_back_bit_for_bit_with_its_time(photo: Path, journal: Path):
    os.utime(photo, ns=(10**18, 10**18))
    photo.chmod(0o600)
    before = state(photo.parent)
    assert write(journal, photo, mode="embed").of("written")
    assert state(photo.parent).keys() == before.keys()
    assert state(photo.parent) != before
    assert photo.stat().st_mode & 0o777 == 0o600
    assert photo.stat().st_mtime_ns != 10**18
    assert write(journal, photo, mode="embed").of("unchanged")
    assert journal.stat().st_size < 3000  # no copy of the photo
    undo_marks(journal)
    assert state(photo.parent) == before
    assert photo.stat().st_mtime_ns == 10**18


@needs_exiftool
def test_embedding_follows_a_link_and_leaves_it(photo: Path, journal: Path, tmp_path: Path):
    link = tmp_path / "link.jpg"
    link.symlink_to(photo)
    write(journal, link, mode="embed")
    assert link.is_symlink()
    assert b"iae|mood|awe" in photo.read_bytes()


@needs_exiftool
def test_raw_and_broken_files_are_rows_beside_the_good_ones(photo: Path, journal: Path):
    raw, broken = photo.with_name("r.nef"), photo.with_name("broken.jpg")
    raw.write_bytes(b"II*\0raw")
    broken.write_bytes(photo.read_bytes()[:100])
    before = state(photo.parent)
    report = write(journal, raw, broken, photo, mode="embed")
    assert [outcome.state for outcome in report.outcomes] == ["failed", "failed", "written"]
    after = state(photo.parent)
    assert after | {"a.jpg": b""} == before | {"a.jpg": b""}


RUN = """
import sys
from pathlib import Path
from iae.editor.write import write_marks
from iae.editor.undo import undo_marks
from iae.xmp.marks import Marks
folder, journal, mode, verb = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4]
print("ready", flush=True)
if verb == "undo":
    undo_marks(journal)
else:
    marks = Marks(rating=4, keywords=("iae|mood|awe",), hierarchical=("iae|mood|awe",))
    photos = sorted(folder.glob("*.jpg"))
    write_marks(dict.fromkeys(photos, marks), mode, journal=journal)
"""


def killed_after(seconds: float, folder: Path, journal: Path, mode: Mode, verb: str) -> None:
    """Run in a process group of its own, and kill -9 all of it so long after its first change."""
    run = subprocess.Popen([sys.executable, "-c", RUN, folder, journal, mode, verb],
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                           start_new_session=True)  # fmt: skip
    assert run.stdout
    run.stdout.readline()
    before = _touched(folder, journal)
    while run.poll() is None and _touched(folder, journal) == before:
        time.sleep(0.001)
    time.sleep(seconds)
    with suppress(ProcessLookupError):
        os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    run.stdout.close()


def _touched(folder: Path, journal: Path) -> tuple[int, int]:
    """Changes with every file that is made, renamed or removed there, and with every record."""
    return folder.stat().st_mtime_ns, journal.stat().st_size if journal.exists() else 0


def kill_often(folder: Path, journal: Path, mode: Mode, times: int, longest: float) -> None:
    """Kill writing at many moments, and undoing; at the end all is as it was.

    After each kill a file is what it was, or says the marks; never anything between.
    """
    before = state(folder)
    partial = 0
    for i in range(times):
        killed_after(longest * i / times, folder, journal, mode, "write")
        now = state(folder)
        changed = {name for name in now if not name.endswith(".part")
                   and now[name] != before.get(name)}  # fmt: skip
        assert all(now[name].count(MOOD[0].encode()) == 2 for name in changed)
        partial += 0 < len(changed) < len(list(folder.glob("*.jpg")))
        if i % 2:
            killed_after(longest * (i % 5) / 10, folder, journal, mode, "undo")
    assert partial  # some were killed in the middle
    photos = sorted(folder.glob("*.jpg"))
    assert not write(journal, *photos, mode=mode).of("failed")
    assert not write(journal, *photos, mode=mode).of("written")
    assert not undo_marks(journal).of("failed")
    assert state(folder) == before


def library(photo: Path, count: int) -> Path:
    for i in range(count):
        shutil.copy2(photo, photo.with_name(f"{i:03}.jpg"))
        if i % 2:
            photo.with_name(f"{i:03}.jpg.xmp").write_bytes(rated(0))
    return photo.parent


@pytest.mark.slow
def test_killed_at_any_moment_sidecars_are_whole_and_can_be_undone(photo: Path, journal: Path):
    kill_often(library(photo, 300), journal, "sidecar", times=20, longest=0.5)


@pytest.mark.slow
@needs_exiftool
def test_killed_at_any_moment_photos_are_whole_and_can_be_undone(photo: Path, journal: Path):
    kill_often(library(photo, 30), journal, "embed", times=12, longest=1.0)
