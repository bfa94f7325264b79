import shutil
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import h5py
import numpy as np
import pytest
from standin import make_standin, write_standin

from iae.data.dataset import Dataset
from iae.data.formats.format import ReadOptions
from iae.data.read import read_dataset, recognise
from iae.errors import DataError
from iae.labels import EMOTIONS

LISTS = [
    f"{split}_{kind}_list.txt" for kind in ("aes", "emo") for split in ("train", "val", "test")
]

FOUR = np.array([[10] * 10, [7] * 10, [4] * 10, [1] * 10], dtype=float)
"""Ratings of four images: the first two are high."""


def write_lists(root: Path, aes: str | bytes | None, emo: str | bytes | None = None) -> Path:
    for name, text in (("train_aes_list.txt", aes), ("train_emo_list.txt", emo)):
        if text is not None:
            (root / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return root


def write_scores(root: Path, ratings: np.ndarray, last: Iterable[float] | None = None) -> None:
    """With the sums as the last column, or another one."""
    column = np.nansum(ratings, axis=1) if last is None else np.asarray(last, dtype=float)
    with h5py.File(root / "scores.h5", "w") as file:
        file["score"] = np.column_stack([ratings, column])


def four(root: Path) -> Path:
    """A sound copy of four images."""
    write_lists(root, "0 1\n1 1\n2 0\n3 0\n", "0 0\n1 2\n2 4\n3 7\n")
    write_scores(root, FOUR)
    return root


def read(root: Path, **options: object) -> Dataset:
    return read_dataset(root, options=ReadOptions(**options))[0]  # type: ignore[arg-type]


def codes(dataset: Dataset) -> dict[str, int]:
    return dict(Counter(defect.code for defect in dataset.defects))


def only_defect(dataset: Dataset) -> tuple[str, str, str, tuple[str, ...]]:
    [defect] = dataset.defects
    return defect.code, defect.where, defect.text, defect.images


# What a sound copy says


def test_a_sound_copy_becomes_full_records(tmp_path):
    dataset = read(four(tmp_path))
    assert dataset.format == "uae"
    assert dataset.defects == []
    first, last = dataset.records[0], dataset.records[3]
    assert (first.name, first.split, first.emotion) == ("0", "train", "amusement")
    assert (first.aesthetic_mean, first.aesthetic_high) == (10, True)
    assert (first.score_counts, first.level_shares) == ({10: 10}, (0, 0, 0, 1))
    assert (last.name, last.aesthetic_mean, last.aesthetic_high) == ("3", 1, False)
    assert np.array_equal(dataset.ratings.to_matrix(), FOUR)
    assert dataset.ratings.raters == [str(j) for j in range(1, 11)]


def test_it_is_recognised_by_its_lists(tmp_path):
    [found, *_] = recognise(four(tmp_path))
    assert found.format.name == "uae"
    assert found.reason == "it has train_aes_list.txt and 1 more of its lists"
    assert recognise(tmp_path / "scores.h5") == []


def test_mean_shares_and_counts_leave_missing_ratings_out(tmp_path):
    ratings = FOUR.copy()
    ratings[0, :7], ratings[0, 7], ratings[1] = np.nan, 4, np.nan  # 4, 10, 10 and nothing
    dataset = read(write_lists(tmp_path, "0 1\n1 1\n2 0\n3 0\n"))
    assert dataset.ratings is None
    write_scores(tmp_path, ratings)
    first, second = read(tmp_path).records[:2]
    assert first.aesthetic_mean == 8
    assert first.score_counts == {4: 1, 10: 2}
    assert first.level_shares == pytest.approx((0, 1 / 3, 0, 2 / 3))
    assert (second.aesthetic_mean, second.level_shares, second.aesthetic_high) == (None, None, True)


@pytest.mark.parametrize("missing", [0, np.nan])
def test_zero_and_nan_are_missing_ratings_and_that_is_said(tmp_path, missing):
    ratings = FOUR.copy()
    ratings[2, 3] = missing
    four(tmp_path)
    write_scores(tmp_path, ratings)
    dataset = read(tmp_path)
    assert dataset.defects == []
    assert "1 ratings in scores.h5 are 0 or NaN: taken as missing" in dataset.notes
    assert dataset.ratings.counts_per_item().tolist() == [10, 10, 9, 10]


def test_a_copy_without_scores_has_labels_only(tmp_path):
    dataset = read(write_lists(tmp_path, "0 1\n1 0\n", "0 0\n1 4\n"))
    assert [(r.aesthetic_high, r.aesthetic_mean) for r in dataset.records] == [
        (True, None), (False, None)]  # fmt: skip
    assert any(note.startswith("there is no scores.h5") for note in dataset.notes)
    assert "there is no val_aes_list.txt, test_aes_list.txt, val_emo_list.txt, " \
           "test_emo_list.txt" in dataset.notes  # fmt: skip


def test_each_list_gives_its_split(tmp_path):
    for i, split in enumerate(("train", "val", "test")):
        (tmp_path / f"{split}_aes_list.txt").write_text(f"{i} 1\n")
    assert [r.split for r in read(tmp_path).records] == ["train", "val", "test"]


# How a list may be written


@pytest.mark.parametrize(
    "text",
    [
        b"0 1\n1 0",
        b"0 1\r\n1 0\r\n",
        b"0 1\r1 0\r",
        b"\xef\xbb\xbf0 1\n1 0\n",
        "0 1\n1 0\n".encode("utf-16"),
        b"# id label\n\n0 1\n\n  \n1 0 # low\n\n",
        b"0\t1\n1   0  \n",
        b"  0 1\n 1 \t 0\n",
        b"0000 1\n0001 0\n",
        b"00000.jpg 1\n1.png 0\n",
        b"0 1.0\n1 0.000\n",
        b"1 0\n0 1\n",
    ],
    ids=["no end", "Windows", "old Mac", "BOM", "UTF-16", "blank, comments", "tabs", "indented",
         "zeros", "file names", "savetxt", "any order"],
)  # fmt: skip
def test_the_way_a_list_is_written_makes_no_difference(tmp_path, text):
    dataset = read(write_lists(tmp_path, text))
    assert [(r.name, r.aesthetic_high) for r in dataset.records] == [("0", True), ("1", False)]
    assert dataset.defects == []


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("2", "bad-row"),
        ("2 1 1", "bad-row"),
        ("2,1", "bad-row"),
        ("photo 1", "bad-row"),
        ("-2 1", "bad-row"),
        ("9999999999999 1", "bad-row"),
        ("2 high", "bad-value"),
        ("2 0.5", "bad-value"),
        ("2 nan", "bad-value"),
        ("2 7", "bad-value"),
        ("2 ١", "bad-value"),
    ],
)
def test_a_line_that_cannot_be_used_is_a_defect_with_its_line(tmp_path, line, code):
    dataset = read(write_lists(tmp_path, f"0 1\n\n{line}\r\n1 0\n"))
    found, where, _, images = only_defect(dataset)
    assert (found, where) == (code, "train_aes_list.txt:3")
    labels = {r.name: r.aesthetic_high for r in dataset.records}
    assert labels == {"0": True, "1": False} | ({"2": None} if code == "bad-value" else {})
    assert images == (("2",) if code == "bad-value" else ())


