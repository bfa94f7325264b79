"""A run over what an earlier one scored: nothing known is decoded, nothing gone is left."""

import os
import shutil
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from full_disk import full_disk
from PIL import Image

from iae.errors import OutputError
from iae.scoring import folder
from iae.scoring.folder import FolderResult
from iae.scoring.output import write_scores
from iae.scoring.scorer import Scorer

# One decoding process: its start is what these few photos cost.
score_folder = partial(folder.score_folder, workers=1)


@pytest.fixture(scope="module")
def scorer(toy_onnx: Path) -> Scorer:
    return Scorer(toy_onnx)


@pytest.fixture
def photos(tmp_path: Path, toy_roots: dict[str, Path]) -> Path:
    root = tmp_path / "photos"
    root.mkdir()
    for i in range(6):
        shutil.copy2(toy_roots["labelled"] / f"{i:02}.jpg", root)
    return root


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def visible(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*"))
            if path.is_file() and ".iae" not in path.relative_to(out).parts}  # fmt: skip


def why(result: FolderResult) -> dict[str, int]:
    return {reason: count for reason, count in result.plan.why.items() if count}


def forbid_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*arguments: object, **named: object):
        pytest.fail("a photo was decoded")
        yield

    monkeypatch.setattr(folder, "score_photos", forbidden)


def test_a_second_run_decodes_nothing_and_writes_the_same(
    scorer: Scorer, photos: Path, out: Path, monkeypatch: pytest.MonkeyPatch
):
    (photos / "bad.jpg").write_text("no photo")
    first = score_folder([photos], out, scorer)
    written = visible(out)
    forbid_decoding(monkeypatch)
    second = score_folder([photos], out, scorer)
    assert visible(out) == written
    assert second.scores == first.scores
    assert len(second.plan.known) == 7


def test_what_a_second_run_adds_stands_where_a_first_run_would_have_put_it(
    scorer: Scorer, photos: Path, out: Path, toy_roots: dict[str, Path]
):
    score_folder([photos], out, scorer)
    shutil.copy(toy_roots["labelled"] / "30.jpg", photos / "00-first.jpg")
    assert why(score_folder([photos], out, scorer)) == {"new": 1}
    score_folder([photos], out.with_name("alone"), scorer)
    assert visible(out) == visible(out.with_name("alone"))


def test_a_photo_with_new_pixels_gets_new_scores_and_a_new_thumbnail(
    scorer: Scorer, photos: Path, out: Path
):
    score_folder([photos], out, scorer)
    shutil.copy(photos / "01.jpg", photos / "00.jpg")
    assert why(score_folder([photos], out, scorer)) == {"changed": 1}
    score_folder([photos], out.with_name("alone"), scorer)
    assert visible(out) == visible(out.with_name("alone"))


def test_stars_embedded_in_a_photo_do_not_have_it_scored_again(
    scorer: Scorer, photos: Path, out: Path, monkeypatch: pytest.MonkeyPatch
):
    score_folder([photos], out, scorer)
    before = visible(out)
    content = b'http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmp:Rating="5"/>'
    data = (photos / "00.jpg").read_bytes()
    segment = b"\xff\xe1" + (len(content) + 2).to_bytes(2) + content
    (photos / "00.jpg").write_bytes(data[:2] + segment + data[2:])
    forbid_decoding(monkeypatch)
    result = score_folder([photos], out, scorer)
    assert why(result) == {}
    assert visible(out) == before
    # Its new size and time are what it is known by from now on.
    monkeypatch.setattr("iae.scoring.known.checksum_of", lambda path: pytest.fail("was opened"))
    assert why(score_folder([photos], out, scorer)) == {}


def test_a_thumbnail_is_renewed_even_if_the_change_was_scored_without_one(
    scorer: Scorer, photos: Path, out: Path
):
    score_folder([photos], out, scorer)
    shutil.copy(photos / "01.jpg", photos / "00.jpg")
    score_folder([photos], out, scorer, gallery=False)
    assert why(score_folder([photos], out, scorer)) == {"thumbnail": 1}
    score_folder([photos], out.with_name("alone"), scorer)
    assert visible(out) == visible(out.with_name("alone"))


def test_photos_that_are_gone_leave_the_tables_the_gallery_and_the_store(
    scorer: Scorer, photos: Path, out: Path
):
    score_folder([photos], out, scorer)
    (photos / "03.jpg").unlink()
    result = score_folder([photos], out, scorer)
    assert result.plan.gone == 1
    assert "03.jpg" not in (out / "index.html").read_text("utf-8")
    assert not any("03.jpg" in path for path in pl.read_csv(out / "scores.csv")["path"])
    assert len(list((out / "thumbnails").glob("*.jpg"))) == 5
    assert b"03.jpg" not in (out / ".iae" / "library.sqlite").read_bytes()


