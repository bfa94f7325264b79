"""Links, consent and demonstration: who may do what, and what is stored of it."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from iae.study.errors import (
    ConsentRequiredError,
    ExpiredTokenError,
    RevokedTokenError,
    StudyError,
    UnknownIdError,
    UnknownTokenError,
)
from iae.study.schema import ASSIGNMENT, CONSENT, METADATA, RATER, VOTE

GOOD = {"quality": "good"}


def rows(study, table):
    with study.storage.reading() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_a_link_opens_the_study_for_one_pseudonym(make_study):
    study = make_study()
    (anna, token), (other, other_token) = study.invite(name="Anna"), study.invite()
    assert study.rater(token).id == anna.id != other.id
    assert token != other_token
    assert "Anna" not in anna.id


def test_of_a_token_only_a_hash_is_stored(make_study):
    study = make_study()
    _, token = study.invite()
    study.storage.checkpoint()
    assert token.encode() not in study.storage.file.read_bytes()


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "A" * 10_000, "../../etc/passwd", "ä" * 43])
def test_a_token_that_nobody_was_given_opens_nothing(make_study, token):
    study = make_study()
    study.invite()
    with pytest.raises(UnknownTokenError, match="belongs to nobody"):
        study.rater(token)


def test_a_withdrawn_link_opens_nothing_and_the_votes_stay(make_study):
    study = make_study()
    rater, token = study.invite()
    now = study.next_images(rater).assignments[0]
    study.vote(rater, now.id, "key-0001", GOOD)
    study.revoke(rater.id)
    with pytest.raises(RevokedTokenError):
        study.rater(token)
    assert rows(study, VOTE) == 1
    with pytest.raises(StudyError, match="no rater is called 'r0'"):
        study.revoke("r0")


def test_a_link_opens_until_it_expires(make_study):
    clock = [datetime(2026, 1, 1, tzinfo=UTC).timestamp()]
    study = make_study(clock=lambda: clock[0])
    _, token = study.invite(expires=datetime(2026, 1, 2, tzinfo=UTC))
    clock[0] += 86_399
    study.rater(token)
    clock[0] += 1
    with pytest.raises(ExpiredTokenError):
        study.rater(token)


def test_before_consent_there_is_no_image_and_no_vote(make_study):
    study = make_study(settings='consent_version = "2"')
    rater, token = study.invite()
    assert not rater.consented
    for attempt in (
        lambda: study.next_images(rater),
        lambda: study.vote(rater, "x", "key-0001", GOOD),
        lambda: study.undo_last(rater, "key-0001"),
    ):
        with pytest.raises(ConsentRequiredError):
            attempt()
    with pytest.raises(StudyError, match="consent text has changed"):
        study.consent(rater, "1")
    assert study.consent(rater, "2").consented
    study.consent(rater, "2")  # sent twice: kept once
    assert study.rater(token).consented
    assert rows(study, CONSENT) == 1


def test_a_new_version_of_the_consent_text_is_asked_for_again(make_study):
    from iae.study.service import open_study

    study = make_study(settings='consent_version = "1"')
    rater, token = study.invite()
    study.consent(rater, "1")
    path = study.folder / "study.toml"
    path.write_text(path.read_text().replace('consent_version = "1"', 'consent_version = "2"'))
    with open_study(study.folder) as again:
        assert not again.rater(token).consented


def test_a_demonstration_stores_nothing(make_study):
    study = make_study(settings='consent_version = "1"')
    _, token = study.invite(demo=True)
    before = {table.name: rows(study, table) for table in METADATA.sorted_tables}
    rater = study.rater(token)
    assert study.consent(rater, "1").consented
    batch = study.next_images(rater, 4)
    assert len(batch.assignments) == 4
    done = study.vote(rater, batch.assignments[0].id, "key-0001", GOOD)
    assert done.assignment == batch.assignments[0].id
    assert study.undo_last(rater, "key-0002") is None
    assert study.progress(rater).rated == 0
    assert {table.name: rows(study, table) for table in METADATA.sorted_tables} == before
    assert before["rater"] == 1
    assert before["assignment"] == 0


def test_no_column_can_hold_an_address_or_a_browser(make_study):
    columns = {column.name for table in METADATA.sorted_tables for column in table.columns}
    assert not {name for name in columns if name == "ip" or "agent" in name or "address" in name}
    assert "token" not in {column.name for column in RATER.columns}


def test_only_listed_images_have_a_path(make_study):
    study = make_study(3)
    rater, _ = study.invite()
    image = study.next_images(rater).assignments[0].image
    assert study.image_path(image).parent.parent == study.photos
    for wrong in ("", "0/0.jpg", "../study.toml", image + "x", "%2e%2e", "1"):
        with pytest.raises(UnknownIdError):
            study.image_path(wrong)


def test_ids_of_images_say_nothing_about_their_files(make_study):
    study = make_study(30, names=[f"beach-{i}.jpg" for i in range(30)])
    rater, _ = study.invite()
    given = study.next_images(rater, 20).assignments
    assert not any("beach" in one.image or "beach" in one.id for one in given)
    assert len({one.image for one in given} | {one.id for one in given}) == 40
    assert rows(study, ASSIGNMENT) == 20


def test_progress_suggests_a_pause_after_so_many_votes(make_study):
    clock = [1000.0]
    study = make_study(6, "[pause]\nevery = 2\nseconds = 30", clock=lambda: clock[0])
    rater, _ = study.invite()
    pauses = []
    for number, now in enumerate(study.next_images(rater, 3).assignments):
        study.vote(rater, now.id, f"key-{number:04d}", GOOD)
        pauses.append(study.progress(rater).pause_seconds)
        clock[0] += 10
    assert pauses == [0, 30, 0]
    progress = study.progress(rater)
    assert (progress.rated, progress.left, progress.can_undo) == (3, 3, True)
