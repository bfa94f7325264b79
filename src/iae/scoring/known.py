"""Which photos are known from an earlier run, and which are to be scored: decided without pixels.

A photo is known by path, size and time of change. Where these differ, or where a new path may be an
old photo that was moved, what decides its pixels is compared by a checksum.
"""

import os
import stat
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from iae.scoring.content import checksum_of, is_jpeg
from iae.scoring.find import Found

_TOLD = 100
"""Photos looked at between two calls of ``progress``: telling costs more than looking."""

_INT64 = 2**63
"""Times and numbers beyond this do not fit in the store; some file systems allow any time."""

Progress = Callable[[int, int], None]
"""Called with (photos done, photos in all)."""


@dataclass(frozen=True)
class Stamp:
    """What the system says of a file without opening it."""

    size: int
    mtime_ns: int
    ctime_ns: int
    """Also moves when permissions change: an unreadable file is then tried again."""

    def same_content(self, other: "Stamp | None") -> bool:
        """Whether nobody can have written the file in between."""
        return other is not None and (self.size, self.mtime_ns) == (other.size, other.mtime_ns)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One photo as the store has it, without its scores."""

    path: bytes
    """Absolute, as the system writes it: what the photo is known by."""
    name: str
    """The path as the run named it: what stands in the tables, and what the thumbnail has its
    name from."""
    position: int | None
    """Place among the photos found; None while it is not among them, or not scored as wanted."""
    stamp: Stamp | None
    """None when it could not be had, or the file changed while it was scored: never known."""
    checksum: int | None = None
    """Of what decides the pixels (:func:`checksum_of`); None where it was never read."""
    model: str
    """What the scores were made by (:attr:`Wanted.model`)."""
    facts_version: int = 0
    """Version of the technical facts; 0 when none were measured."""
    reader: str = ""
    """For an unreadable photo: what could not read it (:attr:`Wanted.reader`)."""
    thumbnail: bool = False
    """Whether a thumbnail was written of these very bytes."""
    error: str = ""
    """Why there are no scores."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a run wants of each photo; what an earlier run made counts when it is the same."""

    model: str
    facts_version: int
    """0 when no facts are wanted; those that are there then do no harm."""
    thumbnail_of: Callable[[str], str | None]
    """Name of a photo -> name of the thumbnail it is to have; None when it needs none."""
    thumbnails: frozenset[str]
    """Names of those that lie there."""
    reader: str
    """The programs that decode, with their versions: another one may read what this one cannot."""
    retry: bool = False
    """Whether unreadable photos are tried again though nothing about them has changed."""


@dataclass
class Plan:
    """What a run has to do, and why."""

    known: list[tuple[bytes, Entry]] = field(default_factory=list)
    """(path it was stored by, entry as it is to be stored now)."""
    to_score: list[tuple[Found, Entry]] = field(default_factory=list)
    """Photos to decode, in the order found, with all that is known of them before."""
    why: Counter[str] = field(default_factory=Counter)
    """How many photos are scored for which reason: ``new``, ``changed``, ``model``, ``facts``,
    ``thumbnail``, ``unreadable`` (tried again); and ``moved``, which are known all the same."""
    gone: int = 0
    """Photos of the run before that were not found any more."""


def path_key(path: Path) -> bytes:
    """What a photo is known by, from wherever the command is run."""
    return os.fsencode(os.path.abspath(path))  # noqa: PTH100  # as fast again as Path.absolute


def stamp_of(path: Path) -> Stamp | None:
    """Size and times of a regular file; None of anything else, or where there is nothing."""
    try:
        facts = os.stat(path)  # noqa: PTH116
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(facts.st_mode):
        return None
    return Stamp(facts.st_size, facts.st_mtime_ns % _INT64, facts.st_ctime_ns % _INT64)