def test_a_moved_photo_is_not_decoded_and_its_thumbnail_follows(
    scorer: Scorer, photos: Path, out: Path, monkeypatch: pytest.MonkeyPatch
):
    score_folder([photos], out, scorer)
    (photos / "below").mkdir()
    (photos / "03.jpg").rename(photos / "below" / "new name.jpg")
    score_folder([photos], out.with_name("alone"), scorer)
    forbid_decoding(monkeypatch)
    assert why(score_folder([photos], out, scorer)) == {"moved": 1}
    assert visible(out) == visible(out.with_name("alone"))


def test_photos_named_in_another_way_are_known_and_called_as_they_are_named_now(
    scorer: Scorer, photos: Path, out: Path, monkeypatch: pytest.MonkeyPatch
):
    score_folder([photos], out, scorer)
    monkeypatch.chdir(photos.parent)
    forbid_decoding(monkeypatch)
    result = score_folder([Path("photos")], out, scorer)
    assert result.scores[0].path == "photos/00.jpg"
    assert len(list((out / "thumbnails").glob("*.jpg"))) == 6


def test_another_model_scores_every_photo_again(
    scorer: Scorer, photos: Path, out: Path, tmp_path: Path
):
    score_folder([photos], out, scorer)
    other = tmp_path / "other.onnx"
    other.write_bytes(scorer.path.read_bytes() + b"\x72\x00")  # one more, empty, field of metadata
    assert why(score_folder([photos], out, Scorer(other))) == {"model": 6}
    assert why(score_folder([photos], out, scorer)) == {"model": 6}


def test_a_model_is_known_by_its_content_not_by_its_name(
    scorer: Scorer, photos: Path, out: Path, tmp_path: Path
):
    score_folder([photos], out, scorer)
    copy = shutil.copy(scorer.path, tmp_path / "copy.onnx")
    assert why(score_folder([photos], out, Scorer(copy))) == {}


def test_facts_of_another_version_are_measured_again(
    scorer: Scorer, photos: Path, out: Path, monkeypatch: pytest.MonkeyPatch
):
    score_folder([photos], out, scorer)
    monkeypatch.setattr(folder, "FACTS_VERSION", folder.FACTS_VERSION + 1)
    assert why(score_folder([photos], out, scorer)) == {"facts": 6}
    assert why(score_folder([photos], out, scorer)) == {}


def test_a_run_without_facts_writes_none_but_leaves_those_that_were_measured(
    scorer: Scorer, photos: Path, out: Path
):
    measured = score_folder([photos], out, scorer)
    without = score_folder([photos], out, scorer, facts=False)
    assert why(without) == {}
    assert {score.facts for score in without.scores} == {None}
    again = score_folder([photos], out, scorer)
    assert why(again) == {}
    assert again.scores == measured.scores


def test_a_photo_that_becomes_readable_is_scored(
    scorer: Scorer, photos: Path, out: Path, monkeypatch: pytest.MonkeyPatch
):
    (photos / "bad.jpg").write_text("no photo")
    score_folder([photos], out, scorer)
    assert why(score_folder([photos], out, scorer)) == {}
    assert why(score_folder([photos], out, scorer, retry=True)) == {"unreadable": 1}
    monkeypatch.setattr(folder, "_reader", lambda: "a newer decoder")
    assert why(score_folder([photos], out, scorer)) == {"unreadable": 1}
    shutil.copy(photos / "00.jpg", photos / "bad.jpg")
    assert len(score_folder([photos], out, scorer).readable) == 7


def test_a_photo_written_while_it_is_scored_is_scored_again_next_time(
    scorer: Scorer, photos: Path, out: Path
):
    def rewrite(done: int, total: int) -> None:
        if done == 1:  # its batch is decoded by now, the second photo's bytes not yet summed up
            shutil.copy(photos / "05.jpg", photos / "01.jpg")

    score_folder([photos], out, scorer, progress=rewrite)
    assert why(score_folder([photos], out, scorer)) == {"changed": 1}
    score_folder([photos], out.with_name("alone"), scorer)
    assert visible(out) == visible(out.with_name("alone"))


def test_photos_can_be_shown_from_where_they_lie(scorer: Scorer, photos: Path, out: Path):
    with Image.open(photos / "00.jpg") as image:
        image.save(photos / "scan.tif")  # no browser shows it
    first = score_folder([photos], out, scorer, shown="originals")
    assert len(list((out / "thumbnails").glob("*.jpg"))) == 1
    assert "../photos/00.jpg" in (out / "index.html").read_text("utf-8")
    assert why(score_folder([photos], out, scorer, shown="originals")) == {}
    second = score_folder([photos], out, scorer)
    assert why(second) == {"thumbnail": 6}
    assert second.scores == first.scores
    score_folder([photos], out, scorer, shown="originals")
    assert len(list((out / "thumbnails").glob("*.jpg"))) == 1


def interrupt(after: int):
    def progress(done: int, total: int) -> None:
        if done == after:
            raise KeyboardInterrupt

    return progress


def test_ctrl_c_keeps_what_is_done_and_writes_it(
    scorer: Scorer, toy_roots: dict[str, Path], out: Path
):
    result = score_folder([toy_roots["labelled"]], out, scorer, progress=interrupt(20))
    assert result.stopped
    assert (len(result.scores), result.left) == (20, 20)
    assert len(pl.read_csv(out / "scores.csv")) == 20
    again = score_folder([toy_roots["labelled"]], out, scorer)
    assert (len(again.plan.known), again.left, again.stopped) == (20, 0, False)
    score_folder([toy_roots["labelled"]], out.with_name("alone"), scorer)
    assert visible(out) == visible(out.with_name("alone"))


