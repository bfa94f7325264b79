"""Who takes part: links, pseudonyms, consent."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, bindparam, select, update

from iae.study.errors import (
    ExpiredTokenError,
    RevokedTokenError,
    StudyError,
    UnknownTokenError,
)
from iae.study.schema import CONSENT, RATER
from iae.study.tokens import new_token, pseudonym, token_hash
from iae.study.values import Rater


@dataclass(frozen=True, kw_only=True)
class Invited:
    """A rater as the owner of the study sees one."""

    id: str
    name: str | None
    created_ms: int
    expires_ms: int | None
    revoked_ms: int | None
    demo: bool
    consent_version: str | None


def invite(
    connection: Connection, *, name: str | None, expires_ms: int | None, demo: bool, now_ms: int
) -> tuple[Rater, str]:
    """Make a rater and the token of their link; the token itself is not stored."""
    token, public_id = new_token(), pseudonym()
    row = RATER.insert().values(
        public_id=public_id, token_hash=token_hash(token), name=name, created_ms=now_ms,
        expires_ms=expires_ms, demo=demo, given=0,
    )  # fmt: skip
    key = connection.execute(row).inserted_primary_key
    assert key is not None
    return Rater(id=public_id, key=int(key[0]), demo=demo), token


_OF_TOKEN = select(
    RATER.c.id, RATER.c.public_id, RATER.c.expires_ms, RATER.c.revoked_ms, RATER.c.demo,
    RATER.c.consent_version,
).where(RATER.c.token_hash == bindparam("token"))  # fmt: skip


def find_rater(connection: Connection, token: str, consent_version: str, now_ms: int) -> Rater:
    """Whose token it is. Raises the kinds of ``AccessError``."""
    stored = token_hash(token)
    row = None if stored is None else connection.execute(_OF_TOKEN, {"token": stored}).one_or_none()
    if row is None:
        raise UnknownTokenError("this link belongs to nobody; ask the study's owner for a new one")
    if row.revoked_ms is not None:
        raise RevokedTokenError("this link was withdrawn; ask the study's owner for a new one")
    if row.expires_ms is not None and row.expires_ms <= now_ms:
        raise ExpiredTokenError("this link has expired; ask the study's owner for a new one")
    # Of a demonstration nothing is stored, so there is nothing to consent to.
    consented = row.demo or not consent_version or row.consent_version == consent_version
    return Rater(id=row.public_id, key=row.id, demo=row.demo, consented=consented)


def keep_consent(connection: Connection, rater: Rater, version: str, now_ms: int) -> Rater:
    """Store that a rater agreed; once a version, however often it is sent."""
    if not rater.demo:
        known = connection.execute(
            select(RATER.c.consent_version).where(RATER.c.id == rater.key)
        ).scalar()
        if known != version:
            connection.execute(
                CONSENT.insert().values(rater_id=rater.key, version=version, at_ms=now_ms)
            )
            connection.execute(
                update(RATER).where(RATER.c.id == rater.key).values(consent_version=version)
            )
    return replace(rater, consented=True)


def revoke(connection: Connection, rater_id: str, now_ms: int) -> None:
    """Make a link useless. Raises ``StudyError``: there is no such rater."""
    done = connection.execute(
        update(RATER)
        .where(RATER.c.id == rater_key(connection, rater_id), RATER.c.revoked_ms.is_(None))
        .values(revoked_ms=now_ms)
    )
    assert done.rowcount <= 1


def rater_key(connection: Connection, rater_id: str) -> int:
    """The row of a rater. Raises ``StudyError``: there is no such rater."""
    key = connection.execute(select(RATER.c.id).where(RATER.c.public_id == rater_id)).scalar()
    if key is None:
        raise StudyError(f"no rater is called '{rater_id}'; iae study status lists them")
    return int(key)


def invited(connection: Connection) -> Sequence[Invited]:
    """All raters, in the order in which they were invited."""
    rows = connection.execute(select(RATER).order_by(RATER.c.id))
    return [
        Invited(id=row.public_id, name=row.name, created_ms=row.created_ms,
                expires_ms=row.expires_ms, revoked_ms=row.revoked_ms, demo=row.demo,
                consent_version=row.consent_version)
        for row in rows
    ]  # fmt: skip
