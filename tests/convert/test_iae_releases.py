import io
from collections import Counter
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image
from standin import make_standin, standin_bars, write_standin
from toys import draw_photo

from iae.convert import iea, uae
from iae.convert.target import Target, WriteOptions
from iae.data.dataset import Dataset
from iae.data.published import IAE_BARS
from iae.data.ratings import Ratings
from iae.data.read import read_dataset
from iae.data.records import ImageRecord, PhotoPair
from iae.errors import ConfigError, DataError
from iae.labels import EMOTIONS

TARGETS = {"uae": uae.TARGET, "iea": iea.TARGET}
FIELDS = ("name", "aesthetic_mean", "aesthetic_high", "score_counts", "level_shares", "emotion",
          "group", "emotion_votes", "neutral_votes", "attributes")  # fmt: skip


def fields(record: ImageRecord, *more: str) -> tuple[object, ...]:
    return tuple(getattr(record, field) for field in (*FIELDS, *more))


def write(dataset: Dataset, target: Target, folder: Path, **options: object) -> Dataset:
    """Write it, and read what was written."""
    folder.mkdir()
    target.write(dataset, folder, WriteOptions(**options), lambda done, total: None)
    return read_dataset(folder)[0]


# The full-size stand-in


@pytest.fixture(scope="module")
def standin() -> Dataset:
    return make_standin()


@pytest.fixture(scope="module")
def releases(standin, tmp_path_factory) -> dict[str, Dataset]:
    read = {}
    for release in TARGETS:
        folder = tmp_path_factory.mktemp(release)
        write_standin(folder, release, standin)
        read[release] = read_dataset(folder)[0]
    return read


def test_the_stand_in_has_exactly_the_published_totals(standin):
    matrix = standin.ratings.to_matrix()
    assert matrix.shape == (22_086, 10)
    assert set(np.unique(matrix)) == {1, 4, 7, 10}
    is_high = matrix.mean(axis=1) >= 5
    assert (is_high.sum(), (~is_high).sum()) == (12_762, 9_324)
    assert [r.aesthetic_high for r in standin.records] == is_high.tolist()


def test_the_stand_in_has_the_published_bars_within_the_error_of_reading_them(standin):
    counts = Counter((r.emotion, r.aesthetic_high) for r in standin.records)
    for emotion, (high, low) in IAE_BARS.items():
        assert (counts[emotion, True], counts[emotion, False]) == standin_bars()[emotion]
        assert abs(counts[emotion, True] - high) <= 25
        assert abs(counts[emotion, False] - low) <= 25


def test_the_means_of_the_stand_in_are_roughly_gaussian(standin):
    means = standin.ratings.to_matrix().mean(axis=1)
    z = (means - means.mean()) / means.std()
    assert abs((z**3).mean()) < 0.2
    assert abs((z**4).mean() - 3) < 0.7
    for limit, share in ((1, 0.683), (2, 0.954)):
        assert (np.abs(z) < limit).mean() == pytest.approx(share, abs=0.03)


def test_the_raters_of_the_stand_in_differ_and_agree_somewhat(standin):
    matrix = standin.ratings.to_matrix()
    assert 0.2 < matrix.mean(axis=0).std() < 1.5
    agreement = np.corrcoef(matrix.T)[np.triu_indices(10, 1)]
    assert 0.15 < agreement.min() < agreement.max() < 0.8


def test_the_stand_in_is_split_80_10_10_in_every_class(standin):
    counts = Counter(r.split for r in standin.records)
    assert [round(counts[s] / 22_086, 3) for s in ("train", "val", "test")] == [0.8, 0.1, 0.1]


def test_the_stand_in_is_the_same_every_time_and_another_for_another_seed(standin):
    again, other = make_standin(), make_standin(seed=1)
    assert list(again.records) == list(standin.records)
    assert not np.array_equal(other.ratings.value, standin.ratings.value)
    assert sum(bool(r.aesthetic_high) for r in other.records) == 12_762


@pytest.mark.parametrize("release", TARGETS)
def test_the_stand_in_comes_back_equal(standin, releases, release):
    read = releases[release]
    more = ("split",) if release == "uae" else ()
    assert [fields(r, *more) for r in read.records] == [fields(r, *more) for r in standin.records]
    assert np.array_equal(read.ratings.to_matrix(), standin.ratings.to_matrix())
    assert list(read.ratings.raters) == list(standin.ratings.raters)
    assert list(read.ratings.items) == list(standin.ratings.items)
    assert read.defects == []


