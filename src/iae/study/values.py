"""What goes between a study and whoever shows it to people. Nothing here names a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Answers = Mapping[str, str]
"""Name of a question -> name of the level that was chosen: ``{"quality": "good"}``."""

State = Literal["rating", "waiting", "done"]
"""``rating``: there are images. ``waiting``: those left are with other raters now; ask again in a
minute. ``done``: this rater has nothing more to rate."""


@dataclass(frozen=True, kw_only=True)
class Rater:
    """Somebody whose token was accepted."""

    id: str
    """Pseudonym: what exports and reports call this rater. Says nothing about the person."""
    key: int
    """Row of the database; not for pages."""
    demo: bool = False
    """Of a demo link: gets images and acknowledgements, and nothing is stored."""
    consented: bool = False
    """Whether the present version of the consent text was agreed to."""


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """One image that a rater is asked to rate."""

    id: str
    """Opaque; what a vote refers to."""
    image: str
    """Opaque id of the image, for ``Study.image_path``; the same for all raters."""
    number: int
    """Its place in this rater's sequence, from 1."""
    answers: Answers | None = None
    """What the rater said of it before, when it comes back by undoing; else None."""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What a rater should see next."""

    assignments: Sequence[Assignment]
    """In the order in which they should be shown; the first is now, the rest to load ahead."""
    state: State


@dataclass(frozen=True, kw_only=True)
class Acknowledged:
    """A vote that is durable. There is no other way to get one of these."""

    assignment: str
    number: int
    """Place of the image in the rater's sequence."""
    repeated: bool
    """Whether this very vote had been stored before: the answer to it must have been lost."""
    changed: bool
    """Whether it replaced an earlier vote on the same assignment; the earlier one is kept."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a rater is."""

    rated: int
    """Assignments with a vote, repeats and gold images included."""
    left: int
    """New images that may still come, at most: other raters rate them too."""
    can_undo: bool
    """Whether there is a vote to take back."""
    pause_seconds: int
    """Seconds of the suggested pause that are left; 0: go on."""


@dataclass(frozen=True, kw_only=True)
class LevelText:
    """One level of a question, as a rater sees it."""

    name: str
    """What an answer says."""
    label: str
    """In the language that was asked for."""
    keys: str
    """Each character is a key that chooses it: ``"1e"``."""


@dataclass(frozen=True, kw_only=True)
class QuestionText:
    """One question, as a rater sees it."""

    name: str
    text: str
    levels: Sequence[LevelText]
    """In the order in which they are shown: of quality the best first."""
