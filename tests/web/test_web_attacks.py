"""What somebody with bad intentions tries, and what they get.

``docs/study-server.md`` prints the same table; a test below keeps the two together.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rating_server import ORIGIN, a_vote, signed_in
from starlette.testclient import TestClient

from iae.study.service import Study
from iae.web.limits import Limit, Limits

DOCS = Path(__file__).parents[2] / "docs" / "study-server.md"

Attack = Callable[["Scene"], int]


class Scene:
    """A rater who has just got a photo, and a stranger's browser."""

    def __init__(self, rater: TestClient, stranger: TestClient, study: Study) -> None:
        self.rater = rater
        self.stranger = stranger
        self.study = study
        self.vote = a_vote(rater)
        self.image = rater.get("/api/next").json()["assignments"][0]["image"]

    def post(self, body: object = None, **options: object) -> int:
        """Send the rater's vote, changed a little."""
        sent = self.vote if body is None else body
        return self.rater.post("/api/votes", json=sent, **options).status_code


def _link(scene: Scene, token: str) -> int:
    return scene.stranger.get(f"/join/{token}").status_code


def _revoked(scene: Scene) -> int:
    invited, token = scene.study.invite()
    scene.study.revoke(invited.id)
    return _link(scene, token)


def _expired(scene: Scene) -> int:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    return _link(scene, scene.study.invite(expires=yesterday)[1])


def _other_rater(scene: Scene) -> int:
    other = signed_in(scene.stranger, scene.study)
    return other.post("/api/votes", json=scene.vote).status_code


def _replay_after_undo(scene: Scene) -> int:
    scene.post()
    scene.rater.post("/api/undo", json={"key": "undo-0000001"})
    status = scene.post()
    assert scene.rater.get("/api/next").json()["progress"]["rated"] == 0
    return status


def _without_csrf(scene: Scene) -> int:
    del scene.rater.headers["X-CSRF-Token"]
    return scene.post()


def _raw(scene: Scene, kind: str, body: bytes = b"assignment=x") -> int:
    return scene.rater.post("/api/votes", content=body, headers={"Content-Type": kind}).status_code


def _chunks(scene: Scene) -> int:
    def body():
        for _ in range(64):
            yield b" " * 1024

    return scene.rater.post(
        "/api/votes", content=body(), headers={"Content-Type": "application/json"}
    ).status_code


def _path(path: str) -> Attack:
    return lambda scene: scene.rater.get(path).status_code


ATTACKS: dict[str, tuple[Attack, int]] = {
    "a link with a made-up token": (lambda s: _link(s, "A" * 43), 401),
    "a link that was revoked": (_revoked, 401),
    "a link that has expired": (_expired, 401),
    "a link with a token of 10,000 characters": (lambda s: _link(s, "A" * 10_000), 401),
    "the API without a cookie": (lambda s: s.stranger.get("/api/next").status_code, 401),
    "a photo without a cookie": (
        lambda s: s.stranger.get(f"/api/images/{s.image}").status_code, 401,
    ),
    "a vote for the photo of another rater": (_other_rater, 404),
    "the owner's figures with a rater's cookie": (_path("/api/owner/status"), 401),
    "the owner's page with a rater's cookie": (_path("/owner"), 401),
    "path: /api/images/../../study.toml": (_path("/api/images/../../study.toml"), 404),
    "path: /api/images/..%2f..%2fstudy.toml": (_path("/api/images/..%2f..%2fstudy.toml"), 404),
    "path: /api/images/%2e%2e%5cstudy.db": (_path("/api/images/%2e%2e%5cstudy.db"), 404),
    "path: /api/images/secret-name-0.jpg": (_path("/api/images/secret-name-0.jpg"), 404),
    "path: /api/images/%00": (_path("/api/images/%00"), 404),
    "path: /static/..%2fapp.py": (_path("/static/..%2fapp.py"), 404),
    "path: /static/%2e%2e/%2e%2e/%2e%2e/etc/passwd": (
        _path("/static/%2e%2e/%2e%2e/%2e%2e/etc/passwd"), 404,
    ),
    "path: /study.db": (_path("/study.db"), 404),
    "an image id that is not listed": (_path("/api/images/" + "A" * 12), 404),
    "uploading a file (PUT)": (
        lambda s: s.rater.put("/api/images/x", content=b"x").status_code, 405,
    ),
    "a body of 1 MB": (lambda s: _raw(s, "application/json", b" " * 1_000_000), 413),
    "64 kB in chunks of unnamed length": (_chunks, 413),
    "a form (application/x-www-form-urlencoded)": (
        lambda s: _raw(s, "application/x-www-form-urlencoded"), 415,
    ),
    "a file (multipart/form-data)": (lambda s: _raw(s, "multipart/form-data; boundary=x"), 415),
    "JSON that calls itself text/plain": (lambda s: _raw(s, "text/plain", b"{}"), 415),
    "JSON that is none": (lambda s: _raw(s, "application/json", b"{"), 422),
    "a field that is not asked for": (lambda s: s.post(s.vote | {"score": 10}), 422),
    "a viewing time that is not a number": (
        lambda s: _raw(s, "application/json", b'{"assignment":"a","key":"12345678",'
                       b'"answers":{"quality":"good"},"seconds":NaN}'), 422,
    ),
    "a condition nobody asked for (user agent)": (
        lambda s: s.post(s.vote | {"conditions": {"agent": "Mozilla"}}), 400,
    ),
    "SQL in a key": (lambda s: s.post(s.vote | {"key": "x'; DROP TABLE vote;--"}), 422),
    "the same vote again (replay)": (lambda s: (s.post(), s.post())[1], 200),
    "the vote again after it was taken back": (_replay_after_undo, 200),
    "the key again with another answer": (
        lambda s: (s.post(), s.post(s.vote | {"answers": {"quality": "bad"}}))[1], 409,
    ),
    "a post from another site (Origin)": (
        lambda s: s.post(headers={"Origin": "https://evil.example"}), 403,
    ),
    "a post from a sandboxed frame (Origin: null)": (
        lambda s: s.post(headers={"Origin": "null"}), 403,
    ),
    "a post from another site (Sec-Fetch-Site)": (
        lambda s: s.post(headers={"Sec-Fetch-Site": "cross-site"}), 403,
    ),
    "a post without the CSRF header": (_without_csrf, 403),
    "a post with another page's CSRF header": (
        lambda s: s.post(headers={"X-CSRF-Token": "0" * 32}), 403,
    ),
    "another host name pointed here (DNS rebinding)": (
        lambda s: s.rater.get("/rate", headers={"Host": "evil.example"}).status_code, 421,
    ),
}  # fmt: skip