def test_both_releases_of_the_stand_in_agree(releases):
    a, b = (releases[release] for release in TARGETS)
    assert [fields(r) for r in a.records] == [fields(r) for r in b.records]
    assert np.array_equal(a.ratings.to_matrix(), b.ratings.to_matrix())


def test_totals_are_written_as_the_eleventh_column(standin, tmp_path):
    write_standin(tmp_path, "iea", standin)
    with h5py.File(tmp_path / "scores.h5") as file:
        table = file["score"][()]
    assert table.shape == (22_086, 11)
    assert np.array_equal(table[:, :10].sum(axis=1), table[:, 10])


def test_writing_twice_gives_the_same_bytes(standin, tmp_path):
    for release in TARGETS:
        contents = []
        for turn in "ab":
            folder = tmp_path / f"{release}-{turn}"
            folder.mkdir()
            write_standin(folder, release, standin)
            contents.append({p.name: p.read_bytes() for p in folder.iterdir()})
        assert contents[0] == contents[1]


# A small set with pictures


@pytest.fixture
def photos(tmp_path) -> Dataset:
    """Six photos with ratings of three raters, some missing."""
    folder = tmp_path / "photos"
    folder.mkdir()
    rng = np.random.default_rng(0)
    matrix = np.array([[10, 7, 4], [1, 1, np.nan], [7, 7, 7], [4, np.nan, np.nan], [10, 10, 10],
                       [1, 4, 4]])  # fmt: skip
    splits = ("train", "train", "val", "test", "train", "train")
    records = []
    for i, split in enumerate(splits):
        path = folder / f"{i}{('.jpg', '.png')[i % 2]}"
        draw_photo(path.with_suffix(".jpg"), rng, "awe", 0.3 + i / 10)
        if path.suffix == ".png":
            Image.open(path.with_suffix(".jpg")).save(path)
        mean = float(np.nanmean(matrix[i]))
        records.append(ImageRecord(path=path, name=str(i), source="photos", split=split,
                                   aesthetic_mean=mean, aesthetic_high=mean >= 5,
                                   emotion=EMOTIONS[i]))  # fmt: skip
    names = [r.name for r in records]
    ratings = Ratings.from_matrix(matrix, items=names, raters=["1", "2", "3"])
    return Dataset(root=folder, format="table", records=records, ratings=ratings)


def changed(dataset: Dataset, **values: object) -> Dataset:
    """All its records with these values."""
    return replace(dataset, records=[replace(r, **values) for r in dataset.records])


def test_the_folder_release_holds_the_pictures_byte_by_byte(photos, tmp_path):
    read = write(photos, uae.TARGET, tmp_path / "out")
    assert uae.TARGET.losses(photos) == []
    assert [r.path.name for r in read.records] == [r.path.name for r in photos.records]
    for old, new in zip(photos.records, read.records, strict=True):
        assert read.store.read(new) == photos.store.read(old)
        assert (new.name, new.split, new.emotion, new.aesthetic_mean, new.aesthetic_high) == (
            old.name, old.split, old.emotion, old.aesthetic_mean, old.aesthetic_high)  # fmt: skip
    assert np.array_equal(read.ratings.to_matrix(), photos.ratings.to_matrix(), equal_nan=True)
    assert read.defects == []


def test_the_hdf5_release_holds_squares_of_the_pictures(photos, tmp_path):
    read = write(photos, iea.TARGET, tmp_path / "out", size=48)
    with h5py.File(tmp_path / "out" / "final_aes_emo.h5") as file:
        assert (file["image"].shape, file["image"].dtype) == ((6, 48, 48, 3), np.uint8)
    for old, new in zip(photos.records, read.records, strict=True):
        pixels = np.asarray(Image.open(io.BytesIO(read.store.read(new))), dtype=float)
        wanted = Image.open(old.path).convert("RGB").resize((48, 48), Image.Resampling.BICUBIC)
        assert np.abs(pixels - np.asarray(wanted)).mean() < 3  # the decoder may scale
    assert np.array_equal(read.ratings.to_matrix(), photos.ratings.to_matrix(), equal_nan=True)
    assert read.defects == []
    assert any("6 images have a split" in loss for loss in iea.TARGET.losses(photos))


def test_from_hdf5_to_folder_and_back_no_pixel_changes(photos, tmp_path):
    first = write(photos, iea.TARGET, tmp_path / "a", size=48)
    folder = write(first, uae.TARGET, tmp_path / "b")
    assert folder.defects == []
    again = write(folder, iea.TARGET, tmp_path / "c", size=48)
    assert [fields(r) for r in again.records] == [fields(r) for r in first.records]
    for a, b in zip(first.records, again.records, strict=True):
        assert first.store.read(a) == again.store.read(b)


