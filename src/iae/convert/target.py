"""What a writer is: a name, what it cannot hold, and how it writes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from iae.data.dataset import Dataset

Progress = Callable[[int, int], None]
"""Called with (images done, images in all)."""


@dataclass(frozen=True, kw_only=True)
class WriteOptions:
    """What a user may choose about a target."""

    size: int = 224
    """Side of the square pictures, where the target stores pixels and not files."""
    shard_size: int = 1000
    """Images a shard, where the target is divided into shards."""
    images: bool = True
    """Whether pictures are written, or the labels alone."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """One form in which data sets are written."""

    name: str
    """What ``--to`` takes."""
    title: str
    """Whose form it is, in a few words."""
    losses: Callable[[Dataset], list[str]]
    """What of this very data set the target cannot hold, a sentence each."""
    unreadable: str
    """What becomes of images whose picture cannot be read, after "3 pictures cannot be read: "."""
    write: Callable[[Dataset, Path, WriteOptions, Progress], None]
    """Write into an empty, existing folder. The caller gives it its name when all is written."""
