"""What a run stores, the next one finds: whole batches, in order, and nothing of other programs."""

import os
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from full_disk import full_disk

from iae.errors import DataError, OutputError
from iae.images.technical import TechnicalFacts
from iae.scoring.known import Entry, Plan, Stamp
from iae.scoring.pipeline import ScoredPhoto
from iae.scoring.scores import PhotoScore
from iae.scoring.store import Store, open_library
from iae.scoring.store_file import store_path

FACTS = TechnicalFacts(width=6000, height=4000, sharpness=0.1234, noise=2.5, contrast=0.21,
                       colourfulness=45.1, brightness=0.5, clipped_highlights=0.01,
                       clipped_shadows=0.0)  # fmt: skip


def scored(index: int, **changes: object) -> tuple[Entry, ScoredPhoto]:
    """A photo as the pipeline gives it; numbers that no short decimal has keep every digit."""
    name = f"photos/{index}.jpg"
    entry = Entry(path=os.fsencode(f"/photos/{index}.jpg"), name=name, position=index,
                  stamp=Stamp(100 + index, 2**62, 3), checksum=2**32 - 1, model="m",
                  facts_version=1, thumbnail=True)  # fmt: skip
    score = PhotoScore(path=name, aesthetic_mean=1 + index / 3, aesthetic_std=1 / 7,
                       levels=(0.1, 0.2, 0.3, 0.4), high_prob=0.5, emotions=(0.125,) * 8,
                       positive_prob=0.5, interval=(4.5, 6.5), facts=FACTS)  # fmt: skip
    return (
        replace(entry, **changes),  # type: ignore[arg-type]
        ScoredPhoto(score, np.linspace(-3, index, 6, dtype=np.float32)),
    )


def unreadable(index: int) -> tuple[Entry, ScoredPhoto]:
    entry, photo = scored(index)
    return (
        replace(entry, error="damaged: a", reader="r", checksum=None, thumbnail=False),
        ScoredPhoto(PhotoScore(path=photo.score.path, error="damaged: a"), None),
    )


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out" / ".iae").mkdir(parents=True)
    return tmp_path / "out"


@pytest.fixture
def filled(out: Path) -> Path:
    with Store.open(out) as store:
        store.put([scored(0), unreadable(1), scored(2)])
    return out


def test_what_was_stored_comes_back_to_the_last_digit(filled: Path):
    expected = [scored(0), unreadable(1), scored(2)]
    with Store.open(filled) as store:
        assert store.entries() == {entry.path: entry for entry, _ in expected}
        assert store.scores() == [photo.score for _, photo in expected]


def test_scores_without_interval_and_facts_come_back_without(out: Path):
    entry, photo = scored(0)
    plain = replace(photo.score, interval=None, facts=None)
    with Store.open(out) as store:
        store.put([(entry, ScoredPhoto(plain, photo.embedding))])
        assert store.scores() == [plain]


def test_what_compares_a_photo_with_its_library_is_not_stored(out: Path):
    entry, photo = scored(0)
    compared = replace(photo.score, percentile=99.0, reasons=("soft focus",), unsure=True)
    with Store.open(out) as store:
        store.put([(entry, ScoredPhoto(compared, photo.embedding))])
        assert store.scores() == [photo.score]


def test_a_photo_stored_twice_has_its_newer_scores(filled: Path):
    entry, photo = scored(0)
    with Store.open(filled) as store:
        store.put([(entry, ScoredPhoto(replace(photo.score, aesthetic_mean=9.0), None))])
        assert [score.aesthetic_mean for score in store.scores()] == [9.0, None, 1 + 2 / 3]
    assert np.isnan(open_library(filled).embeddings()[0]).all()


def test_scores_come_in_the_order_of_their_places_whatever_that_of_storing(out: Path):
    with Store.open(out) as store:
        store.put([scored(2)])
        store.put([scored(10), scored(0)])
        assert [score.path for score in store.scores()] == [
            "photos/0.jpg", "photos/2.jpg", "photos/10.jpg"]  # fmt: skip


