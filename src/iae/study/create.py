"""A new study: which images it has, in which random order, with which known answers."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sqlalchemy import Connection, func, select

from iae.study.errors import StudyError
from iae.study.questions import check_answers, questions_of
from iae.study.schema import IMAGE, OF_STUDY, STUDY, VOTE
from iae.study.settings import StudySettings
from iae.study.tokens import opaque_id


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What the database says of its study."""

    photos: Path
    images: int
    """Without gold images."""


def fixed_part(settings: StudySettings) -> str:
    """What may not change once somebody has voted, as JSON: questions and known answers.

    The words of a question may change: that the next raters read something else is then the
    owner's responsibility.
    """
    questions = {
        question.name: [[level.name, level.score] for level in question.levels]
        for question in questions_of(settings)
    }
    gold = {name: dict(answers) for name, answers in sorted(settings.gold.items())}
    return json.dumps({"questions": questions, "gold": gold}, sort_keys=True)


def fill(
    connection: Connection, settings: StudySettings, photos: Path, names: Sequence[str], now_ms: int
) -> int:
    """Put the images of a new study into an empty database; how many, without the gold ones.

    Args:
        connection: in a transaction.
        settings: of the study.
        photos: the folder, absolute.
        names: of the photos, relative to it.
        now_ms: the time.

    Raises:
        StudyError: there are images already, none is given, or a gold image is not among them.
    """
    if connection.execute(select(func.count()).select_from(STUDY)).scalar_one():
        raise StudyError("the database holds a study already; choose another one")
    gold = _gold(settings, names)
    if len(names) <= len(gold):
        raise StudyError(f"{photos} has no image to rate")
    order = list(range(len(names)))
    random.Random(settings.seed).shuffle(order)
    blocks = _blocks(settings, names, order)
    rows = [
        {"public_id": opaque_id(), "path": name, "position": order[i], "block": blocks[i],
         "role": int(name in gold), "gold_answers": gold.get(name), "votes": 0, "load": 0}
        for i, name in enumerate(names)
    ]  # fmt: skip
    connection.execute(
        STUDY.insert().values(
            id=1, created_ms=now_ms, photos=str(photos), fixed=fixed_part(settings)
        )
    )
    connection.execute(IMAGE.insert(), rows)
    return len(names) - len(gold)


def _gold(settings: StudySettings, names: Sequence[str]) -> dict[str, str]:
    """Image -> its known answers as JSON."""
    known, questions = set(names), questions_of(settings)
    gold = {}
    for name, answers in settings.gold.items():
        if name not in known:
            raise StudyError(f"the gold image '{name}' is not among the photos")
        asked = tuple(question for question in questions if question.name in answers)
        gold[name] = json.dumps(check_answers(asked, answers))
    return gold


def _blocks(settings: StudySettings, names: Sequence[str], order: Sequence[int]) -> list[int]:
    if settings.order.blocks == "random":
        return [place // settings.order.block_size for place in order]
    if settings.order.blocks == "folder":
        folders = [str(PurePosixPath(name).parent) for name in names]
        numbers = {folder: i for i, folder in enumerate(sorted(set(folders)))}
        return [numbers[folder] for folder in folders]
    return [0] * len(names)


def opened(connection: Connection, settings: StudySettings) -> Opened:
    """What study the database holds.

    Raises:
        StudyError: none, or the settings ask other questions than those that were answered.
    """
    row = connection.execute(select(STUDY)).one_or_none()
    if row is None:
        raise StudyError("the database holds no study; make one with iae study new")
    if row.fixed != fixed_part(settings):
        has_votes = connection.execute(select(VOTE.c.id).limit(1)).scalar() is not None
        raise StudyError("questions or known answers differ from those the study was made with; "
                         + ("votes were cast on the old ones: " if has_votes else "")
                         + "take the change back, or make a new study")  # fmt: skip
    images = connection.execute(
        select(func.count()).select_from(IMAGE).where(IMAGE.c.role.in_(OF_STUDY))
    ).scalar_one()
    return Opened(photos=Path(row.photos), images=images)
