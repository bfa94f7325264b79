from collections import Counter, defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iae.config import SplitConfig
from iae.data.records import SPLITS, ImageRecord
from iae.data.splits import assign_splits
from iae.errors import DataError
from iae.labels import EMOTIONS

DEFAULT = SplitConfig()


def photo(name: str, **facts: object) -> ImageRecord:
    return ImageRecord(path=Path(name), name=name, **{"source": "study", **facts})  # type: ignore[arg-type]


def photos(count: int, **facts: object) -> list[ImageRecord]:
    return [photo(f"{i}.jpg", **facts) for i in range(count)]


def splits_by_name(records: list[ImageRecord]) -> dict[tuple[str, str], str | None]:
    return {(record.source, record.name): record.split for record in records}


def shares(records: list[ImageRecord]) -> list[float]:
    counts = Counter(record.split for record in records)
    return [counts[split] / len(records) for split in SPLITS]


MIXED = [
    photo(
        f"{i}.jpg",
        group=f"scene {i // 3}" if i % 2 else None,
        emotion=EMOTIONS[i * i % 8] if i % 5 else None,
        aesthetic_mean=1 + (i * 37 % 90) / 10 if i % 3 else None,
    )
    for i in range(120)
]


def test_every_record_gets_a_split():
    assert all(record.split in SPLITS for record in assign_splits(MIXED, DEFAULT))


def test_the_order_of_the_records_stays():
    assert [r.name for r in assign_splits(MIXED, DEFAULT)] == [r.name for r in MIXED]


def test_a_group_is_never_divided():
    splits = defaultdict(set)
    for record in assign_splits(MIXED, DEFAULT):
        if record.group:
            splits[record.group].add(record.split)
    assert all(len(found) == 1 for found in splits.values())


@given(st.permutations(MIXED))
def test_the_order_of_the_records_does_not_matter(shuffled):
    assert splits_by_name(assign_splits(shuffled, DEFAULT)) == splits_by_name(
        assign_splits(MIXED, DEFAULT)
    )


def test_the_order_within_a_group_does_not_matter_where_sums_of_floats_would():
    means = [8.6, 2.8, 3.6]  # 14.999999999999998 added up in this order, 15 in another: two bins
    group = [photo(f"g{i}.jpg", group="g", aesthetic_mean=mean) for i, mean in enumerate(means)]
    others = [photo(f"{i}.jpg", aesthetic_mean=4 + i / 20) for i in range(40)]
    reordered = [group[1], group[2], group[0]]
    assert splits_by_name(assign_splits(group + others, DEFAULT)) == splits_by_name(
        assign_splits(reordered + others, DEFAULT)
    )


def test_the_same_seed_gives_the_same_split():
    assert assign_splits(MIXED, SplitConfig(seed=7)) == assign_splits(MIXED, SplitConfig(seed=7))


def test_another_seed_gives_another_split():
    assert assign_splits(MIXED, SplitConfig(seed=7)) != assign_splits(MIXED, SplitConfig(seed=8))


@pytest.mark.parametrize("count", [10, 100, 1003])
@pytest.mark.parametrize("fractions", [(0.8, 0.1, 0.1), (0.5, 0.25, 0.25), (0.34, 0.33, 0.33)])
def test_the_fractions_are_met_to_within_one_photo(count, fractions):
    found = shares(assign_splits(photos(count), SplitConfig(fractions=fractions)))
    assert found == pytest.approx(fractions, abs=1 / count + 1e-9)


def test_the_fractions_are_met_to_within_the_largest_group():
    records = [photo(f"{i}.jpg", group=str(int(i**0.6))) for i in range(1000)]
    largest = max(Counter(record.group for record in records).values())
    found = shares(assign_splits(records, DEFAULT))
    assert found == pytest.approx(DEFAULT.fractions, abs=largest / 1000)


def test_every_emotion_is_divided_like_the_whole():
    records = [
        photo(f"{i}.jpg", emotion=EMOTIONS[int((i * 7919 % 1000) ** 0.3)]) for i in range(999)
    ]
    divided = assign_splits(records, DEFAULT)
    for emotion in {record.emotion for record in records}:
        own = [record for record in divided if record.emotion == emotion]
        assert shares(own) == pytest.approx(DEFAULT.fractions, abs=2 / len(own)), emotion


def test_high_and_low_scores_are_divided_alike():
    records = [photo(f"{i}.jpg", aesthetic_mean=1 + (i * 7919 % 900) / 100) for i in range(900)]
    low = [r for r in assign_splits(records, DEFAULT) if (r.aesthetic_mean or 0) < 5]
    assert shares(low) == pytest.approx(DEFAULT.fractions, abs=2 / len(low))


def test_votes_are_stratified_by_the_emotion_with_most_of_them():
    records = [photo(f"{i}.jpg", emotion_votes={EMOTIONS[i % 8]: 3, "awe": 1}) for i in range(400)]
    divided = assign_splits(records, DEFAULT)
    fear = [record for record in divided if record.dominant_emotion == "fear"]
    assert shares(fear) == pytest.approx(DEFAULT.fractions, abs=2 / len(fear))


def test_a_given_split_is_kept():
    given_splits = [photo(f"given {i}.jpg", split=SPLITS[i % 3]) for i in range(30)]
    divided = assign_splits(given_splits + MIXED, DEFAULT)
    assert [record.split for record in divided[:30]] == [record.split for record in given_splits]


def test_given_splits_count_towards_the_fractions():
    records = [photo(f"given {i}.jpg", split="test") for i in range(10)] + photos(90)
    assert shares(assign_splits(records, DEFAULT)) == pytest.approx(DEFAULT.fractions, abs=0.02)


def test_a_given_split_is_that_of_the_whole_group():
    records = [photo("a.jpg", group="g", split="test"), photo("b.jpg", group="g")]
    assert [record.split for record in assign_splits(records, DEFAULT)] == ["test", "test"]


def test_given_splits_that_divide_a_group_are_refused():
    records = [photo("a.jpg", group="g", split="test"), photo("b.jpg", group="g", split="train")]
    with pytest.raises(DataError, match="group g is in the splits test and train; a group has one"):
        assign_splits(records, DEFAULT)


def test_a_photo_listed_twice_is_not_divided():
    twice = photos(50) + photos(50)
    divided = assign_splits(twice, DEFAULT)
    assert divided[:50] == divided[50:]


def test_a_photo_named_like_a_group_is_not_of_that_group():
    records = [photo("g", split="train"), photo("a.jpg", group="g", split="test")]
    assert [record.split for record in assign_splits(records, DEFAULT)] == ["train", "test"]


def test_a_second_source_changes_nothing_in_the_first():
    second = [photo(f"{i}.jpg", source="another", emotion="awe") for i in range(77)]
    alone = splits_by_name(assign_splits(MIXED, DEFAULT))
    together = splits_by_name(assign_splits(second + MIXED, DEFAULT))
    assert {key: together[key] for key in alone} == alone


def test_groups_of_one_name_in_two_sources_are_two_groups():
    records = [
        photo("a.jpg", source="one", group="g", split="train"),
        photo("b.jpg", source="two", group="g", split="test"),
    ]
    assert [record.split for record in assign_splits(records, DEFAULT)] == ["train", "test"]


def test_a_name_that_is_not_utf8_is_divided_too():
    assert assign_splits([photo("caf\udce9.jpg")], DEFAULT)[0].split in SPLITS


def test_no_records_make_no_splits():
    assert assign_splits([], DEFAULT) == []
