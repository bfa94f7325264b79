"""``Dataset``: everything a copy of a data set says, and what is wrong with how it says it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from iae.data.defects import Defect
from iae.data.published import IAE_FORMATS
from iae.data.ratings import Ratings
from iae.data.records import ImageRecord, PairVotes, PhotoPair
from iae.errors import ImageError


class ImageStore(Protocol):
    """Where the pictures of a data set are: files, rows of a table, members of an archive."""

    def read(self, record: ImageRecord) -> bytes:
        """One picture as an encoded file (JPEG, PNG, WebP …). Raises ``ImageError``."""
        ...


class FileStore:
    """Pictures that are files, at ``record.path``."""

    def read(self, record: ImageRecord) -> bytes:
        """The bytes of the file. Raises ``ImageError``."""
        try:
            return record.path.read_bytes()
        except FileNotFoundError:
            raise ImageError("there is no such file") from None
        except OSError as error:
            raise ImageError(f"cannot read the file: {error.strerror}") from None
        except ValueError:  # a null byte, from a damaged list
            raise ImageError("no file can be called so") from None


@dataclass(frozen=True, kw_only=True, eq=False)
class Dataset:
    """One copy of a data set, read. Whatever a format does not have stays empty."""

    root: Path
    """The path that was given."""
    format: str
    """Name of the format it was read as."""
    origin: str | None = None
    """Format of the data set that this copy was converted from, where it says so."""
    records: Sequence[ImageRecord] = ()
    """One an image, in the order of the data set."""
    ratings: Ratings | None = None
    """Single aesthetic ratings; ``ratings.items`` are names of ``records``."""
    pairs: Sequence[PhotoPair] = ()
    """Preferences within series."""
    pair_votes: Sequence[PairVotes] = ()
    """Raw votes on pairs; their photo numbers need not be those of ``pairs``."""
    store: ImageStore = field(default_factory=FileStore)
    image_folder: Path | None = None
    """The folder that should hold the listed images and no others, where there is one."""
    notes: Sequence[str] = ()
    """What was inferred or assumed while reading, in sentences for the user."""
    defects: Sequence[Defect] = ()
    """Rows that contradict the format; one that cannot be understood is not in ``records``."""

    @property
    def is_iae(self) -> bool:
        """Whether it is a copy of the IAE data set: in one of its forms, or converted from one."""
        return (self.origin or self.format) in IAE_FORMATS

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.root.resolve().name
