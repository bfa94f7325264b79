"""Pages and what they are made of: personal links, the rating page, scripts and styles."""

from importlib import resources

from fastapi import APIRouter
from jinja2 import Environment, PackageLoader, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from iae.study.clerk import Clerk
from iae.study.errors import AccessError, UnknownIdError
from iae.study.service import Study
from iae.web.cookies import read_cookie, set_cookie
from iae.web.doors import Doors

TEMPLATES = Environment(
    loader=PackageLoader("iae.web"), autoescape=select_autoescape(default=True),
    trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip

_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
          ".svg": "image/svg+xml"}  # fmt: skip


def static_files() -> dict[str, tuple[bytes, str]]:
    """Name -> content and type of every script and style: read once, so no path is ever opened."""
    files = {}
    for file in resources.files("iae.web").joinpath("static").iterdir():
        suffix = "." + file.name.rpartition(".")[2]
        if suffix in _TYPES:
            files[file.name] = file.read_bytes(), _TYPES[suffix]
    return files


def page_routes(study: Study, doors: Doors, clerk: Clerk, *, secure: bool) -> APIRouter:
    """Everything that a browser opens; none of it is part of the API."""
    router = APIRouter(include_in_schema=False)
    files = static_files()

    def closed() -> Response:
        """The same answer to every link that opens nothing."""
        sentences = {name: study.texts(name)["link_invalid"] for name in study.languages}
        return HTMLResponse(
            TEMPLATES.get_template("closed.html").render(sentences=sentences), status_code=401
        )

    @router.get("/join/{token}")
    async def join(request: Request, token: str) -> Response:
        try:
            await clerk.ask(lambda c: doors.rater(c, request, token), durable=False)
        except AccessError:
            return closed()
        answer = RedirectResponse("/rate", status_code=303)
        set_cookie(answer, "rater", token, secure=secure)
        return answer

    @router.get("/rate")
    async def rate(request: Request) -> Response:
        token = read_cookie(request, "rater")
        try:
            await clerk.ask(lambda c: doors.rater(c, request, token), durable=False)
        except AccessError:
            return closed()
        return HTMLResponse(TEMPLATES.get_template("rate.html").render(title=study.title))

    @router.get("/")
    async def root() -> Response:
        return RedirectResponse("/rate", status_code=303)

    @router.get("/static/{name}")
    async def static(name: str) -> Response:
        if name not in files:
            raise UnknownIdError(name)
        content, kind = files[name]
        return Response(content, media_type=kind)

    @router.get("/favicon.ico")
    async def icon() -> Response:
        content, kind = files["icon.svg"]
        return Response(content, media_type=kind)

    return router
