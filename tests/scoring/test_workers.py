"""Photos through decoder processes: the same pixels, in order, whatever becomes of a process."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from broken_decoder import broken  # noqa: F401  # a fixture
from PIL import Image

from iae.errors import ImageError, OutputError
from iae.images.preprocess import PreprocessSpec
from iae.scoring import child
from iae.scoring.child import end_of
from iae.scoring.decoding import Prepared, Task, prepare_photo
from iae.scoring.workers import _AHEAD, DecoderPool

SPEC = PreprocessSpec(size=64)


@pytest.fixture
def photo(tmp_path: Path, picture: Image.Image) -> Callable[..., Task]:
    """Makes a file: what the broken decoder is told first, then a picture of some brightness."""

    def make(name: str, word: str = "", brightness: int = 0) -> Task:
        path = tmp_path / name
        picture.point(lambda value: (value + brightness) % 256).save(path, "PNG")
        if word:
            path.write_bytes(word.encode() + b"\n" + path.read_bytes())
        return Task(path)

    return make


def same(a: Prepared | ImageError, b: Prepared | ImageError) -> bool:
    if isinstance(a, ImageError) or isinstance(b, ImageError):
        return str(a) == str(b)
    return a.facts == b.facts and np.array_equal(a.pixels, b.pixels)


def children_of(process: int) -> list[int]:
    """Processes it has started that still run."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = status.read_text().rpartition(")")[2].split()[:2]
        except OSError:  # it has just ended
            continue
        if int(parent) == process and state != "Z":
            found.append(int(status.parent.name))
    return found


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(holds: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)
    return holds()


# Sound photos


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_outcomes_are_those_of_this_process_in_order_whatever_the_number_of_workers(
    photo, tmp_path, workers
):
    tasks = [photo(f"{i}.png", brightness=3 * i) for i in range(30)]
    (tmp_path / "text.jpg").write_text("no photo")
    tasks.insert(7, Task(tmp_path / "text.jpg"))
    tasks.insert(20, Task(tmp_path / "gone.jpg"))
    with DecoderPool(SPEC, workers=workers) as pool:
        outcomes = list(pool.map(tasks))
    for task, outcome in zip(tasks, outcomes, strict=True):
        try:
            expected: Prepared | ImageError = prepare_photo(task, SPEC, True)
        except ImageError as error:
            expected = error
        assert same(outcome, expected), task


def test_facts_are_measured_only_where_they_are_asked_for(photo):
    with DecoderPool(SPEC, with_facts=False, workers=1) as pool:
        [outcome] = pool.map([photo("a.png")])
    assert isinstance(outcome, Prepared)
    assert outcome.facts is None


def test_names_that_are_no_text_reach_the_child(tmp_path, photo):
    path = tmp_path / os.fsdecode(b"caf\xe9\n'\"\\.png")
    photo("a.png").path.rename(path)
    with DecoderPool(SPEC, workers=1) as pool:
        assert isinstance(next(pool.map([Task(path)])), Prepared)


def test_a_pool_can_be_used_again_and_for_nothing(photo):
    with DecoderPool(SPEC, workers=2) as pool:
        assert list(pool.map([])) == []
        first, second = (next(pool.map([photo("a.png")])) for _ in range(2))
        assert same(first, second)


def test_only_so_many_photos_are_prepared_ahead(photo):
    task, taken = photo("a.png"), 0

    def tasks() -> Iterator[Task]:
        nonlocal taken
        for _ in range(3 * _AHEAD):
            taken += 1
            yield task

    with DecoderPool(SPEC, workers=2) as pool:
        outcomes = pool.map(tasks())
        for given in range(1, 20):
            next(outcomes)
            assert taken <= given + _AHEAD


def test_the_thumbnail_is_written_by_the_child(photo, tmp_path):
    (tmp_path / "thumbnails").mkdir()
    task = Task(photo("a.png").path, tmp_path / "thumbnails" / "a.jpg")
    with DecoderPool(SPEC, workers=1) as pool:
        list(pool.map([task]))
    with Image.open(tmp_path / "thumbnails" / "a.jpg") as image:
        assert image.size == (96, 64)


def test_a_place_for_thumbnails_that_cannot_be_written_ends_the_run(photo, tmp_path):
    (tmp_path / "file").write_text("mine")
    tasks = [photo("a.png"), Task(photo("b.png").path, tmp_path / "file" / "b.jpg")]
    with DecoderPool(SPEC, workers=1) as pool:
        outcomes = pool.map(tasks)
        next(outcomes)
        with pytest.raises(OutputError, match="cannot write .*b.jpg: Not a directory"):
            next(outcomes)


def test_a_decoder_process_loads_neither_the_network_nor_tables():
    code = "import iae.scoring.decoder_process, sys; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "PIL" in loaded
    assert not loaded & {"onnxruntime", "polars", "jinja2", "rich", "click", "multiprocessing"}


