"""Counts that differ from the published ones: one finding, however many images are missing."""

from collections import Counter
from collections.abc import Iterator

from iae.data import published
from iae.data.dataset import Dataset
from iae.data.defects import Defect
from iae.data.records import PhotoPair
from iae.labels import EMOTIONS


def count_defects(dataset: Dataset) -> Iterator[Defect]:
    """Compare with what was published of the IAE dataset and of PhotoTriage's pair lists."""
    if dataset.is_iae:
        yield from _iae_defects(dataset)
    if dataset.format == "phototriage":
        yield from _pair_list_defects(dataset)


def _iae_defects(dataset: Dataset) -> Iterator[Defect]:
    quality = Counter(record.is_high for record in dataset.records)
    found = (len(dataset.records), quality[True], quality[False])
    wanted = (published.IAE_TOTAL, published.IAE_HIGH, published.IAE_LOW)
    if found != wanted:
        text = (f"{found[0]:,} images, {found[1]:,} high and {found[2]:,} low; published were "
                f"{wanted[0]:,}, {wanted[1]:,} and {wanted[2]:,}")  # fmt: skip
        yield Defect("count-differs", dataset.name, text)
        return
    bars = Counter((r.emotion, r.is_high) for r in dataset.records)
    off = [
        f"{bars[emotion, high]:,} of {emotion} are {'high' if high else 'low'}, about "
        f"{published.IAE_BARS[emotion][not high]:,} in the chart"
        for emotion in EMOTIONS
        for high in (True, False)
        if abs(bars[emotion, high] - published.IAE_BARS[emotion][not high])
        > published.IAE_BAR_ERROR
    ]
    if off:
        yield Defect("count-differs", dataset.name, "; ".join(off))
    fear = sum(published.IAE_BARS["fear"])
    own = bars["fear", True] + bars["fear", False]
    text = (f"the text says that every emotion has more than {published.IAE_EMOTION_MINIMUM:,} "
            f"images, the chart's fear has about {fear:,}; here it has {own:,}")  # fmt: skip
    yield Defect("count-note", dataset.name, text)


def _pair_list_defects(dataset: Dataset) -> Iterator[Defect]:
    by_split: dict[str, list[PhotoPair]] = {}
    for pair in dataset.pairs:
        by_split.setdefault(pair.split or "", []).append(pair)
    for split, wanted in published.PHOTOTRIAGE_LISTS.items():
        own = by_split.get(split)
        if own is None:
            continue  # a copy may lack a list
        found = (len(own), len({p.series for p in own}), sum(p.share == 0.5 for p in own))
        if found != wanted:
            text = (f"{found[0]:,} pairs in {found[1]:,} series, {found[2]} of them ties; "
                    f"published were {wanted[0]:,}, {wanted[1]:,} and {wanted[2]}")  # fmt: skip
            yield Defect("count-differs", f"{split} pairs", text)
