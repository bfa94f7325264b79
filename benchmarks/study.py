"""How many votes a second the rating server takes, and whether any gets lost when it is killed.

    python benchmarks/study.py [--raters 200] [--votes 20000] [--kills 10] [--database URL]

Raters are simulated in this process and talk over sockets to ``iae study serve`` in another one;
they do what the page does: ask for photos ahead, vote, ask again. In the same run, on the same
disk: single commits of the same database without a server, and a route of the same server that
does nothing. Then the server is killed (SIGKILL, its whole process group) again and again while
raters vote, send votes twice, and send again whatever was not acknowledged; at the end every
acknowledged vote must be stored, and each once.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select

from iae.study.new import new_study
from iae.study.schema import ASSIGNMENT, VOTE, Action, State
from iae.study.service import Study, open_study
from iae.web.cookies import csrf_token

LEVELS = ("excellent", "good", "fair", "bad")
VOTES_AN_IMAGE = 10


class LostConnectionError(Exception):
    """The server went away; whether it stored what was sent, nobody knows."""


@dataclass
class Rater:
    """One simulated rater with a connection that is kept open."""

    token: str
    port: int
    rng: random.Random
    ahead: list[str] = field(default_factory=list)
    acknowledged: dict[str, str] = field(default_factory=dict)
    """Key of a vote -> its assignment."""
    streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    def __post_init__(self) -> None:
        self.head = (
            f"Host: 127.0.0.1:{self.port}\r\nCookie: iae-rater={self.token}\r\n"
            f"X-CSRF-Token: {csrf_token(self.token)}\r\nContent-Type: application/json\r\n"
        )
        self.at_once = self.rng.randint(6, 10)  # as the page asks for photos

    async def ask(self, method: str, path: str, body: object = None) -> tuple[int, dict]:
        """Status and body of the answer. Raises ``LostConnectionError``."""
        sent = b"" if body is None else json.dumps(body).encode()
        lines = f"{method} {path} HTTP/1.1\r\n{self.head}Content-Length: {len(sent)}\r\n\r\n"
        try:
            if self.streams is None:
                self.streams = await asyncio.open_connection("127.0.0.1", self.port)
            reader, writer = self.streams
            writer.write(lines.encode() + sent)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            answer = await reader.readexactly(length)
        except (OSError, asyncio.IncompleteReadError, IndexError):
            if self.streams is not None:
                self.streams[1].close()
            self.streams = None
            raise LostConnectionError from None
        return int(head.split(b" ", 2)[1]), json.loads(answer)

    async def photo(self) -> str | None:
        """The next assignment, asked for as the page does; None when there are no more."""
        while len(self.ahead) < 3:
            status, answer = await self.ask("GET", f"/api/next?count={self.at_once}")
            assert status == 200, answer
            known = {*self.ahead, *self.acknowledged.values()}
            self.ahead += [a["id"] for a in answer["assignments"] if a["id"] not in known]
            if self.ahead or answer["state"] == "done":
                break
            await asyncio.sleep(0.2)  # those left are with others now
        return self.ahead[0] if self.ahead else None

    async def vote(self, assignment: str, key: str, level: str) -> dict:
        """Vote once; the answer. Raises ``LostConnectionError`` when it was not acknowledged."""
        body = {"assignment": assignment, "key": key, "answers": {"quality": level},
                "seconds": 2.5}  # fmt: skip
        status, answer = await self.ask("POST", "/api/votes", body)
        if status == 503:
            raise LostConnectionError
        assert status == 200, answer
        self.acknowledged[key] = assignment
        return answer

    def new_key(self) -> str:
        """An idempotency key."""
        return f"{self.rng.getrandbits(96):024x}"


def quantiles(seconds: Sequence[float]) -> str:
    """Median and 99th percentile, in words."""
    cuts = statistics.quantiles(seconds, n=100)
    return f"p50 {1000 * cuts[49]:6.1f} ms   p99 {1000 * cuts[98]:6.1f} ms"


def line(
    what: str, count: int, spent: float, seconds: Sequence[float], busy: float | None = None
) -> float:
    """Print one row of the table; how many there were a second.

    Args:
        what: was measured.
        count: how many there were.
        spent: seconds from the first to the last.
        seconds: of each.
        busy: seconds of the server's processor time in all; None: there was none.
    """
    each = "" if busy is None else f"   server {1000 * busy / count:5.2f} ms of processor each"
    print(f"{what:<44} {count / spent:8.0f} /s   {quantiles(seconds)}{each}", flush=True)
    return count / spent


def processor_seconds(process: "subprocess.Popen[bytes]") -> float:
    """What a process has used of the processors so far (Linux only; elsewhere NaN)."""
    try:
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# The server


def start(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """Start the server in a process group of its own, and wait until it answers."""
    program = [sys.executable, "-c", "from iae.cli.main import main; main()", "study", "serve",
               str(folder), "--port", str(port)]  # fmt: skip
    server = subprocess.Popen(program, stdout=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            asyncio.run(_alive(port))
            return server
        except LostConnectionError:
            time.sleep(0.05)
    raise SystemExit("the server did not start")


def free_port() -> int:
    """A port that nobody listens at; the server comes back to it after every kill."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