def test_a_suffix_is_what_the_content_is(photos, tmp_path):
    png = photos.records[1].path.read_bytes()
    photos.records[0].path.write_bytes(png)  # a PNG called .jpg
    write(photos, uae.TARGET, tmp_path / "out")
    assert (tmp_path / "out" / "images" / "0.png").read_bytes() == png


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_a_picture_that_is_gone_keeps_its_labels_and_is_named(photos, tmp_path, target):
    photos.records[2].path.unlink()
    read = write(photos, target, tmp_path / "out")
    assert [r.emotion for r in read.records] == list(EMOTIONS[:6])
    assert (tmp_path / "out" / "unreadable.txt").read_text() == "2\t2\tthere is no such file\n"
    if target is iea.TARGET:  # a black row, so that row i stays image i
        assert not np.asarray(Image.open(io.BytesIO(read.store.read(read.records[2])))).any()
    else:
        assert len(list((tmp_path / "out" / "images").iterdir())) == 5


def test_a_damaged_picture_is_copied_to_the_folder_and_black_in_hdf5(photos, tmp_path):
    photos.records[2].path.write_bytes(b"no photo")
    write(photos, uae.TARGET, tmp_path / "a")
    assert (tmp_path / "a" / "images" / "2.jpg").read_bytes() == b"no photo"
    write(photos, iea.TARGET, tmp_path / "b")
    assert (tmp_path / "b" / "unreadable.txt").read_text().startswith("2\t2\tnot a photo")


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_labels_alone_need_no_picture(photos, tmp_path, target):
    for record in photos.records:
        record.path.unlink()
    read = write(photos, target, tmp_path / "out", images=False)
    assert len(read.records) == 6
    assert any("a copy of the labels alone" in note for note in read.notes)


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_progress_ends_at_the_number_of_images(photos, tmp_path, target):
    calls: list[tuple[int, int]] = []
    target.write(photos, tmp_path, WriteOptions(), lambda done, total: calls.append((done, total)))
    assert calls[-1] == (6, 6)
    assert len(calls) >= 6
    assert calls == sorted(calls)


def test_pictures_smaller_than_a_network_takes_are_refused(photos, tmp_path):
    with pytest.raises(ConfigError, match="pictures of 8 pixels are too small; 32 is the least"):
        write(photos, iea.TARGET, tmp_path / "out", size=8)


# What cannot be held


def losses(dataset: Dataset, target: Target) -> str:
    return "\n".join(target.losses(dataset))


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"group": "scene"}, "groups of images that belong together (6 images)"),
        ({"emotion_votes": {"awe": 3.0}}, "votes per emotion: only the emotion with most votes"),
        ({"attributes": {"light": 3.0}}, "answers to other questions (light) (6 images)"),
    ],
)
def test_what_a_release_has_no_place_for_is_said(photos, target, values, sentence):
    assert sentence in losses(changed(photos, **values), target)
    assert sentence not in losses(photos, target)


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_pairs_are_said_to_be_lost(photos, target):
    pair = PhotoPair(series="1", photo_a="0", photo_b="1", share=0.6)
    assert "1 pairs" in losses(replace(photos, pairs=[pair]), target)


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_names_become_indices_in_the_order_of_the_set_and_that_is_said(photos, tmp_path, target):
    names = ["x/b.jpg", "x/a.jpg", "3", "c.jpg", "d.jpg", "e.jpg"]
    records = [replace(r, name=n) for r, n in zip(photos.records, names, strict=True)]
    renamed = replace(photos, records=records, ratings=replace(photos.ratings, items=names))
    assert "names of the images: they become 0 to 5" in losses(renamed, target)
    read = write(renamed, target, tmp_path / "out")
    assert [r.emotion for r in read.records] == list(EMOTIONS[:6])
    assert np.array_equal(read.ratings.to_matrix(), photos.ratings.to_matrix(), equal_nan=True)


def test_indices_with_gaps_stay_in_the_folder_release(photos, tmp_path):
    kept = [1, 3, 4]
    part = replace(photos, records=[photos.records[i] for i in kept])
    assert uae.TARGET.losses(part) == []
    read = write(part, uae.TARGET, tmp_path / "out")
    assert [r.name for r in read.records] == ["1", "3", "4"]
    assert [r.aesthetic_mean for r in read.records] == [
        photos.records[i].aesthetic_mean for i in kept
    ]
    assert read.defects == []  # empty rows of scores.h5 say that they were left out
    assert "names of the images" in losses(part, iea.TARGET)