def test_an_emotion_beyond_the_eight_is_a_defect(tmp_path):
    dataset = read(write_lists(tmp_path, None, "0 0\n1 11\n2 7\n"))
    code, where, text, _ = only_defect(dataset)
    assert (code, where) == ("bad-value", "train_emo_list.txt:2")
    assert text == "label 11 of image 1 is not one of 0, 1, 2, 3, 4, 5, 6, 7"
    assert [r.emotion for r in dataset.records] == ["amusement", None, "sadness"]


@pytest.mark.parametrize(("low", "high"), [(0, 1), (1, 2), (-1, 1)])
def test_the_two_qualities_may_be_any_usual_pair_of_integers(tmp_path, low, high):
    dataset = read(write_lists(tmp_path, f"0 {high}\n1 {low}\n2 {high}\n3 {low}\n"))
    assert [r.aesthetic_high for r in dataset.records] == [True, False, True, False]


def test_emotions_may_count_from_1(tmp_path):
    dataset = read(write_lists(tmp_path, None, "".join(f"{i} {i + 1}\n" for i in range(8))))
    assert [r.emotion for r in dataset.records] == list(EMOTIONS)
    assert dataset.notes[0].startswith("emotion labels 1 to 8 are amusement")


# Ids


def test_an_id_twice_with_one_label_is_named_and_kept_once(tmp_path):
    dataset = read(write_lists(tmp_path, "0 1\n1 0\n00 1\n"))
    assert only_defect(dataset) == (
        "doubled-id", "train_aes_list.txt:3", "image 0 is listed already (train_aes_list.txt:1)", ()
    )  # fmt: skip
    assert len(dataset.records) == 2


