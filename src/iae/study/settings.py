"""Settings of a study: ``study.toml`` as frozen dataclasses."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from iae.config import from_mapping
from iae.errors import ConfigError
from iae.study.texts import KNOWN_LANGUAGES

FILE = "study.toml"
BUILT_IN = ("quality", "emotion")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class ScaleLevel:
    """One level of an own scale."""

    name: str
    """What exports call it: small letters, digits and underscores."""
    score: float | None = None
    """What it counts; all levels of a scale have one, or none has."""
    keys: str = ""
    """Each character is a key that chooses it; default: its number, from 1."""
    label: Mapping[str, str] = field(default_factory=dict)
    """Language -> what raters read; a language left out shows the name."""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ConfigError(f"the level '{self.name}' must be called by small letters, digits "
                              "and underscores; what raters read is its label")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Scale:
    """A question of one's own, ``[scales.NAME]``."""

    levels: tuple[ScaleLevel, ...]
    """In the order in which they are shown."""
    text: Mapping[str, str] = field(default_factory=dict)
    """Language -> the question; a language left out shows the scale's name."""

    def __post_init__(self) -> None:
        names = [level.name for level in self.levels]
        if not 2 <= len(names) <= 9 or len(set(names)) < len(names):
            raise ConfigError("a scale needs two to nine levels with different names, "
                              f"got {', '.join(names) or 'none'}")  # fmt: skip
        scores = [level.score for level in self.levels if level.score is not None]
        if scores and (len(scores) < len(names) or len(set(scores)) < len(names)):
            raise ConfigError("the levels of a scale have a score each, all different, or none has")


@dataclass(frozen=True, kw_only=True)
class OrderSettings:
    """In which order a rater meets the images."""

    blocks: Literal["none", "random", "folder"] = "none"
    """``random``: images are divided into blocks of ``block_size``, ``folder``: by their folder; a
    rater goes through one block before the next."""
    block_size: int = 100
    """Images of a random block."""
    repeat_every: int = 0
    """Every so many images one of the rater's own earlier ones comes again; 0: never."""
    repeat_gap: int = 20
    """A repeated image was shown at least so many images earlier."""
    gold_every: int = 0
    """Every so many images one with a known answer; 0: never."""

    def __post_init__(self) -> None:
        if self.block_size < 1 or self.repeat_gap < 1:
            raise ConfigError("block_size and repeat_gap must be 1 or more, got "
                              f"{self.block_size} and {self.repeat_gap}")  # fmt: skip
        for name in ("repeat_every", "gold_every"):
            if getattr(self, name) < 0 or getattr(self, name) == 1:
                raise ConfigError(f"{name} must be 0 (never) or 2 and more, "
                                  f"got {getattr(self, name)}")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class PauseSettings:
    """Pauses that are suggested to raters; nobody is locked out."""

    every: int = 100
    """After so many votes; 0: never."""
    seconds: int = 60
    """How long."""

    def __post_init__(self) -> None:
        if self.every < 0 or self.seconds < 0:
            raise ConfigError("pause.every and pause.seconds cannot be negative")


@dataclass(frozen=True, kw_only=True)
class StudySettings:
    """One study: what is asked about which photos, and how."""

    title: str
    """Shown to raters."""
    photos: str
    """Folder of the photos; relative to the folder of ``study.toml``."""
    database: str = "study.db"
    """SQLite file, relative to the folder of ``study.toml``, or ``postgresql://USER@HOST/NAME``."""
    questions: tuple[str, ...] = ("quality",)
    """One or two of ``quality``, ``emotion`` and the names of ``[scales.NAME]``."""
    scales: Mapping[str, Scale] = field(default_factory=dict)
    """Questions of one's own."""
    raters_per_image: int = 10
    """Votes that each image should get, each of another rater."""
    seed: int = 0
    """Another seed is another order."""
    lease_minutes: float = 30.0
    """An image handed out and not rated in this time is given to somebody else."""
    order: OrderSettings = field(default_factory=OrderSettings)
    pause: PauseSettings = field(default_factory=PauseSettings)
    gold: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Photo, relative to ``photos`` -> question -> the level it should get; every rater may meet
    these, and their votes are no part of the scores."""
    languages: tuple[str, ...] = KNOWN_LANGUAGES
    """Of the pages, the preferred one first."""
    consent_version: str = "1"
    """Change it with the text: raters are asked again. Empty: no consent is asked for."""
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Language -> text -> words of one's own: ``instructions``, ``consent`` and any other."""

    def __post_init__(self) -> None:
        known = (*BUILT_IN, *self.scales)
        if not self.questions or len(set(self.questions)) < len(self.questions):
            raise ConfigError("a study asks at least one question, and none twice; "
                              f"got {list(self.questions)}")  # fmt: skip
        for name in self.questions:
            if name not in known:
                raise ConfigError(f"no question is called '{name}'; known: {', '.join(known)}; "
                                  f"describe your own as [scales.{name}]")  # fmt: skip
        for name in self.scales:
            if name in BUILT_IN or not _NAME.fullmatch(name):
                raise ConfigError(f"a scale cannot be called '{name}': choose small letters, "
                                  f"digits and underscores, other than {', '.join(BUILT_IN)}"
                                  )  # fmt: skip
        if self.raters_per_image < 1:
            raise ConfigError(f"raters_per_image must be 1 or more, got {self.raters_per_image}")
        if self.lease_minutes <= 0:
            raise ConfigError(f"lease_minutes must be positive, got {self.lease_minutes}")
        unknown = [language for language in self.languages if language not in KNOWN_LANGUAGES]
        if unknown or not self.languages:
            raise ConfigError(f"languages must be some of {', '.join(KNOWN_LANGUAGES)}, "
                              f"got {list(self.languages)}")  # fmt: skip
        if self.order.gold_every and not self.gold:
            raise ConfigError("gold_every is set, but no photo has a known answer; name some as "
                              '[gold."PHOTO.jpg"] quality = "good"')  # fmt: skip


def find_settings(place: Path) -> Path:
    """The ``study.toml`` of a folder, or the file itself. Raises ``ConfigError``."""
    path = place / FILE if place.is_dir() else place
    if not path.is_file():
        raise ConfigError(f"there is no study at {place}; make one: iae study new {place} "
                          "--photos FOLDER")  # fmt: skip
    return path


def load_settings(path: Path) -> StudySettings:
    """Read ``study.toml``. Raises ``ConfigError`` with the file and what is wrong in it."""
    try:
        values = tomllib.loads(path.read_text("utf-8"))
        return from_mapping(StudySettings, values)
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8 text, so it is no study") from None
    except (tomllib.TOMLDecodeError, ConfigError) as error:
        raise ConfigError(f"{path}: {error}") from None
