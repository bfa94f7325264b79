"""The application: an ordinary object made of what it is handed, with no state of its own."""

from collections.abc import Sequence

from fastapi import FastAPI
from starlette.middleware import Middleware

from iae._version import __version__
from iae.study.clerk import Clerk
from iae.study.service import Study
from iae.web.access_log import AccessLog
from iae.web.doors import Doors
from iae.web.limits import Limits
from iae.web.owner import owner_routes
from iae.web.pages import page_routes
from iae.web.problems import answer_errors
from iae.web.rating import rating_routes
from iae.web.screens import Screens
from iae.web.security import SafeAnswers, SafeRequests


def create_app(
    study: Study,
    *,
    origins: Sequence[str],
    screens: Screens,
    owner_token: str,
    limits: Limits | None = None,
) -> FastAPI:
    """The rating server of one study, as an ASGI application.

    Args:
        study: an open study; whoever opened it closes it.
        origins: ``scheme://host[:port]`` of every address under which the server is reached, the
            public one first; with ``https`` there, cookies are sent over nothing else.
        screens: photos at screen size.
        owner_token: opens ``/owner/TOKEN``.
        limits: how many requests are served.
    """
    secure = origins[0].startswith("https://")
    app = FastAPI(
        title="iae rating study",
        version=__version__,
        summary="What the rating page asks of the server.",
        docs_url=None,  # both would load scripts from somewhere else
        redoc_url=None,
        openapi_url="/api/openapi.json",
        middleware=[
            Middleware(AccessLog),
            Middleware(SafeAnswers, secure=secure),
            Middleware(SafeRequests, origins=origins),
        ],
    )
    app.state.secure = secure
    doors = Doors(study.rating, owner_token, limits or Limits())
    clerk = Clerk(study.storage)
    app.include_router(rating_routes(study, doors, clerk, screens, secure=secure))
    app.include_router(owner_routes(study, doors, secure=secure))
    app.include_router(page_routes(study, doors, clerk, secure=secure))
    answer_errors(app)
    return app
