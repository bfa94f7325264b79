"""A folder of good and bad photos becomes tables and a gallery, the same ones every time."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from PIL import Image

from iae.errors import OutputError
from iae.images.preprocess import load_pixels
from iae.scoring.decoding import THUMBNAIL_SIDE
from iae.scoring.find import THUMBNAILS_MARK
from iae.scoring.folder import FolderResult, score_folder
from iae.scoring.scorer import Scorer
from iae.scoring.scores import COLUMNS, PhotoScore

FORMATS = ("csv", "parquet", "ndjson")


@pytest.fixture(scope="module")
def scorer(toy_onnx: Path) -> Scorer:
    return Scorer(toy_onnx)


@pytest.fixture(scope="module")
def photos(
    tmp_path_factory: pytest.TempPathFactory,
    toy_roots: dict[str, Path],
    example_photos: list[Path],
    bad_photos: dict[str, bytes],
) -> Path:
    """Some good photos, some in folders below, and files that are none."""
    root = tmp_path_factory.mktemp("photos")
    for path in sorted(toy_roots["labelled"].glob("*.jpg"))[:20]:
        shutil.copy(path, root)
    (root / "below").mkdir()
    for path in example_photos[:2]:
        shutil.copy(path, root / "below")
    for what, content in bad_photos.items():
        (root / f"{what}.jpg").write_bytes(content)
    return root


@pytest.fixture(scope="module")
def result(scorer: Scorer, photos: Path, tmp_path_factory: pytest.TempPathFactory) -> FolderResult:
    out = tmp_path_factory.mktemp("scored") / "out"
    return score_folder([photos], out, scorer, formats=FORMATS)


def content_of(folder: Path) -> dict[str, bytes]:
    """Every file but the state that is for the next run."""
    return {str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and ".iae" not in path.relative_to(folder).parts}  # fmt: skip


def alone(score: PhotoScore) -> PhotoScore:
    """Without what only a library tells, and without what was measured beside the scores."""
    return replace(score, facts=None, percentile=None, reasons=(), unsure=None)


def test_every_photo_has_a_row_in_the_order_found(result: FolderResult, photos: Path):
    listed = [str(Path(score.path).relative_to(photos)) for score in result.scores]
    assert listed == sorted(listed, key=lambda name: Path(name).parts)
    assert len(listed) == 26


def test_unreadable_files_are_rows_in_their_places_with_their_reasons(
    result: FolderResult, photos: Path
):
    reasons = {Path(score.path).stem: score.error for score in result.unreadable}
    assert set(reasons) == {"text", "truncated", "empty", "huge"}
    assert "not a photo" in reasons["text"]
    assert "damaged" in reasons["truncated"]
    assert "empty" in reasons["empty"]
    assert "too large" in reasons["huge"]


def test_all_tables_hold_the_same_rows_in_exactly_the_columns(result: FolderResult):
    read = {"csv": pl.read_csv, "parquet": pl.read_parquet, "ndjson": pl.read_ndjson}
    tables = [read[path.suffix[1:]](path) for path in result.tables]
    assert [tuple(table.columns) for table in tables] == [COLUMNS] * 3
    rows = [score.to_row() for score in result.scores]
    for table in tables:
        assert table.with_columns(pl.col("error").fill_null("")).to_dicts() == rows


def test_every_line_of_the_ndjson_stands_for_itself(result: FolderResult):
    lines = result.tables[2].read_text("utf-8").splitlines()
    assert [json.loads(line)["path"] for line in lines] == [score.path for score in result.scores]


@pytest.mark.parametrize("workers", [1, 3])
def test_another_run_writes_the_same_bytes(
    result: FolderResult, scorer: Scorer, photos: Path, workers: int
):
    # Beside the first, because the gallery names photos relative to itself.
    again = result.tables[0].parent.with_name(f"again-{workers}")
    score_folder([photos], again, scorer, formats=FORMATS, workers=workers)
    assert content_of(again) == content_of(result.tables[0].parent)


def test_a_photo_has_the_score_in_a_folder_that_it_has_alone(result: FolderResult, scorer: Scorer):
    for score in (result.readable[0], result.readable[-1]):
        assert scorer.score(score.path) == alone(score)


def test_leaving_the_gallery_away_changes_no_score(
    result: FolderResult, scorer: Scorer, photos: Path, tmp_path: Path
):
    plain = score_folder([photos], tmp_path / "out", scorer, gallery=False)
    assert plain.scores == result.scores
    assert plain.gallery is None
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [".iae", "scores.csv"]


def test_photos_are_scored_on_the_pixels_of_training(result: FolderResult, scorer: Scorer):
    score = result.readable[0]
    pixels = load_pixels(Path(score.path), scorer.info.preprocess)
    assert scorer.score_pixels([(score.path, pixels)]) == [alone(score)]


def test_every_readable_photo_has_a_thumbnail_and_nothing_else_lies_there(result: FolderResult):
    out = result.tables[0].parent
    assert sorted(p.name for p in (out / "thumbnails").iterdir())[0] == THUMBNAILS_MARK
    thumbnails = list((out / "thumbnails").glob("*.jpg"))
    assert len(thumbnails) == len(result.readable) == 22
    for path in thumbnails:
        with Image.open(path) as image:
            assert max(image.size) <= THUMBNAIL_SIDE
    assert {p.name for p in out.iterdir()} == {
        ".iae", "index.html", "thumbnails", *(f"scores.{fmt}" for fmt in FORMATS)}  # fmt: skip


def test_the_links_of_the_gallery_lead_to_the_photos(result: FolderResult):
    assert result.gallery is not None
    text = result.gallery.read_text("utf-8")
    relative = os.path.relpath(result.readable[0].path, result.gallery.parent)
    assert relative in text
    assert (result.gallery.parent / relative).is_file()


def test_the_notice_is_the_licence_of_the_model(result: FolderResult):
    assert "research only: toy photos" in result.notice


def test_photos_with_names_that_are_hard_to_write_are_scored_and_listed(
    scorer: Scorer, toy_roots: dict[str, Path], tmp_path: Path
):
    root = tmp_path / "photos"
    root.mkdir()
    for name in (b"caf\xe9.jpg", b"two\nlines.jpg", b'"quo,ted".jpg', "写真.jpg".encode()):
        shutil.copy(toy_roots["labelled"] / "00.jpg", root / os.fsdecode(name))
    result = score_folder([root], tmp_path / "out", scorer, formats=FORMATS)
    assert len(result.readable) == 4
    names = {"caf\\xe9.jpg", "two\nlines.jpg", '"quo,ted".jpg', "写真.jpg"}
    listed = pl.read_csv(tmp_path / "out" / "scores.csv")["path"]
    assert set(listed) == {f"{root}/{name}" for name in names}
    assert len(list((tmp_path / "out" / "thumbnails").glob("*.jpg"))) == 4


def test_a_comment_too_long_for_a_jpeg_costs_neither_the_photo_nor_the_run(
    scorer: Scorer, picture: Image.Image, tmp_path: Path
):
    picture.convert("P").save(tmp_path / "a.gif", comment=b"x" * 70_000)
    result = score_folder([tmp_path / "a.gif"], tmp_path / "out", scorer)
    assert [score.error for score in result.scores] == [""]


def test_thumbnails_carry_no_comment_of_the_photo(
    scorer: Scorer, picture: Image.Image, tmp_path: Path
):
    picture.save(tmp_path / "a.jpg", comment=b"who was there and why")
    score_folder([tmp_path / "a.jpg"], tmp_path / "out", scorer)
    thumbnail = next((tmp_path / "out" / "thumbnails").glob("*.jpg"))
    assert b"who was there" not in thumbnail.read_bytes()


def test_results_cannot_go_where_a_file_is(scorer: Scorer, photos: Path, tmp_path: Path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OutputError, match="a file has that name; choose another with -o"):
        score_folder([photos], tmp_path / "file", scorer)


def test_progress_is_told_after_each_photo_to_the_end(
    scorer: Scorer, toy_roots: dict[str, Path], tmp_path: Path
):
    told: list[tuple[int, int]] = []
    score_folder([toy_roots["voted"]], tmp_path / "out", scorer, gallery=False,
                 progress=lambda *done: told.append(done))  # fmt: skip
    assert told == [(i + 1, 24) for i in range(24)]


def test_the_thumbnails_of_an_earlier_run_are_not_taken_for_photos(
    scorer: Scorer, toy_roots: dict[str, Path], tmp_path: Path
):
    shutil.copy(sorted(toy_roots["labelled"].glob("*.jpg"))[0], tmp_path)
    for out in ("first", "second", "third"):
        assert len(score_folder([tmp_path], tmp_path / out, scorer).scores) == 1


def test_the_thumbnail_of_a_photo_that_is_gone_goes_and_other_files_stay(
    scorer: Scorer, toy_roots: dict[str, Path], tmp_path: Path
):
    photos, out = tmp_path / "photos", tmp_path / "out"
    photos.mkdir()
    for name in ("00.jpg", "01.jpg"):
        shutil.copy(toy_roots["labelled"] / name, photos)
    score_folder([photos], out, scorer)
    (out / "thumbnails" / "mine.jpg").write_text("a file of the user's")
    (photos / "01.jpg").unlink()
    score_folder([photos], out, scorer)
    left = {path.name for path in (out / "thumbnails").glob("*.jpg")}
    assert len(left) == 2
    assert "mine.jpg" in left