def test_an_id_twice_with_two_labels_keeps_the_first_and_should_be_left_out(tmp_path):
    dataset = read(write_lists(tmp_path, "0 1\n1 0\n0 0\n"))
    code, where, text, images = only_defect(dataset)
    assert (code, where, images) == ("doubled-id", "train_aes_list.txt:3", ("0",))
    assert "has the label 1 already" in text
    assert dataset.records[0].aesthetic_high is True


def test_an_id_in_two_splits_stays_in_the_first(tmp_path):
    write_lists(tmp_path, "0 1\n1 0\n")
    (tmp_path / "test_aes_list.txt").write_text("1 0\n2 1\n")
    dataset = read(tmp_path)
    code, where, text, images = only_defect(dataset)
    assert (code, where, images) == ("doubled-id", "test_aes_list.txt:1", ("1",))
    assert "image 1 is in train already" in text
    assert [r.split for r in dataset.records] == ["train", "train", "test"]


@pytest.mark.parametrize(("aes", "emo", "where"), [
    ("0 1\n1 0\n", "0 0\n", "train_aes_list.txt:2"),
    ("0 1\n", "0 0\n1 4\n", "train_emo_list.txt:2"),
])  # fmt: skip
def test_an_id_in_one_kind_of_list_only_is_unknown_to_the_other(tmp_path, aes, emo, where):
    dataset = read(write_lists(tmp_path, aes, emo))
    assert only_defect(dataset)[:2] == ("unknown-id", where)
    assert len(dataset.records) == 2


def test_lists_that_put_an_id_in_different_splits_are_a_defect(tmp_path):
    write_lists(tmp_path, "0 1\n1 0\n", "0 0\n")
    (tmp_path / "val_emo_list.txt").write_text("1 4\n")
    dataset = read(tmp_path)
    assert only_defect(dataset)[:2] == ("unknown-id", "train_aes_list.txt:2")
    assert (dataset.records[1].split, dataset.records[1].emotion) == ("train", "disgust")


def test_an_id_without_a_row_of_scores_is_unknown_and_unrated(tmp_path):
    four(tmp_path)
    write_lists(tmp_path, "0 1\n1 1\n2 0\n3 0\n4 1\n", "0 0\n1 2\n2 4\n3 7\n4 0\n")
    dataset = read(tmp_path)
    assert only_defect(dataset)[:2] == ("unknown-id", "4")
    assert dataset.records[4].aesthetic_mean is None


def test_a_rated_id_that_no_list_has_is_missing(tmp_path):
    four(tmp_path)
    write_lists(tmp_path, "0 1\n1 1\n3 0\n", "0 0\n1 2\n3 7\n")
    dataset = read(tmp_path)
    assert only_defect(dataset)[:2] == ("missing-id", "2")
    assert [r.aesthetic_mean for r in dataset.records] == [10, 7, 1]  # row i is of image i