# Decoders that fail


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("CRASH", "the decoder crashed (signal 11)"),
        ("ABORT", "the decoder crashed (signal 6)"),
        ("KILL", "the decoder was killed (signal 9), probably for want of memory"),
        ("EXIT", "the decoder ended by itself (exit status 3)"),
        ("HANG", "decoding took longer than 3 seconds"),
        ("EAT", "not enough memory to decode it"),
        ("BUG", "iae has a bug here, please report it: ZeroDivisionError: integer division or"),
    ],
)
@pytest.mark.parametrize("workers", [1, 2])
def test_a_file_that_breaks_its_decoder_costs_that_file_only(broken, photo, word, reason, workers):  # noqa: F811
    tasks = [photo(f"{i}.png", word if i in (2, 6) else "") for i in range(9)]
    seconds = 3 if word == "HANG" else 60
    with DecoderPool(SPEC, workers=workers, seconds=seconds, memory=2**29) as pool:
        outcomes = list(pool.map(tasks))
    assert [i for i, outcome in enumerate(outcomes) if isinstance(outcome, ImageError)] == [2, 6]
    assert str(outcomes[2]).startswith(reason)
    assert str(outcomes[6]) == str(outcomes[2])


@pytest.mark.parametrize("workers", [1, 2])
def test_a_photo_does_not_answer_for_what_another_did_to_its_process(broken, photo, workers):  # noqa: F811
    tasks = [photo(f"{i}.png", "POISON" if i % 3 == 1 else "") for i in range(9)]
    with DecoderPool(SPEC, workers=workers) as pool:
        assert all(isinstance(outcome, Prepared) for outcome in pool.map(tasks))


def test_what_decoders_print_is_seen_by_nobody_and_disturbs_nothing(broken, photo, capfd):  # noqa: F811
    with DecoderPool(SPEC, workers=1) as pool:
        outcomes = list(pool.map([photo(f"{i}.png", "CHATTER") for i in range(4)]))
    assert all(isinstance(outcome, Prepared) for outcome in outcomes)
    assert capfd.readouterr() == ("", "")


def test_a_program_that_cannot_start_is_our_error_and_no_photos(photo, monkeypatch):
    monkeypatch.setattr(child, "_PROGRAM", "raise SystemExit(1)")
    with DecoderPool(SPEC, workers=1) as pool, pytest.raises(RuntimeError, match="did not start"):
        list(pool.map([photo("a.png"), photo("b.png")]))


def test_the_end_of_a_process_is_put_in_words():
    assert end_of(-signal.SIGBUS, 60).reason == "the decoder crashed (signal 7)"
    assert end_of(-signal.SIGALRM, 60).reason == "decoding took longer than 60 seconds"
    assert end_of(-signal.SIGALRM, 60).is_final
    assert not end_of(-signal.SIGSEGV, 60).is_final


# The end of the pool


def test_no_process_is_left_when_the_pool_is_closed_early(broken, photo):  # noqa: F811
    before = set(children_of(os.getpid()))
    tasks = [photo(f"{i}.png", "SLOW" if i else "") for i in range(20)]
    with DecoderPool(SPEC, workers=2) as pool:
        next(pool.map(tasks))
        assert set(children_of(os.getpid())) > before
    assert set(children_of(os.getpid())) <= before


def test_closing_does_not_wait_for_a_decoder_that_hangs(broken, photo):  # noqa: F811
    start = time.monotonic()
    with DecoderPool(SPEC, workers=1) as pool:
        next(pool.map([photo("a.png"), photo("b.png", "HANG")]))
    assert time.monotonic() - start < 30  # of the 60 that a photo may take


RUN = """
import sys
from pathlib import Path
import broken_decoder
from iae.images.preprocess import PreprocessSpec
from iae.scoring import child
from iae.scoring.workers import DecoderPool, Task
child._PROGRAM = broken_decoder.PROGRAM
with DecoderPool(PreprocessSpec(size=64), workers=2) as pool:
    for outcome in pool.map(Task(path) for path in sorted(Path(sys.argv[1]).glob("*.png"))):
        print("one", flush=True)
"""


def start_run(folder: Path) -> subprocess.Popen[str]:
    """A program that decodes a folder, when its first photo is done and both processes run."""
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.Popen(
        [sys.executable, "-c", RUN, str(folder)], env=paths, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, process_group=0,
    )  # fmt: skip
    assert run.stdout is not None
    assert run.stdout.readline() == "one\n"
    assert wait_until(lambda: len(children_of(run.pid)) == 2)
    return run


@pytest.mark.parametrize("word", ["SLOW", "HANG"])
def test_no_process_outlives_a_run_that_is_killed(photo, tmp_path, word):
    for i in range(40):
        photo(f"{i:02}.png", word if i else "")
    with start_run(tmp_path) as run:
        decoders = children_of(run.pid)
        os.killpg(run.pid, signal.SIGKILL)
    assert wait_until(lambda: not any(map(is_running, decoders)), 10)


def test_ctrl_c_ends_the_run_and_its_processes(photo, tmp_path):
    for i in range(40):
        photo(f"{i:02}.png", "SLOW" if i else "")
    with start_run(tmp_path) as run:
        decoders = children_of(run.pid)
        os.killpg(run.pid, signal.SIGINT)
        _, errors = run.communicate(timeout=20)
    assert errors.rstrip().endswith("KeyboardInterrupt")
    assert wait_until(lambda: not any(map(is_running, decoders)), 2)
