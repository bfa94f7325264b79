"""What a reader is: a name, how it recognises its files, and how it reads them."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

from iae.config import TableSource
from iae.data.dataset import Dataset


@dataclass(frozen=True, kw_only=True)
class ReadOptions:
    """What a user may have to say because the files do not; None means: infer it."""

    emotion_order: tuple[str, ...] | None = None
    """The eight emotions in the order of the labels 0 … 7."""
    source: TableSource | None = None
    """What the columns of a table mean."""
    scale: tuple[float, float] | None = None
    """Worst and best score that the raters could give."""

    def given(self) -> set[str]:
        """Names of the options that were stated."""
        return {field.name for field in fields(self) if getattr(self, field.name) is not None}


@dataclass(frozen=True, kw_only=True)
class Format:
    """One form in which data sets are published.

    A reader never stops at a bad row: the row becomes a ``Defect``. It raises ``DataError`` (file,
    line, what was wanted) only for files it can make nothing of: truncated, without the keys.
    """

    name: str
    """What ``--format`` takes."""
    title: str
    """Who publishes in it, in a few words."""
    recognise: Callable[[Path], str | None]
    """Why this path is in this format, as the end of a sentence ("it has a …"), or None. Cheap:
    looks at names and first lines. Never raises."""
    read: Callable[[Path, ReadOptions], Dataset]
    options: frozenset[str] = frozenset()
    """Fields of ``ReadOptions`` that it takes; others are refused."""
