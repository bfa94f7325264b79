"""One run at a time on a folder of results, and no obstacle left by the dead."""

import os
import re
import signal
import socket
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from iae.errors import OutputError
from iae.scoring.lock import LOCK, locked

HOLDER = """
import sys, time
from pathlib import Path
from iae.scoring.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "out" / ".iae").mkdir(parents=True)
    return tmp_path / "out" / ".iae"


def test_a_second_run_is_told_who_holds_the_lock_and_since_when(folder: Path):
    with locked(folder), pytest.raises(OutputError) as refused, locked(folder):
        pass
    found = re.fullmatch(
        r"another run is writing into (.*) \(process (\d+) on (.*), since (.*)\); wait for it, "
        r"or choose another folder with -o",
        str(refused.value),
    )
    assert found
    assert found[1] == str(folder.parent)
    assert int(found[2]) == os.getpid()
    assert found[3] == socket.gethostname()
    assert abs((datetime.now().astimezone() - datetime.fromisoformat(found[4])).total_seconds()) < 9


def test_the_refused_run_leaves_the_lock_with_its_holder(folder: Path):
    with locked(folder):
        for _ in range(2):
            with pytest.raises(OutputError, match=f"process {os.getpid()}"), locked(folder):
                pass


def test_the_lock_can_be_taken_again_when_it_was_given_back(folder: Path):
    for _ in range(2):
        with locked(folder):
            pass
    assert (folder / LOCK).read_bytes() == b""


def test_an_error_gives_the_lock_back(folder: Path):
    with pytest.raises(KeyError), locked(folder):
        raise KeyError
    with locked(folder):
        pass


def test_the_lock_of_a_killed_process_is_no_obstacle(folder: Path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(OutputError, match=f"process {holder.pid} on "), locked(folder):
            pass
        holder.send_signal(signal.SIGKILL)
    assert b"process" in (folder / LOCK).read_bytes()
    with locked(folder):
        pass


def test_what_a_lock_file_says_is_not_believed_but_what_the_system_says(folder: Path):
    (folder / LOCK).write_text("process 1 on here, since ever")
    with locked(folder):
        pass


def test_a_lock_that_cannot_be_written_is_an_error(folder: Path):
    (folder / LOCK).mkdir()
    with pytest.raises(OutputError, match=r"cannot write .*lock: Is a directory"), locked(folder):
        pass
