"""Studies to try: on SQLite, and on a PostgreSQL server that is started for these tests."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from iae.study.new import new_study
from iae.study.service import Study, open_study

MakeStudy = Callable[..., Study]


def _postgres_programs() -> Path | None:
    found = shutil.which("pg_ctl")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    path = debian[-1] if debian else Path(found) if found else None
    return path.resolve().parent if path else None


def _as_other_user(home: Path) -> list[str]:
    """What to put before a command: PostgreSQL does not run as root."""
    if os.geteuid() != 0:
        return []
    user = "postgres"
    shutil.chown(home, user)
    return ["runuser", "-u", user, "--"]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a server without databases, over a socket in its own folder."""
    programs = _postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    if os.geteuid() == 0 and not shutil.which("runuser"):
        pytest.skip("PostgreSQL does not run as root, and there is no runuser")
    with tempfile.TemporaryDirectory(prefix="iae-pg-", dir="/tmp") as name:  # sockets: short path
        home = Path(name)
        before = _as_other_user(home)

        def run(program: str, *arguments: str) -> None:
            subprocess.run([*before, str(programs / program), *arguments], check=True, cwd=home,
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, timeout=120)  # fmt: skip

        data = str(home / "data")
        run("initdb", "-D", data, "-U", "study", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses='' -k {home} -c max_connections=50"
        run("pg_ctl", "-D", data, "-o", options, "-l", str(home / "log"), "-w", "start")
        try:
            yield f"postgresql://study@/DATABASE?host={home}"
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request) -> str:
    """The setting ``database`` of a study: a file, then a new PostgreSQL database."""
    if request.param == "sqlite":
        return "study.db"
    return request.getfixturevalue("postgres_database")


@pytest.fixture
def postgres_database(postgres_server: str) -> str:
    import psycopg

    name = f"study_{uuid4().hex[:12]}"
    admin = postgres_server.replace("DATABASE", "postgres")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return postgres_server.replace("DATABASE", name)


@pytest.fixture
def make_study(tmp_path: Path) -> Iterator[MakeStudy]:
    """Make and open a study of so many images; their files are not there."""
    opened: list[Study] = []

    def make(
        images: int = 12, settings: str = "", *, clock=None, names: list[str] | None = None,
        folder: Path | None = None,
    ) -> Study:  # fmt: skip
        folder = folder or tmp_path / f"study{len(opened)}"
        text = f'title = "A study"\nphotos = "photos"\n{settings}'
        names = names or [f"{i % 3}/{i}.jpg" for i in range(images)]
        if "consent_version" not in settings:
            text = f'consent_version = ""\n{text}'
        new_study(folder, text, folder / "photos", names)
        study = open_study(folder) if clock is None else open_study(folder, clock=clock)
        opened.append(study)
        return study

    yield make
    for study in opened:
        study.close()