async def _alive(port: int) -> None:
    rater = Rater("", port, random.Random(0))
    await rater.ask("GET", "/api/alive")
    assert rater.streams is not None
    rater.streams[1].close()


def kill(server: subprocess.Popen[bytes]) -> None:
    """End the whole process group at once, as a power cut would."""
    os.killpg(server.pid, signal.SIGKILL)
    server.wait()


# What is measured


def bare_commits(study: Study, folder: Path, count: int) -> tuple[float, list[float]]:
    """Rate and times of single commits of one row, as durable as a vote, without a server."""
    if study.storage.is_sqlite:
        connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
    else:
        import psycopg

        url = study.settings.database.replace("postgresql+psycopg", "postgresql")
        connection = psycopg.connect(url, autocommit=True)
        connection.execute("DROP TABLE IF EXISTS bare")
    connection.execute("CREATE TABLE bare (id INTEGER, answers TEXT, at_ms BIGINT)")
    seconds = []
    for number in range(count):
        before = time.perf_counter()
        connection.execute(f'INSERT INTO bare VALUES ({number}, \'{{"quality": "good"}}\', 1)')
        seconds.append(time.perf_counter() - before)
    connection.execute("DROP TABLE bare")
    connection.close()
    return count / sum(seconds), seconds


async def nothing(raters: Sequence[Rater], each: int) -> tuple[float, list[float]]:
    """Time spent, and the times of requests for the route that does nothing."""

    async def work(rater: Rater) -> list[float]:
        seconds = []
        for _ in range(each):
            before = time.perf_counter()
            await rater.ask("GET", "/api/alive")
            seconds.append(time.perf_counter() - before)
        return seconds

    return await _all(raters, work)


async def voting(raters: Sequence[Rater], each: int, *, pause: float) -> tuple[float, list[float]]:
    """The same for votes; ``pause``: seconds from one vote of a rater to the next, 0 for none.

    Everybody has opened the page before it begins: 200 people do not come in one millisecond.
    """
    await asyncio.gather(*(rater.photo() for rater in raters))

    async def work(rater: Rater) -> list[float]:
        seconds = []
        due = time.perf_counter() + rater.rng.random() * pause
        for _ in range(each):
            assignment = await rater.photo()
            if assignment is None:
                break
            due += pause
            await asyncio.sleep(max(0, due - time.perf_counter()) if pause else 0)
            before = time.perf_counter()
            await rater.vote(assignment, rater.new_key(), rater.rng.choice(LEVELS))
            seconds.append(time.perf_counter() - before)
            rater.ahead.pop(0)
        return seconds

    return await _all(raters, work)


async def _all(
    raters: Sequence[Rater], work: Callable[[Rater], Awaitable[list[float]]]
) -> tuple[float, list[float]]:
    before = time.perf_counter()
    found = await asyncio.gather(*map(work, raters))
    return time.perf_counter() - before, [second for seconds in found for second in seconds]


async def voting_through_kills(
    raters: Sequence[Rater], each: int, kills: int, server: "list[subprocess.Popen[bytes]]",
    folder: Path,
) -> int:  # fmt: skip
    """Vote until everybody has given ``each`` votes more; how many requests were repeated."""
    again = 0
    goal = len(raters) * each
    base = sum(len(rater.acknowledged) for rater in raters)

    def done() -> int:
        return sum(len(rater.acknowledged) for rater in raters) - base

    async def work(rater: Rater) -> None:
        nonlocal again
        for _ in range(each):
            key, level = rater.new_key(), rater.rng.choice(LEVELS)
            assignment: str | None = None
            while True:
                try:
                    assignment = assignment or await rater.photo()
                    if assignment is None:
                        return
                    await rater.vote(assignment, key, level)
                    if rater.rng.random() < 0.1:  # an impatient browser
                        again += 1
                        assert (await rater.vote(assignment, key, level))["repeated"]
                    break
                except LostConnectionError:
                    again += 1
                    await asyncio.sleep(rater.rng.uniform(0.05, 0.5))
            rater.ahead.pop(0)

    async def killer() -> None:
        for number in range(1, kills + 1):
            while done() < goal * number / (kills + 1):
                await asyncio.sleep(0.01)
            await asyncio.to_thread(kill, server[0])
            server[0] = await asyncio.to_thread(start, folder, raters[0].port)

    await asyncio.gather(killer(), *map(work, raters))
    return again


