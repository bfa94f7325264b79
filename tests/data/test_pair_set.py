"""Pairs as numbers; photographs that are not there are counted and named."""

from pathlib import Path

import numpy as np
import pytest
from toy_pairs import make_pairs, pair_lines

from iae.data.pair_set import read_pair_set
from iae.errors import DataError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_pairs(tmp_path / "pairs", {"train": 4, "val": 3})


def test_numbers_lead_back_to_the_names_and_files_of_the_list(root: Path):
    pairs = read_pair_set(root, "train")
    assert len(pairs.pairs) == pairs.listed == len(pairs.share)
    for k, pair in enumerate(pairs.pairs):
        assert pairs.photos[pairs.first[k]] == pair.photo_a
        assert pairs.photos[pairs.second[k]] == pair.photo_b
        assert pairs.series_names[pairs.series[k]] == pair.series
        assert pairs.share[k] == pair.share
    assert [path.name for path in pairs.paths] == list(pairs.photos)
    assert all(path.is_file() for path in pairs.paths)


def test_a_split_has_its_own_series_and_all_has_both(root: Path):
    parts = [set(read_pair_set(root, split).series_names) for split in ("train", "val")]
    assert not parts[0] & parts[1]
    assert set(read_pair_set(root, "all").series_names) == parts[0] | parts[1]


def test_a_missing_photograph_is_named_and_costs_its_pairs_only(root: Path):
    (root / "train_pairlist.txt").write_text("\n".join(pair_lines(1, [0, 2, 1])) + "\n")
    for place in (1, 2, 3):
        path = root / "train_val_imgs" / f"000001-{place:02d}.JPG"
        path.write_bytes(next((root / "train_val_imgs").iterdir()).read_bytes())
    (root / "train_val_imgs" / "000001-02.JPG").unlink()
    pairs = read_pair_set(root, "train")
    assert list(pairs.missing) == ["000001-02.JPG"]
    assert "000001-02.JPG" in pairs.missing["000001-02.JPG"]
    assert (len(pairs.pairs), pairs.listed) == (1, 3)
    assert pairs.photos == ("000001-01.JPG", "000001-03.JPG")


def test_pairs_of_unreadable_photos_can_be_taken_out_afterwards(root: Path):
    pairs = read_pair_set(root, "all")
    gone = pairs.photos[0]
    fewer = pairs.without({gone: "is damaged"})
    assert gone not in fewer.photos
    assert fewer.missing == {gone: "is damaged"}
    assert fewer.listed == pairs.listed
    kept = [gone not in (pair.photo_a, pair.photo_b) for pair in pairs.pairs]
    np.testing.assert_array_equal(fewer.share, pairs.share[kept])


def test_lists_without_any_photograph_say_where_they_should_be(root: Path):
    for path in (root / "train_val_imgs").iterdir():
        path.unlink()
    with pytest.raises(DataError, match=r"none of \d+ pairs has both photographs; \d+ are missing"):
        read_pair_set(root, "train")


def test_a_split_that_is_not_there_is_refused_with_those_that_are(root: Path):
    with pytest.raises(DataError, match="has no test pairs; it has train, val: choose with"):
        read_pair_set(root, "test")


def test_a_data_set_without_pairs_is_refused(tmp_path: Path):
    (tmp_path / "labels.csv").write_text("image,score\na.jpg,3\n")
    with pytest.raises(DataError):
        read_pair_set(tmp_path, "train")
