"""What the documentation says is what the code does."""

import dataclasses
import re
import runpy
import tomllib
from pathlib import Path

import pytest

from iae import config
from iae.config import ExperimentConfig, TableSource, from_mapping
from iae.data.defects import DEFECT_KINDS
from iae.data.read import FORMATS as READERS
from iae.scoring.scores import COLUMNS
from iae.top.listing import COLUMNS as TOP_COLUMNS

ROOT = Path(__file__).parent.parent
FORMATS = (ROOT / "docs" / "formats.md").read_text("utf-8")


def test_the_page_of_commands_is_what_help_prints():
    script = runpy.run_path(str(ROOT / "docs" / "renew_commands.py"))
    assert (ROOT / "docs" / "commands.md").read_text("utf-8") == script["commands_page"](), (
        "run: make docs"
    )


def test_every_column_of_the_scores_is_documented_in_its_order():
    section = FORMATS.split("## `top.csv`")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == list(COLUMNS)


def test_every_column_of_the_best_is_documented_in_its_order():
    section = FORMATS.split("## `top.csv`")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == list(TOP_COLUMNS)


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(TableSource)])
def test_every_setting_of_a_source_is_documented(field):
    section = FORMATS.split("## Experiment files")[1].split("## Run folders")[0]
    assert re.search(rf"\b{field}\b", section)


def test_every_format_that_is_read_is_documented_in_the_order_they_are_tried():
    section = FORMATS.split("## Data sets that are read")[1].split("## Checks")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == [f.name for f in READERS]


def test_every_code_of_a_check_is_documented_with_what_to_do():
    section = FORMATS.split("## Checks")[1].split("\n## ")[0]
    rows = dict(re.findall(r"^\| `([\w-]+)` \| (.*) \|$", section, re.MULTILINE))
    assert list(rows) == list(DEFECT_KINDS)
    for code, kind in DEFECT_KINDS.items():
        note = " (a note)" if kind.severity == "note" else ""
        assert rows[code] == f"{kind.title}{note} | {kind.advice}"


def test_every_setting_has_its_meaning_below_it():
    source = "\n".join(p.read_text("utf-8") for p in Path(config.__file__).parent.glob("*.py"))
    for kind in (config.TrainConfig, config.LossConfig, config.BalanceConfig, config.ModelConfig,
                 config.SplitConfig, TableSource, ExperimentConfig):  # fmt: skip
        body = source.split(f"class {kind.__name__}")[1].split("\n@dataclass")[0]
        for field in dataclasses.fields(kind):
            if field.name in ("split", "model", "loss", "balance", "train"):
                continue  # their classes say it
            assert re.search(rf'^    {field.name}: [^\n]+\n    """', body, re.MULTILINE), field.name


@pytest.mark.parametrize(
    ("table", "kind"),
    [("model", config.ModelConfig), ("loss", config.LossConfig), ("balance", config.BalanceConfig),
     ("train", config.TrainConfig)],
)  # fmt: skip
def test_every_setting_of_an_experiment_is_documented_with_its_default(table, kind):
    section = FORMATS.split("## Experiment files")[1].split("## Run folders")[0]
    documented = dict(re.findall(rf"^\| `{table}\.(\w+)` \| `(.*?)` \|", section, re.MULTILINE))
    assert list(documented) == [field.name for field in dataclasses.fields(kind)]
    for name, default in documented.items():
        expected = getattr(kind(), name)
        if expected is not None:
            read = from_mapping(kind, tomllib.loads(f"{name} = {default}"))
            assert getattr(read, name) == expected


def test_the_documented_experiment_can_be_read():
    block = re.search(r"```toml\n(.*?)```", FORMATS, re.DOTALL)
    assert block
    experiment = from_mapping(ExperimentConfig, tomllib.loads(block[1]))
    assert experiment.sources["NAME"].scale == (1, 5)


@pytest.mark.parametrize("page", sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md",
                                         *(ROOT / "docs").rglob("*.md")]))  # fmt: skip
def test_links_between_pages_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_every_example_photo_has_its_origin_and_licence():
    table = (ROOT / "examples" / "README.md").read_text("utf-8")
    notice = (ROOT / "NOTICE").read_text("utf-8")
    photos = sorted((ROOT / "examples" / "photos").iterdir())
    assert len(photos) >= 12
    for photo in photos:
        assert f"| `{photo.name}` |" in table
        assert f"examples/photos/{photo.name}" in notice
