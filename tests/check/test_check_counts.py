"""Counts against the published ones: one finding, however much is missing."""

from pathlib import Path

import pytest

from iae.check.counts import count_defects
from iae.data.dataset import Dataset
from iae.data.published import IAE_BARS, IAE_HIGH, IAE_LOW
from iae.data.records import ImageRecord, PhotoPair


def iae_labels() -> list[tuple[str, bool]]:
    """(emotion, high) of each image, with the bars moved until the totals are the published."""
    bars = {(e, high): IAE_BARS[e][not high] for e in IAE_BARS for high in (True, False)}
    for high, total in ((True, IAE_HIGH), (False, IAE_LOW)):
        gap = total - sum(n for (_, h), n in bars.items() if h == high)
        for i, emotion in enumerate(IAE_BARS):
            bars[emotion, high] += gap // 8 + (i < gap % 8)
    return [key for key, count in bars.items() for _ in range(count)]


LABELS = iae_labels()


def iae(labels, format="uae"):
    records = [
        ImageRecord(path=Path(str(i)), name=str(i), source="iae", emotion=e, aesthetic_high=high)
        for i, (e, high) in enumerate(labels)
    ]
    return Dataset(root=Path("iae"), format=format, records=records)


@pytest.mark.parametrize("format", ["uae", "iea"])
def test_the_published_counts_leave_only_the_note_on_fear(format):
    (defect,) = count_defects(iae(LABELS, format))
    assert defect.code == "count-note"
    assert "more than 1,100 images, the chart's fear has about 960; here it has 96" in defect.text


def test_a_subset_is_one_finding_with_all_three_counts():
    (defect,) = count_defects(iae(LABELS[:100]))
    assert defect.code == "count-differs"
    assert defect.text == (
        "100 images, 100 high and 0 low; published were 22,086, 12,762 and 9,324"
    )


def test_emotions_that_are_not_those_of_the_chart_are_one_finding():
    swapped = [({"awe": "fear", "fear": "awe"}.get(e, e), high) for e, high in LABELS]
    defects = list(count_defects(iae(swapped)))
    assert [defect.code for defect in defects] == ["count-differs", "count-note"]
    assert "of awe are high, about 2,740 in the chart" in defects[0].text


def test_another_data_set_is_not_compared():
    assert not list(count_defects(iae(LABELS[:100], format="table")))


def pair_list(pairs, series, ties, split="val"):
    own = [
        PhotoPair(series=str(i % series), photo_a="1", photo_b="2", split=split,
                  share=0.5 if i < ties else 0.6)
        for i in range(pairs)
    ]  # fmt: skip
    return Dataset(root=Path("pairs"), format="phototriage", pairs=own)


def test_pair_lists_with_the_published_counts_raise_nothing():
    assert not list(count_defects(pair_list(483, 195, 1)))


@pytest.mark.parametrize("counts", [(482, 195, 1), (483, 194, 1), (483, 195, 2)])
def test_each_count_of_a_pair_list_is_compared(counts):
    (defect,) = count_defects(pair_list(*counts))
    assert (defect.code, defect.where) == ("count-differs", "val pairs")
    assert "published were 483, 195 and 1" in defect.text
