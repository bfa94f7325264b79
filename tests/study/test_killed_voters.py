"""Several processes vote at once and one is killed: each vote once, no acknowledged one lost."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from sqlalchemy import func, select

from iae.study.schema import ASSIGNMENT, IMAGE, RATER, VOTE, Kind, State
from iae.study.service import open_study

VOTER = Path(__file__).parent / "voter_process.py"
VOTES = 25


def start(folder, seed, tokens, out):
    return subprocess.Popen(
        [sys.executable, str(VOTER), str(folder), str(seed), str(VOTES), *tokens], stdout=out
    )


def acknowledged(path):
    """Key -> (rater, level); half a line, of a process that was killed while printing, is none."""
    lines = path.read_text().splitlines(keepends=True)
    whole = [line.split() for line in lines if line.endswith("\n")]
    return {key: (rater, level) for rater, key, level in whole}


def wait_for_lines(path, number):
    until = time.monotonic() + 60
    while path.read_text().count("\n") < number:
        assert time.monotonic() < until, "the voters do not get on"
        time.sleep(0.01)


def test_each_vote_is_stored_once_and_no_acknowledged_one_is_lost(make_study, database, tmp_path):
    study = make_study(60, f'raters_per_image = 6\ndatabase = "{database}"')
    tokens = [study.invite()[1] for _ in range(6)]
    outs = [tmp_path / f"{i}.txt" for i in range(4)]
    voters = []
    for i in range(3):
        with outs[i].open("w") as out:
            voters.append(start(study.folder, i, tokens[2 * i : 2 * i + 2], out))
    wait_for_lines(outs[0], 8)
    os.kill(voters[0].pid, signal.SIGKILL)
    assert voters[0].wait() == -signal.SIGKILL
    with outs[3].open("w") as out:  # its raters load the page again
        voters.append(start(study.folder, 9, tokens[:2], out))
    assert [voter.wait(timeout=120) for voter in voters[1:]] == [0, 0, 0]

    sent = {key: vote for path in outs for key, vote in acknowledged(path).items()}
    with open_study(study.folder) as again, again.storage.reading() as connection:
        rows = connection.execute(
            select(RATER.c.public_id, VOTE.c.key, VOTE.c.answers)
            .join(VOTE, VOTE.c.rater_id == RATER.c.id)
        ).all()  # fmt: skip
        stored = {row.key: (row.public_id, json.loads(row.answers)["quality"]) for row in rows}
        assert len(stored) == len(rows)
        assert sent.items() <= stored.items()
        # Killed between the commit and the acknowledgement: at most one a rater of that process.
        assert len(stored) <= len(sent) + 2
        of_images = connection.execute(
            select(ASSIGNMENT.c.image_id, ASSIGNMENT.c.rater_id)
            .where(ASSIGNMENT.c.state == State.VOTED, ASSIGNMENT.c.kind == Kind.MAIN)
        ).all()  # fmt: skip
        assert len(set(of_images)) == len(of_images) == len(stored)
        tally = Counter(row.image_id for row in of_images)
        held = connection.execute(
            select(ASSIGNMENT.c.image_id, func.count())
            .where(ASSIGNMENT.c.state == State.OPEN)
            .group_by(ASSIGNMENT.c.image_id)
        ).all()  # fmt: skip
        images = connection.execute(select(IMAGE.c.id, IMAGE.c.votes, IMAGE.c.load)).all()
    load = tally + Counter(dict(tuple(row) for row in held))
    assert {row.id: row.votes for row in images} == {row.id: tally[row.id] for row in images}
    assert {row.id: row.load for row in images} == {row.id: load[row.id] for row in images}
    assert max(row.votes for row in images) - min(row.votes for row in images) <= 2
