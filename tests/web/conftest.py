"""The rating server in this process."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from rating_server import ORIGIN, UNLIMITED, Server, make_study, signed_in
from starlette.testclient import TestClient

from iae.study.service import Study, open_study
from iae.web.app import create_app
from iae.web.doors import new_owner_token
from iae.web.limits import Limits
from iae.web.screens import Screens


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    with open_study(make_study(tmp_path)) as opened:
        yield opened


@pytest.fixture
def owner_token() -> str:
    return new_owner_token()


@pytest.fixture
def server(study: Study, owner_token: str, tmp_path: Path) -> Server:
    """A function that makes a browser without pages; each has its own cookies."""

    def client(limits: Limits = UNLIMITED, origin: str = ORIGIN) -> TestClient:
        app = create_app(study, origins=[origin], screens=Screens(tmp_path / "screens"),
                         owner_token=owner_token, limits=limits)  # fmt: skip
        return TestClient(app, base_url=origin, follow_redirects=False)

    return client


@pytest.fixture
def rater(server: Server, study: Study) -> TestClient:
    """A browser that opened a personal link and agreed to the consent text."""
    return signed_in(server(), study)
