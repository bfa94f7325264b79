"""Train, validation and test: seeded, group-aware, stratified, the same in every run."""

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from iae.config import SplitConfig
from iae.data.records import SPLITS, ImageRecord, Split
from iae.errors import DataError


def assign_splits(records: Sequence[ImageRecord], config: SplitConfig) -> list[ImageRecord]:
    """Give every record a split; the order of the records stays, and does not matter.

    A split that a record already has is kept, for its whole group. Within each data set, groups
    are walked stratum by stratum (emotion, then aesthetic score, or the high/low label where there
    is no score), in an order drawn from the seed inside each, and each goes to the split that is
    furthest behind its share. So every split has nearly the same mix, and adding a second data set
    changes nothing in the first.

    Raises:
        DataError: a group comes with two different splits.
    """
    units: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, record in enumerate(records):
        key = f"group {record.group}" if record.group else f"photo {record.name}"
        units[(record.source, key)].append(index)

    chosen: dict[int, Split] = {}
    filled: dict[str, Counter[Split]] = defaultdict(Counter)
    for source, key in sorted(units, key=lambda unit: _walk_order(unit, units, records, config)):
        members = units[(source, key)]
        split = _given_split([records[i] for i in members], key) or _furthest_behind(
            filled[source], len(members), config
        )
        filled[source][split] += len(members)
        chosen.update(dict.fromkeys(members, split))
    return [replace(record, split=chosen[i]) for i, record in enumerate(records)]


def _walk_order(
    unit: tuple[str, str],
    units: dict[tuple[str, str], list[int]],
    records: Sequence[ImageRecord],
    config: SplitConfig,
) -> tuple[str, str, int, str]:
    source, key = unit
    members = [records[i] for i in units[unit]]
    emotions = Counter(record.dominant_emotion or "" for record in members)
    emotion = min(emotions, key=lambda name: (-emotions[name], name))
    score_bin = _score_bin(members)
    shuffled = hashlib.sha256(f"{config.seed}\0{source}\0{key}".encode(errors="surrogateescape"))
    return source, emotion, score_bin, shuffled.hexdigest()


def _score_bin(members: list[ImageRecord]) -> int:
    """Half points of the scale; low and high labels lie below it; -1 where nothing is known."""
    means = [record.aesthetic_mean for record in members if record.aesthetic_mean is not None]
    if means:
        return int(math.fsum(means) / len(means) * 2)
    labels = [record.aesthetic_high for record in members if record.aesthetic_high is not None]
    return int(2 * sum(labels) >= len(labels)) if labels else -1


def _given_split(members: list[ImageRecord], key: str) -> Split | None:
    given = {record.split for record in members if record.split is not None}
    if len(given) > 1:
        raise DataError(f"{key} is in the splits {' and '.join(sorted(given))}; a group has one")
    return given.pop() if given else None


def _furthest_behind(filled: Counter[Split], size: int, config: SplitConfig) -> Split:
    total = sum(filled.values()) + size
    behind = {
        split: fraction * total - filled[split]
        for split, fraction in zip(SPLITS, config.fractions, strict=True)
    }
    return max(SPLITS, key=lambda split: behind[split])
