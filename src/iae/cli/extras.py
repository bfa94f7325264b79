"""Optional parts: a missing one is a sentence that names the command that installs it."""

from collections.abc import Iterator
from contextlib import contextmanager

from iae.errors import MissingExtraError


@contextmanager
def needs_extra(extra: str, needed_for: str) -> Iterator[None]:
    """Turn a failed import of a third-party package into :class:`MissingExtraError`."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("iae"):
            raise  # a module of ours that is missing is a bug
        raise MissingExtraError(extra, needed_for) from None
