"""How far a rater is."""

from sqlalchemy import Connection, bindparam, case, func, select

from iae.study.schema import ASSIGNMENT, IMAGE, VOTE, Kind, Role, State
from iae.study.settings import StudySettings
from iae.study.values import Progress

_RATED = select(
    func.count(),
    func.max(ASSIGNMENT.c.vote_id),
    func.count(case((ASSIGNMENT.c.kind == Kind.MAIN, 1))),
).where(ASSIGNMENT.c.rater_id == bindparam("rater"), ASSIGNMENT.c.state == State.VOTED)
_WANTED = select(func.count()).where(
    IMAGE.c.role == Role.RATED, IMAGE.c.votes < bindparam("target")
)


def progress_of(
    connection: Connection, settings: StudySettings, images: int, rater: int, now_ms: int
) -> Progress:
    """Progress of one rater of a study of so many images; a millisecond or two."""
    rated, latest, mine = connection.execute(_RATED, {"rater": rater}).one()
    wanted = connection.execute(_WANTED, {"target": settings.raters_per_image}).scalar_one()
    return Progress(
        rated=rated, left=min(wanted, images - mine), can_undo=rated > 0,
        pause_seconds=_pause(connection, settings, rated, latest, now_ms),
    )  # fmt: skip


def _pause(
    connection: Connection, settings: StudySettings, rated: int, latest: int | None, now_ms: int
) -> int:
    """Seconds left of the pause after every so many votes; it counts from the last vote."""
    pause = settings.pause
    if not pause.every or not rated or rated % pause.every:
        return 0
    at = connection.execute(select(VOTE.c.at_ms).where(VOTE.c.id == latest)).scalar_one()
    return int(max(0, round(pause.seconds - (now_ms - at) / 1000)))
