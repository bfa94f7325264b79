"""ExifTool and exiv2 read what we write, and we keep what they write."""

import subprocess
from pathlib import Path

import pytest
from packets import SAMPLES
from programs import exiftool, exiftool_says, exiv2_says, needs_exiftool, needs_exiv2

from iae.xmp.marks import Marks
from iae.xmp.merge import changes
from iae.xmp.packet import EMPTY, edit_packet, read_packet

MOOD = ("iae|mood|awe",)
MARKS = Marks(rating=4, label="Blue", keywords=MOOD, hierarchical=MOOD, pick=3)


def mark(sidecar: Path, marks: Marks = MARKS, *, overwrite: bool = True) -> None:
    data = sidecar.read_bytes() if sidecar.exists() else EMPTY
    sidecar.write_bytes(edit_packet(data, changes(read_packet(data), marks, overwrite=overwrite)))


@needs_exiftool
@pytest.mark.parametrize("rating", [-1, 1, 5])
def test_exiftool_reads_what_a_new_sidecar_says(tmp_path: Path, rating: int):
    sidecar = tmp_path / "a.jpg.xmp"
    mark(sidecar, Marks(rating=rating, label="Grün & <blau>", keywords=MOOD, hierarchical=MOOD,
                        pick=3))  # fmt: skip
    assert exiftool_says(sidecar) == {
        "XMP-xmp:Rating": rating, "XMP-iae:Rating": rating,
        "XMP-xmp:Label": "Grün & <blau>", "XMP-iae:Label": "Grün & <blau>",
        "XMP-digiKam:PickLabel": 3, "XMP-iae:PickLabel": 3,
        "XMP-dc:Subject": [*MOOD], "XMP-lr:HierarchicalSubject": [*MOOD],
    }  # fmt: skip


@needs_exiv2
def test_exiv2_reads_what_a_new_sidecar_says(tmp_path: Path):
    sidecar = tmp_path / "a.xmp"
    mark(sidecar)
    assert dict(exiv2_says(sidecar)) == {
        "Xmp.xmp.Rating": "4", "Xmp.iae.Rating": "4",
        "Xmp.xmp.Label": "Blue", "Xmp.iae.Label": "Blue",
        "Xmp.digiKam.PickLabel": "3", "Xmp.iae.PickLabel": "3",
        "Xmp.dc.subject": MOOD[0], "Xmp.lr.hierarchicalSubject": MOOD[0],
    }  # fmt: skip


@needs_exiftool
@pytest.mark.parametrize("name", SAMPLES)
def test_exiftool_finds_all_of_a_known_programs_sidecar_after_our_edit(tmp_path: Path, name: str):
    sidecar = tmp_path / "a.xmp"
    sidecar.write_bytes(SAMPLES[name])
    before = exiftool_says(sidecar)
    mark(sidecar)
    after = exiftool_says(sidecar)
    ours = {"XMP-xmp:Rating", "XMP-xmp:Label", "XMP-digiKam:PickLabel"}
    for key in set(before) - ours:
        if isinstance(before[key], list):
            assert after[key][: len(before[key])] == before[key], key
        else:
            assert after[key] == before[key], key
    assert (after["XMP-xmp:Rating"], after["XMP-xmp:Label"]) == (4, "Blue")
    assert after["XMP-dc:Subject"][-1] == "iae|mood|awe"


@needs_exiv2
@pytest.mark.parametrize("name", SAMPLES)
def test_exiv2_finds_all_of_a_known_programs_sidecar_after_our_edit(tmp_path: Path, name: str):
    sidecar = tmp_path / "a.xmp"
    sidecar.write_bytes(SAMPLES[name])
    before = exiv2_says(sidecar)
    mark(sidecar)
    after = dict(exiv2_says(sidecar))
    assert before
    for key, value in before:
        if key not in ("Xmp.xmp.Rating", "Xmp.xmp.Label", "Xmp.digiKam.PickLabel"):
            assert after[key].startswith(value), key
    assert after["Xmp.xmp.Rating"] == "4"


@needs_exiftool
def test_what_exiftool_wrote_is_read_and_kept(tmp_path: Path):
    sidecar = tmp_path / "a.xmp"
    exiftool("-XMP-dc:Subject=Sea", "-XMP-dc:Subject=2024", "-XMP-xmp:Rating=2",
             "-XMP-dc:Title-de=Wellen", "-XMP-dc:Title=Waves", "-XMP-photoshop:City=Zürich",
             "-XMP-mwg-rs:RegionInfo={RegionList=[{Name=Ann,Type=Face}]}", "-o", sidecar,
             "-XMP-lr:HierarchicalSubject=Nature|Sea")  # fmt: skip
    before = exiftool_says(sidecar)
    assert read_packet(sidecar.read_bytes()).lists["dc:subject"] == ("Sea", "2024")
    mark(sidecar, Marks(rating=5, keywords=MOOD, hierarchical=MOOD), overwrite=False)
    assert exiftool_says(sidecar) == before | {
        "XMP-dc:Subject": ["Sea", 2024, *MOOD],
        "XMP-lr:HierarchicalSubject": ["Nature|Sea", *MOOD],
    }


@needs_exiv2
def test_what_exiv2_wrote_is_read_and_kept(tmp_path: Path):
    sidecar = tmp_path / "a.xmp"
    sidecar.write_bytes(EMPTY)
    for command in ("set Xmp.dc.subject XmpBag Sea", "set Xmp.xmp.Rating 2",
                    "set Xmp.dc.title lang=de Wellen", "set Xmp.tiff.Make Some & Co",
                    "set Xmp.iptc.CreatorContactInfo/Iptc4xmpCore:CiAdrCity Rome"):  # fmt: skip
        subprocess.run(["exiv2", "-M", command, sidecar], check=True)
    before = dict(exiv2_says(sidecar))
    assert before["Xmp.xmp.Rating"] == "2"
    assert read_packet(sidecar.read_bytes()).simple == {"xmp:Rating": "2"}
    mark(sidecar, Marks(rating=5, keywords=MOOD), overwrite=False)
    after = dict(exiv2_says(sidecar))
    assert after == before | {"Xmp.dc.subject": f"Sea, {MOOD[0]}"}


@needs_exiv2
@needs_exiftool
def test_a_sidecar_goes_round_all_three_and_says_the_same(tmp_path: Path):
    sidecar = tmp_path / "a.xmp"
    mark(sidecar)
    before = read_packet(sidecar.read_bytes())
    subprocess.run(["exiv2", "-M", "set Xmp.dc.source somewhere", sidecar], check=True)
    exiftool("-q", "-overwrite_original", "-XMP-dc:Coverage=all", sidecar)
    assert read_packet(sidecar.read_bytes()) == before
    mark(sidecar, Marks(rating=1), overwrite=False)
    assert read_packet(sidecar.read_bytes()).simple["xmp:Rating"] == "1"  # still known as ours