def test_an_unrated_id_that_no_list_has_was_left_out_on_purpose(tmp_path):
    four(tmp_path)
    write_lists(tmp_path, "0 1\n1 1\n3 0\n", "0 0\n1 2\n3 7\n")
    ratings = FOUR.copy()
    ratings[2] = np.nan
    write_scores(tmp_path, ratings)
    dataset = read(tmp_path)
    assert dataset.defects == []
    assert any("taken as left out on purpose" in note for note in dataset.notes)


def test_without_scores_every_gap_in_the_ids_is_missing(tmp_path):
    dataset = read(write_lists(tmp_path, "0 1\n2 0\n5 1\n"))
    assert [(d.code, d.where) for d in dataset.defects] == [
        ("missing-id", "1"), ("missing-id", "3"), ("missing-id", "4")]  # fmt: skip


def test_ids_that_are_no_indices_are_not_a_million_missing_ones(tmp_path):
    dataset = read(write_lists(tmp_path, "7 1\n999999999 0\n"))
    assert dataset.defects == []
    assert any("the ids are 2 numbers up to 999,999,999" in note for note in dataset.notes)


# Images


def test_an_image_is_found_by_its_index_whatever_its_zeros_and_suffix(tmp_path):
    write_lists(tmp_path, "".join(f"{i} 1\n" for i in (*range(5), 12)))
    (tmp_path / "images").mkdir()
    for name in ("0.jpg", "00001.PNG", "2.webp", "000012.jpeg", "notes.txt", ".3.jpg", "x4.jpg"):
        (tmp_path / "images" / name).touch()
    dataset = read(tmp_path)
    assert [r.path.name for r in dataset.records] == [
        "0.jpg", "00001.PNG", "2.webp", "3.jpg", "4.jpg", "000012.jpeg"]  # fmt: skip
    assert [r.path.exists() for r in dataset.records] == [True, True, True, False, False, True]
    assert dataset.image_folder == tmp_path / "images"


def test_an_image_folder_may_be_a_symlink(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "0.jpg").write_bytes(b"photo")
    root = tmp_path / "copy"
    root.mkdir()
    (root / "images").symlink_to(tmp_path / "elsewhere")
    dataset = read(write_lists(root, "0 1\n1 0\n"))
    assert dataset.store.read(dataset.records[0]) == b"photo"
    assert dataset.image_folder == root / "images"


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.symlink_to("nowhere"),
                                  Path.mkdir, Path.touch])  # fmt: skip
def test_a_copy_of_the_labels_alone_has_no_image_folder(tmp_path, make):
    make(tmp_path / "images")
    dataset = read(write_lists(tmp_path, "0 1\n1 0\n"))
    assert dataset.image_folder is None
    assert "there is no image in images: a copy of the labels alone" in dataset.notes


def test_two_files_of_one_image_are_a_defect(tmp_path):
    (tmp_path / "images").mkdir()
    for name in ("1.jpg", "01.png"):
        (tmp_path / "images" / name).touch()
    dataset = read(write_lists(tmp_path, "0 1\n1 0\n"))
    assert only_defect(dataset)[:2] == ("doubled-id", "images/1.jpg")


# Scores that contradict


def test_a_label_that_contradicts_the_ratings_is_named(tmp_path):
    four(tmp_path)
    write_lists(tmp_path, "0 1\n1 1\n2 0\n3 1\n", "0 0\n1 2\n2 4\n3 7\n")
    dataset = read(tmp_path)
    assert only_defect(dataset) == (
        "label-contradicts-ratings", "3", "labelled high, the mean of its ratings is 1.00", ("3",)
    )  # fmt: skip


