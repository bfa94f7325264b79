"""``Study``: everything that a rating page, a status page or a command asks of a study.

Every method may be called from several threads and several processes at once. Methods block on
the database, for milliseconds: a server calls them from threads, not from its event loop.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from iae.study import raters
from iae.study.assignment import Desk, hand_out, is_fresh, open_assignments
from iae.study.clock import Clock, milliseconds
from iae.study.create import Opened, opened
from iae.study.demo import check_demo, demo_images
from iae.study.errors import ConsentRequiredError, StorageError, StudyError, UnknownIdError
from iae.study.migrate import migrate
from iae.study.progress import progress_of
from iae.study.questions import check_answers, question_texts, questions_of
from iae.study.schema import IMAGE
from iae.study.settings import StudySettings, find_settings, load_settings
from iae.study.storage import Storage, database_url
from iae.study.texts import language_file
from iae.study.values import Acknowledged, Answers, Assignment, Batch, Progress, QuestionText, Rater
from iae.study.votes import Cast, check_conditions, check_key, check_seconds, store, take_back

if TYPE_CHECKING:
    from iae.study.status import StudyStatus

_MOST_AT_ONCE = 20
"""Images handed to one rater ahead; more would keep them from the others."""


class Study:
    """One open study. Made by :func:`open_study`; ``close`` it, or use it in a ``with``."""

    def __init__(
        self, folder: Path, settings: StudySettings, storage: Storage, held: Opened, clock: Clock
    ) -> None:
        self.folder = folder
        self.settings = settings
        self.storage = storage
        self.photos = held.photos
        self._images = held.images
        self._clock = clock
        self.asked = questions_of(settings)

    def __enter__(self) -> "Study":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections to the database."""
        self.storage.close()

    @property
    def now_ms(self) -> int:
        """The time, as the database holds it."""
        return milliseconds(self._clock())

    # What pages say

    @property
    def title(self) -> str:
        """The name of the study."""
        return self.settings.title

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages the pages are offered in, the preferred one first: ``("en", "zh", "de")``."""
        return self.settings.languages

    @property
    def consent_version(self) -> str:
        """Version of the consent text that raters must agree to; empty: none is asked for."""
        return self.settings.consent_version

    def texts(self, language: str) -> Mapping[str, str]:
        """Every sentence of the pages in a language, by name: ``title``, ``instructions``,
        ``consent``, and those of ``texts/en.toml``. An unknown language gives the first one."""
        chosen = self._language(language)
        own = self.settings.texts.get(chosen, {})
        return {"title": self.title, **language_file(chosen)["page"], **own}

    def questions(self, language: str) -> tuple[QuestionText, ...]:
        """The questions asked of each image, with labels and keys, in the order of the settings."""
        return question_texts(self.settings, self._language(language))

    def _language(self, language: str) -> str:
        return language if language in self.languages else self.languages[0]

    # Raters

    def rater(self, token: str) -> Rater:
        """Whose link this is; ``token`` is what followed ``/join/`` in it.

        Raises:
            UnknownTokenError, RevokedTokenError, ExpiredTokenError: it opens nothing. All are
                AccessError; to a stranger they should look alike.
        """
        with self.storage.reading() as connection:
            return raters.find_rater(connection, token, self.consent_version, self.now_ms)

    def invite(
        self, *, name: str | None = None, expires: datetime | None = None, demo: bool = False
    ) -> tuple[Rater, str]:
        """Make a rater and the token of their link, which is stored nowhere and shown once.

        Args:
            name: for the owner alone; no page or export of votes has it.
            expires: with a time zone; from then on the link opens nothing.
            demo: a link that stores nothing of whoever uses it.
        """
        expires_ms = None if expires is None else milliseconds(expires.timestamp())
        with self.storage.alone() as connection:
            invited, token = raters.invite(
                connection, name=name, expires_ms=expires_ms, demo=demo, now_ms=self.now_ms
            )
        return replace(invited, consented=demo or not self.consent_version), token

    def revoke(self, rater_id: str) -> None:
        """Make a rater's link useless; their votes stay. Raises ``StudyError`` for no such id."""
        with self.storage.alone() as connection:
            raters.revoke(connection, rater_id, self.now_ms)

    def consent(self, rater: Rater, version: str) -> Rater:
        """Keep that a rater agreed to a version of the consent text; durable when it returns.

        Raises:
            StudyError: this is not the version in force (the page is old: show the new text).
        """
        if version != self.consent_version:
            raise StudyError("the consent text has changed; load the page again to read it")
        now_ms = self.now_ms
        return self.storage.durable(
            lambda connection: raters.keep_consent(connection, rater, version, now_ms)
        )

    # Rating

    def next_images(self, rater: Rater, count: int = 3) -> Batch:
        """What the rater should see now, and what to load ahead.

        Images handed out before and not yet rated come first, in their order: a reload, a second
        tab or a restart of the server shows the same image again. Each is kept for the rater for
        a while (``lease_minutes``), which every call renews. One read while the rater has enough
        images, else a write.

        Args:
            rater: from ``rater(token)``.
            count: images wanted, 1 to 20; fewer come when fewer are left.

        Raises:
            ConsentRequiredError: the consent text comes first.
        """
        self._check_consent(rater)
        count = max(1, min(count, _MOST_AT_ONCE))
        if rater.demo:
            with self.storage.reading() as connection:
                return demo_images(connection, self._images, count)
        desk = Desk(settings=self.settings, images=self._images, now_ms=self.now_ms)
        with self.storage.reading() as connection:
            found, expires_ms = open_assignments(connection, rater.key)
        if len(found) >= count and is_fresh(expires_ms, desk):
            return Batch(assignments=found[:count], state="rating")
        return self.storage.quick(lambda c: hand_out(c, desk, rater.key, count))

    def vote(
        self,
        rater: Rater,
        assignment_id: str,
        key: str,
        answers: Answers,
        seconds: float | None = None,
        conditions: Mapping[str, str | float] | None = None,
    ) -> Acknowledged:
        """Store a vote; when this returns, it survives a power cut.

        The same key again, with the same answers, is acknowledged again and stored once. Another
        key on the same assignment changes the vote; the history is kept. A vote is taken however
        late it arrives. Pages send the votes of one rater in the order in which they were cast.

        Args:
            rater: from ``rater(token)``.
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
            StorageError: it could not be stored, and must be sent again.
        """
        self._check_consent(rater)
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
        now_ms = self.now_ms
        return self.storage.durable(lambda c: store(c, rater.key, cast, now_ms))

    def undo_last(self, rater: Rater, key: str) -> Assignment | None:
        """Take back the rater's latest vote that stands, and give its image to be rated anew.

        The vote stays in the history. The same key again takes nothing more back and returns the
        same assignment. None when there is nothing to take back. Raises as ``vote`` does.
        """
        self._check_consent(rater)
        check_key(key)
        if rater.demo:
            return None
        now_ms = self.now_ms
        expires_ms = now_ms + milliseconds(self.settings.lease_minutes * 60)
        return self.storage.durable(lambda c: take_back(c, rater.key, key, expires_ms, now_ms))

    def progress(self, rater: Rater) -> Progress:
        """How far the rater is, and whether to suggest a pause. A few milliseconds."""
        if rater.demo:
            return Progress(rated=0, left=self._images, can_undo=False, pause_seconds=0)
        with self.storage.reading() as connection:
            return progress_of(connection, self.settings, self._images, rater.key, self.now_ms)

    def image_path(self, image_id: str) -> Path:
        """The file of a listed image, from its opaque id; the file may have been lost since.

        Raises:
            UnknownIdError: no image of the study has this id.
        """
        try:
            return self.photos / self._paths[image_id]
        except KeyError:
            raise UnknownIdError("this study has no such image") from None

    @cached_property
    def _paths(self) -> dict[str, str]:
        """Opaque id -> path below ``photos``; the images of a study never change."""
        with self.storage.reading() as connection:
            rows = connection.execute(select(IMAGE.c.public_id, IMAGE.c.path)).all()
        return {row.public_id: row.path for row in rows}

    def _check_consent(self, rater: Rater) -> None:
        if not rater.consented:
            raise ConsentRequiredError("the consent text has not been agreed to yet")

    # The owner

    def status(self) -> "StudyStatus":
        """Progress, agreement so far, quality of the raters, expected end; for the owner only.

        Needs the packages of the extra ``data``. Tenths of a second on 200,000 votes and more:
        not for every request.
        """
        from iae.study.status import study_status  # statistics take a second to load

        return study_status(self)


def open_study(place: Path | str, *, clock: Clock = time.time) -> Study:
    """Open a study, bringing its database to the newest schema.

    Args:
        place: the folder of the study, or its ``study.toml``.
        clock: tells the time; tests bring their own.

    Raises:
        ConfigError: there is no study, or its settings are wrong.
        StudyError: its settings no longer fit its votes, or its database was made by a newer
            version of this program.
        StorageError: the database cannot be opened.
    """
    path = find_settings(Path(place))
    settings = load_settings(path)
    storage = Storage(database_url(settings.database, path.parent))
    if storage.is_sqlite and not storage.file.is_file():
        raise StorageError(f"there is no study database {storage.file}; bring it back from a "
                           "backup, or make a new study")  # fmt: skip
    try:
        with storage.alone() as connection:
            migrate(connection)
            held = opened(connection, settings)
    except BaseException:
        storage.close()
        raise
    return Study(path.parent, settings, storage, held, clock)


def join_path(token: str) -> str:
    """The path of a personal link on the server.

    >>> join_path("3kD")
    '/join/3kD'
    """
    return f"/join/{token}"
