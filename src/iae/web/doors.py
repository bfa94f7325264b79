"""Who is let in, and how often."""

import hashlib
import hmac
import secrets

from sqlalchemy import Connection
from starlette.requests import Request

from iae.study.errors import AccessError, UnknownTokenError
from iae.study.rating import Rating
from iae.study.values import Rater
from iae.web.limits import Buckets, Limits
from iae.web.problems import TooManyError


class Doors:
    """Checks the tokens of raters and of the owner, within the limits.

    Args:
        rating: knows the raters.
        owner_token: opens the owner's pages as long as this server runs.
        limits: how many requests are served.
    """

    def __init__(self, rating: Rating, owner_token: str, limits: Limits) -> None:
        self._rating = rating
        self._owner = _digest(owner_token)
        self._requests = Buckets(limits.rater)
        self._images = Buckets(limits.images)
        self._strangers = Buckets(limits.strangers)

    def rater(
        self, connection: Connection, request: Request, token: str, *, images: bool = False
    ) -> Rater:
        """The rater of a token.

        Args:
            connection: in a transaction.
            request: from whom.
            token: of the link or the cookie.
            images: whether it is a photo that is asked for.

        Raises:
            AccessError: it opens nothing.
            TooManyError: this rater, or this stranger, asks too often.
        """
        try:
            rater = self._rating.rater(connection, token) if token else _nobody()
        except AccessError:
            self._count_stranger(request)
            raise
        _take(self._images if images else self._requests, rater.id)
        return rater

    def owner(self, request: Request, token: str) -> None:
        """Let the owner in. Raises as :meth:`rater`."""
        if not token or not hmac.compare_digest(_digest(token), self._owner):
            self._count_stranger(request)
            raise UnknownTokenError("not the owner of this study")
        _take(self._requests, "owner")

    def _count_stranger(self, request: Request) -> None:
        _take(self._strangers, request.client.host if request.client else "")


def new_owner_token() -> str:
    """A token for the owner's link: 256 random bits."""
    return secrets.token_urlsafe(32)


def _take(buckets: Buckets, name: str) -> None:
    seconds = buckets.wait(name)
    if seconds:
        raise TooManyError(seconds)


def _nobody() -> Rater:
    raise UnknownTokenError("no link was opened in this browser")


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
