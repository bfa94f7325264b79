"""The owner's page and figures."""

import pytest
from rating_server import a_vote, signed_in
from starlette.testclient import TestClient

from iae.study.service import Study


@pytest.fixture
def owner(server, owner_token: str) -> TestClient:
    client = server()
    assert client.get(f"/owner/{owner_token}").status_code == 303
    return client


def test_the_owners_link_becomes_a_cookie_and_shows_the_page(owner: TestClient):
    page = owner.get("/owner")
    assert page.status_code == 200
    assert "Twelve photos" in page.text
    assert "secret-name-0.jpg" in page.text


def test_votes_are_counted_by_photo_and_by_rater(owner: TestClient, server, study: Study):
    for _ in range(2):
        client = signed_in(server(), study)
        client.post("/api/votes", json=a_vote(client))
    status = owner.get("/api/owner/status").json()
    assert (status["votes"], status["wanted"]) == (2, 58)
    assert [rater["votes"] for rater in status["raters"]] == [1, 1]
    assert sum(image["votes"] for image in status["per_image"]) == 2


def test_a_figure_that_cannot_be_told_yet_is_null_and_not_nan(owner: TestClient):
    answer = owner.get("/api/owner/status")
    assert answer.json()["agreement"]["quality"]["alpha"] is None
    assert "NaN" not in answer.text


def test_photos_come_in_pages(owner: TestClient):
    some = owner.get("/api/owner/status", params={"first": 4, "count": 100}).json()
    assert [image["image"] for image in some["per_image"]] == [
        "secret-name-4.jpg", "secret-name-5.jpg",
    ]  # fmt: skip


def test_names_are_escaped(owner: TestClient, study: Study):
    study.invite(name="<script>alert(1)</script>")
    assert "<script>" not in owner.get("/owner").text


@pytest.mark.parametrize(
    ("asked", "accepted", "language", "words"),
    [
        ("", "fr, de-AT;q=0.9", "de", "Fotos nach Stimmen"),
        ("zh", "de", "zh", "按评分数统计的照片"),
        ("xx", "xx", "en", "Photos by votes"),
    ],
)
def test_the_page_speaks_the_language_asked_for_or_that_of_the_browser(
    owner: TestClient, asked: str, accepted: str, language: str, words: str
):
    headers = {"Accept-Language": accepted}
    page = owner.get("/owner", params={"language": asked}, headers=headers).text
    assert f'<html lang="{language}">' in page
    assert words in page
    assert 'href="/owner?language=de&amp;first=0"' in page


def test_a_photo_that_cannot_be_read_is_named_to_the_owner(owner: TestClient, server, study: Study):
    client = signed_in(server(), study)
    image = client.get("/api/next").json()["assignments"][0]["image"]
    study.image_path(image).write_bytes(b"not a photo")
    client.get(f"/api/images/{image}")
    status = owner.get("/api/owner/status").json()
    assert (status["unreadable"], status["lost"]) == ([study.image_path(image).name], 1)
    assert f'<span class="file">{study.image_path(image).name}</span>' in owner.get("/owner").text


def test_the_link_of_an_earlier_start_opens_nothing(server):
    answer = server().get("/owner/" + "A" * 43)
    assert answer.status_code == 401
    assert "printed when it started last" in answer.text.replace("&#39;", "'")
