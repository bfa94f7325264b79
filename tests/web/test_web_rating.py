"""The API as a rater's page uses it."""

import io
from pathlib import Path

import pytest
from PIL import Image
from rating_server import ORIGIN, a_vote, make_study, signed_in
from starlette.testclient import TestClient

from iae.study.service import Study, open_study
from iae.web.app import create_app
from iae.web.screens import Screens, look_again


def test_a_personal_link_becomes_a_cookie_no_script_reads_and_leaves_the_address_bar(
    server, study: Study
):
    _, token = study.invite()
    answer = server().get(f"/join/{token}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/rate")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert token not in answer.text


def test_over_https_the_cookie_is_sent_over_nothing_else(server, study: Study):
    _, token = study.invite()
    answer = server(origin="https://rate.example.org").get(f"/join/{token}")
    assert answer.headers["set-cookie"].startswith("__Host-iae-rater=")
    assert "Secure" in answer.headers["set-cookie"]
    assert "strict-transport-security" in answer.headers


def test_photos_come_only_after_the_consent_text_was_agreed_to(server, study: Study):
    client = server()
    client.get(f"/join/{study.invite()[1]}")
    refused = client.get("/api/next")
    assert (refused.status_code, refused.json()["error"]) == (403, "consent_required")


def test_consent_to_an_old_text_is_refused(server, study: Study):
    client = server()
    client.get(f"/join/{study.invite()[1]}")
    client.headers["X-CSRF-Token"] = client.get("/api/session").json()["csrf"]
    answer = client.post("/api/consent", json={"version": "0"})
    assert answer.status_code == 400
    assert "has changed" in answer.json()["message"]


def test_a_vote_is_acknowledged_and_the_next_photo_comes(rater: TestClient):
    vote = a_vote(rater)
    stored = rater.post("/api/votes", json=vote)
    assert stored.json() == {
        "assignment": vote["assignment"], "number": 1, "repeated": False, "changed": False,
    }  # fmt: skip
    after = rater.get("/api/next").json()
    assert after["progress"]["rated"] == 1
    assert vote["assignment"] not in [shown["id"] for shown in after["assignments"]]


def test_the_same_vote_sent_again_counts_once(rater: TestClient):
    vote = a_vote(rater)
    rater.post("/api/votes", json=vote)
    again = rater.post("/api/votes", json=vote)
    assert (again.status_code, again.json()["repeated"]) == (200, True)
    assert rater.get("/api/next").json()["progress"]["rated"] == 1


def test_one_key_for_two_different_votes_is_a_conflict(rater: TestClient):
    vote = a_vote(rater)
    rater.post("/api/votes", json=vote)
    answer = rater.post("/api/votes", json=vote | {"answers": {"quality": "bad"}})
    assert (answer.status_code, answer.json()["error"]) == (409, "key_reused")


def test_a_vote_taken_back_gives_its_photo_again_with_what_was_said(rater: TestClient):
    vote = a_vote(rater)
    rater.post("/api/votes", json=vote)
    undone = rater.post("/api/undo", json={"key": "undo-0000001"}).json()
    assert undone["assignment"]["id"] == vote["assignment"]
    assert undone["assignment"]["answers"] == {"quality": "good"}
    assert undone["progress"]["rated"] == 0


def test_with_nothing_to_take_back_the_answer_is_null(rater: TestClient):
    assert rater.post("/api/undo", json={"key": "undo-0000001"}).json()["assignment"] is None


def test_an_answer_the_study_does_not_know_is_refused_with_those_it_does(rater: TestClient):
    answer = rater.post("/api/votes", json=a_vote(rater) | {"answers": {"quality": "superb"}})
    assert answer.status_code == 400
    assert "known: excellent, good, fair, bad" in answer.json()["message"]


def test_the_page_speaks_the_language_that_is_asked_for(rater: TestClient):
    german = rater.get("/api/session", params={"language": "de"}).json()
    assert german["language"] == "de"
    assert german["questions"][0]["levels"][0]["label"] == "Ausgezeichnet"
    assert german["languages"] == {"en": "English", "zh": "中文", "de": "Deutsch"}


def test_an_unknown_language_gives_the_studys_first(rater: TestClient):
    assert rater.get("/api/session", params={"language": "xx"}).json()["language"] == "en"


def test_a_photo_comes_without_metadata_and_without_its_name(rater: TestClient):
    image = rater.get("/api/next").json()["assignments"][0]["image"]
    answer = rater.get(f"/api/images/{image}")
    picture = Image.open(io.BytesIO(answer.content))
    assert answer.headers["content-type"] == "image/jpeg"
    assert (picture.format, picture.size, len(picture.getexif())) == ("JPEG", (90, 60), 0)
    assert b"private" not in answer.content
    assert "secret-name" not in str(answer.headers)


