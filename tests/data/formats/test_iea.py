import io
import pickle
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from iae.data.dataset import Dataset
from iae.data.read import read_dataset, recognise
from iae.errors import DataError, ImageError
from iae.labels import EMOTIONS

N = 8
PIXELS = np.random.default_rng(0).integers(0, 256, (N, 6, 5, 3), dtype=np.uint8)


def write(root: Path, name: str = "final_aes_emo.h5", **keys: object) -> Path:
    """A sound file of eight images, one an emotion, the first four high; keys replace its own."""
    is_high = np.arange(N) < 4
    content = {"aes": np.eye(2)[is_high.astype(int)], "emo": np.eye(8), "image": PIXELS, **keys}
    with h5py.File(root / name, "w") as file:
        for key, value in content.items():
            if value is not None:
                file[key] = value
    return root / name


def write_scores(root: Path, images: int = N) -> np.ndarray:
    ratings = np.array([[10] * 10] * 4 + [[1] * 10] * (images - 4), dtype=float)
    with h5py.File(root / "scores.h5", "w") as file:
        file["score"] = np.column_stack([ratings, ratings.sum(axis=1)])
    return ratings


def read(path: Path) -> Dataset:
    return read_dataset(path)[0]


def open_picture(dataset: Dataset, row: int) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(dataset.store.read(dataset.records[row]))))


def test_a_sound_copy_becomes_full_records(tmp_path):
    write(tmp_path)
    ratings = write_scores(tmp_path)
    dataset = read(tmp_path)
    assert (dataset.format, dataset.defects) == ("iea", [])
    assert [r.name for r in dataset.records] == [str(i) for i in range(N)]
    assert [r.emotion for r in dataset.records] == list(EMOTIONS)
    assert [r.aesthetic_high for r in dataset.records] == [True] * 4 + [False] * 4
    assert [r.split for r in dataset.records] == [None] * N
    assert dataset.records[0].score_counts == {10: 10}
    assert np.array_equal(dataset.ratings.to_matrix(), ratings)
    assert "this release has no split" in dataset.notes


@pytest.mark.parametrize("name", ["final_aes_emo.h5", "my_copy.hdf5"])
def test_the_path_may_be_the_file_whatever_its_name(tmp_path, name):
    path = write(tmp_path, name)
    assert recognise(path)[0].format.name == "iea"
    assert len(read(path).records) == N


