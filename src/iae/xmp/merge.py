"""What has to change in a packet so that it says the marks: a pure decision on values."""

from dataclasses import dataclass, field

from iae.xmp.marks import HIERARCHICAL, OWN, PICK, RATING, SUBJECT, TAGS, Marks, Values
from iae.xmp.marks import is_own as own_keyword

_SHOWN = {RATING: "rating", PICK: "pick"}


@dataclass(frozen=True, kw_only=True)
class Changes:
    """Values to set, and list items to take away and to add."""

    set: dict[str, str] = field(default_factory=dict)
    remove: dict[str, tuple[str, ...]] = field(default_factory=dict)
    add: dict[str, tuple[str, ...]] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    """What was asked for and is not done, with the reason."""
    shown: tuple[str, ...] = ()
    """The changes in words."""

    def __bool__(self) -> bool:
        return bool(self.set or self.remove or self.add)


def changes(there: Values, marks: Marks, *, overwrite: bool = False) -> Changes:
    """What must change so that a packet says the marks.

    Stars, labels and picks of a person stay: a value is taken for a person's when it is set and is
    not the one we noted beside it. A rating of 0 and a pick of 0 are "none set".

    Args:
        there: what the packet says now.
        marks: what it is to say.
        overwrite: replace a person's stars, label and pick as well.
    """
    wanted = marks.simple()
    done: dict[str, str] = {}
    kept, shown = [], []
    for name, value in wanted.items():
        now = there.simple.get(name, "")
        word = _SHOWN.get(name, "label")
        if _same(name, now, value):
            continue
        if _is_set(name, now) and not overwrite and not _is_own(name, there):
            kept.append(f"{word} {now} stays: it is a person's")
            continue
        done |= {name: value, OWN[name]: value}
        shown.append(f"{word} {now or 'none'} -> {value}")
    add, remove = _list_changes(there, _wanted_lists(there, marks))
    shown += [f"+ {name} {item}" for name, items in add.items() for item in items]
    shown += [f"- {name} {item}" for name, items in remove.items() for item in items]
    return Changes(set=done, add=add, remove=remove, kept=tuple(kept), shown=tuple(shown))


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _is_set(name: str, text: str) -> bool:
    return bool(text.strip()) and (name not in (RATING, PICK) or _number(text) != 0)


def _same(name: str, now: str, value: str) -> bool:
    if not _is_set(name, now) and not _is_set(name, value):
        return True
    if name in (RATING, PICK):
        return _number(now) == _number(value)
    return now == value


def _is_own(name: str, there: Values) -> bool:
    noted = there.simple.get(OWN[name])
    return noted is not None and _same(name, there.simple[name], noted)


def _wanted_lists(there: Values, marks: Marks) -> dict[str, tuple[str, ...]]:
    """The keywords each list is to have of us; lists that are left alone are absent."""
    wanted: dict[str, tuple[str, ...]] = {}
    if marks.keywords is not None:
        wanted[SUBJECT] = marks.keywords
    if marks.hierarchical is not None:
        wanted[HIERARCHICAL] = marks.hierarchical
        if TAGS in there.lists:
            wanted[TAGS] = tuple(path.replace("|", "/") for path in marks.hierarchical)
    return wanted


def _list_changes(
    there: Values, wanted: dict[str, tuple[str, ...]]
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Items to add and to remove, by property; properties without any are absent."""
    add, remove = {}, {}
    for name, items in wanted.items():
        now = there.lists.get(name, ())
        new = [item for item in dict.fromkeys(items) if item not in now]
        if new and name == HIERARCHICAL and not now:
            # digiKam and others read the first list of keywords they find and no other. The
            # photo's flat keywords would no longer be seen beside a list that holds ours alone.
            flat = (item for item in there.lists.get(SUBJECT, ()) if not own_keyword(item))
            new = [*dict.fromkeys(flat), *new]
        old = [item for item in dict.fromkeys(now) if own_keyword(item) and item not in items]
        if new:
            add[name] = tuple(new)
        if old:
            remove[name] = tuple(old)
    return add, remove
