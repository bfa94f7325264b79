"""Pair lists: a clean one raises nothing, and each planted contradiction is found, alone."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from iae.check.pairs import pair_defects
from iae.check.run import check_dataset
from iae.data.read import read_dataset
from iae.data.records import PhotoPair


def series(utility: list[float], name: str = "000001") -> list[PhotoPair]:
    """All pairs of one series, with shares of these utilities rounded as published, and ranks."""
    order = sorted(range(len(utility)), key=lambda i: -utility[i])
    rank = {photo: place for place, photo in enumerate(order, 1)}
    pairs = []
    for a in range(len(utility)):
        for b in range(a + 1, len(utility)):
            share = round(1 / (1 + np.exp(utility[b] - utility[a])), 3)
            pairs.append(
                PhotoPair(series=name, photo_a=f"{name}-{a:02}.JPG", photo_b=f"{name}-{b:02}.JPG",
                          share=float(share), rank_a=rank[a], rank_b=rank[b], split="train",
                          where=f"train_pairlist.txt:{len(pairs) + 1}")
            )  # fmt: skip
    return pairs


CLEAN = series([0.4, -1.1, 2.0, 0.1])


def codes(pairs):
    return [defect.code for defect in pair_defects(pairs)]


def changed(place, **facts):
    return [replace(p, **facts) if i == place else p for i, p in enumerate(CLEAN)]


def test_shares_of_one_model_with_their_ranks_raise_nothing():
    assert codes(CLEAN) == []


def test_ranks_that_prefer_the_other_photo_than_the_share_are_found_and_nothing_else():
    swapped = changed(0, rank_a=CLEAN[0].rank_b, rank_b=CLEAN[0].rank_a)
    (defect,) = pair_defects(swapped)
    assert defect.code == "pair-share-contradicts-ranks"
    assert defect.where == "train_pairlist.txt:1"
    assert "share 0.818 prefers 000001-00.JPG" in defect.text


@pytest.mark.parametrize("ranks", [(1, 2), (2, 1)])
def test_a_share_of_one_half_is_a_tie_whatever_the_ranks(ranks):
    tie = replace(CLEAN[0], share=0.5, rank_a=ranks[0], rank_b=ranks[1])
    assert codes([tie]) == []


def test_a_share_that_no_utilities_explain_is_found_with_what_it_would_have_to_be():
    (defect,) = pair_defects(changed(0, share=0.70))
    assert (defect.code, defect.where) == ("pair-share-inconsistent", "series 000001")
    assert "would have to be" in defect.text


def test_a_pair_with_the_larger_photo_first_is_found():
    p = CLEAN[0]
    turned = replace(p, photo_a=p.photo_b, photo_b=p.photo_a, share=1 - p.share,
                     rank_a=p.rank_b, rank_b=p.rank_a)  # fmt: skip
    assert codes([turned, *CLEAN[1:]]) == ["pair-order"]


def test_a_pair_that_is_listed_twice_is_found_at_its_second_place():
    again = replace(CLEAN[2], where="train_pairlist.txt:99")
    (defect,) = pair_defects([*CLEAN, again])
    assert (defect.code, defect.where) == ("doubled-pair", "train_pairlist.txt:99")
    assert "train_pairlist.txt:3" in defect.text


def test_a_photo_with_two_ranks_is_found():
    # 0 before 1 still holds on the line itself, only the rank of 1 is another than elsewhere.
    assert codes(changed(0, rank_b=9)) == ["pair-ranks-inconsistent"]


def test_ranks_against_the_order_of_the_shares_are_found_where_no_line_has_the_pair():
    # A chain 0 > 1 > 2 without the pair (0, 2): each line agrees, ranks of 0 and 2 do not.
    chain = [
        replace(CLEAN[0], photo_b="000001-01.JPG", share=0.7, rank_a=2, rank_b=None),
        replace(CLEAN[3], photo_a="000001-01.JPG", photo_b="000001-02.JPG", share=0.7,
                rank_a=None, rank_b=1),
    ]  # fmt: skip
    (defect,) = pair_defects(chain)
    assert defect.code == "pair-ranks-inconsistent"
    assert "000001-02.JPG is ranked before 000001-00.JPG" in defect.text


def test_shares_of_zero_and_one_are_fitted_too():
    assert codes(series([9.0, 0.0, -9.0])) == []


def write_lists(root: Path, pairs: list[PhotoPair]) -> None:
    def number(photo: str) -> int:
        return int(photo[7:9]) + 1

    lines = [
        f"{int(p.series)} {number(p.photo_a)} {number(p.photo_b)} {p.share:.3f} "
        f"{p.rank_a} {p.rank_b}"
        for p in pairs
    ]
    (root / "train_pairlist.txt").write_text("\n".join(lines) + "\n")


def test_a_missing_photo_of_a_pair_is_found_where_the_others_are_there(
    tmp_path, as_jpeg, picture_of, found
):
    write_lists(tmp_path, CLEAN)
    folder = tmp_path / "train_val_imgs"
    folder.mkdir()
    for i in (1, 2, 4):
        (folder / f"000001-0{i}.JPG").write_bytes(as_jpeg(picture_of(i)))
    dataset, _ = read_dataset(tmp_path)
    report = found(check_dataset(dataset))
    assert report.pop("count-differs") == ["train pairs"]
    assert report == {"missing-file": ["000001-03.JPG"]}


def test_pair_lists_without_photographs_are_one_note(tmp_path, found):
    write_lists(tmp_path, CLEAN)
    dataset, _ = read_dataset(tmp_path)
    assert len(found(check_dataset(dataset))["no-pictures"]) == 1
