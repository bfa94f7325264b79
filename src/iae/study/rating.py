"""The rater's half of a study, within transactions of the caller's."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from iae.study import raters
from iae.study.assignment import Desk, hand_out
from iae.study.clock import milliseconds
from iae.study.demo import check_demo, demo_images
from iae.study.errors import ConsentRequiredError, StudyError
from iae.study.progress import progress_of
from iae.study.questions import Question, check_answers
from iae.study.settings import StudySettings
from iae.study.values import Acknowledged, Answers, Assignment, Batch, Progress, Rater
from iae.study.votes import Cast, check_conditions, check_key, check_seconds, store, take_back

_MOST_AT_ONCE = 20
"""Images handed to one rater ahead; more would keep them from the others."""


@dataclass(frozen=True, kw_only=True)
class Rating:
    """What raters do. Every method works in a transaction that its caller commits, one that may
    write unless the method says that reading is enough; milliseconds, and often less, each."""

    settings: StudySettings
    asked: tuple[Question, ...]
    images: int
    """Images of the study, gold ones not counted."""
    now_ms: Callable[[], int]
    """The time, as the database holds it."""

    def rater(self, connection: Connection, token: str) -> Rater:
        """Whose link this is; reading is enough.

        Args:
            connection: in a transaction.
            token: what followed ``/join/`` in the link.

        Raises:
            UnknownTokenError, RevokedTokenError, ExpiredTokenError: it opens nothing. All are
                AccessError; to a stranger they should look alike.
        """
        version = self.settings.consent_version
        return raters.find_rater(connection, token, version, self.now_ms())

    def consent(self, connection: Connection, rater: Rater, version: str) -> Rater:
        """Keep that a rater agreed to a version of the consent text.

        Raises:
            StudyError: this is not the version in force (the page is old: show the new text).
        """
        if version != self.settings.consent_version:
            raise StudyError("the consent text has changed; load the page again to read it")
        return raters.keep_consent(connection, rater, version, self.now_ms())

    def next_images(self, connection: Connection, rater: Rater, count: int = 3) -> Batch:
        """What the rater should see now, and what to load ahead.

        Images handed out before and not yet rated come first, in their order: a reload, a second
        tab or a restart of the server shows the same image again. Each is kept for the rater for
        a while (``lease_minutes``), which every call renews.

        Args:
            connection: in a transaction beside which nothing else is handed out.
            rater: from ``rater``.
            count: images wanted, 1 to 20; fewer come when fewer are left.

        Raises:
            ConsentRequiredError: the consent text comes first.
        """
        _check_consent(rater)
        count = max(1, min(count, _MOST_AT_ONCE))
        if rater.demo:
            return demo_images(connection, self.images, count)
        desk = Desk(settings=self.settings, images=self.images, now_ms=self.now_ms())
        return hand_out(connection, desk, rater.key, count)

    def vote(
        self,
        connection: Connection,
        rater: Rater,
        assignment_id: str,
        key: str,
        answers: Answers,
        seconds: float | None = None,
        conditions: Mapping[str, str | float] | None = None,
    ) -> Acknowledged:
        """Store a vote, which is to be acknowledged after the commit and not before.

        The same key again, with the same answers, is acknowledged again and stored once. Another
        key on the same assignment changes the vote; the history is kept. A vote is taken however
        late it arrives. Pages send the votes of one rater in the order in which they were cast.

        Args:
            connection: in a durable transaction.
            rater: from ``rater``.
            assignment_id: ``Assignment.id``.
            key: idempotency key, chosen by the page once a vote: 8 to 64 letters, digits, ``-_``.
            answers: a level for every question.
            seconds: how long the image was looked at, as the page measured it; what cannot be
                such a time (negative, above a day) is stored as unknown.
            conditions: of the screen, some of ``votes.CONDITIONS``; nothing else is stored.

        Raises:
            ConsentRequiredError: the rater agreed to nothing yet.
            UnknownIdError: no assignment of this rater.
            AnswerError: a question without an answer, an unknown level, a wrong key or condition.
            KeyReusedError: the key came before with other answers or for another image.
        """
        _check_consent(rater)
        cast = Cast(
            assignment=assignment_id,
            key=check_key(key),
            answers=json.dumps(check_answers(self.asked, answers)),
            seconds=check_seconds(seconds),
            conditions=check_conditions(conditions),
        )
        if rater.demo:
            check_demo(assignment_id)
            return Acknowledged(assignment=assignment_id, number=0, repeated=False, changed=False)
        return store(connection, rater.key, cast, self.now_ms())

    def undo_last(self, connection: Connection, rater: Rater, key: str) -> Assignment | None:
        """Take back the rater's latest vote that stands, and give its image to be rated anew.

        The vote stays in the history. The same key again takes nothing more back and returns the
        same assignment. None when there is nothing to take back. Raises as ``vote`` does.
        """
        _check_consent(rater)
        check_key(key)
        if rater.demo:
            return None
        now_ms = self.now_ms()
        expires_ms = now_ms + milliseconds(self.settings.lease_minutes * 60)
        return take_back(connection, rater.key, key, expires_ms, now_ms)

    def progress(self, connection: Connection, rater: Rater) -> Progress:
        """How far the rater is, and whether to suggest a pause; reading is enough."""
        if rater.demo:
            return Progress(rated=0, left=self.images, can_undo=False, pause_seconds=0)
        return progress_of(connection, self.settings, self.images, rater.key, self.now_ms())


def _check_consent(rater: Rater) -> None:
    if not rater.consented:
        raise ConsentRequiredError("the consent text has not been agreed to yet")