def test_arranging_gives_known_photos_new_places_and_names_and_hides_all_others(filled: Path):
    entry = scored(0)[0]
    moved = replace(entry, path=b"/new/0.jpg", name="new/0.jpg", position=7, stamp=Stamp(1, 2, 3))
    with Store.open(filled) as store:
        store.arrange(Plan(known=[(entry.path, moved)]))
        assert [score.path for score in store.scores()] == ["new/0.jpg"]
        assert store.entries()[b"/new/0.jpg"] == moved
        assert len(store.entries()) == 3
    library = open_library(filled)
    assert np.allclose(library.embeddings(), np.linspace(-3, 0, 6)[None], atol=2e-3)


def test_hidden_photos_are_forgotten_only_when_told(filled: Path):
    entry = scored(0)[0]
    with Store.open(filled) as store:
        store.arrange(Plan(known=[(entry.path, entry)]))
    with Store.open(filled) as store:
        assert len(store.entries()) == 3
        store.forget_the_rest()
        assert list(store.entries()) == [entry.path]
    with sqlite3.connect(store_path(filled)) as connection:
        assert connection.execute("SELECT count(*) FROM embedding").fetchone() == (1,)


def test_a_library_has_scores_files_and_embeddings_in_one_order(filled: Path):
    library = open_library(filled)
    assert [score.path for score in library.scores] == [f"photos/{i}.jpg" for i in range(3)]
    assert library.files == [Path(f"/photos/{i}.jpg") for i in range(3)]
    vectors = library.embeddings()
    assert vectors.shape == (3, 6)
    assert vectors.dtype == np.float32
    assert np.isnan(vectors[1]).all()
    for row in (0, 2):  # float16 has eleven bits
        assert np.allclose(vectors[row], np.linspace(-3, row, 6), rtol=2**-11)


def test_a_library_without_readable_photos_has_embeddings_without_width(out: Path):
    with Store.open(out) as store:
        store.put([unreadable(0)])
    assert open_library(out).embeddings().shape == (1, 0)


def test_vectors_of_another_model_that_is_being_replaced_do_not_mix_in(out: Path):
    entry, photo = scored(0)
    with Store.open(out) as store:
        store.put([(entry, ScoredPhoto(photo.score, np.ones(99, np.float32)))])
        store.arrange(Plan())
        store.put([scored(1)])
    assert open_library(out).embeddings().shape == (1, 6)


def test_the_store_is_one_plain_file_between_runs(filled: Path):
    assert [path.name for path in (filled / ".iae").iterdir()] == ["library.sqlite"]
    # So that it can be read from a medium that nobody can write, with any tool.
    uri = f"{store_path(filled).as_uri()}?mode=ro&immutable=1"
    with sqlite3.connect(uri, uri=True) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_a_batch_is_stored_as_a_whole_or_not_at_all(out: Path):
    class Refused(Exception):
        pass

    def failing():
        yield scored(0)
        raise Refused

    with Store.open(out) as store:
        with pytest.raises(Refused):
            store.put(failing())
        assert store.entries() == {}
        store.put([scored(1)])
        assert len(store.entries()) == 1


def test_what_was_committed_survives_a_process_that_ends_there_and_then(out: Path):
    with Store.open(out) as store:
        store.put([scored(0)])
        copy = out.with_name("copy")
        shutil.copytree(out, copy)  # the files as a kill would leave them, log and all
    with Store.open(copy) as store:
        assert len(store.entries()) == 1


@pytest.mark.parametrize("content", [b"Dear diary" * 1000, b"SQLite format 3\0" + b"x" * 5000])
def test_a_file_that_is_no_database_is_named_with_what_to_do(out: Path, content: bytes):
    store_path(out).write_bytes(content)
    for opened in (Store.open(out).__enter__, lambda: open_library(out)):
        with pytest.raises(OutputError, match=r"library\.sqlite is damaged \(.*\); delete it, and"):
            opened()
    assert store_path(out).read_bytes() == content


