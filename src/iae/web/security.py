"""What is true of every answer and every request, before any route sees it (plain ASGI)."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from iae.web.problems import refusal

MAX_BODY = 16 * 1024
"""Bytes of a request's body; a vote has about 300. There are no uploads."""

HEADERS = {
    # Photos arrive by fetch and are shown from memory, hence blob:.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
    "X-Robots-Tag": "noindex, nofollow",
}


class SafeAnswers:
    """Puts :data:`HEADERS` on every answer, errors included."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self.app = app
        headers = dict(HEADERS)
        if secure:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        # No route sets any of them, so they can be added as they go over the wire.
        self.headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *self.headers]
            await send(message)

        await self.app(scope, receive, send_safely)


class SafeRequests:
    """Refuses what no page of ours sends: other hosts, other sites, other kinds, large bodies.

    Args:
        app: what is behind.
        origins: ``scheme://host[:port]`` of every address of this server. A request for another
            host is one whose name was made to point here (DNS rebinding).
    """

    def __init__(self, app: ASGIApp, *, origins: Sequence[str]) -> None:
        self.app = app
        self.origins = frozenset(origins)
        self.hosts = frozenset(urlsplit(origin).netloc for origin in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        answer = self._refuse(scope["method"], headers)
        if answer is None and scope["method"] not in ("GET", "HEAD"):
            body = await _read(receive)
            if body is None:
                answer = (413, f"the body is larger than {MAX_BODY} bytes")
            else:
                receive = _replay(body, receive)
        if answer is not None:
            await refusal(*answer)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _refuse(self, method: str, headers: Headers) -> tuple[int, str] | None:
        if headers.get("host", "").lower() not in self.hosts:
            return 421, "this server has another name"
        if method in ("GET", "HEAD"):
            return None
        # Browsers send both themselves; no script can change them.
        if headers.get("origin", next(iter(self.origins))) not in self.origins:
            return 403, "the request comes from another site"
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return 403, "the request comes from another site"
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length[:12]) > MAX_BODY:
            return 413, f"the body is larger than {MAX_BODY} bytes"
        kind = headers.get("content-type", "").split(";")[0].strip().lower()
        # A form of another site can send anything but this without asking first (CORS).
        if method == "POST" and kind != "application/json":
            return 415, "send application/json"
        return None


async def _read(receive: Receive) -> bytes | None:
    """The whole body, or None once it is too large (a chunked one names no length)."""
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return body
        body += bytes(message.get("body", b""))
        if len(body) > MAX_BODY:
            return None
        if not message.get("more_body", False):
            return body


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
