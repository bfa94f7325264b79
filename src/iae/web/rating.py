"""The rater's half of the API. Functions here are short: the study knows, this asks it.

Routes are coroutines: the clerk does what touches the database, for many requests in one
transaction, and photos are decoded in threads of their own.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query
from fastapi.security import APIKeyCookie
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from iae.errors import ImageError
from iae.study.clerk import Clerk
from iae.study.service import Study
from iae.study.unreadable import mark_unreadable
from iae.study.values import Acknowledged, Assignment, Batch, Progress, Rater
from iae.web.cookies import CSRF_HEADER, cookie_name, csrf_matches, csrf_token, read_cookie
from iae.web.doors import Doors
from iae.web.models import (
    Alive,
    AssignmentShown,
    ConsentSent,
    Next,
    ProgressShown,
    QuestionShown,
    Session,
    Undone,
    UndoSent,
    VoteSent,
    VoteStored,
)
from iae.web.problems import ForbiddenError, documented
from iae.web.screens import Screens, screen_side

AHEAD = 10
"""Photos that a page may ask for at once."""

CsrfHeader = Annotated[str | None, Header(alias=CSRF_HEADER, description="From the session.")]
ImageId = Annotated[str, Path(description="From an assignment.")]
ASKED = documented(401, 403, 421, 422, 429, 503)
SENT = documented(400, 413, 415) | ASKED


def rating_routes(
    study: Study, doors: Doors, clerk: Clerk, screens: Screens, *, secure: bool
) -> APIRouter:
    """Everything under ``/api`` that a rater's page asks for."""
    cookie = APIKeyCookie(name=cookie_name("rater", secure=secure), auto_error=False,
                          description="Set by the personal link.")  # fmt: skip

    async def token_of(request: Request, _: Annotated[str | None, Depends(cookie)]) -> str:
        return read_cookie(request, "rater")

    Token = Annotated[str, Depends(token_of)]

    async def checked_token(token: Token, csrf: CsrfHeader = None) -> str:
        if token and not csrf_matches(token, csrf):
            raise ForbiddenError
        return token

    CheckedToken = Annotated[str, Depends(checked_token)]
    router = APIRouter(prefix="/api", tags=["rating"])
    rating = study.rating

    @router.get("/session", responses=ASKED)
    async def session(
        request: Request, token: Token, language: Annotated[str, Query(max_length=16)] = ""
    ) -> Session:
        """Who rates, and every sentence of the page."""
        rater = await clerk.ask(lambda c: doors.rater(c, request, token), durable=False)
        return _session(study, rater, token, language)

    @router.post("/consent", responses=SENT)
    async def consent(request: Request, token: CheckedToken, sent: ConsentSent) -> Session:
        """Agree to the consent text."""

        def agree(connection: Connection) -> Rater:
            return rating.consent(connection, doors.rater(connection, request, token), sent.version)

        return _session(study, await clerk.ask(agree, durable=True), token, "")

    @router.get("/next", responses=ASKED)
    async def next_images(
        request: Request, token: Token, count: Annotated[int, Query(ge=1, le=AHEAD)] = 4
    ) -> Next:
        """What to rate now, and what to load ahead; the same until it is rated."""

        def look(connection: Connection) -> tuple[Batch, Progress]:
            rater = doors.rater(connection, request, token)
            batch = rating.next_images(connection, rater, count)
            return batch, rating.progress(connection, rater)

        batch, progress = await clerk.ask(look, durable=False)
        return Next(
            state=batch.state,
            assignments=[_shown(assignment) for assignment in batch.assignments],
            progress=ProgressShown(**asdict(progress)),
        )

    @router.post("/votes", responses=SENT | documented(404, 409))
    async def vote(request: Request, token: CheckedToken, sent: VoteSent) -> VoteStored:
        """Store a vote. The answer comes after it is durable; without one, send it again."""

        def store(connection: Connection) -> Acknowledged:
            return rating.vote(
                connection, doors.rater(connection, request, token), sent.assignment, sent.key,
                sent.answers, sent.seconds, sent.conditions,
            )  # fmt: skip

        return VoteStored(**asdict(await clerk.ask(store, durable=True)))

    @router.post("/undo", responses=SENT)
    async def undo(request: Request, token: CheckedToken, sent: UndoSent) -> Undone:
        """Take the latest vote back; its photo is to be rated anew."""

        def take_back(connection: Connection) -> tuple[Assignment | None, Progress]:
            rater = doors.rater(connection, request, token)
            assignment = rating.undo_last(connection, rater, sent.key)
            return assignment, rating.progress(connection, rater)

        assignment, progress = await clerk.ask(take_back, durable=True)
        shown = None if assignment is None else _shown(assignment)
        return Undone(assignment=shown, progress=ProgressShown(**asdict(progress)))

    @router.get("/images/{image_id}", response_class=Response,
                responses=ASKED | documented(404)
                | {200: {"content": {"image/jpeg": {}}, "description": "The photo."}})  # fmt: skip
    async def image(
        request: Request,
        token: Token,
        image_id: ImageId,
        side: Annotated[
            int, Query(ge=1, le=16_384, description="Of the screen, in pixels.")
        ] = 1600,
    ) -> Response:
        """A photo of the study at screen size, without metadata."""
        await clerk.ask(lambda c: doors.rater(c, request, token, images=True), durable=False)
        try:
            jpeg = await run_in_threadpool(
                lambda: screens.jpeg(image_id, study.image_path(image_id), screen_side(side))
            )
        except ImageError:
            # A whole folder that is away is a drive that comes back, and not so many bad files.
            if study.photos.is_dir():
                await clerk.ask(lambda c: mark_unreadable(c, image_id), durable=True)
            raise
        return Response(jpeg, media_type="image/jpeg")

    @router.get("/alive", responses=documented(421))
    async def alive() -> Alive:
        """Nothing but that the server answers."""
        return Alive()

    return router


def _session(study: Study, rater: Rater, token: str, language: str) -> Session:
    chosen = language if language in study.languages else study.languages[0]
    return Session(
        rater=rater.id,
        csrf=csrf_token(token),
        demo=rater.demo,
        consented=rater.consented,
        consent_version=study.consent_version,
        pause_every=study.settings.pause.every,
        pause_seconds=study.settings.pause.seconds,
        title=study.title,
        language=chosen,
        languages={name: study.texts(name)["language"] for name in study.languages},
        texts=dict(study.texts(chosen)),
        questions=[QuestionShown(**_plain(question)) for question in study.questions(chosen)],
    )


def _plain(value: Any) -> dict[str, Any]:
    plain: dict[str, Any] = asdict(value)
    return plain


def _shown(assignment: Assignment) -> AssignmentShown:
    answers: Mapping[str, str] | None = assignment.answers
    return AssignmentShown(
        id=assignment.id,
        image=assignment.image,
        number=assignment.number,
        answers=None if answers is None else dict(answers),
    )