def test_a_mean_of_exactly_five_is_high(tmp_path):
    ratings = np.full((4, 10), np.nan)
    ratings[:, :3] = [[4, 4, 7], [4, 4, 4], [10, 10, 10], [1, 1, 1]]  # the first is 5.0
    four(tmp_path)
    write_lists(tmp_path, "0 1\n1 0\n2 1\n3 0\n", "0 0\n1 2\n2 4\n3 7\n")
    write_scores(tmp_path, ratings)
    dataset = read(tmp_path)
    assert dataset.records[0].aesthetic_mean == 5
    assert dataset.defects == []
    assert "columns 4 to 10 of scores.h5 hold no rating: 3 raters" in dataset.notes


def test_a_total_that_is_not_the_sum_is_named(tmp_path):
    four(tmp_path)
    write_scores(tmp_path, FOUR, [100, 70, 41, 10])
    assert only_defect(read(tmp_path)) == (
        "total-not-sum", "2", "scores.h5: the total is 41, the ratings sum to 40", ()
    )  # fmt: skip


def test_totals_that_are_garbage_are_one_defect(tmp_path):
    four(tmp_path)
    write_scores(tmp_path, FOUR, [12345, -3, 0.5, 77])
    dataset = read(tmp_path)
    code, where, text, _ = only_defect(dataset)
    assert (code, where) == ("total-not-sum", "scores.h5")
    assert text == "column 11 is the sum of the ten ratings in none of the 4 rows"
    assert len(dataset.ratings.raters) == 10


def test_an_eleventh_column_on_the_scale_is_an_eleventh_rater(tmp_path):
    four(tmp_path)
    write_scores(tmp_path, FOUR, [10, 4, 7, 10])  # of the last image 10 is the sum too
    dataset = read(tmp_path)
    assert dataset.defects == []
    assert len(dataset.ratings.raters) == 11
    assert any("taken as an eleventh rater" in note for note in dataset.notes)
    assert dataset.records[1].score_counts == {4: 1, 7: 10}


def test_an_eleventh_column_may_be_the_mean(tmp_path):
    ratings = FOUR.copy()
    ratings[0, 0] = 1
    four(tmp_path)
    write_scores(tmp_path, ratings, ratings.mean(axis=1))
    dataset = read(tmp_path)
    assert dataset.defects == []
    assert "column 11 of scores.h5 is the mean of the other ten, not their sum" in dataset.notes


@pytest.mark.parametrize("value", [-1, 0.5, 11, 70, np.inf])
def test_a_rating_off_the_scale_is_a_defect_and_not_counted(tmp_path, value):
    four(tmp_path)
    ratings = FOUR.copy()
    ratings[1, 4] = value
    write_scores(tmp_path, ratings)
    dataset = read(tmp_path)
    code, where, text, images = only_defect(dataset)
    assert (code, where, images) == ("off-scale", "1", ("1",))
    assert text == f"scores.h5: rating {value:g} is not in [1, 10]; taken as missing"
    assert dataset.records[1].score_counts == {7: 9}


def test_a_rating_between_the_levels_is_a_defect_where_all_others_are_levels(tmp_path):
    four(tmp_path)
    ratings = FOUR.copy()
    ratings[1, 4] = 8
    write_scores(tmp_path, ratings)
    dataset = read(tmp_path)
    assert only_defect(dataset)[:2] == ("off-scale", "1")
    assert dataset.records[1].aesthetic_mean == pytest.approx(7.1)


def test_ratings_on_another_scale_between_1_and_10_are_a_note(tmp_path):
    four(tmp_path)
    write_scores(tmp_path, np.linspace(1, 10, 40).reshape(4, 10)[::-1])
    dataset = read(tmp_path)
    assert dataset.defects == []
    assert "the ratings in scores.h5 are not on the four levels 1, 4, 7 and 10" in dataset.notes


# Files that nothing can be made of


def test_lists_without_a_single_readable_line_are_refused(tmp_path):
    with pytest.raises(DataError, match=r"no line 'IMAGE_ID LABEL' can be read in train_aes_li.*; "
                                        r"the first: train_aes_list\.txt:1: 'a b'"):  # fmt: skip
        read(write_lists(tmp_path, "a b\n"))


