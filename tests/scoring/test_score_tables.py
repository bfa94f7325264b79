"""Scores as CSV, Parquet and NDJSON: one schema, documented, and the same in all three."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from iae import PhotoScore
from iae.images.technical import FACTS, TechnicalFacts
from iae.metrics import Calibration
from iae.scoring.library import library_view
from iae.scoring.output import SCHEMA, write_scores
from iae.scoring.scorer import photo_scores
from iae.scoring.scores import COLUMNS

DOCUMENTED = (Path(__file__).parents[2] / "docs" / "formats.md").read_text("utf-8")

TYPES = {pl.String: "text", pl.Boolean: "true or false", pl.Int64: "integer", pl.Float64: "number"}


@pytest.fixture
def scores() -> list[PhotoScore]:
    rng = np.random.default_rng(0)
    names = [f"{i}.jpg" for i in range(12)] + ['a "b",\nc;é\\xff.jpg', "", " x "]
    rows = photo_scores(
        names,
        rng.dirichlet(np.ones(4), len(names)).astype(np.float32),
        rng.dirichlet(np.ones(8), len(names)).astype(np.float32),
        calibration=Calibration(margin_if_low=1.5, margin_if_high=1.0),
    )
    rows = [
        replace(row, facts=TechnicalFacts(
            width=6000, height=4000 + i, sharpness=round(0.05 * i, 4), noise=float(i), contrast=0.2,
            colourfulness=5.0 * i, brightness=0.5, clipped_highlights=0.02 * i, clipped_shadows=0.0,
        ))
        for i, row in enumerate(rows)
    ]  # fmt: skip
    rows[3] = replace(rows[3], facts=None, interval=None)
    return library_view([*rows, PhotoScore(path="broken.jpg", error="the file is empty, 0 bytes")])


def read_back(path: Path) -> pl.DataFrame:
    if path.suffix == ".csv":
        return pl.read_csv(path, schema=SCHEMA).with_columns(pl.col(pl.String).fill_null(""))
    if path.suffix == ".parquet":
        return pl.read_parquet(path)
    return pl.read_ndjson(path, schema=SCHEMA)


def test_the_three_tables_hold_the_same(tmp_path: Path, scores: list[PhotoScore]):
    tables = [read_back(write_scores(tmp_path, scores, fmt)) for fmt in
              ("csv", "parquet", "ndjson")]  # fmt: skip
    assert tables[0].equals(tables[1])
    assert tables[1].equals(tables[2])
    assert [table.schema for table in tables] == [SCHEMA] * 3
    assert tables[1].rows(named=True) == [score.to_row() for score in scores]


def test_the_scores_of_the_test_above_have_everything_a_table_can_hold(scores: list[PhotoScore]):
    assert any(score.reasons for score in scores)
    assert {score.unsure for score in scores} == {True, False, None}


def test_reasons_stand_in_one_cell():
    row = PhotoScore(path="a", reasons=("soft focus", "dark"), unsure=True).to_row()
    assert (row["reasons"], row["unsure"]) == ("soft focus; dark", True)


def test_facts_stand_in_columns_of_their_names(scores: list[PhotoScore]):
    row = scores[5].to_row()
    assert scores[5].facts is not None
    assert {name: row[name] for name in FACTS} == vars(scores[5].facts)
    assert [scores[3].to_row()[name] for name in FACTS] == [None] * len(FACTS)


def test_the_types_of_all_columns_are_documented():
    section = DOCUMENTED.split("## `top.csv`")[0]
    documented = re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", section, re.MULTILINE)
    assert documented == [(name, TYPES[type(kind)]) for name, kind in SCHEMA.items()]
    assert list(SCHEMA) == list(COLUMNS)


def test_what_is_written_lies_in_the_documented_ranges(scores: list[PhotoScore]):
    section = DOCUMENTED.split("## `top.csv`")[0]
    ranges = re.findall(r"^\| `(\w+)` \| number \| ([\d.]+) to ([\d.]+)", section, re.MULTILINE)
    assert len(ranges) >= 20
    for name, low, high in ranges:
        values = [row[name] for row in map(PhotoScore.to_row, scores) if row[name] is not None]
        assert values, name
        assert all(float(low) <= float(value) <= float(high) for value in values), name
