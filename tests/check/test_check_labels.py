"""Doubled ids, labels against ratings, groups in two splits."""

from pathlib import Path

import pytest

from iae.check.labels import label_defects
from iae.data.dataset import Dataset
from iae.data.defects import Defect
from iae.data.records import ImageRecord, PhotoPair


def photo(name, **facts):
    return ImageRecord(path=Path(name), name=name, source="study", **facts)


def dataset(*records, **facts):
    return Dataset(root=Path("study"), format="table", records=records, **facts)


def test_an_id_that_is_listed_twice_is_found_once(copy, found):
    copy.rows.append(dict(copy.rows[3]))
    copy.save()
    assert [(code, len(places)) for code, places in found(copy.check()).items()] == [
        ("doubled-id", 1)
    ]


@pytest.mark.parametrize(("emotion", "labels"), [("awe", "the same"), ("fear", "different")])
def test_a_doubled_id_says_whether_its_labels_differ(emotion, labels):
    (defect,) = label_defects(dataset(photo("a", emotion="awe"), photo("a", emotion=emotion)))
    assert (defect.code, defect.where) == ("doubled-id", "a")
    assert defect.text == f"listed 2 times, with {labels} labels"


@pytest.mark.parametrize(("mean", "high"), [(4.9, True), (5.1, False), (5.0, False)])
def test_a_label_on_the_other_side_of_five_than_the_mean_is_found(mean, high):
    (defect,) = label_defects(dataset(photo("a", aesthetic_mean=mean, aesthetic_high=high)))
    assert (defect.code, defect.where) == ("label-contradicts-ratings", "a")


@pytest.mark.parametrize(("mean", "high"), [(4.9, False), (5.0, True), (5 - 1e-12, True)])
def test_a_label_that_agrees_with_the_mean_is_not_found(mean, high):
    assert not list(label_defects(dataset(photo("a", aesthetic_mean=mean, aesthetic_high=high))))


def test_what_the_reader_found_is_not_found_again():
    known = Defect("label-contradicts-ratings", "a", "as the reader says it")
    record = photo("a", aesthetic_mean=4.0, aesthetic_high=True)
    assert not list(label_defects(dataset(record, defects=[known])))


def test_a_group_in_two_splits_is_found(copy, found):
    copy.rows[4]["group"] = copy.rows[3]["group"]
    copy.save()
    report = copy.check()
    assert found(report) == {"group-across-splits": ["group g3"]}
    assert "train (images/03.jpg) and val (images/04.jpg)" in report.findings[0].defects[0].text


def test_a_series_in_two_lists_is_found():
    pairs = [
        PhotoPair(series="7", photo_a="1", photo_b="2", share=0.6, split=split, where=where)
        for split, where in (("train", "train.txt:1"), ("val", "val.txt:9"))
    ]
    (defect,) = label_defects(dataset(pairs=pairs))
    assert (defect.code, defect.where) == ("group-across-splits", "series 7")


def test_what_the_reader_found_is_part_of_the_report(copy, found):
    copy.rows[3]["emotion"] = "joy"
    copy.save()
    with (copy.root / "labels.csv").open("a") as file:
        file.write("only one cell\n")
    report = copy.check(images=False)
    assert found(report) == {"bad-row": ["labels.csv:14"], "bad-value": ["labels.csv:5"]}
    assert not report.is_sound
