"""What happens when the disk is full, the file cannot be written, is damaged, or copied."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from full_disk import full_disk
from sqlalchemy import URL, text

from iae.errors import OutputError
from iae.study.backup import backup
from iae.study.engines import database_url
from iae.study.errors import StorageError, StudyError
from iae.study.migrate import migrate, schema_version, scripts
from iae.study.schema import METADATA
from iae.study.service import open_study
from iae.study.storage import Storage

GOOD = {"quality": "good"}
SCHEMAS = Path(__file__).parent / "schemas"


def test_a_full_disk_is_one_line_and_the_vote_can_be_sent_again(make_study):
    study = make_study()
    rater, _ = study.invite()
    first, second, _ = study.next_images(rater).assignments
    study.vote(rater, first.id, "key-0001", GOOD)
    error = None
    with full_disk():
        try:
            study.vote(rater, second.id, "key-0002", GOOD)
        except StorageError as caught:
            error = caught
    assert "\n" not in str(error)
    assert "study.db" in str(error)
    assert "nothing was acknowledged" in str(error)
    assert study.progress(rater).rated == 1
    assert not study.vote(rater, second.id, "key-0002", GOOD).repeated
    assert study.progress(rater).rated == 2


def test_a_file_that_cannot_be_written_is_one_line(make_study):
    study = make_study()
    read_only = URL.create("sqlite", database=f"file:{study.storage.file}",
                           query={"mode": "ro", "uri": "true"})  # fmt: skip
    storage = Storage(read_only)
    with (
        pytest.raises(StorageError, match="attempt to write a readonly database; nothing was"),
        storage.writing() as connection,
    ):
        connection.execute(text("UPDATE image SET votes = 9"))
    storage.close()


def test_a_damaged_database_is_one_line(make_study):
    study = make_study()
    study.close()
    study.storage.file.write_bytes(b"no database, " * 1000)
    with pytest.raises(StorageError, match="file is not a database"):
        open_study(study.folder)


def test_a_missing_database_is_not_made_anew(make_study):
    study = make_study()
    study.close()
    study.storage.file.unlink()
    with pytest.raises(StorageError, match="there is no study database"):
        open_study(study.folder)


def test_a_server_that_is_not_there_is_one_line(tmp_path):
    storage = Storage(database_url(f"postgresql://nobody:secret@/none?host={tmp_path}", tmp_path))
    with (
        pytest.raises(StorageError, match="cannot use the study database") as caught,
        storage.writing(),
    ):
        pass
    storage.close()
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("url", ["mysql://a@b/c", "http://x", "://"])
def test_another_kind_of_database_is_refused(tmp_path, url):
    with pytest.raises(StorageError, match="postgresql://USER@HOST/NAME"):
        database_url(url, tmp_path)


def test_sqlite_waits_for_the_disk_with_every_vote(make_study):
    storage = make_study().storage
    with storage.writing(durable=False) as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 1  # NORMAL
    with storage.writing() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2  # FULL
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA busy_timeout")).scalar() == 20_000
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_a_backup_made_while_votes_arrive_opens_as_of_one_moment(make_study, tmp_path):
    study = make_study(40)
    rater, _ = study.invite()
    stop = threading.Event()

    def rate():
        number = 0
        while not stop.is_set() and (batch := study.next_images(rater)).assignments:
            number += 1
            study.vote(rater, batch.assignments[0].id, f"key-{number:05d}", GOOD)

    thread = threading.Thread(target=rate)
    thread.start()
    copy = tmp_path / "copy" / "study.db"
    backup(study.storage, copy)
    stop.set()
    thread.join()
    (copy.parent / "study.toml").write_text((study.folder / "study.toml").read_text())
    with open_study(copy.parent) as again, again.storage.reading() as connection:
        counted = connection.execute(text("SELECT sum(votes) FROM image")).scalar()
        assert counted == connection.execute(text("SELECT count(*) FROM vote")).scalar()


def test_a_backup_does_not_overwrite_the_study(make_study):
    study = make_study()
    with pytest.raises(OutputError, match="is the study database itself"):
        backup(study.storage, study.storage.file)


def test_a_study_on_postgresql_is_backed_up_by_its_own_program(make_study, postgres_database):
    study = make_study(settings=f'database = "{postgres_database}"')
    with pytest.raises(StudyError, match=r"pg_dump --format=custom --file=b\.dump 'postgresql://"):
        backup(study.storage, Path("b.dump"))


# The schema


def test_the_tables_are_those_that_the_migrations_make(make_study, database):
    study = make_study(settings=f'database = "{database}"')
    with study.storage.writing() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_every_schema_version_has_an_old_study_here():
    revisions = {script.revision for script in scripts().walk_revisions()}
    assert {path.stem for path in SCHEMAS.glob("*.sql")} == revisions


@pytest.mark.parametrize("version", sorted(path.stem for path in SCHEMAS.glob("*.sql")))
def test_a_study_left_at_any_schema_version_opens_at_the_newest(tmp_path, version):
    """Each file is a study of four images by two raters, as its version left it."""
    with closing(sqlite3.connect(tmp_path / "study.db")) as old:
        old.executescript((SCHEMAS / f"{version}.sql").read_text("utf-8"))
    (tmp_path / "study.toml").write_text('title = "Old"\nphotos = "photos"\nconsent_version = ""\n')
    with open_study(tmp_path) as study:
        with study.storage.reading() as connection:
            assert schema_version(connection) == scripts().get_current_head()
            votes = connection.execute(text("SELECT answers FROM vote ORDER BY id")).scalars().all()
            raters = connection.execute(text("SELECT public_id FROM rater ORDER BY id")).scalars()
            assert len(list(raters)) == 2
        assert votes == ['{"quality": "good"}', '{"quality": "bad"}', '{"quality": "fair"}']
        rater, _ = study.invite()
        assert study.next_images(rater).state == "rating"


def test_a_database_of_a_newer_program_is_refused(make_study):
    study = make_study()
    with study.storage.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '999'"))
    with pytest.raises(StudyError, match="schema 999, which is newer .* update iae"):
        open_study(study.folder)


def test_a_migration_that_fails_leaves_nothing(tmp_path):
    storage = Storage(database_url("study.db", tmp_path))
    with storage.writing() as connection:
        connection.execute(text("CREATE TABLE vote (id INTEGER)"))  # in the way of the last table
    with pytest.raises(StorageError, match="already exists"), storage.writing() as connection:
        migrate(connection)
    with storage.reading() as connection:
        tables = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
        assert tables.scalars().all() == ["vote"]
    storage.close()
