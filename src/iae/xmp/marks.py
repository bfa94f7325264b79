"""What is to be said of a photo in its XMP, and the properties that say it."""

from dataclasses import dataclass

NAMESPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "lr": "http://ns.adobe.com/lightroom/1.0/",
    "digiKam": "http://www.digikam.org/ns/1.0/",
    "iae": "urn:x-iae:xmp/1.0/",
}
"""Prefix -> namespace. The first two lists of properties are of the XMP specification, part 1
(ISO 16684-1), ``lr`` and ``digiKam`` as those programs write them; ``iae`` is our own."""

RATING, LABEL, PICK = "xmp:Rating", "xmp:Label", "digiKam:PickLabel"
SUBJECT, HIERARCHICAL, TAGS = "dc:subject", "lr:hierarchicalSubject", "digiKam:TagsList"

SIMPLE = (RATING, LABEL, PICK)
"""Properties of one value."""
OWN = {RATING: "iae:Rating", LABEL: "iae:Label", PICK: "iae:PickLabel"}
"""Where we note which value we wrote. One that still equals the note is ours to replace; any other
is a person's."""
LISTS = {SUBJECT: "Bag", HIERARCHICAL: "Bag", TAGS: "Seq"}
"""Properties of many values, and the RDF container each is written as."""

ROOT = "iae"
"""Where our keywords hang: ``iae|mood|awe``. Whatever hangs there is ours to replace."""


def expanded(name: str) -> str:
    """``prefix:local`` as ``{namespace}local``.

    >>> expanded("dc:subject")
    '{http://purl.org/dc/elements/1.1/}subject'
    """
    prefix, local = name.split(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


def is_own(keyword: str) -> bool:
    """Whether a keyword, flat or hierarchical (``|``, in digiKam ``/``), hangs below ``ROOT``.

    >>> is_own("iae|mood|awe"), is_own("iae/mood/awe"), is_own("iae"), is_own("iaea")
    (True, True, True, False)
    """
    return keyword == ROOT or keyword.startswith((f"{ROOT}|", f"{ROOT}/"))


@dataclass(frozen=True, kw_only=True)
class Marks:
    """What is to be said of one photo; None leaves what is there."""

    rating: int | None = None
    """-1 rejected, 0 none, 1 to 5 stars."""
    label: str | None = None
    """A colour's name; which ones a program knows is its own affair."""
    keywords: tuple[str, ...] | None = None
    """Flat keywords. They are added; earlier ones below ``ROOT`` that are not named here go."""
    hierarchical: tuple[str, ...] | None = None
    """Keywords with their parents, ``a|b|c``; added and replaced in the same way."""
    pick: int | None = None
    """digiKam's flag: 0 none, 1 rejected, 2 pending, 3 accepted."""

    def __post_init__(self) -> None:
        if self.rating is not None and not -1 <= self.rating <= 5:
            raise ValueError(f"a rating is -1 (rejected) or 0 to 5 stars, got {self.rating}")
        if self.pick is not None and not 0 <= self.pick <= 3:
            raise ValueError(f"a pick label is 0, 1, 2 or 3, got {self.pick}")
        for text in (self.label or "-", *(self.keywords or ()), *(self.hierarchical or ())):
            # Control characters cannot stand in XML, and nobody would see the space.
            if not text.isprintable() or text != text.strip() or not text:
                raise ValueError(f"a label or keyword is printable text, got {text!r}")

    def simple(self) -> dict[str, str]:
        """The properties of one value that are to be set."""
        values = {RATING: self.rating, LABEL: self.label, PICK: self.pick}
        return {name: str(value) for name, value in values.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class Values:
    """What a packet says in the properties we know."""

    simple: dict[str, str]
    """Property (of ``SIMPLE`` and of ``OWN``) -> text; absent where the packet has none."""
    lists: dict[str, tuple[str, ...]]
    """Property of ``LISTS`` -> items in order; absent where the packet has none."""


NOTHING = Values(simple={}, lists={})
"""A photo without XMP."""
