"""What is in a data set, in a few lines of words and counts."""

from collections import Counter
from collections.abc import Mapping

from iae.data.dataset import Dataset
from iae.data.records import SPLITS
from iae.labels import EMOTIONS


def summarise(dataset: Dataset) -> Mapping[str, str]:
    """Name -> what there is of it, only of what there is; counts with thousands separated."""
    parts = {
        "images": _count(len(dataset.records)),
        "splits": _per_name(Counter(r.split for r in dataset.records if r.split), SPLITS),
        "groups": _count(len({r.group for r in dataset.records if r.group})),
        "aesthetic score": _labelled(dataset, "aesthetic_mean"),
        "aesthetic score distribution": _labelled(dataset, "score_counts"),
        "aesthetic label": _high_low(dataset),
        "single ratings": _ratings(dataset),
        "emotion label": _per_name(
            Counter(r.emotion for r in dataset.records if r.emotion), EMOTIONS
        ),
        "emotion votes": _votes(dataset),
        "other questions": ", ".join(sorted({a for r in dataset.records for a in r.attributes})),
        "pairs": _pairs(dataset),
        "raw votes on pairs": _pair_votes(dataset),
    }
    return {name: text for name, text in parts.items() if text}


def _count(number: int) -> str:
    return f"{number:,}" if number else ""


def _per_name(counts: Counter[str], order: tuple[str, ...]) -> str:
    return ", ".join(f"{counts[name]:,} {name}" for name in order if counts[name])


def _labelled(dataset: Dataset, label: str) -> str:
    number = sum(getattr(record, label) is not None for record in dataset.records)
    return f"{number:,} images" if number else ""


def _high_low(dataset: Dataset) -> str:
    labels = Counter(r.aesthetic_high for r in dataset.records if r.aesthetic_high is not None)
    return f"{labels[True]:,} high, {labels[False]:,} low" if labels else ""


def _ratings(dataset: Dataset) -> str:
    ratings = dataset.ratings
    if ratings is None:
        return ""
    worst, best = ratings.scale
    return (f"{len(ratings.value):,} by {len(ratings.raters):,} raters of "
            f"{len(ratings.items):,} images, on {worst:g} to {best:g}")  # fmt: skip


def _votes(dataset: Dataset) -> str:
    voted = [r for r in dataset.records if r.emotion_votes is not None]
    if not voted:
        return ""
    offered = [e for e in EMOTIONS if any(e in (r.emotion_votes or {}) for r in voted)]
    votes = sum(sum((r.emotion_votes or {}).values()) for r in voted)
    neutral = sum(r.neutral_votes for r in voted)
    text = f"{votes:,.0f} votes for {len(offered)} emotions on {len(voted):,} images"
    return text + (f", {neutral:,.0f} for none" if neutral else "")


def _pairs(dataset: Dataset) -> str:
    series = Counter(split for _, split in {(p.series, p.split) for p in dataset.pairs})
    pairs = Counter(pair.split for pair in dataset.pairs)
    return ", ".join(
        f"{pairs[split]:,} in {series[split]:,} series{f' ({split})' if split else ''}"
        for split in (*SPLITS, None) if pairs[split]
    )  # fmt: skip


def _pair_votes(dataset: Dataset) -> str:
    votes = sum(pair.votes_a + pair.votes_b for pair in dataset.pair_votes)
    return f"{votes:,} on {len(dataset.pair_votes):,} pairs" if votes else ""
