"""Defects of pictures that are the same: placeholders, duplicates, across splits, in conflict."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from iae.check.photos import PhotoFacts
from iae.check.same import SamePictures, stars
from iae.data.defects import Defect
from iae.data.records import ImageRecord
from iae.images.similar import IDENTICAL_DIFFERENCE, SamePicture

PLACEHOLDER_COPIES = 5
"""One picture under so many names is taken for a placeholder."""

_MEANS_APART = 2.0
"""Mean scores of one picture contradict each other when one is high, one is low and they differ by
so much on the ten-point scale; raters who see a picture twice differ by half a point."""

_KEEP = ("test", "val", "train")
"""Of a picture in two splits the copy in the earlier of these stays: test sets are published."""

_NAMED = 6
"""Images that a text names; the rest is counted."""


@dataclass(frozen=True, kw_only=True)
class PictureSet:
    """One picture under several names."""

    exact: Sequence[Sequence[int]]
    """Places of the images, those with the same pixels together; first that which stays."""
    near: Sequence[SamePicture] = ()
    """How the first of each later part differs from the first image of all."""

    @property
    def places(self) -> list[int]:
        """Of all its images, first that which stays."""
        return [place for part in self.exact for place in part]


def duplicate_defects(
    records: Sequence[ImageRecord], facts: Sequence[PhotoFacts], same: SamePictures
) -> Iterator[Defect]:
    """What is wrong with pictures that are there more than once.

    A set that contradicts itself or lies in two splits is reported as that and no second time as
    duplicates; placeholders are nothing else.

    Args:
        records: one a picture.
        facts: of each record's picture.
        same: which of them are the same.
    """
    identical = [p for p in same.near if p.difference <= IDENTICAL_DIFFERENCE and not p.mirrored]
    placeholders = [
        found for found in _picture_sets(same.exact, identical, facts)
        if len({_unit(records[i]) for i in found.places}) >= PLACEHOLDER_COPIES
    ]  # fmt: skip
    gone = {place for found in placeholders for place in found.places}
    for found in placeholders:
        yield _placeholder([records[i] for i in found.places])
    near = [pair for pair in same.near if not gone & {pair.a, pair.b}]
    exact = [part for part in same.exact if part[0] not in gone]
    for found in _picture_sets(exact, near, facts):
        yield from _set_defects(records, facts, found)


def _picture_sets(
    exact: Sequence[Sequence[int]], near: Sequence[SamePicture], facts: Sequence[PhotoFacts]
) -> list[PictureSet]:
    copies = {part[0]: part for part in exact}

    def weight(place: int) -> tuple[int, int]:
        found = facts[place].fingerprint
        return len(copies.get(place, [place])), found.width * found.height if found else 0

    sets = []
    for pairs in stars(near, weight):
        places = [pairs[0].a, *(pair.b for pair in pairs)]
        sets.append(PictureSet(exact=[copies.pop(i, [i]) for i in places], near=pairs))
    sets += [PictureSet(exact=[part]) for part in copies.values()]
    return sorted(sets, key=lambda found: found.places[0])


def _unit(record: ImageRecord) -> str:
    """What counts as one for placeholders: a group may hold one picture many times."""
    return f"group {record.group}" if record.group else f"image {record.name}"


def _placeholder(records: Sequence[ImageRecord]) -> Defect:
    names = tuple(record.name for record in records)
    text = f"{len(names):,} images show this one picture: {_listed(names)}"
    return Defect("placeholder", names[0], text, names)


def _set_defects(
    records: Sequence[ImageRecord], facts: Sequence[PhotoFacts], found: PictureSet
) -> Iterator[Defect]:
    own = [records[i] for i in found.places]
    contradiction = _contradiction(own)
    splits = {record.split for record in own if record.split}
    if contradiction:
        names = tuple(record.name for record in own)
        text = f"{_also(records, facts, found)}: {contradiction}"
        yield Defect("duplicate-conflict", own[0].name, text, names)
    if len(splits) > 1:
        yield _across_splits(records, facts, found)
    if not contradiction and len(splits) <= 1:
        yield from _plain_duplicates(records, facts, found)


def _across_splits(
    records: Sequence[ImageRecord], facts: Sequence[PhotoFacts], found: PictureSet
) -> Defect:
    own = [records[i] for i in found.places]
    kept = next(split for split in _KEEP if any(record.split == split for record in own))
    first = next(record.name for record in own if record.split == kept)
    leave_out = tuple(record.name for record in own if record.split not in (kept, None))
    how = {i: f" ({text})" for i, text in _how(found, facts)}
    parts = [
        f"{records[i].name} in {records[i].split or 'no split'}{how.get(i, '')}"
        for i in found.places
    ]
    return Defect("duplicate-across-splits", first, _listed(parts), leave_out)


def _plain_duplicates(
    records: Sequence[ImageRecord], facts: Sequence[PhotoFacts], found: PictureSet
) -> Iterator[Defect]:
    own = [records[i] for i in found.places]
    if own[0].group is not None and len({record.group for record in own}) == 1:
        text = f"{_also(records, facts, found)}, all of group {own[0].group}"
        yield Defect("duplicate-in-group", own[0].name, text, tuple(r.name for r in own[1:]))
        return
    for part in found.exact:
        if len(part) > 1:
            names = tuple(records[i].name for i in part)
            text = _also(records, facts, PictureSet(exact=[part]))
            yield Defect("exact-duplicate", names[0], text, names[1:])
    if found.near:
        firsts = [part[0] for part in found.exact]
        names = tuple(records[i].name for i in firsts)
        text = _also(records, facts, PictureSet(exact=[[i] for i in firsts], near=found.near))
        yield Defect("near-duplicate", names[0], text, names[1:])


def _also(records: Sequence[ImageRecord], facts: Sequence[PhotoFacts], found: PictureSet) -> str:
    return "also " + _listed([f"{records[i].name} ({how})" for i, how in _how(found, facts)])


def _how(found: PictureSet, facts: Sequence[PhotoFacts]) -> Iterator[tuple[int, str]]:
    """Each image but the first, and how it is the same picture as the first."""
    first = facts[found.places[0]]
    for i in found.exact[0][1:]:
        yield i, "the same bytes" if facts[i].sha256 == first.sha256 else "the same pixels"
    for pair, part in zip(found.near, found.exact[1:], strict=True):
        mirrored = "mirrored, " if pair.mirrored else ""
        for i in part:
            yield i, f"{mirrored}on average {pair.difference:.1f} of 255 grey levels apart"


def _contradiction(records: Sequence[ImageRecord]) -> str | None:
    """What the labels of one picture say against each other, or None."""
    emotions = list(dict.fromkeys(record.emotion for record in records if record.emotion))
    if len(emotions) > 1:
        return f"labelled {' and '.join(emotions)}"
    stated = {record.aesthetic_high for record in records if record.aesthetic_high is not None}
    if len(stated) > 1:
        return "labelled high and low"
    rated = [r for r in records if r.aesthetic_mean is not None]
    means = sorted(r.aesthetic_mean for r in rated if r.aesthetic_mean is not None)
    if len({r.is_high for r in rated}) > 1 and means[-1] - means[0] >= _MEANS_APART:
        return f"rated {means[0]:.1f} and {means[-1]:.1f}, one low and one high"
    return None


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