def test_another_hdf5_file_is_not_taken_for_it(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["a"] = 1
    (tmp_path / "y.h5").write_bytes((tmp_path / "x.h5").read_bytes()[:50])
    assert recognise(tmp_path / "x.h5") == recognise(tmp_path / "y.h5") == []


# Pictures


@pytest.mark.parametrize(
    "stored",
    [PIXELS, PIXELS.transpose(0, 3, 1, 2), PIXELS / 255, PIXELS.astype("f4"), PIXELS.astype("i8")],
    ids=["last", "first", "fractions", "floats", "integers"],
)
def test_pixels_come_back_as_they_were_whatever_their_layout(tmp_path, stored):
    write(tmp_path, image=stored)
    dataset = read(tmp_path)
    for row in (5, 0):
        assert np.array_equal(open_picture(dataset, row), PIXELS[row])


def test_grey_pixels_are_read(tmp_path):
    write(tmp_path, image=PIXELS[..., 0])
    assert np.array_equal(open_picture(read(tmp_path), 3), PIXELS[3, :, :, 0])


def test_encoded_files_come_back_byte_by_byte(tmp_path, picture):
    path = write(tmp_path, image=None)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG")
    with h5py.File(path, "a") as file:
        rows = file.create_dataset("image", (N,), dtype=h5py.vlen_dtype(np.uint8))
        rows[2] = np.frombuffer(buffer.getvalue(), dtype=np.uint8)
    dataset = read(tmp_path)
    assert dataset.store.read(dataset.records[2]) == buffer.getvalue()
    with pytest.raises(ImageError, match="the row is empty"):
        dataset.store.read(dataset.records[0])


@pytest.mark.parametrize("value", [-1.5, 300, np.nan])
def test_pixels_that_were_normalised_are_refused_picture_by_picture(tmp_path, value):
    pixels = PIXELS.astype(float)
    pixels[1, 0, 0, 0] = value
    write(tmp_path, image=pixels)
    dataset = read(tmp_path)
    with pytest.raises(ImageError, match="wanted 0 to 255 or 0 to 1"):
        dataset.store.read(dataset.records[1])
    assert np.array_equal(open_picture(dataset, 2), PIXELS[2])


def test_threads_share_the_pictures_and_processes_get_their_own(tmp_path):
    write(tmp_path)
    dataset = read(tmp_path)
    with ThreadPoolExecutor(4) as pool:
        rows = list(pool.map(lambda i: open_picture(dataset, i % N), range(64)))
    assert all(np.array_equal(pixels, PIXELS[i % N]) for i, pixels in enumerate(rows))
    sent = pickle.loads(pickle.dumps(dataset.store))
    assert sent.read(dataset.records[1]) == dataset.store.read(dataset.records[1])


def test_reading_labels_reads_no_picture(tmp_path):
    path = write(tmp_path, image=None)
    with h5py.File(path, "a") as file:  # 120 GB that are nowhere, neither here nor in memory
        file.create_dataset("image", (N, 70_000, 70_000, 3), dtype=np.uint8, chunks=(1, 64, 64, 3))
    assert len(read(tmp_path).records) == N


def test_a_copy_of_the_labels_alone_says_so(tmp_path):
    write(tmp_path, image=None)
    dataset = read(tmp_path)
    assert "there is no 'image': a copy of the labels alone" in dataset.notes
    with pytest.raises(ImageError, match="labels and no pictures"):
        dataset.store.read(dataset.records[0])


# Labels that are wrong


@pytest.mark.parametrize("row", [[0, 0], [1, 1], [0.5, 0.5], [0, 2], [np.nan, 1], [-1, 1]])
def test_a_row_that_is_not_one_hot_is_a_defect_and_no_label(tmp_path, row):
    aes = np.eye(2)[[1] * N]
    aes[3] = row
    write(tmp_path, aes=aes)
    dataset = read(tmp_path)
    [defect] = dataset.defects
    assert (defect.code, defect.where, defect.images) == ("not-one-hot", "3", ("3",))
    assert "final_aes_emo.h5: 'aes' is [" in defect.text
    assert [r.aesthetic_high for r in dataset.records].count(None) == 1


def test_an_emotion_row_that_is_not_one_hot_is_a_defect(tmp_path):
    emo = np.eye(8)
    emo[0, 7] = 1
    write(tmp_path, emo=emo)
    dataset = read(tmp_path)
    assert [(d.code, d.where) for d in dataset.defects] == [("not-one-hot", "0")]
    assert dataset.records[0].emotion is None


def test_labels_that_are_0_throughout_are_labels_that_the_copy_has_not(tmp_path):
    write(tmp_path, aes=np.zeros((N, 2)))
    dataset = read(tmp_path)
    assert dataset.defects == []
    assert "'aes' is 0 throughout: a copy without these labels" in dataset.notes


def test_labels_that_contradict_the_ratings_are_named(tmp_path):
    write(tmp_path, aes=np.eye(2)[[1] * 5 + [0] * 3])
    write_scores(tmp_path)
    assert [(d.code, d.where) for d in read(tmp_path).defects] == [
        ("label-contradicts-ratings", "4")]  # fmt: skip


@pytest.mark.parametrize(("rows", "found"), [(6, {"unknown-id": 2}), (10, {"missing-id": 2})])
def test_scores_of_another_number_of_images_are_defects(tmp_path, rows, found):
    write(tmp_path)
    write_scores(tmp_path, rows)
    dataset = read(tmp_path)
    assert Counter(d.code for d in dataset.defects) == found
    assert len(dataset.records) == N


# Files that nothing can be made of


def test_missing_keys_are_named_beside_those_that_are_there(tmp_path):
    write(tmp_path, emo=None, emotion=np.eye(8))
    with pytest.raises(
        DataError, match="has the keys aes, emotion, image, wanted 'aes' .N, 2., 'e"
    ):
        read(tmp_path)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("aes", np.zeros(N), r"'aes' has the shape \(8,\), wanted \(N, 2\)"),
        ("emo", np.zeros((7, 7)), r"'emo' has the shape \(7, 7\), wanted \(N, 8\)"),
        ("aes", np.eye(2)[[1] * 5], "5 rows of 'aes', 8 rows of 'emo', 8 rows of 'image'; wanted"),
        ("image", PIXELS[:3], "8 rows of 'aes', 8 rows of 'emo', 3 rows of 'image'; wanted"),
        ("image", np.zeros((N, 5, 5, 4)), r"'image' has the shape \(8, 5, 5, 4\) of float64, want"),
        ("image", np.zeros(N), r"'image' has the shape \(8,\) of float64, wanted \(N, H, W, 3\)"),
    ],
)
def test_another_shape_is_named_beside_the_wanted_one(tmp_path, key, value, message):
    write(tmp_path, **{key: value})
    with pytest.raises(DataError, match=message):
        read(tmp_path)


@pytest.mark.parametrize("cut", [0, 7, 500, 3000, -1])
def test_a_truncated_file_is_refused_in_one_line(tmp_path, cut):
    path = write(tmp_path)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(DataError, match=r"cannot read .*final_aes_emo\.h5 as HDF5: (its|it is no)"):
        read(tmp_path)