def check(study: Study, raters: Sequence[Rater]) -> None:
    """Compare what was acknowledged with what is stored; the line says both."""
    with study.storage.reading() as connection:
        keys = connection.execute(select(VOTE.c.key).where(VOTE.c.action == Action.CAST)).scalars()
        stored = list(keys)
        standing = connection.execute(
            select(func.count()).select_from(ASSIGNMENT).where(ASSIGNMENT.c.state == State.VOTED)
        ).scalar_one()
        rows = connection.execute(select(func.count()).select_from(VOTE)).scalar_one()
    acknowledged = {key for rater in raters for key in rater.acknowledged}
    print(f"acknowledged {len(acknowledged)}, stored {len(stored)} ({len(set(stored))} different), "
          f"in force {standing}, rows of history {rows}; "
          f"acknowledged and lost {len(acknowledged - set(stored))}, "
          f"stored without being acknowledged {len(set(stored) - acknowledged)}")  # fmt: skip
    if not len(acknowledged) == len(stored) == len(set(stored)) == standing == rows:
        raise SystemExit("the counts differ")


def make(folder: Path, raters: int, votes: int, database: str | None) -> list[str]:
    """A study with room for so many votes, and the tokens of its raters."""
    photos = folder / "photos"
    photos.mkdir(parents=True)
    # Twice as many as votes fill: raters who have finished still hold what they loaded ahead.
    names = [f"{number:06}.jpg" for number in range(max(2 * votes // VOTES_AN_IMAGE, 40))]
    for name in names:
        (photos / name).touch()
    text = f'title = "load"\nphotos = "{photos}"\n'
    if database:
        text += f'database = "{database}"\n'
    new_study(folder / "study", text, photos, names)
    tokens = []
    with open_study(folder / "study") as study:
        for _ in range(raters):
            rater, token = study.invite()
            study.consent(rater, study.consent_version)
            tokens.append(token)
    return tokens


def main() -> None:
    """Run all of it, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--raters", type=int, default=200)
    parser.add_argument("--votes", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--database", help="URL of an empty PostgreSQL database. [SQLite]")
    given = parser.parse_args()
    each = given.votes // given.raters // 4
    with tempfile.TemporaryDirectory(prefix="iae-study-") as name:
        folder = Path(name)
        tokens = make(folder, given.raters, given.votes, given.database)
        port = free_port()
        raters = [Rater(token, port, random.Random(n)) for n, token in enumerate(tokens)]
        server = [start(folder / "study", port)]
        print(
            f"{given.raters} raters, {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}"
        )
        try:
            with open_study(folder / "study") as study:
                asyncio.run(measure(study, folder, raters, each, given, server))
        finally:
            kill(server[0])


async def measure(
    study: Study, folder: Path, raters: Sequence[Rater], each: int,
    given: argparse.Namespace, server: "list[subprocess.Popen[bytes]]",
) -> None:  # fmt: skip
    """Every part in its turn, against one server."""
    _, seconds = bare_commits(study, folder, 1000)
    bare = line("bare commits, one after the other", 1000, sum(seconds), seconds)
    before = processor_seconds(server[0])
    spent, seconds = await nothing(raters, each)
    busy = processor_seconds(server[0]) - before
    idle = line("GET /api/alive, does nothing", len(seconds), spent, seconds, busy)
    before = processor_seconds(server[0])
    spent, seconds = await voting(raters, each, pause=0)
    busy = processor_seconds(server[0]) - before
    votes = line("POST /api/votes, as fast as answers come", len(seconds), spent, seconds, busy)
    print(f"votes are {100 * votes / min(bare, idle):.0f} % of the smaller of the two above")
    before = processor_seconds(server[0])
    spent, seconds = await voting(raters, each, pause=1)
    busy = processor_seconds(server[0]) - before
    line("POST /api/votes, one a second and rater", len(seconds), spent, seconds, busy)
    _, seconds = bare_commits(study, folder, 500)
    line("bare commits again", 500, sum(seconds), seconds)
    left = given.votes // given.raters - 2 * each
    again = await voting_through_kills(raters, left, given.kills, server, folder / "study")
    print(f"killed {given.kills} times; {again} requests sent more than once")
    check(study, raters)


if __name__ == "__main__":
    main()