@pytest.fixture
def scene(rater: TestClient, server, study: Study) -> Scene:
    return Scene(rater, server(), study)


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_gets_what_the_table_says(scene: Scene, name: str):
    attack, status = ATTACKS[name]
    assert attack(scene) == status


def test_replays_were_stored_once(scene: Scene):
    for _ in range(3):
        scene.post()
    assert scene.rater.get("/api/next").json()["progress"]["rated"] == 1


def test_the_table_in_the_docs_is_this_one():
    section = DOCS.read_text("utf-8").split("## Safety")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (.+?) \| (\d{3}) \|", section, re.M)
    wanted = [(name, str(status)) for name, (_, status) in ATTACKS.items()]
    assert rows == wanted


def test_links_that_open_nothing_all_look_alike(scene: Scene):
    invited, revoked = scene.study.invite()
    scene.study.revoke(invited.id)
    expired = scene.study.invite(expires=datetime(2020, 1, 1, tzinfo=UTC))[1]
    pages = {scene.stranger.get(f"/join/{token}").text for token in ("B" * 43, revoked, expired)}
    assert len(pages) == 1


def test_who_guesses_links_has_to_wait_and_a_rater_beside_them_has_not(server, study: Study):
    few = Limits(strangers=Limit(per_second=0.1, burst=3))
    client = server(few)
    answers = [client.get("/join/" + "A" * 43).status_code for _ in range(4)]
    assert answers == [401, 401, 401, 429]
    assert client.get(f"/join/{study.invite()[1]}").status_code == 303


def test_a_rater_who_asks_too_often_is_told_when_to_come_back(server, study: Study):
    client = signed_in(server(Limits(rater=Limit(per_second=0.5, burst=3))), study)
    client.get("/api/session")
    answer = client.get("/api/session")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")


def test_no_page_of_another_site_may_read_an_answer(scene: Scene):
    answer = scene.rater.get("/api/next", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert ORIGIN not in answer.text


def test_the_access_log_names_routes_and_no_token_and_no_address(
    server, study: Study, caplog: pytest.LogCaptureFixture
):
    caplog.set_level("INFO", "iae.web.access")
    client = signed_in(server(), study)
    token = study.invite()[1]
    client.get(f"/join/{token}")
    client.get("/nowhere/" + token)
    lines = [record.getMessage() for record in caplog.records if "web" in record.name]
    assert any(line.startswith("GET /join/{token} 303 ") for line in lines)
    assert token not in "".join(lines)
    assert "testclient" not in "".join(lines)
