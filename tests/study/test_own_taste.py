"""The circle closed: photos are rated, the votes exported, trained on, and photos scored by that.

The commands are those of the tutorial, in its order. What is otherwise: a browser that looks at
brightness stands in for a person, and a toy network for the pretrained one.
"""

import csv
import io
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from rating_server import ORIGIN, UNLIMITED
from scipy.stats import spearmanr
from starlette.testclient import TestClient
from toys import BACKBONE, COLOURS, draw_photo

from iae import export
from iae.cli.main import main
from iae.study.service import open_study
from iae.web.app import create_app
from iae.web.cookies import CSRF_HEADER
from iae.web.doors import new_owner_token
from iae.web.screens import Screens

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial-own-taste.md"
COMMANDS = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```", TUTORIAL.read_text("utf-8"), re.M | re.S)
    for line in block.splitlines()
]
TOY = {
    "tf_efficientnet_lite0": BACKBONE,
    '"package"': '"none"',
    "input_size = 224": "input_size = 64",
    "dropout = 0.3": "dropout = 0.0",
    "probe_epochs = 40": "probe_epochs = 0",
    "epochs = 6": "epochs = 15",
    "lr = 1e-4": "lr = 5e-3",
    "freeze_stages = 4": "freeze_stages = 0",
}
"""What is replaced in the experiment, so that a network without pretrained weights learns."""


def run(command: str) -> str:
    done = CliRunner().invoke(main, shlex.split(command)[1:], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def level_of(jpeg: bytes) -> str:
    """Somebody who likes photos bright."""
    brightness = np.asarray(Image.open(io.BytesIO(jpeg)).convert("HSV"))[..., 2].mean() / 255
    return ("bad", "fair", "good", "excellent")[int(np.searchsorted((0.4, 0.6, 0.8), brightness))]


def rate_everything(folder: Path, token: str) -> int:
    """What a person does in the browser, over the same requests; how many votes there were."""
    with open_study(folder) as study:
        app = create_app(study, origins=[ORIGIN], screens=Screens(folder / "screens"),
                         owner_token=new_owner_token(), limits=UNLIMITED)  # fmt: skip
        browser = TestClient(app, base_url=ORIGIN, follow_redirects=False)
        browser.get(f"/join/{token}")
        session = browser.get("/api/session").json()
        browser.headers[CSRF_HEADER] = session["csrf"]
        browser.post("/api/consent", json={"version": session["consent_version"]})
        votes = 0
        while given := browser.get("/api/next?count=10").json()["assignments"]:
            for one in given:
                level = level_of(browser.get(f"/api/images/{one['image']}").content)
                votes += 1
                vote = {"assignment": one["id"], "key": f"key-{votes:08}",
                        "answers": {"quality": level}}  # fmt: skip
                assert browser.post("/api/votes", json=vote).status_code == 200
        return votes


@pytest.fixture
def pictures(tmp_path: Path) -> dict[str, float]:
    """80 photos in ``Pictures`` and their brightness, in the folder where the commands are run."""
    rng = np.random.default_rng(0)
    brightness = {f"{number:02}.jpg": 0.2 + 0.8 * rng.random() for number in range(80)}
    (tmp_path / "Pictures").mkdir()
    for number, (name, value) in enumerate(brightness.items()):
        emotion = list(COLOURS)[number % 2]  # the two that can be as bright as they are dark
        draw_photo(tmp_path / "Pictures" / name, rng, emotion, value)
    return brightness


def test_the_commands_of_the_tutorial_make_a_scorer_of_the_raters_taste(
    pictures: dict[str, float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(export, "MAX_SRCC_LOSS", 2)  # of twelve photos two change their places
    token = ""
    for command in COMMANDS:
        if command.startswith("iae study serve"):
            assert rate_everything(Path("taste"), token) == 86  # six of them a second time
            continue
        printed = run(command)
        if command.startswith("iae study invite"):
            token = re.search(r"/join/(\S+)", printed)[1]  # type: ignore[index]
        if command.startswith("iae study export"):
            path = Path("taste-votes", "experiment.toml")
            text = path.read_text("utf-8")
            for old, new in TOY.items():
                assert old in text
                text = text.replace(old, new)
            path.write_text(text, "utf-8")
    with Path("taste-scores", "scores.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    scored = {Path(row["path"]).name: float(row["aesthetic_mean"]) for row in rows}
    assert scored.keys() == pictures.keys()
    agreement = spearmanr([scored[name] for name in pictures], list(pictures.values()))
    assert agreement.statistic > 0.8