@pytest.mark.parametrize("cut", [0, 5, 100, 1000, -1])
def test_truncated_scores_are_refused_in_one_line(tmp_path, cut):
    path = four(tmp_path) / "scores.h5"
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(DataError, match=r"cannot read .*scores\.h5 as HDF5: (its end is|it is no)"):
        read(tmp_path)


def test_damaged_scores_never_end_in_another_error(tmp_path):
    path = four(tmp_path) / "scores.h5"
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(100):
        damaged = np.frombuffer(whole, dtype=np.uint8).copy()
        damaged[rng.integers(0, len(whole), 30)] = rng.integers(0, 256, 30)
        path.write_bytes(damaged.tobytes())
        with suppress(DataError):
            read(tmp_path)


def test_other_keys_are_named_beside_the_wanted_one(tmp_path):
    with h5py.File(four(tmp_path) / "scores.h5", "w") as file:
        file["scores"] = file["b"] = FOUR
    with pytest.raises(DataError, match=r"scores\.h5: has the keys b, scores, wanted 'score' with"):
        read(tmp_path)


@pytest.mark.parametrize("shape", [(4,), (4, 9), (4, 12), (4, 11, 1), (0, 11)])
def test_another_shape_is_named_beside_the_wanted_one(tmp_path, shape):
    with h5py.File(four(tmp_path) / "scores.h5", "w") as file:
        file["score"] = np.zeros(shape)
    with pytest.raises(DataError, match=r"'score' has the shape \(.*\), wanted \(N, 11\)"):
        read(tmp_path)


def test_scores_that_are_text_are_refused(tmp_path):
    with h5py.File(four(tmp_path) / "scores.h5", "w") as file:
        file["score"] = np.full((4, 11), b"7")
    with pytest.raises(DataError, match="'score' holds .S1, wanted numbers"):
        read(tmp_path)


@pytest.mark.parametrize("turn", [lambda t: t.T, lambda t: t[:, :10], lambda t: t.astype("i2")])
def test_scores_may_be_turned_without_totals_or_integers(tmp_path, turn):
    with h5py.File(four(tmp_path) / "scores.h5", "w") as file:
        file["score"] = turn(np.column_stack([FOUR, FOUR.sum(axis=1)]))
    dataset = read(tmp_path)
    assert np.array_equal(dataset.ratings.to_matrix(), FOUR)
    assert dataset.defects == []


# What the integers mean


@pytest.fixture(scope="module")
def standin() -> Dataset:
    return make_standin()


