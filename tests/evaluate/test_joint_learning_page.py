"""The page on joint learning, the rows it is made from, and which runs count as finished."""

import runpy
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from iae.config import load_experiment
from iae.errors import ConfigError
from iae.evaluate.several_runs import Difference, Row, read_entries

ROOT = Path(__file__).parents[2]
SCRIPT = runpy.run_path(str(ROOT / "experiments" / "comparison.py"))


def test_the_tables_of_the_page_are_made_from_the_committed_rows():
    rows = read_entries(ROOT / "docs" / SCRIPT["ROWS"], Row)
    found = read_entries(ROOT / "docs" / SCRIPT["DIFFERENCES"], Difference)
    page = (ROOT / "docs" / SCRIPT["PAGE"]).read_text("utf-8")
    for name, table in SCRIPT["tables"](rows, found).items():
        assert SCRIPT["between_markers"](page, name, table) == page, (
            "run: python experiments/comparison.py report"
        )


def test_every_way_that_is_compared_has_its_experiment():
    for name in SCRIPT["WAYS"]:
        assert (ROOT / "experiments" / "comparison" / f"{name}.toml").is_file()


def test_the_page_can_be_made_again_from_what_is_kept(tmp_path: Path):
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    (tmp_path / "docs" / SCRIPT["FIGURE"]).unlink()
    SCRIPT["write_page"](tmp_path / "docs")
    assert (tmp_path / "docs" / SCRIPT["FIGURE"]).stat().st_size > 1000
    made, kept = (folder / SCRIPT["PAGE"] for folder in (tmp_path / "docs", ROOT / "docs"))
    assert made.read_text("utf-8") == kept.read_text("utf-8")


def test_a_page_without_its_marker_is_refused():
    with pytest.raises(ConfigError, match="the page has no <!-- rows -->"):
        SCRIPT["between_markers"]("nothing", "rows", "table")


def test_a_run_is_finished_after_its_last_epoch_and_not_before(
    toy_run: Path, toy_experiment: Path, tmp_path: Path
):
    config = load_experiment(toy_experiment)
    run = shutil.copytree(toy_run, tmp_path / "run", copy_function=shutil.copy2)
    assert SCRIPT["is_finished"](run, config)
    (run / "resume.ckpt").unlink()
    assert not SCRIPT["is_finished"](run, config)
    assert not SCRIPT["is_finished"](tmp_path / "nothing", config)


def test_a_run_of_other_settings_is_not_taken_for_one_of_these(toy_run: Path, toy_experiment: Path):
    config = load_experiment(toy_experiment)
    other = replace(config, train=replace(config.train, seed=7))
    with pytest.raises(ConfigError, match="holds a run of other settings; choose another folder"):
        SCRIPT["is_finished"](toy_run, other)


def test_the_time_of_a_run_is_that_of_its_steps(toy_run: Path):
    assert 0 < SCRIPT["training_seconds"](toy_run) < 600
