"""A folder of the best: new, whole, with names that sort, and the photos themselves untouched."""

import csv
import os
import shutil
from pathlib import Path

import pytest
from PIL import Image

from iae.errors import OutputError
from iae.files import refuse_taken
from iae.scoring.find import THUMBNAILS_MARK, Found, find_photos
from iae.scoring.scores import PhotoScore
from iae.top.choice import Chosen
from iae.top.folder import LIST, placed_names, write_folder

EMOTIONS = (0.3, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1)


def chosen_of(*files: Path) -> list[Chosen]:
    return [
        Chosen(rank=rank, file=file, value=9.0 - rank,
               score=PhotoScore(path=Found(file).name, aesthetic_mean=9.0 - rank, aesthetic_std=1.0,
                                levels=(0.0, 0.0, 0.5, 0.5), high_prob=0.9, emotions=EMOTIONS,
                                positive_prob=0.6, percentile=100.0))
        for rank, file in enumerate(files, start=1)
    ]  # fmt: skip


@pytest.fixture
def photos(tmp_path: Path, picture: Image.Image) -> list[Path]:
    """Two a.jpg in two folders, and one with a name full of traps."""
    files = [tmp_path / "photos" / name for name in ("2019/a.jpg", "2020/a.jpg", "été #1\n.jpg")]
    for i, file in enumerate(files):
        file.parent.mkdir(parents=True, exist_ok=True)
        picture.rotate(90 * i).save(file)
    return files


def write(folder: Path, chosen: list[Chosen], way) -> None:
    write_folder(folder, chosen, way, chosen_from=200, emotion=None, notice="research only")


def test_copies_are_named_by_rank_score_and_name_and_two_of_one_name_stay_two(photos, tmp_path):
    write(tmp_path / "best", chosen_of(*photos), "copy")
    names = ["001 8.00 a.jpg", "002 7.00 a.jpg", "003 6.00 été #1\n.jpg"]
    assert sorted(p.name for p in (tmp_path / "best").glob("0*")) == names
    for name, photo in zip(names, photos, strict=True):
        copy = tmp_path / "best" / name
        assert copy.read_bytes() == photo.read_bytes()
        assert not copy.is_symlink()
        assert copy.stat().st_mtime_ns == photo.stat().st_mtime_ns


def test_links_lead_to_the_photos_where_they_lie(photos, tmp_path):
    write(tmp_path / "best", chosen_of(*photos), "link")
    for i, photo in enumerate(photos, start=1):
        link = next((tmp_path / "best").glob(f"00{i} *"))
        assert link.is_symlink()
        assert link.resolve() == photo


@pytest.mark.parametrize("way", ["link", "copy", "gallery"])
def test_the_page_shows_just_the_chosen_with_thumbnails_and_links_that_lead_to_them(
    photos, tmp_path, way
):
    write(tmp_path / "best", chosen_of(*photos[:2]), way)
    page = (tmp_path / "best" / "index.html").read_text("utf-8")
    assert len(list((tmp_path / "best" / "thumbnails").glob("*.jpg"))) == 2
    for photo, name in zip(photos, ("001%208.00%20a.jpg", "002%207.00%20a.jpg"), strict=False):
        target = f"../photos/{photo.parent.name}/a.jpg" if way == "gallery" else name
        assert target in page
    assert "research only" in page


def test_the_list_in_the_folder_names_photos_and_what_became_of_them(photos, tmp_path):
    write(tmp_path / "best", chosen_of(*photos), "copy")
    with (tmp_path / "best" / LIST).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["path"] for row in rows] == [str(photo) for photo in photos]
    assert [row["placed_as"] for row in rows][2] == "003 6.00 été #1\n.jpg"
    assert [row["rank"] for row in rows] == ["1", "2", "3"]
    assert rows[0]["emotion"] == "amusement"


@pytest.mark.parametrize("way", ["link", "copy", "gallery"])
def test_the_photos_and_their_folders_stay_as_they_are(photos, tmp_path, way):
    def state():
        files = (tmp_path / "photos").rglob("*")
        return {p: (p.stat().st_mtime_ns, p.is_file() and p.read_bytes()) for p in files}

    before = state()
    write(tmp_path / "best", chosen_of(*photos), way)
    assert state() == before


def test_a_folder_that_holds_something_is_refused_and_left_alone(photos, tmp_path):
    (tmp_path / "best").mkdir()
    (tmp_path / "best" / "mine").write_text("mine")
    with pytest.raises(OutputError, match="best exists already; name a new or empty folder"):
        write(tmp_path / "best", chosen_of(*photos), "copy")
    assert [p.name for p in (tmp_path / "best").iterdir()] == ["mine"]
    with pytest.raises(OutputError, match="exists already"):
        refuse_taken(tmp_path / "best" / "mine")


def test_an_empty_folder_is_taken_as_new(photos, tmp_path):
    (tmp_path / "best").mkdir()
    write(tmp_path / "best", chosen_of(*photos), "gallery")
    assert (tmp_path / "best" / "index.html").is_file()


def test_a_link_to_nowhere_is_not_written_through(photos, tmp_path):
    (tmp_path / "best").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match="exists already"):
        write(tmp_path / "best", chosen_of(*photos), "copy")
    assert not (tmp_path / "elsewhere").exists()


def test_what_a_killed_run_left_is_in_the_way_and_stays(photos, tmp_path):
    (tmp_path / ".best.part").mkdir()
    with pytest.raises(OutputError, match=r"\.best\.part is in the way"):
        write(tmp_path / "best", chosen_of(*photos), "copy")
    assert (tmp_path / ".best.part").is_dir()


def test_a_photo_that_vanished_leaves_no_half_folder(photos, tmp_path):
    photos[1].unlink()
    with pytest.raises(OutputError, match="cannot copy .*2020/a.jpg: No such file"):
        write(tmp_path / "best", chosen_of(*photos), "copy")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["photos"]


def test_a_later_search_does_not_find_the_copies_again(photos, tmp_path):
    write(tmp_path / "photos" / "best", chosen_of(*photos), "copy")
    assert (tmp_path / "photos" / "best" / THUMBNAILS_MARK).is_file()
    found = find_photos([tmp_path / "photos"], leave_out=tmp_path / "out")
    assert sorted(photo.path for photo in found) == sorted(photos)


def test_names_longer_than_a_file_system_takes_are_cut_between_characters(tmp_path, picture):
    long = tmp_path / ("é" * 125 + ".jpg")
    picture.save(long)
    name = placed_names(chosen_of(long))[long]
    assert len(os.fsencode(name)) <= 255
    assert name.startswith("001 8.00 éé")
    assert name.endswith("é.jpg")


def test_a_name_that_is_no_text_keeps_its_bytes(tmp_path, picture):
    odd = tmp_path / os.fsdecode(b"caf\xe9.jpg")
    picture.save(tmp_path / "plain.jpg")
    shutil.copy(tmp_path / "plain.jpg", odd)
    write(tmp_path / "best", chosen_of(odd), "copy")
    assert (tmp_path / "best" / os.fsdecode(b"001 8.00 caf\xe9.jpg")).is_file()
    assert "caf\\xe9.jpg" in (tmp_path / "best" / LIST).read_text("utf-8")


def test_ranks_sort_as_text_beyond_a_thousand(tmp_path):
    files = [tmp_path / f"{i}.jpg" for i in range(1001)]
    names = list(placed_names(chosen_of(*files)).values())
    assert names == sorted(names)
