"""``iae data figures``: which figures are written, which are left out, and why."""

import csv
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from iae.cli.main import main
from iae.data.dataset import Dataset
from iae.data.ratings import Ratings
from iae.data.records import ImageRecord
from iae.describe.contact_sheet import choose_pictures
from iae.describe.figure_names import FIGURES
from iae.describe.pictures import write_figures
from iae.errors import ImageError
from iae.stats.counts import image_labels

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)

    def invoke(*words: str | Path) -> Result:
        words = ("data", "figures", *words)
        return CliRunner().invoke(main, list(map(str, words)), catch_exceptions=False)

    return invoke


def mapping(experiment: Path, source: str) -> list[str | Path]:
    return ["--mapping", experiment, "--source", source]


def write_votes(path: Path) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerows([["image", "awe", "fear"], ["a.jpg", 3, 1], ["b.jpg", 0, 4]])
    return path


# Which figures


def test_every_figure_the_data_set_has_is_written_and_the_others_are_explained(
    run: Run, toy_roots: dict[str, Path], toy_experiment: Path
):
    result = run(toy_roots["labelled"], *mapping(toy_experiment, "labelled"), "-o", "out")
    assert result.exit_code == 0
    assert sorted(p.name for p in Path("out").iterdir()) == [
        "bars.png", "contact-sheet.png", "histogram.png"]  # fmt: skip
    assert "no votes: no emotion votes of two or more raters on an image" in result.stdout
    assert "no raters: no single ratings" in result.stdout


def test_votes_have_a_heat_map(run: Run, toy_roots: dict[str, Path], toy_experiment: Path):
    run(toy_roots["voted"], *mapping(toy_experiment, "voted"), "-o", "out", "--only", "votes")
    assert [p.name for p in Path("out").iterdir()] == ["votes.png"]


@pytest.mark.parametrize(("kind", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"),
                                             ("pdf", b"%PDF")])  # fmt: skip
def test_the_kind_of_file_can_be_chosen(
    run: Run, toy_roots: dict[str, Path], toy_experiment: Path, kind: str, start: bytes
):
    result = run(toy_roots["labelled"], *mapping(toy_experiment, "labelled"), "-o", "out",
                 "--type", kind, "--only", "bars, histogram")  # fmt: skip
    assert result.stdout.splitlines()[:2] == [
        f"wrote out/bars.{kind}",
        f"wrote out/histogram.{kind}",
    ]
    assert Path(f"out/bars.{kind}").read_bytes().startswith(start)


def test_a_misspelt_figure_is_refused_and_the_nearest_one_named(run: Run, tmp_path: Path):
    result = run(write_votes(tmp_path / "votes.csv"), "-o", "out", "--only", "histgram")
    assert result.exit_code == 2
    assert "did you mean 'histogram'?" in " ".join(result.stderr.split())
    assert not Path("out").exists()


def test_no_figure_named_is_refused(run: Run, tmp_path: Path):
    result = run(write_votes(tmp_path / "votes.csv"), "-o", "out", "--only", ",")
    assert result.exit_code == 2
    assert "names no figure" in result.stderr


def test_a_table_without_its_pictures_has_no_contact_sheet_and_says_so(run: Run, tmp_path: Path):
    result = run(write_votes(tmp_path / "votes.csv"), "-o", "out")
    assert (
        "no contact-sheet: this copy has no pictures that can be read, for example" in result.stdout
    )
    assert "there is no such file" in result.stdout
    assert Path("out/bars.png").exists()


def test_help_loads_nothing_heavy():
    code = ("import sys; from iae.cli.main import main;"
            "main(['data', 'figures', '--help'], standalone_mode=False);"
            "sys.exit(bool({'numpy', 'matplotlib', 'PIL'} & set(sys.modules)))")  # fmt: skip
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# Pictures of the sheet