@pytest.fixture(scope="module")
def standin_folder(standin, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("standin")
    write_standin(folder, "uae", standin)
    return folder


def other_integers(
    source: Path, root: Path, *, order=tuple(range(8)), flip=False, images=10**9, scores=True
) -> Path:
    """A copy of the stand-in with other integers for the same labels, and no labels.txt."""
    for name in LISTS:
        rows = [line.split() for line in (source / name).read_text().splitlines()]
        lines = []
        for image, label in rows:
            new = 1 - int(label) if flip and "aes" in name else int(label)
            new = order[new] if "emo" in name else new
            if int(image) < images:
                lines.append(f"{image} {new}\n")
        (root / name).write_text("".join(lines))
    if scores:
        shutil.copy(source / "scores.h5", root)
    return root


ALPHABETICAL = tuple(sorted(EMOTIONS).index(emotion) for emotion in EMOTIONS)


def labels(dataset: Dataset) -> list[tuple[str | None, bool | None]]:
    return [(r.emotion, r.aesthetic_high) for r in dataset.records]


@pytest.mark.parametrize("scores", [True, False], ids=["scores", "labels alone"])
@pytest.mark.parametrize("flip", [False, True], ids=["1 is high", "0 is high"])
@pytest.mark.parametrize("order", [ALPHABETICAL, (1, 0, 7, 2, 4, 6, 5, 3)])
def test_any_integers_are_understood_by_the_counts(
    standin, standin_folder, tmp_path, order, flip, scores
):
    root = other_integers(standin_folder, tmp_path, order=order, flip=flip, scores=scores)
    dataset = read(root)
    assert labels(dataset) == labels(standin)
    assert dataset.defects == []
    aesthetic, emotions = dataset.notes[:2]
    assert aesthetic.startswith(f"aesthetic label {int(not flip)} is high, {int(flip)} low: ")
    told = "22,086 of 22,086 labels then agree" if scores else "inferred from the counts against"
    assert told in aesthetic
    assert "inferred from the counts per class against the published ones" in emotions


def test_a_part_of_the_copy_is_understood_by_its_shares(standin, standin_folder, tmp_path):
    root = other_integers(standin_folder, tmp_path, order=ALPHABETICAL, images=6000, scores=False)
    assert labels(read(root)) == labels(standin)[:6000]


def test_too_few_images_tell_nothing_and_that_is_said(standin_folder, tmp_path):
    root = other_integers(standin_folder, tmp_path, images=100, scores=False)
    dataset = read(root)
    assert "assumed; neither ratings nor counts tell" in dataset.notes[0]
    assert "assumed; the counts per class do not tell the order" in dataset.notes[1]
    assert "are amusement, excitement, awe" in dataset.notes[1]


def test_other_counts_than_the_published_tell_nothing(tmp_path):
    rows = range(8000)
    dataset = read(write_lists(tmp_path, "".join(f"{i} {i % 2}\n" for i in rows),
                               "".join(f"{i} {i // 2 % 8}\n" for i in rows)))  # fmt: skip
    assert "assumed; neither ratings nor counts tell" in dataset.notes[0]
    assert "assumed; the counts per class do not tell the order" in dataset.notes[1]


def test_totals_of_emotions_alone_do_not_tell_sadness_from_excitement(standin_folder, tmp_path):
    other_integers(standin_folder, tmp_path, order=ALPHABETICAL, scores=False)
    for name in LISTS[:3]:
        (tmp_path / name).unlink()
    assert "the counts per class do not tell the order" in read(tmp_path).notes[0]


def test_the_order_that_was_given_overrules_the_counts(standin_folder, tmp_path):
    order = tuple(reversed(EMOTIONS))
    dataset = read(other_integers(standin_folder, tmp_path), emotion_order=order)
    assert dataset.notes[1] == f"emotion labels 0 to 7 are {', '.join(order)}: you said so"
    counts = Counter(r.emotion for r in dataset.records)
    assert counts["sadness"] > counts["amusement"]


def test_labels_txt_states_both_meanings_and_an_option_overrules_it(tmp_path):
    four(tmp_path)
    (tmp_path / "scores.h5").unlink()
    order = tuple(reversed(EMOTIONS))
    (tmp_path / "labels.txt").write_text(
        f"# mine\naesthetic: high, low\nemotion: {','.join(order)}"
    )
    dataset = read(tmp_path)
    assert [r.aesthetic_high for r in dataset.records] == [False, False, True, True]
    assert [r.emotion for r in dataset.records] == ["sadness", "anger", "contentment", "amusement"]
    assert all(note.endswith("labels.txt says so") for note in dataset.notes[:2])
    assert read(tmp_path, emotion_order=EMOTIONS).records[3].emotion == "sadness"


def test_a_line_of_labels_txt_that_says_nothing_is_a_defect(tmp_path):
    (four(tmp_path) / "labels.txt").write_text("emotion: joy, anger\n")
    assert only_defect(read(tmp_path))[:2] == ("bad-row", "labels.txt:1")


@pytest.mark.parametrize("label", ["high", "low"])
def test_the_ratings_tell_which_integer_is_high_even_if_few_are_labelled(tmp_path, label):
    four(tmp_path)
    text = "0 1\n1 1\n2 0\n3 0\n" if label == "high" else "0 0\n1 0\n2 1\n3 1\n"
    write_lists(tmp_path, text)
    assert [r.aesthetic_high for r in read(tmp_path).records] == [True, True, False, False]
