"""A small study with photos of its own, and browsers without pages for its server."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from starlette.testclient import TestClient

from iae.study.new import new_study
from iae.study.service import Study
from iae.web.cookies import CSRF_HEADER
from iae.web.limits import Limit, Limits

ORIGIN = "http://127.0.0.1:8765"
PLENTY = Limit(per_second=1e6, burst=10**6)
UNLIMITED = Limits(rater=PLENTY, images=PLENTY, strangers=PLENTY)


def make_study(folder: Path, *, photos: int = 6, more: str = "") -> Path:
    """A study of so many photos; ``more`` is added to its ``study.toml``."""
    pictures = folder / "photos"
    pictures.mkdir(parents=True)
    names = [f"secret-name-{number}.jpg" for number in range(photos)]
    for number, name in enumerate(names):
        pixels = np.full((60, 90, 3), (20 * number % 256, 120, 200), np.uint8)
        exif = Image.Exif()
        exif[0x010E] = "taken at home"  # ImageDescription
        Image.fromarray(pixels).save(pictures / name, exif=exif, comment=b"private")
    text = f'title = "Twelve photos"\nphotos = "{pictures.as_posix()}"\n{more}'
    new_study(folder / "study", text, pictures, names)
    return folder / "study"


Server = Callable[..., TestClient]


def signed_in(client: TestClient, study: Study) -> TestClient:
    """Open a new personal link in a browser, and agree to the consent text."""
    _, token = study.invite()
    assert client.get(f"/join/{token}").status_code == 303
    session = client.get("/api/session").json()
    client.headers[CSRF_HEADER] = session["csrf"]
    answer = client.post("/api/consent", json={"version": session["consent_version"]})
    assert answer.status_code == 200
    return client


def a_vote(client: TestClient, key: str = "key-00000001") -> dict[str, object]:
    """A vote on the first photo that is waiting."""
    first = client.get("/api/next").json()["assignments"][0]
    return {"assignment": first["id"], "key": key, "answers": {"quality": "good"}}
