"""Names that nobody can guess."""

import hashlib
import re
import secrets

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def new_token() -> str:
    """256 random bits for a personal link: 43 letters, digits, ``-`` and ``_``."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str | None:
    """What is stored of a token; None for a text that is none.

    SHA-256 without salt or stretching: those protect words that people choose, and nobody can try
    2²⁵⁶ tokens.
    """
    if not _TOKEN.fullmatch(token):
        return None
    return hashlib.sha256(token.encode()).hexdigest()


def opaque_id() -> str:
    """72 random bits: an id that says nothing and cannot be counted up."""
    return secrets.token_urlsafe(9)


def pseudonym() -> str:
    """A new name for a rater.

    >>> import re
    >>> bool(re.fullmatch("r[0-9a-f]{8}", pseudonym()))
    True
    """
    return f"r{secrets.token_hex(4)}"
