"""``Study``: everything that a rating page, a status page or a command asks of a study.

Every method may be called from several threads and several processes at once. Methods block on
the database; a server has a ``Clerk`` do the same work, for many requests at once.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from iae.study import raters
from iae.study.clock import Clock, milliseconds
from iae.study.create import Opened, opened
from iae.study.engines import database_url
from iae.study.errors import StorageError, UnknownIdError
from iae.study.migrate import migrate
from iae.study.questions import question_texts, questions_of
from iae.study.rating import Rating
from iae.study.schema import IMAGE
from iae.study.settings import StudySettings, find_settings, load_settings
from iae.study.storage import Storage
from iae.study.texts import language_file
from iae.study.unreadable import mark_readable, unreadable
from iae.study.values import Acknowledged, Answers, Assignment, Batch, Progress, QuestionText, Rater

if TYPE_CHECKING:
    from iae.study.status import StudyStatus


class Study:
    """One open study. Made by :func:`open_study`; ``close`` it, or use it in a ``with``."""

    def __init__(
        self, folder: Path, settings: StudySettings, storage: Storage, held: Opened, clock: Clock
    ) -> None:
        self.folder = folder
        self.settings = settings
        self.storage = storage
        self.photos = held.photos
        self._clock = clock
        self.asked = questions_of(settings)
        self.rating = Rating(settings=settings, asked=self.asked, images=held.images,
                             now_ms=lambda: self.now_ms)  # fmt: skip

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

    def owner_texts(self, language: str) -> Mapping[str, str]:
        """Every sentence of the owner's page, by name; languages as in :meth:`texts`."""
        words: Mapping[str, str] = language_file(self._language(language))["owner"]
        return words

    def questions(self, language: str) -> tuple[QuestionText, ...]:
        """The questions asked of each image, with labels and keys, in the order of the settings."""
        return question_texts(self.settings, self._language(language))

    def _language(self, language: str) -> str:
        return language if language in self.languages else self.languages[0]

    # Raters

    def rater(self, token: str) -> Rater:
        """Whose link this is; see ``Rating.rater``."""
        with self.storage.reading() as connection:
            return self.rating.rater(connection, token)

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
        with self.storage.writing() as connection:
            invited, token = raters.invite(
                connection, name=name, expires_ms=expires_ms, demo=demo, now_ms=self.now_ms
            )
        return replace(invited, consented=demo or not self.consent_version), token

    def revoke(self, rater_id: str) -> None:
        """Make a rater's link useless; their votes stay. Raises ``StudyError`` for no such id."""
        with self.storage.writing() as connection:
            raters.revoke(connection, rater_id, self.now_ms)

    def consent(self, rater: Rater, version: str) -> Rater:
        """Keep that a rater agreed; see ``Rating.consent``. Durable when it returns."""
        with self.storage.writing() as connection:
            return self.rating.consent(connection, rater, version)

    # Rating, in a transaction of its own each

    def next_images(self, rater: Rater, count: int = 3) -> Batch:
        """What the rater should see now, and what to load ahead; see ``Rating.next_images``."""
        with self.storage.writing(durable=False) as connection:
            return self.rating.next_images(connection, rater, count)

    def vote(
        self,
        rater: Rater,
        assignment_id: str,
        key: str,
        answers: Answers,
        seconds: float | None = None,
        conditions: Mapping[str, str | float] | None = None,
    ) -> Acknowledged:
        """Store a vote; when this returns, it survives a power cut. See ``Rating.vote``."""
        with self.storage.writing() as connection:
            return self.rating.vote(
                connection, rater, assignment_id, key, answers, seconds, conditions
            )

    def undo_last(self, rater: Rater, key: str) -> Assignment | None:
        """Take the latest vote back; see ``Rating.undo_last``. Durable when it returns."""
        with self.storage.writing() as connection:
            return self.rating.undo_last(connection, rater, key)

    def progress(self, rater: Rater) -> Progress:
        """How far the rater is, and whether to suggest a pause."""
        with self.storage.reading() as connection:
            return self.rating.progress(connection, rater)

    # Photos

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

    def unreadable_photos(self) -> dict[str, Path]:
        """Opaque id -> file of the photos that turned out to be unreadable."""
        with self.storage.reading() as connection:
            return {image: self.photos / path for image, path in unreadable(connection).items()}

    def is_mended(self, image_id: str) -> None:
        """Give a photo to raters again that had been unreadable."""
        with self.storage.writing() as connection:
            mark_readable(connection, image_id)

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
        with storage.writing() as connection:
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
