"""Errors as answers: one shape, one table, and nothing of the request said back."""

import logging
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from iae.errors import ImageError, OutputError
from iae.study.errors import (
    AccessError,
    AnswerError,
    ConsentRequiredError,
    KeyReusedError,
    StorageError,
    StudyError,
    UnknownIdError,
)
from iae.web.models import Problem

# Narrow before wide. The text of an error is only told where it is about what the page sent.
_ANSWERS: tuple[tuple[type[Exception], int, str, str | None], ...] = (
    (AccessError, 401, "no_access", "this link is not valid, or not any more"),
    (ConsentRequiredError, 403, "consent_required", "the consent text comes first"),
    (UnknownIdError, 404, "unknown_id", "there is no such thing here"),
    (AnswerError, 400, "wrong_answer", None),
    (KeyReusedError, 409, "key_reused", "this key came before with another vote"),
    (StorageError, 503, "not_stored", "it could not be stored; send it again"),
    (ImageError, 404, "unreadable_image", "this photo cannot be read"),
    (OutputError, 503, "not_stored", "it could not be stored; send it again"),
    (StudyError, 400, "refused", None),
)

_NAMES = {401: "no_access", 403: "forbidden", 404: "not_found", 405: "wrong_method",
          409: "conflict", 413: "too_large", 415: "wrong_content_type", 421: "wrong_host",
          422: "not_as_described", 429: "too_many"}  # fmt: skip

log = logging.getLogger("iae.web")


def refusal(
    status: int, message: str, *, error: str | None = None, retry_after: int | None = None
) -> JSONResponse:
    """The answer to a request that is refused."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    problem = Problem(error=error or _NAMES.get(status, "refused"), message=message)
    return JSONResponse(problem.model_dump(), status_code=status, headers=headers)


class TooManyError(Exception):
    """A limit is reached."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


class ForbiddenError(Exception):
    """The cookie is right, but the request does not come from our page."""


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The errors of a route, for its description."""
    return {status: {"model": Problem, "description": _NAMES.get(status, "refused")}
            for status in statuses}  # fmt: skip


def answer_errors(app: FastAPI) -> None:
    """Make every error of a route an answer of this table."""
    for kind, status, name, message in _ANSWERS:
        app.add_exception_handler(kind, _handler(status, name, message))

    @app.exception_handler(TooManyError)
    async def too_many(_: Request, error: TooManyError) -> Response:
        return refusal(429, "too many requests; wait a little", retry_after=error.retry_after)

    @app.exception_handler(ForbiddenError)
    async def forbidden(_: Request, __: ForbiddenError) -> Response:
        return refusal(403, "the request does not come from the page; load it again")

    @app.exception_handler(RequestValidationError)
    async def not_as_described(_: Request, error: RequestValidationError) -> Response:
        where = {".".join(map(str, found["loc"][:2])) for found in error.errors()}
        return refusal(422, f"not as described: {', '.join(sorted(where))[:200]}")

    @app.exception_handler(HTTPException)
    async def no_route(_: Request, error: HTTPException) -> Response:
        answer = refusal(error.status_code, "there is no such thing here"
                         if error.status_code == 404 else str(error.detail))  # fmt: skip
        answer.headers.update(error.headers or {})
        return answer


def _handler(status: int, name: str, message: str | None) -> Any:
    async def handle(_: Request, error: Exception) -> Response:
        if status == 503:
            log.error("%s", " ".join(str(error).split()))
        return refusal(status, message or str(error)[:300], error=name,
                       retry_after=1 if status == 503 else None)  # fmt: skip

    return handle