def test_ratings_follow_the_names_and_not_their_order(photos, tmp_path):
    backwards = replace(photos, records=list(photos.records)[::-1])
    read = write(backwards, uae.TARGET, tmp_path / "out")
    assert [r.aesthetic_mean for r in read.records] == [r.aesthetic_mean for r in photos.records]


def test_a_set_without_splits_is_split_and_that_is_said(photos, tmp_path):
    unsplit = changed(photos, split=None)
    assert "6 images have no split" in losses(unsplit, uae.TARGET)
    read = write(unsplit, uae.TARGET, tmp_path / "out")
    assert None not in {r.split for r in read.records}
    assert "split" not in losses(unsplit, iea.TARGET)


def test_an_image_without_a_label_is_in_no_list_and_that_is_said(photos, tmp_path):
    records = list(photos.records)
    records[2] = replace(records[2], emotion=None)
    records[4] = replace(records[4], emotion=None, aesthetic_mean=None, aesthetic_high=None)
    bare = replace(photos, records=records)
    assert "1 images that are neither high nor low and have no emotion" in losses(bare, uae.TARGET)
    assert "1 images without an emotion are in no *_emo_list.txt" in losses(bare, uae.TARGET)
    assert "2 images have no emotion: their row of 'emo' is 0" in losses(bare, iea.TARGET)
    assert [r.name for r in write(bare, uae.TARGET, tmp_path / "a").records] == list("01235")
    assert [r.emotion for r in write(bare, iea.TARGET, tmp_path / "b").records] == [
        *EMOTIONS[:2], None, EMOTIONS[3], None, EMOTIONS[5]]  # fmt: skip


def test_a_set_without_qualities_has_no_aesthetic_lists(photos, tmp_path):
    emotions = replace(changed(photos, aesthetic_mean=None, aesthetic_high=None), ratings=None)
    for name, target in TARGETS.items():
        read = write(emotions, target, tmp_path / name)
        assert [r.aesthetic_high for r in read.records] == [None] * 6
        assert read.defects == []
    assert not list((tmp_path / "uae").glob("*aes*"))


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_a_mean_without_ratings_becomes_high_or_low(photos, tmp_path, target):
    means = replace(changed(photos, aesthetic_high=None), ratings=None)
    assert "scores of 6 images without single ratings" in losses(means, target)
    read = write(means, target, tmp_path / "out")
    assert [r.aesthetic_high for r in read.records] == [r.aesthetic_high for r in photos.records]


def many_raters(photos: Dataset, per_image: int) -> Dataset:
    """Thirty raters, so many of whom rated each image; none of them all."""
    rng = np.random.default_rng(1)
    matrix = np.full((6, 30), np.nan)
    for row in matrix:
        row[rng.choice(30, per_image, replace=False)] = rng.choice([1, 4, 7, 10], per_image)
    names = [r.name for r in photos.records]
    return replace(photos, ratings=Ratings.from_matrix(matrix, items=names))


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_ten_of_many_raters_fit_without_their_names(photos, tmp_path, target):
    many = many_raters(photos, 10)
    assert "who of the 30 raters gave which rating" in losses(many, target)
    read = write(many, target, tmp_path / "out")
    for row, (old, new) in enumerate(
        zip(many.ratings.to_matrix(), read.ratings.to_matrix(), strict=True)
    ):
        assert new.tolist() == old[~np.isnan(old)].tolist(), row


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_more_than_ten_ratings_of_an_image_do_not_fit(photos, tmp_path, target):
    many = many_raters(photos, 11)
    assert "an image has up to 11 ratings, scores.h5 holds ten" in losses(many, target)
    read = write(many, target, tmp_path / "out")
    assert read.ratings is None
    assert [r.aesthetic_high for r in read.records] == [r.aesthetic_high for r in photos.records]


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_ratings_between_the_levels_come_back_exactly(photos, tmp_path, target):
    names = [r.name for r in photos.records]
    matrix = np.random.default_rng(0).uniform(1, 10, (6, 3))
    ratings = Ratings.from_matrix(matrix, items=names, raters=["ann", "bo", "cy"], scale=(0, 100))
    fine = replace(photos, ratings=ratings)
    said = losses(fine, target)
    assert "names of the raters" in said
    assert "ratings between the levels 1, 4, 7 and 10" in said
    assert "the raters' scale of 0 to 100" in said
    assert np.array_equal(write(fine, target, tmp_path / "out").ratings.to_matrix(), matrix)


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_a_set_with_nothing_to_write_is_refused(photos, tmp_path, target):
    with pytest.raises(DataError, match=r"has no image"):
        write(replace(photos, records=[]), target, tmp_path / "out")
