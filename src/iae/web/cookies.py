"""Who asks: a cookie holds what was in the personal link, and a header what only our page knows.

The cookie is the token itself, so that a server keeps no sessions: a restart forgets nobody, and
a revoked or expired link ends every page that came from it with the next request.
"""

import hashlib
import hmac

from starlette.requests import Request
from starlette.responses import Response

DAYS = 90
"""How long a browser keeps the cookie; the link itself may end earlier."""

CSRF_HEADER = "X-CSRF-Token"


def cookie_name(who: str, *, secure: bool) -> str:
    """Name of the cookie of a ``rater`` or the ``owner``.

    Over https it has the prefix ``__Host-`` (RFC 6265bis, 4.1.3.2): no other host, and no page
    read over plain http, can put one in its place.
    """
    return f"__Host-iae-{who}" if secure else f"iae-{who}"


def read_cookie(request: Request, who: str) -> str:
    """The token in the cookie; empty without one, or with one that no token can be."""
    token = request.cookies.get(cookie_name(who, secure=request.app.state.secure), "")
    return token if len(token) <= 128 and token.isascii() and token.isprintable() else ""


def set_cookie(response: Response, who: str, token: str, *, secure: bool) -> None:
    """Put the token into a cookie that no script reads.

    SameSite is ``Lax``, not ``Strict``: links come by mail, and after a click there Chromium and
    Firefox send no Strict cookie along the redirect to the page. What Lax lets through is opening
    a page, which changes nothing; every POST needs :func:`csrf_token` besides.
    """
    response.set_cookie(
        cookie_name(who, secure=secure), token, max_age=DAYS * 86_400, path="/",
        secure=secure, httponly=True, samesite="lax",
    )  # fmt: skip


def csrf_token(token: str) -> str:
    """32 hexadecimal digits that follow from the token and do not lead back to it.

    Another site can make a browser send the cookie, but can read neither it nor this. It needs no
    store either: a page open during a restart goes on.
    """
    return hmac.new(token.encode(), b"iae rating page", hashlib.sha256).hexdigest()[:32]


def csrf_matches(token: str, sent: str | None) -> bool:
    """Whether a header holds the value of :func:`csrf_token`."""
    return hmac.compare_digest(csrf_token(token).encode(), (sent or "").encode("utf-8", "replace"))
