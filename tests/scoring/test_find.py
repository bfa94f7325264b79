"""Which photos are found below the paths a person names, in which order, and each once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from iae.errors import DataError
from iae.scoring.find import Found, find_photos


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return tmp_path / "tree"


def put(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"x")


def found(*arguments: Path, leave_out: Path | None = None) -> list[Found]:
    return find_photos(arguments, leave_out=leave_out or arguments[0] / "results")


def names(root: Path, **options: Path) -> list[str]:
    return [str(photo.path.relative_to(root)) for photo in found(root, **options)]


def test_folders_are_searched_with_those_below_in_sorted_order(tree: Path):
    put(tree, "c.jpg", "a.jpg", "b/z.png", "b/a/deep.webp", "b.jpg", "d/1.tif")
    assert names(tree) == ["a.jpg", "b/a/deep.webp", "b/z.png", "b.jpg", "c.jpg", "d/1.tif"]


def test_only_files_with_a_photos_suffix_are_taken_in_either_case(tree: Path):
    put(tree, "a.JPG", "b.Jpeg", "c.txt", "d.jpg.txt", "e", ".jpg", "f.xmp")
    assert names(tree) == ["a.JPG", "b.Jpeg"]


def test_a_file_that_is_named_is_taken_whatever_its_suffix(tree: Path):
    put(tree, "holiday.dat")
    assert [photo.path for photo in found(tree / "holiday.dat")] == [tree / "holiday.dat"]


def test_hidden_folders_are_not_searched(tree: Path):
    put(tree, "a.jpg", ".thumbnails/b.jpg", "c/.trash/d.jpg")
    assert names(tree) == ["a.jpg"]


def test_a_hidden_folder_that_is_named_is_searched(tree: Path):
    put(tree, ".hidden/a.jpg")
    assert names(tree / ".hidden") == ["a.jpg"]


def test_resource_forks_of_macos_are_no_photos(tree: Path):
    put(tree, "a.jpg", "._a.jpg")
    assert names(tree) == ["a.jpg"]


def test_the_folder_of_the_results_is_left_out(tree: Path):
    put(tree, "a.jpg", "results/thumbnails/b.jpg")
    assert names(tree) == ["a.jpg"]
    assert names(tree, leave_out=tree / "elsewhere") == ["a.jpg", "results/thumbnails/b.jpg"]


def test_the_folder_of_the_results_is_known_by_any_of_its_names(tree: Path):
    put(tree, "a.jpg", "out/b.jpg")
    assert names(tree, leave_out=tree / "out" / ".." / "out") == ["a.jpg"]


def test_scoring_the_folder_of_the_results_is_refused(tree: Path):
    put(tree, "a.jpg")
    with pytest.raises(DataError, match=r"results cannot go to .*tree/x/\.\., .*choose another"):
        find_photos([tree], leave_out=tree / "x" / "..")


def test_links_in_a_circle_end(tree: Path):
    put(tree, "a/b.jpg")
    (tree / "a" / "back").symlink_to(tree)
    (tree / "self.jpg").symlink_to(tree / "self.jpg")
    assert names(tree) == ["a/b.jpg", "self.jpg"]


def test_a_file_is_listed_once_under_the_name_met_first(tree: Path):
    put(tree, "a.jpg")
    (tree / "b.jpg").symlink_to(tree / "a.jpg")
    listed = found(tree / "a.jpg", tree, tree / "." / "a.jpg", leave_out=tree / "out")
    assert [photo.path for photo in listed] == [tree / "a.jpg"]


def test_copies_of_a_photo_are_photos_of_their_own(tree: Path):
    put(tree, "2019/a.jpg", "2020/a.jpg")
    assert names(tree) == ["2019/a.jpg", "2020/a.jpg"]


def test_a_folder_that_is_called_like_a_photo_is_searched(tree: Path):
    put(tree, "a.jpg/b.jpg")
    assert names(tree) == ["a.jpg/b.jpg"]


def test_a_broken_link_is_listed_so_that_it_is_reported(tree: Path):
    put(tree, "a.jpg")
    (tree / "broken.jpg").symlink_to(tree / "gone.jpg")
    assert names(tree) == ["a.jpg", "broken.jpg"]


def test_a_path_that_does_not_exist_is_an_error(tree: Path):
    with pytest.raises(DataError, match="there is no file or folder .*tree"):
        found(tree)


def test_a_path_below_a_file_is_an_error(tree: Path):
    put(tree, "a.jpg")
    with pytest.raises(DataError, match=r"cannot look for photos in .*a\.jpg/b\.jpg: Not a dir"):
        found(tree / "a.jpg" / "b.jpg")


def test_a_path_too_long_for_the_system_is_an_error(tree: Path):
    with pytest.raises(DataError, match="cannot look for photos in .*: File name too long"):
        found(Path("x" * 300))


def test_a_folder_without_photos_is_an_error_that_says_what_was_looked_for(tree: Path):
    put(tree, "a.txt")
    with pytest.raises(DataError, match=r"no photos in .*tree; files looked for: .*\.jpg .*\.png"):
        found(tree)


def test_names_that_are_hard_to_write_are_found(tree: Path):
    tree.mkdir()
    hard = [b"caf\xe9.jpg", b"a\nb.jpg", b" .jpg", "写真.jpg".encode(), b"-o.jpg"]
    for name in hard:
        (tree / os.fsdecode(name)).write_bytes(b"x")
    assert sorted(os.fsencode(photo.path.name) for photo in found(tree)) == sorted(hard)


def test_bytes_that_are_no_text_are_spelt_out_in_the_name(tree: Path):
    tree.mkdir()
    (tree / os.fsdecode(b"caf\xe9.jpg")).write_bytes(b"x")
    assert found(tree)[0].name == f"{tree}/caf\\xe9.jpg"


def test_folders_may_lie_deeper_than_python_can_recurse(tree: Path):
    deep = tree
    for _ in range(320):
        deep /= "d"
        deep.mkdir(parents=True)
    put(deep, "a.jpg")
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(300)
    try:
        listed = found(tree)
    finally:
        sys.setrecursionlimit(limit)
    assert [photo.path for photo in listed] == [deep / "a.jpg"]


def test_a_folder_that_may_not_be_listed_is_named_and_the_rest_is_found(
    tree: Path, as_anybody: list[str]
):
    put(tree, "a.jpg", "locked/b.jpg", "z.jpg")
    (tree / "locked").chmod(0)
    code = """
import sys
from pathlib import Path
from iae.scoring.find import find_photos
for photo in find_photos([Path(sys.argv[1])], leave_out=Path("nowhere")):
    print(photo.path.name, photo.problem)
"""
    command = [*as_anybody, sys.executable, "-c", code, str(tree)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    (tree / "locked").chmod(0o700)
    assert done.stdout.splitlines() == [
        "a.jpg None",
        "locked the folder cannot be listed: Permission denied",
        "z.jpg None",
    ]


def test_photos_of_kinds_that_are_not_read_are_listed_with_that_reason(tmp_path: Path):
    for name in ("a.JXL", "b.jpg", "c.psd", "notes.txt"):
        (tmp_path / name).touch()
    found = {
        photo.path.name: photo.problem for photo in find_photos([tmp_path], leave_out=Path("o"))
    }
    assert list(found) == ["a.JXL", "b.jpg", "c.psd"]
    assert found["b.jpg"] is None
    assert str(found["a.JXL"]) == "JXL files are not read; make a JPEG of it"