def test_nothing_a_rater_is_told_names_a_file_or_another_vote(server, study: Study):
    first, second = signed_in(server(), study), signed_in(server(), study)
    first.post("/api/votes", json=a_vote(first))
    told = second.get("/api/next").text + second.get("/api/session").text
    assert "secret-name" not in told
    assert '"good"' not in second.get("/api/next").text


def test_an_unreadable_photo_is_one_clear_answer(rater: TestClient, study: Study):
    image = rater.get("/api/next").json()["assignments"][0]["image"]
    study.image_path(image).write_bytes(b"not a photo")
    answer = rater.get(f"/api/images/{image}")
    assert (answer.status_code, answer.json()["error"]) == (404, "unreadable_image")


def test_an_unreadable_photo_is_taken_off_all_screens_and_told_to_the_owner(
    rater: TestClient, server, study: Study
):
    other = signed_in(server(), study)
    for one in (rater, other):
        assert len(one.get("/api/next?count=6").json()["assignments"]) == 6
    bad = rater.get("/api/next").json()["assignments"][0]["image"]
    study.image_path(bad).write_bytes(b"not a photo")
    rater.get(f"/api/images/{bad}")
    for one in (rater, other):
        given = one.get("/api/next?count=6").json()
        assert bad not in [assignment["image"] for assignment in given["assignments"]]
        assert (len(given["assignments"]), given["progress"]["left"]) == (5, 5)
    status = study.status()
    assert status.unreadable == (study.image_path(bad).name,)
    assert (status.images, status.wanted, status.on_screens) == (6, 50, 10)


def test_a_mended_photo_comes_back_to_who_had_it(rater: TestClient, study: Study, tmp_path: Path):
    bad = rater.get("/api/next").json()["assignments"][0]
    photo = study.image_path(bad["image"])
    whole = photo.read_bytes()
    photo.write_bytes(b"not a photo")
    rater.get(f"/api/images/{bad['image']}")
    screens = Screens(tmp_path / "again")
    assert look_again(study, screens) == 0
    photo.write_bytes(whole)
    assert look_again(study, screens) == 1
    assert study.status().unreadable == ()
    given = rater.get("/api/next?count=6").json()["assignments"]
    assert (len(given), bad["id"]) == (6, given[0]["id"])


def test_a_folder_that_is_away_marks_no_photo(rater: TestClient, study: Study):
    image = rater.get("/api/next").json()["assignments"][0]["image"]
    study.photos.rename(study.photos.with_name("away"))
    assert rater.get(f"/api/images/{image}").status_code == 404
    assert study.status().unreadable == ()


def test_a_demonstration_is_acknowledged_and_stores_nothing(server, study: Study):
    client = server()
    client.get(f"/join/{study.invite(demo=True)[1]}")
    session = client.get("/api/session").json()
    assert session["demo"] is True
    client.headers["X-CSRF-Token"] = session["csrf"]
    assert client.post("/api/votes", json=a_vote(client)).status_code == 200
    assert client.get("/api/next").json()["progress"]["rated"] == 0


def test_a_revoked_rater_is_out_with_the_next_request(server, study: Study):
    invited, token = study.invite()
    client = server()
    client.get(f"/join/{token}")
    assert client.get("/api/session").status_code == 200
    study.revoke(invited.id)
    assert client.get("/api/session").status_code == 401


def test_a_restarted_server_knows_the_cookie_and_the_page(rater: TestClient, study: Study, server):
    vote = a_vote(rater)
    restarted = server()
    restarted.cookies.update(rater.cookies)
    restarted.headers["X-CSRF-Token"] = rater.headers["X-CSRF-Token"]
    assert restarted.post("/api/votes", json=vote).status_code == 200


def test_two_questions_are_answered_in_one_vote(tmp_path: Path, owner_token: str):
    with open_study(make_study(tmp_path / "b", more='questions = ["quality", "emotion"]')) as both:
        screens = Screens(tmp_path / "s")
        app = create_app(both, origins=[ORIGIN], screens=screens, owner_token=owner_token)
        client = signed_in(TestClient(app, base_url=ORIGIN, follow_redirects=False), both)
        half = a_vote(client)
        assert client.post("/api/votes", json=half).status_code == 400
        whole = half | {"answers": {"quality": "good", "emotion": "awe"}}
        assert client.post("/api/votes", json=whole).status_code == 200


@pytest.mark.parametrize("path", ["/", "/rate", "/api/session", "/static/rate.js", "/nowhere"])
def test_every_answer_forbids_foreign_scripts_frames_guessed_types_and_storing(server, path: str):
    headers = server().get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


def test_the_api_describes_itself_with_its_errors(server):
    paths = server().get("/api/openapi.json").json()["paths"]
    assert set(paths["/api/votes"]["post"]["responses"]) >= {
        "200", "400", "401", "403", "404", "409", "413", "415", "422", "429", "503",
    }  # fmt: skip
