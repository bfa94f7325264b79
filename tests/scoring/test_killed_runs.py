"""A run that is killed, wherever and as often as it may be, is gone on with to the same files.

Every process of the run is killed with SIGKILL: at a random moment after a number of photos, and
around every step of the final writing.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from iae.scoring.session import BATCH

FORMATS = ("csv", "parquet", "ndjson")

RENAMES = len(FORMATS) + 1
"""Files that take their names in the final writing: the tables, then the page."""

# Tells what it does, a line each; ends itself and its group around the n-th rename, or the n-th
# step that follows the renames.
DRIVER = """
import os, signal, sys
from pathlib import Path
from iae.scoring import folder, store
from iae.scoring.scorer import Scorer

photos, out, model, workers, place, when = sys.argv[1:]
passed = 0

def deadly(step, kind):
    def run(*arguments):
        global passed
        passed += 1
        here = place == f"{kind}{passed}" or place == kind
        if here and when == "before":
            os.killpg(0, signal.SIGKILL)
        result = step(*arguments)
        if here and when == "after":
            os.killpg(0, signal.SIGKILL)
        return result
    return run

Path.replace = deadly(Path.replace, "rename")
folder.remove_other_thumbnails = deadly(folder.remove_other_thumbnails, "remove")
store.close_written = deadly(store.close_written, "close")
print("started", flush=True)
folder.score_folder(
    [Path(photos)], Path(out), Scorer(Path(model)), formats=("csv", "parquet", "ndjson"),
    workers=int(workers), begin=lambda plan: print("known", len(plan.known), flush=True),
    progress=lambda done, total: print("scored", done, flush=True),
)
print("finished", flush=True)
"""


@dataclass(frozen=True)
class Told:
    """What a run said before it ended."""

    known: int
    scored: int
    finished: bool


@dataclass(frozen=True)
class Kill:
    """When a run is killed from outside, and how much of it."""

    photos: int
    """… after so many are scored, and …"""
    seconds: float
    """… so much later."""
    decoders: bool
    """Whether the processes that decode are killed with it, or are left to find out."""

    def all_of(self, session: int) -> None:
        """Kill the processes of a session; nothing happens where they have ended."""
        doomed = [session]
        if self.decoders:
            # A decoder has a group of its own, but the session of the run it works for.
            for stat in Path("/proc").glob("[0-9]*/stat"):
                with suppress(OSError):
                    fields = stat.read_text().rpartition(")")[2].split()
                    doomed += [int(stat.parent.name)] * (int(fields[3]) == session)
        for process in doomed:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


@dataclass(frozen=True)
class Runs:
    """Runs of one folder of photos into one folder of results, each a process group of its own."""

    photos: Path
    out: Path
    model: Path

    def run(self, *, workers: int = 2, place: str = "-", when: str = "-",
            kill: Kill | None = None) -> Told:  # fmt: skip
        """Run to the end, or to the deadly place, or until it is killed from here."""
        words = [str(self.photos), str(self.out), str(self.model), str(workers), place, when]
        known = scored = 0
        line = ""
        words = [sys.executable, "-c", DRIVER, *words]
        with subprocess.Popen(
            words, text=True, stdout=subprocess.PIPE, start_new_session=True
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                what, _, number = line.strip().partition(" ")
                known = int(number) if what == "known" else known
                scored = int(number) if what == "scored" else scored
                if kill and what == "scored" and scored >= kill.photos:
                    with suppress(subprocess.TimeoutExpired):
                        process.wait(kill.seconds)
                    kill.all_of(process.pid)
                    break
            rest = process.stdout.read()
        finished = "finished" in line + rest
        assert finished == (process.returncode == 0)
        assert finished or process.returncode == -signal.SIGKILL
        return Told(known, scored, finished)


def files_of(out: Path) -> dict[str, bytes]:
    """Every file that a user sees, also those half-written."""
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*"))
            if path.is_file() and ".iae" not in path.relative_to(out).parts}  # fmt: skip


def make_photos(root: Path, sources: Sequence[Path], count: int) -> Path:
    """Small photos in two folders, all different to the byte, and one that is none."""
    for i in range(count):
        folder = root / ("a", "b")[i % 2]
        folder.mkdir(parents=True, exist_ok=True)
        # What follows the end of a JPEG is not looked at.
        content = sources[i % len(sources)].read_bytes() + str(i).encode()
        (folder / f"{i:03}.jpg").write_bytes(content)
    (root / "a" / "none.jpg").write_text("no photo")
    return root


def sources_of(toy_roots: dict[str, Path]) -> list[Path]:
    return sorted(toy_roots["labelled"].glob("*.jpg"))


def test_a_run_killed_while_scoring_and_while_writing_is_gone_on_with(
    tmp_path: Path, toy_roots: dict[str, Path], toy_onnx: Path
):
    photos = make_photos(tmp_path / "photos", sources_of(toy_roots), 40)
    whole, broken = (Runs(photos, tmp_path / name, toy_onnx) for name in ("whole", "broken"))
    assert whole.run().finished
    assert not broken.run(kill=Kill(BATCH + 1, 0, decoders=True), workers=1).finished
    assert not broken.run(place="rename2", when="after").finished
    last = broken.run()
    assert last == Told(known=41, scored=0, finished=True)
    assert files_of(broken.out) == files_of(whole.out)


@pytest.mark.slow
def test_thirty_kills_all_over_the_run_change_no_byte_of_what_comes_out(
    tmp_path: Path, toy_roots: dict[str, Path], toy_onnx: Path, capsys: pytest.CaptureFixture[str]
):
    rng = random.Random(5)
    photos = make_photos(tmp_path / "photos", sources_of(toy_roots), 110)
    before = {path: path.read_bytes() for path in photos.rglob("*") if path.is_file()}
    whole = Runs(photos, tmp_path / "whole", toy_onnx)
    assert whole.run(workers=2).finished
    kills = {"scoring": 0, "writing": 0}
    for series in range(3):
        broken = Runs(photos, tmp_path / f"broken-{series}", toy_onnx)
        if series == 1:  # there is also something to be removed, of a photo that is gone
            (photos / "a" / "gone.jpg").write_bytes(sources_of(toy_roots)[0].read_bytes() + b"!")
            broken.run()
            (photos / "a" / "gone.jpg").unlink()
            shutil.rmtree(broken.out / ".iae")  # what was known is not, what was written is
        kills["scoring"] += kill_while_scoring(broken, rng)
        kills["writing"] += kill_while_writing(broken, rng)
        assert broken.run(workers=3 - series).finished
        assert files_of(broken.out) == files_of(whole.out)
    with capsys.disabled():
        print("\nkilled", kills["scoring"], "times while scoring,",  # noqa: T201
              kills["writing"], "around the steps of the final writing")  # fmt: skip
    assert min(kills.values()) >= 12
    assert sum(kills.values()) >= 30
    assert before == {path: path.read_bytes() for path in photos.rglob("*") if path.is_file()}


def kill_while_scoring(runs: Runs, rng: random.Random) -> int:
    """Kill runs until one has scored everything; each must know what the one before had stored."""
    kills, stored = 0, 0
    while True:
        kill = Kill(rng.randint(1, 30), rng.random() * 0.1, decoders=rng.random() < 0.7)
        told = runs.run(workers=rng.randint(1, 3), kill=kill)
        assert told.known >= stored
        if told.finished or told.scored == 0:
            return kills
        kills += 1
        # A batch is stored before the next photo is told of.
        stored = told.known + (told.scored - 1) // BATCH * BATCH


def kill_while_writing(runs: Runs, rng: random.Random) -> int:
    """Kill a run before or after every step of the final writing."""
    steps = [f"rename{n + 1}" for n in range(RENAMES)] + ["remove", "close"]
    rng.shuffle(steps)
    for step in steps:
        told = runs.run(workers=rng.randint(1, 3), place=step, when=rng.choice(["before", "after"]))
        assert not told.finished
    return len(steps)
