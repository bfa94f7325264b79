"""Which pictures of a data set are the same: exactly (bytes or pixels), and nearly."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from iae.check.photos import PhotoFacts
from iae.images.similar import SamePicture, same_pictures

_PIXELS_MAY_BE_EQUAL = 0.7
"""Largest difference of small copies (a large JPEG's is of a scaled decoding) of pictures whose
pixels are then compared in full."""


@dataclass(frozen=True, kw_only=True)
class SamePictures:
    """Pictures that are the same one, by their place in the list of facts."""

    exact: Sequence[Sequence[int]]
    """Sets of two or more with the same bytes or the same pixels; the first stands for each."""
    near: Sequence[SamePicture]
    """Verified pairs of pictures that are no exact copies; of an exact set only the first."""
    digests: Mapping[int, str] = field(default_factory=dict)
    """Hashes of all pixels that were made on the way."""

    def joined(self) -> list[list[int]]:
        """Everything connected, exactly or nearly, as sets of two or more in ascending order."""
        links = [(members[0], other) for members in self.exact for other in members[1:]]
        return connected([*links, *((pair.a, pair.b) for pair in self.near)])


def find_same(
    facts: Sequence[PhotoFacts], digest: Callable[[int], str | None] = lambda place: None
) -> SamePictures:
    """Compare every picture with every other; those of one colour are left out.

    Args:
        facts: of each picture.
        digest: place -> hash of all decoded pixels, or None; asked only of few, whose small copies
            and sizes are the same and which were decoded at a fraction of their size.
    """
    by_bytes: dict[str, list[int]] = defaultdict(list)
    for i, found in enumerate(facts):
        if found.fingerprint is not None and not found.fingerprint.is_flat:
            by_bytes[found.sha256].append(i)
    first = [members[0] for members in by_bytes.values()]
    if not first:
        return SamePictures(exact=[], near=[])
    small = np.stack([facts[i].fingerprint.small for i in first])  # type: ignore[union-attr]
    pairs = [p._replace(a=first[p.a], b=first[p.b]) for p in same_pictures(small)]
    digests: dict[int, str] = {}
    equal = [pair for pair in pairs if _same_pixels(pair, facts, digest, digests)]
    links = [(members[0], other) for members in by_bytes.values() for other in members[1:]]
    exact = connected([*links, *((pair.a, pair.b) for pair in equal)])
    stands_for = {other: members[0] for members in exact for other in members}
    near = {
        (a, b): pair._replace(a=a, b=b)
        for pair in pairs
        if (a := stands_for.get(pair.a, pair.a)) != (b := stands_for.get(pair.b, pair.b))
    }
    return SamePictures(exact=exact, near=list(near.values()), digests=digests)


def _same_pixels(
    pair: SamePicture,
    facts: Sequence[PhotoFacts],
    digest: Callable[[int], str | None],
    digests: dict[int, str],
) -> bool:
    a, b = facts[pair.a].fingerprint, facts[pair.b].fingerprint
    if a is None or b is None or (a.width, a.height) != (b.width, b.height) or pair.mirrored:
        return False
    if pair.difference > _PIXELS_MAY_BE_EQUAL:
        return False
    if a.pixels and b.pixels:
        return a.pixels == b.pixels
    if pair.difference > 0 and not (a.pixels or b.pixels):
        return False  # two scaled decodings of the same pixels are the same, too
    for place, known in ((pair.a, a.pixels), (pair.b, b.pixels)):
        if place not in digests:
            made = known or digest(place)
            if made is None:
                return False
            digests[place] = made
    return digests[pair.a] == digests[pair.b]


def connected(links: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Sets that links make of places, each in ascending order (union-find)."""
    parent: dict[int, int] = {}

    def root(place: int) -> int:
        parent.setdefault(place, place)
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    for a, b in links:
        low, high = sorted((root(a), root(b)))
        parent[high] = low
    sets: dict[int, list[int]] = defaultdict(list)
    for place in sorted(parent):
        sets[root(place)].append(place)
    return sorted(sets.values())


def stars(
    pairs: Sequence[SamePicture], weight: Callable[[int], tuple[int, ...]]
) -> list[list[SamePicture]]:
    """Divide pairs into sets around one picture each, with which all others are verified.

    Connected sets would chain: a is like b, b like c, and a and c are two pictures. Taken first is
    the picture with most others, of equal ones that of the larger weight, then the earlier.

    Returns:
        For each set its pairs, turned so that ``a`` is the picture in the middle; no picture is in
        two sets.
    """
    around: dict[int, list[SamePicture]] = defaultdict(list)
    for pair in pairs:
        around[pair.a].append(pair)
        around[pair.b].append(pair._replace(a=pair.b, b=pair.a))
    taken: set[int] = set()
    found = []
    for middle in sorted(around, key=lambda i: (len(around[i]), weight(i), -i), reverse=True):
        own = [pair for pair in around[middle] if pair.b not in taken]
        if middle not in taken and own:
            taken.update([middle, *(pair.b for pair in own)])
            found.append(own)
    return found