def photographed(photos: list[Path], *, quality: bool = True) -> Dataset:
    records = [
        ImageRecord(path=photo, name=photo.name, source="toy", emotion=("awe", "fear")[i % 2],
                    aesthetic_high=i % 4 < 2 if quality else None)
        for i, photo in enumerate(photos)
    ]  # fmt: skip
    return Dataset(root=Path("toy"), format="table", records=records)


def choose(dataset: Dataset, **options: int):  # type: ignore[no-untyped-def]
    return choose_pictures(dataset, image_labels(dataset.records), **{"columns": 2, **options})


def test_pictures_are_chosen_for_each_emotion_and_quality(example_photos: list[Path]):
    chosen = choose(photographed(example_photos))
    assert list(chosen.rows) == ["awe", "fear"]
    assert {block: len(pictures) for block, pictures in chosen.rows["awe"].items()} == {
        "high": 2, "low": 2}  # fmt: skip
    assert {picture.shape for picture in chosen.rows["fear"]["low"]} == {(192, 192, 3)}


def test_without_qualities_there_is_one_block(example_photos: list[Path]):
    assert list(choose(photographed(example_photos, quality=False)).rows["awe"]) == ["images"]


def test_the_same_seed_chooses_the_same_pictures_and_another_one_others(example_photos: list[Path]):
    dataset = photographed(example_photos)
    first, again, other = (choose(dataset, seed=seed).rows for seed in (0, 0, 1))

    def pixels(rows) -> bytes:  # type: ignore[no-untyped-def]
        return b"".join(
            p.tobytes() for row in rows.values() for block in row.values() for p in block
        )

    assert pixels(first) == pixels(again) != pixels(other)


def test_an_unreadable_picture_is_passed_over_and_counted(
    example_photos: list[Path], tmp_path: Path
):
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"no photo")
    dataset = photographed([bad, example_photos[0], example_photos[1]])
    records = [replace(r, emotion="awe", aesthetic_high=True) for r in dataset.records]
    chosen = choose(replace(dataset, records=records), columns=3)
    assert chosen.shown == 2
    assert [text.split(":")[0] for text in chosen.unreadable] == ["bad.jpg"]
    lines = write_figures(replace(dataset, records=records), tmp_path, only=["contact-sheet"])
    assert "1 unreadable pictures were passed over, the first: bad.jpg: not a photo" in lines[0]


def test_a_copy_without_pictures_is_not_searched_to_its_end():
    class Empty:
        asked = 0

        def read(self, record: ImageRecord) -> bytes:
            self.asked += 1
            raise ImageError("there is no such file")

    store = Empty()
    dataset = replace(photographed([Path(f"{i}.jpg") for i in range(10_000)]), store=store)
    assert choose(dataset).shown == 0
    assert store.asked < 100


# Raters


def test_raters_are_placed_by_the_model_of_their_ratings(tmp_path: Path):
    rng = np.random.default_rng(0)
    quality = rng.uniform(3, 8, (200, 1))
    matrix = np.clip(
        quality + np.array([-1.0, 0.0, 0.0, 1.0]) + rng.normal(0, 0.5, (200, 4)), 1, 10
    )
    dataset = Dataset(root=tmp_path, format="table", ratings=Ratings.from_matrix(matrix))
    lines = write_figures(dataset, tmp_path, only=["raters"], kind="svg")
    assert "flagged: rejected by ITU-R BT.500, or always the same score" in lines[0]
    assert "4 raters, 200 ratings each" in (tmp_path / "raters.svg").read_text("utf-8")


def test_one_rater_alone_cannot_be_placed(tmp_path: Path):
    dataset = Dataset(root=tmp_path, format="table", ratings=Ratings.from_matrix(np.ones((3, 1))))
    lines = write_figures(dataset, tmp_path, only=["raters"])
    assert lines == ["no raters: no rater shares images with another one"]


def test_there_is_a_drawer_for_every_name(tmp_path: Path):
    nothing = Dataset(root=tmp_path, format="table")
    lines = write_figures(nothing, tmp_path / "out")
    assert [line.split(":")[0] for line in lines] == [f"no {name}" for name in FIGURES]
    assert not (tmp_path / "out").exists()
