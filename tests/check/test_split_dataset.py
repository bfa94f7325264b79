"""New splits: copies of a picture and groups stay together, the mix stays, the seed decides."""

from collections import Counter
from pathlib import Path

import pytest
from PIL import ImageOps

from iae.check.split import format_split, join_groups, split_dataset, write_split
from iae.config import SplitConfig
from iae.data.dataset import Dataset
from iae.data.read import read_dataset
from iae.data.records import ImageRecord
from iae.errors import DataError
from iae.labels import EMOTIONS


def photo(name, **facts):
    return ImageRecord(path=Path("none") / name, name=name, source="study", **facts)


def study(records):
    return Dataset(root=Path("study"), format="table", records=records)


LABELLED = study(
    [photo(f"{i}.jpg", emotion=EMOTIONS[i % 8], aesthetic_high=i % 3 == 0) for i in range(480)]
)


def splits(result):
    return {record.name: record.split for record in result.records}


def divide(dataset, seed=0, **options):
    return split_dataset(dataset, SplitConfig(seed=seed), **options)


def test_emotion_and_quality_are_divided_alike_where_only_labels_are_known():
    result = divide(LABELLED)
    for emotion in EMOTIONS:
        for high in (True, False):
            own = Counter(
                r.split for r in result.records if (r.emotion, r.aesthetic_high) == (emotion, high)
            )
            assert own["train"] / own.total() == pytest.approx(0.8, abs=1 / own.total() + 1e-9)


def test_the_same_seed_gives_the_same_lists_and_another_seed_others(tmp_path):
    written = [write_split(tmp_path / str(i), divide(LABELLED, seed)) for i, seed in
               enumerate((0, 0, 1))]  # fmt: skip
    first, same, other = ([path.read_bytes() for path in paths] for paths in written)
    assert first == same
    assert first != other


def test_every_image_is_in_one_list(tmp_path):
    write_split(tmp_path, divide(LABELLED))
    names = [
        name for part in ("train", "val", "test")
        for name in (tmp_path / f"{part}.txt").read_text().split()
    ]  # fmt: skip
    assert sorted(names) == sorted(record.name for record in LABELLED.records)


def test_the_table_says_what_is_known_of_each_image(tmp_path):
    write_split(tmp_path, divide(study([photo("a.jpg", emotion="awe", aesthetic_mean=5.0,
                                              group="g")])))  # fmt: skip
    assert (tmp_path / "split.csv").read_text() == (
        "image,split,group,emotion,aesthetic,score\na.jpg,train,g,awe,high,5.0000\n"
    )


def test_copies_of_a_picture_go_to_one_split(copy, as_jpeg, picture_of):
    for row in copy.rows:
        row.update(split="", group="")
    for i in range(12):
        mirrored = as_jpeg(ImageOps.mirror(picture_of(i)), quality=60)
        copy.add(f"images/again{i:02}.jpg", mirrored, like=i)
    dataset, _ = read_dataset(copy.root)
    for seed in range(5):
        found = splits(divide(dataset, seed))
        assert all(found[f"images/{i:02}.jpg"] == found[f"images/again{i:02}.jpg"]
                   for i in range(12))  # fmt: skip
    apart = splits(divide(dataset, near_duplicates=False))
    assert any(apart[f"images/{i:02}.jpg"] != apart[f"images/again{i:02}.jpg"] for i in range(12))


def test_groups_that_share_a_picture_become_one_group_whatever_the_order():
    records = [photo("a", group="g"), photo("b", group="g"), photo("c", group="h"),
               photo("d", group="h"), photo("e"), photo("f", group="i")]  # fmt: skip
    joined = {r.name: r.group for r in join_groups(records, [[1, 2], [3, 4]])}
    assert joined == {**dict.fromkeys("abcde", "copies of a"), "f": "i"}
    turned = join_groups(records[::-1], [[4, 3], [2, 1]])
    assert {r.name: r.group for r in turned} == joined


def test_copies_within_one_group_leave_it_as_it_is():
    records = [photo("a", group="g"), photo("b", group="g")]
    assert [r.group for r in join_groups(records, [[0, 1]])] == ["g", "g"]


def test_a_split_that_is_there_is_replaced_only_by_asking():
    given = study([photo(f"{i}.jpg", split="test") for i in range(20)])
    with pytest.raises(DataError, match=r"comes with a split \(0 train, 0 val, 20 test\); --again"):
        divide(given)
    assert Counter(splits(divide(given, again=True)).values()) == {"train": 16, "val": 2, "test": 2}


def test_images_without_a_split_are_divided_around_those_that_have_one():
    some = study([photo(f"{i}.jpg", split="test" if i < 10 else None) for i in range(100)])
    found = splits(divide(some))
    assert Counter(found.values()) == {"train": 80, "val": 10, "test": 10}
    assert all(found[f"{i}.jpg"] == "test" for i in range(10))


def test_without_pictures_it_is_said_that_copies_were_not_looked_for():
    assert "copies of a picture may be in two splits" in divide(LABELLED).notes[0]


def test_a_set_without_images_is_refused():
    with pytest.raises(DataError, match="lists no images"):
        divide(study([]))


def test_the_table_of_counts_has_a_row_for_each_emotion_and_quality():
    lines = format_split(divide(LABELLED)).splitlines()
    assert " ".join(lines[1].split()) == "amusement, high 16 (80.0%) 2 (10.0%) 2 (10.0%)"
    assert len(lines) == 1 + 16 + 1
    assert lines[-1].split()[:2] == ["all", "384"]