def test_ctrl_c_before_anything_was_scored_leaves_the_tables_of_before(
    scorer: Scorer,
    photos: Path,
    out: Path,
    toy_roots: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
):
    score_folder([photos], out, scorer)
    written = visible(out)

    def interrupted(*arguments: object, **named: object):
        raise KeyboardInterrupt
        yield

    with monkeypatch.context() as patch:
        patch.setattr(folder, "score_photos", interrupted)
        stopped = score_folder([toy_roots["voted"]], out, scorer)
    assert (stopped.stopped, stopped.tables, stopped.left) == (True, [], 24)
    assert visible(out) == written
    forbid_decoding(monkeypatch)  # the mistake has cost nothing
    assert why(score_folder([photos], out, scorer)) == {}


def test_embeddings_come_in_the_order_of_the_scores(scorer: Scorer, photos: Path, out: Path):
    (photos / "01b.jpg").write_text("no photo")
    result = score_folder([photos], out, scorer)
    vectors = result.embeddings()
    assert len(vectors) == len(result.scores) == 7
    assert [bool(np.isnan(row).all()) for row in vectors] == [bool(s.error) for s in result.scores]
    alone = score_folder([photos / "04.jpg"], out.with_name("alone"), scorer)
    assert np.array_equal(alone.embeddings()[0], vectors[5])


def test_what_a_killed_run_left_half_written_goes_and_files_of_the_user_stay(
    scorer: Scorer, photos: Path, out: Path
):
    score_folder([photos], out, scorer)
    half = out / "thumbnails" / ".0123456789abcdef.jpg.part"
    mine = out / "thumbnails" / "mine.jpg"
    for path in (half, mine, out / "notes.txt", out / ".iae" / "notes.txt"):
        path.write_text("…")
    score_folder([photos], out, scorer)
    assert not half.exists()
    assert mine.exists()
    assert (out / "notes.txt").exists()
    assert (out / ".iae" / "notes.txt").exists()


def test_an_empty_thumbnail_is_made_again(scorer: Scorer, photos: Path, out: Path):
    score_folder([photos], out, scorer)
    thumbnail = next((out / "thumbnails").glob("*.jpg"))
    whole = thumbnail.read_bytes()
    thumbnail.write_bytes(b"")
    assert why(score_folder([photos], out, scorer)) == {"thumbnail": 1}
    assert thumbnail.read_bytes() == whole


def test_a_second_run_at_the_same_time_is_refused(scorer: Scorer, photos: Path, out: Path):
    refused: list[str] = []

    def meanwhile(done: int, total: int) -> None:
        if done == 1:
            with pytest.raises(OutputError) as error:
                score_folder([photos], out, scorer)
            refused.append(str(error.value))

    result = score_folder([photos], out, scorer, progress=meanwhile)
    assert f"another run is writing into {out} (process {os.getpid()} on" in refused[0]
    assert len(result.readable) == 6


def test_results_vanishing_in_the_middle_are_an_error_and_nothing_comes_back(
    scorer: Scorer, toy_roots: dict[str, Path], out: Path
):
    def vanish(done: int, total: int) -> None:
        if done == 5:
            shutil.rmtree(out)

    with pytest.raises(OutputError, match="was removed, moved or unmounted"):
        score_folder([toy_roots["labelled"]], out, scorer, gallery=False, progress=vanish)
    assert not out.exists()


def test_results_vanishing_while_thumbnails_are_written_do_not_come_back(
    scorer: Scorer, tmp_path: Path, toy_roots: dict[str, Path], out: Path
):
    photos = tmp_path / "many"
    photos.mkdir()
    for i in range(200):  # more than are prepared ahead
        shutil.copy2(toy_roots["labelled"] / f"{i % 6:02}.jpg", photos / f"{i:03}.jpg")

    def vanish(done: int, total: int) -> None:
        if done == 5:
            out.rename(tmp_path / "elsewhere")  # at one blow, as when a drive is pulled out

    with pytest.raises(OutputError, match="was removed, moved or unmounted"):
        score_folder([photos], out, scorer, progress=vanish)
    assert not out.exists()
    assert not list((tmp_path / "elsewhere").rglob("*.part"))


@pytest.mark.parametrize("fmt", ["csv", "parquet", "ndjson"])
def test_a_disk_that_is_full_for_a_table_leaves_the_table_that_was_there(
    scorer: Scorer, toy_roots: dict[str, Path], out: Path, fmt: str
):
    result = score_folder([toy_roots["labelled"]], out, scorer, formats=[fmt], gallery=False)
    before = visible(out)
    with full_disk(), pytest.raises(OutputError, match=rf"cannot write .*scores\.{fmt}: File too"):
        write_scores(out, result.scores, fmt)
    assert visible(out) == before
