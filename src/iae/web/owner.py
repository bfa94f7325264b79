"""The owner's half: how far the study is, and how its raters do."""

import time
from collections.abc import Sequence
from threading import Lock
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.security import APIKeyCookie
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from iae.study.errors import AccessError
from iae.study.service import Study
from iae.study.status import StudyStatus
from iae.web.cookies import cookie_name, read_cookie, set_cookie
from iae.web.doors import Doors
from iae.web.owner_figures import OwnerStatus, told
from iae.web.pages import TEMPLATES
from iae.web.problems import documented

PER_PAGE = 100
"""Photos on one page."""


class LatestStatus:
    """The status of a study, worked out anew at most every few seconds: it reads every vote."""

    def __init__(self, study: Study, *, seconds: float = 5.0) -> None:
        self._study = study
        self._seconds = seconds
        self._lock = Lock()
        self._held: tuple[float, StudyStatus] | None = None

    def get(self) -> StudyStatus:
        """The latest; others who ask meanwhile wait for the same one."""
        with self._lock:
            if self._held is None or time.monotonic() - self._held[0] > self._seconds:
                self._held = time.monotonic(), self._study.status()
            return self._held[1]


def owner_routes(study: Study, doors: Doors, *, secure: bool) -> APIRouter:
    """The owner's link, page and figures."""
    cookie = APIKeyCookie(name=cookie_name("owner", secure=secure), auto_error=False,
                          description="Set by the link that the server printed.")  # fmt: skip
    router = APIRouter(tags=["owner"])
    latest = LatestStatus(study)

    def closed() -> Response:
        sentences = {name: study.owner_texts(name)["closed"] for name in study.languages}
        return HTMLResponse(
            TEMPLATES.get_template("closed.html").render(sentences=sentences), status_code=401
        )

    @router.get("/api/owner/status", responses=documented(401, 421, 422, 429, 503))
    def status(
        request: Request,
        _: Annotated[str | None, Depends(cookie)],
        first: Annotated[int, Query(ge=0, le=10**9)] = 0,
        count: Annotated[int, Query(ge=0, le=10_000)] = PER_PAGE,
    ) -> OwnerStatus:
        """Progress, agreement, raters, and some of the photos."""
        doors.owner(request, read_cookie(request, "owner"))
        return told(latest.get(), first=first, count=count)

    @router.get("/owner/{token}", include_in_schema=False)
    def open_link(request: Request, token: str) -> Response:
        try:
            doors.owner(request, token)
        except AccessError:
            return closed()
        answer = RedirectResponse("/owner", status_code=303)
        set_cookie(answer, "owner", token, secure=secure)
        return answer

    @router.get("/owner", include_in_schema=False)
    def page(
        request: Request,
        first: Annotated[int, Query(ge=0, le=10**9)] = 0,
        language: Annotated[str, Query(max_length=16)] = "",
    ) -> Response:
        try:
            doors.owner(request, read_cookie(request, "owner"))
        except AccessError:
            return closed()
        chosen = preferred(language, request.headers.get("accept-language", ""), study.languages)
        return HTMLResponse(
            TEMPLATES.get_template("owner.html").render(
                status=told(latest.get(), first=first, count=PER_PAGE),
                per_page=PER_PAGE,
                language=chosen,
                languages={name: study.texts(name)["language"] for name in study.languages},
                say=study.owner_texts(chosen),
            )
        )

    return router


def preferred(asked: str, accepted: str, offered: Sequence[str]) -> str:
    """The language of a page.

    Args:
        asked: what the address says.
        accepted: the header Accept-Language (RFC 9110, 12.5.4): ``"de-AT,de;q=0.9,en;q=0.5"``.
        offered: languages there are, the usual one first.

    >>> preferred("", "fr, de-AT;q=0.9, en;q=0.5", ("en", "zh", "de"))
    'de'
    >>> preferred("zh", "de", ("en", "zh", "de")), preferred("", "fr", ("en", "zh"))
    ('zh', 'en')
    """
    if asked in offered:
        return asked
    # Browsers name what their users like best first; the weights say the same once more.
    liked = [part.split(";")[0].strip().lower().split("-")[0] for part in accepted.split(",")]
    return next((language for language in liked if language in offered), offered[0])
