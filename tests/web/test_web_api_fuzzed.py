"""The API against whatever its own description allows, and much that it does not."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from starlette.testclient import TestClient

schemathesis = pytest.importorskip("schemathesis")

EXAMPLES = 12
"""Requests a route; a long run is described in docs/study-server.md."""


def test_no_request_makes_the_server_fail(rater: TestClient):
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", rater.app, headers={
        "Host": "127.0.0.1:8765",
    })  # fmt: skip
    cookies = dict(rater.cookies)
    seen: set[str] = set()
    limits = settings(max_examples=EXAMPLES, phases=[Phase.generate], deadline=None,
                      database=None, derandomize=True,
                      suppress_health_check=list(HealthCheck))  # fmt: skip

    def check(case):
        headers = {"Host": "127.0.0.1:8765", "X-CSRF-Token": rater.headers["X-CSRF-Token"]}
        answer = case.call(headers=headers, cookies=cookies)
        assert answer.status_code < 500, (case.operation.path, answer.text)
        seen.add(f"{case.operation.method} {case.operation.path}")

    for found in schema.get_all_operations():
        limits(given(case=found.ok().as_strategy())(check))()
    assert seen >= {"post /api/votes", "post /api/undo", "get /api/next", "get /api/owner/status"}