def plan_run(
    found: Sequence[Found],
    entries: Mapping[bytes, Entry],
    wanted: Wanted,
    *,
    progress: Progress = lambda done, total: None,
) -> Plan:
    """Sort the photos found into known ones and those to score. Reads bytes where it must.

    Args:
        found: the photos, in order.
        entries: what the store has, by path.
        wanted: what this run makes.
        progress: called now and then with (photos looked at, photos in all); it takes long only
            where many files have new times.
    """
    keys = [path_key(photo.path) for photo in found]
    here = set(keys)
    left = [entry for key, entry in entries.items() if key not in here]
    moved = _Moved(left, wanted)
    plan = Plan()
    for position, (key, photo) in enumerate(zip(keys, found, strict=True)):
        now = Entry(path=key, name=photo.name, position=position, model=wanted.model,
                    stamp=None if photo.problem else stamp_of(photo.path))  # fmt: skip
        before = entries.get(key)
        if before is None and (before := moved.take(photo.path, now)):
            plan.why["moved"] += 1
        reason, stamp = _reason_to_score(photo, before, now, wanted)
        if before is None or reason:
            plan.to_score.append((photo, now))
            plan.why[reason] += 1
        else:
            plan.known.append((before.path, replace(before, path=key, name=photo.name,
                                                    position=position, stamp=stamp)))  # fmt: skip
        if (position + 1) % _TOLD == 0 or position + 1 == len(found):
            progress(position + 1, len(found))
    plan.gone = sum(entry.position is not None for entry in left if entry.path not in moved.taken)
    return plan


def _reason_to_score(
    photo: Found, before: Entry | None, now: Entry, wanted: Wanted
) -> tuple[str, Stamp | None]:
    """Why the photo cannot be taken from the store (empty when it can), and its stamp."""
    if before is None:
        return "new", now.stamp
    if photo.problem is not None:  # known by its text; there is nothing to decode
        return ("" if before.error == str(photo.problem) else "changed"), None
    if now.stamp is None or before.stamp is None:
        return ("unreadable" if before.error else "changed"), now.stamp
    if not now.stamp.same_content(before.stamp) and not _same_pixels(photo.path, before, now.stamp):
        return "changed", now.stamp
    if before.error:
        tried = before.reader == wanted.reader and before.stamp.ctime_ns == now.stamp.ctime_ns
        return ("" if tried and not wanted.retry else "unreadable"), now.stamp
    return _outdated(before, now.name, wanted), now.stamp


def _same_pixels(path: Path, before: Entry, stamp: Stamp) -> bool:
    if before.stamp is None or before.checksum is None:
        return False
    if before.stamp.size != stamp.size and not is_jpeg(path):  # it is another file: not read
        return False
    return checksum_of(path) == before.checksum


def _outdated(entry: Entry, name: str, wanted: Wanted) -> str:
    """Which of the things wanted the scored photo lacks; empty when none."""
    if entry.model != wanted.model:
        return "model"
    if wanted.facts_version not in (0, entry.facts_version):
        return "facts"
    wished = wanted.thumbnail_of(name)
    lying = {wished, wanted.thumbnail_of(entry.name)} & wanted.thumbnails
    return "thumbnail" if wished is not None and not (entry.thumbnail and lying) else ""


class _Moved:
    """Photos of the store that were not found where they were; each may be found elsewhere."""

    def __init__(self, left: Sequence[Entry], wanted: Wanted) -> None:
        self.taken: set[bytes] = set()
        self._by_size: dict[int, list[Entry]] = {}
        for entry in left:
            if entry.stamp and entry.checksum is not None and not _outdated(
                entry, entry.name, wanted
            ):  # fmt: skip
                self._by_size.setdefault(entry.stamp.size, []).append(entry)

    def take(self, path: Path, now: Entry) -> Entry | None:
        """The entry that this new photo was before it was moved; the file is read only where one
        of its size is missing."""
        if now.stamp is None or not (candidates := self._by_size.get(now.stamp.size)):
            return None
        checksum = checksum_of(path)
        for entry in candidates:
            if entry.checksum == checksum:
                candidates.remove(entry)
                self.taken.add(entry.path)
                return entry
        return None
