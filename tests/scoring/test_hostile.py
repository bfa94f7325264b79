"""A folder of hostile files: each is a score or a reason, and costs no other file anything."""

import json
import os
import subprocess
import sys
from pathlib import Path

import hostile
import pytest

pytest.importorskip("rawpy")  # without it, what came of RAW photos would be another
pytest.importorskip("pillow_heif")

CODE = """
import json, sys
from pathlib import Path
import hostile
print(json.dumps(hostile.score_corpus(Path(sys.argv[1]), int(sys.argv[2]))))
"""


def run(folder: Path, workers: int) -> dict[str, str]:
    """What came of each file, in a process that permissions bind."""
    command = [*hostile.bound(), sys.executable, "-c", CODE, str(folder), str(workers)]
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, env=paths, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    outcomes: dict[str, str] = json.loads(done.stdout)
    return outcomes


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    """What lies in the files, and when they were last changed."""
    return {
        str(path): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file() and path.name != hostile.VANISHING
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hostile") / "corpus"
    hostile.write_corpus(path)
    return path


@pytest.fixture(scope="module")
def before(folder: Path) -> dict[str, tuple[bytes, int]]:
    return contents(folder)


@pytest.fixture(scope="module")
def outcomes(folder: Path, before: dict[str, tuple[bytes, int]]) -> dict[str, str]:
    return run(folder, workers=2)


def outcome_of(outcomes: dict[str, str], name: str) -> str:
    return outcomes.get(name) or outcomes[f"{name}/inside.jpg"]


def test_every_hostile_file_is_a_score_or_a_reason_as_it_should_be(outcomes):
    wrong = {}
    for file in hostile.corpus():
        outcome = outcome_of(outcomes, file.name)
        kind = "scored" if outcome.startswith("score ") else "reason"
        if file.outcome not in (kind, "either"):
            wrong[file.name] = outcome
    assert wrong == {}
    assert len(hostile.corpus()) >= 60


def test_every_reason_is_one_line_and_none_is_a_bug_of_ours(outcomes):
    reasons = [outcome for outcome in outcomes.values() if not outcome.startswith("score ")]
    assert reasons
    assert not [reason for reason in reasons if "\n" in reason or len(reason) > 250]
    assert not [reason for reason in reasons if "bug" in reason]
    assert not [reason for reason in reasons if "corpus" in reason]  # the folder


def test_good_photos_among_them_have_the_scores_they_have_alone(outcomes):
    from iae.scoring.scorer import Scorer

    scorer = Scorer()
    for name, photo in zip(("a", "j", "z"), hostile.good_photos(), strict=True):
        assert outcomes[f"{name}-good.jpg"] == f"score {scorer.score(photo).aesthetic_mean:.2f}"


def test_a_file_that_breaks_its_decoder_is_told_from_one_that_is_damaged(outcomes):
    assert outcomes["breaks-crash.jpg"] == "the decoder crashed (signal 11)"
    assert outcomes["breaks-grab.jpg"] == "not enough memory to decode it"
    assert outcomes["cut-60.png"].startswith("damaged: ")
    assert outcomes["locked.jpg"] == "no permission to read the file"
    assert outcomes[hostile.VANISHING] == "the file is gone or is a broken link"


def test_no_file_is_changed(folder, before, outcomes):
    assert contents(folder) == before


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 4])
def test_outcomes_do_not_depend_on_the_number_of_workers(tmp_path, outcomes, workers):
    hostile.write_corpus(tmp_path / "corpus")
    assert run(tmp_path / "corpus", workers) == outcomes


def test_the_table_in_the_documentation_has_every_file():
    table = (Path(__file__).parents[2] / "docs" / "hostile-files.md").read_text("utf-8")
    assert not [file.name for file in hostile.corpus() if f"| {file.what} |" not in table]
    assert f"\n{len(hostile.corpus())} hostile or odd files" in table