def test_a_store_damaged_anywhere_is_one_line_or_still_right(out: Path):
    with Store.open(out) as store:
        store.put([scored(i) for i in range(200)])
        expected = store.scores()
    whole = store_path(out).read_bytes()
    rng = np.random.default_rng(0)
    refused = 0
    for start in rng.integers(0, len(whole), 40):
        part = bytearray(whole)
        part[start : start + 500] = rng.bytes(len(part[start : start + 500]))
        store_path(out).write_bytes(part)
        try:
            library = open_library(out)
            library.embeddings()
        except OutputError:
            refused += 1
        else:
            assert len(library.scores) <= len(expected)
    assert refused > 10


def test_a_store_cut_short_is_damaged(filled: Path):
    os.truncate(store_path(filled), 6000)
    with pytest.raises(OutputError, match="delete it, and the next run scores every photo again"):
        open_library(filled)


def test_numbers_that_are_none_are_damage(filled: Path):
    with sqlite3.connect(store_path(filled)) as connection:
        connection.execute("""UPDATE photo SET score = '{"levels": 1}' WHERE position = 0""")
    with pytest.raises(OutputError, match=r"library\.sqlite is damaged"):
        open_library(filled)


def test_a_database_of_another_program_is_refused_and_left_alone(out: Path):
    with sqlite3.connect(store_path(out)) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    before = store_path(out).read_bytes()
    with pytest.raises(OutputError, match="is a database of another program; move it away"):
        Store.open(out).__enter__()
    assert store_path(out).read_bytes() == before


def test_a_store_of_a_newer_version_is_refused_and_left_alone(filled: Path):
    with sqlite3.connect(store_path(filled)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = store_path(filled).read_bytes()
    with pytest.raises(OutputError, match=r"newer version of iae \(its format is 99, .*update iae"):
        Store.open(filled).__enter__()
    assert store_path(filled).read_bytes() == before


def test_an_empty_file_in_its_place_becomes_a_store(out: Path):
    store_path(out).touch()
    with Store.open(out) as store:
        store.put([scored(0)])
    assert len(open_library(out).scores) == 1


def test_a_folder_in_its_place_is_an_error(out: Path):
    store_path(out).mkdir()
    with pytest.raises(OutputError, match=r"cannot read or write .*library\.sqlite"):
        Store.open(out).__enter__()


def test_a_folder_without_scores_says_how_to_get_some(tmp_path: Path):
    with pytest.raises(DataError, match=r"holds no scores of 'iae score'; run: iae score PHOTOS"):
        open_library(tmp_path)


def test_a_full_disk_is_one_line_and_keeps_what_was_stored(out: Path):
    with Store.open(out) as store:
        store.put([scored(0)])
        many = [scored(i) for i in range(1, 100)]
        with full_disk(), pytest.raises(OutputError, match=r"write .*library\.sqlite"):
            store.put(many)
    with Store.open(out) as store:
        assert len(store.entries()) == 1


@pytest.mark.parametrize("how", ["removed", "moved", "replaced"])
def test_a_folder_that_vanishes_under_the_run_is_one_line(out: Path, how: str):
    opened = Store.open(out)
    store = opened.__enter__()
    store.put([scored(0)])
    if how == "removed":
        shutil.rmtree(out)
    else:
        out.rename(out.with_name("elsewhere"))
    if how == "replaced":
        (out / ".iae").mkdir(parents=True)
        store_path(out).touch()
    with pytest.raises(OutputError, match="was removed, moved or unmounted while results") as told:
        store.put([scored(1)])
    assert opened.__exit__(OutputError, told.value, None) is False


def test_a_store_that_is_being_written_is_not_read_half(out: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("iae.scoring.store_file._SECONDS", 0.01)
    with Store.open(out) as store:
        store.put([scored(0)])
        with pytest.raises(OutputError, match="is in use by another run or program; wait until"):
            open_library(out)
    assert len(open_library(out).scores) == 1


def test_results_may_lie_in_a_folder_whose_name_is_no_text(tmp_path: Path):
    out = tmp_path / os.fsdecode(b"out\xff?#%")
    (out / ".iae").mkdir(parents=True)
    with Store.open(out) as store:
        store.put([scored(0)])
    assert len(open_library(out).scores) == 1
