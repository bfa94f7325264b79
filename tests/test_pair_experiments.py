"""Settings of the pair task, and the experiment files that are shipped."""

import dataclasses
import re
import tomllib
from pathlib import Path

import pytest

from iae.config import load_experiment
from iae.config.pairs import (
    PairDataConfig,
    PairExperimentConfig,
    PairModelConfig,
    PairTrainConfig,
    load_pair_experiment,
)
from iae.errors import ConfigError

ROOT = Path(__file__).parent.parent
EXPERIMENTS = sorted(
    path for path in (ROOT / "experiments").glob("*.toml") if load_pair_experiment(path) is not None
)
PAGE = (ROOT / "docs" / "series.md").read_text("utf-8")
SOURCE = (ROOT / "src" / "iae" / "config" / "pairs.py").read_text("utf-8")


@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda path: path.stem)
def test_a_shipped_pair_experiment_says_how_it_is_run(path: Path):
    head = path.read_text("utf-8").split("\n\n")[0]
    assert all(f"# {word}:" in head for word in ("Command", "Time", "Expected"))
    if "PhotoTriage photographs" in path.read_text("utf-8"):
        assert "not run here" in head


def test_a_joint_experiment_is_no_pair_experiment():
    assert load_pair_experiment(ROOT / "experiments" / "default.toml") is None


def test_a_pair_experiment_is_refused_where_a_joint_one_is_wanted():
    with pytest.raises(ConfigError, match="unknown setting 'pairs'"):
        load_experiment(ROOT / "experiments" / "pau-lite.toml")


def test_the_two_sided_variant_differs_from_the_published_recipe_in_its_branch_only():
    names = ("pau-published", "pau-two-sided")
    ours, published = (load_pair_experiment(ROOT / "experiments" / f"{n}.toml") for n in names)
    assert ours is not None
    assert published is not None
    model = dataclasses.replace(ours.model, branch="two-sided")
    assert dataclasses.replace(ours, model=model) == published


@pytest.mark.parametrize(
    ("table", "wrong", "text"),
    [
        ("model", "head = 'attention'", "head"),
        ("model", "head = 'pooled'\nbranch = 'two-sided'", "head 'pooled' has none; use 'pau'"),
        ("model", "pretrained = 'none'", "use model.normalisation = 'batch'"),
        ("model", "dropout = 1.0", r"model.dropout must lie in \[0, 1\), got 1.0"),
        ("train", "lr = 0", r"train.lr must lie in \(0, 1\), got 0.0; 1e-4 is a usual start"),
        ("train", "epochs = 0", "train.epochs must be at least 1, got 0"),
        ("train", "step_factor = 0", "train.step_factor must be positive, got 0"),
        ("train", "epoch = 3", "unknown setting 'epoch' .* did you mean 'epochs'"),
        ("pairs", "target = 'votes'", "target"),
    ],
)
def test_a_wrong_setting_is_refused_with_the_file(
    tmp_path: Path, table: str, wrong: str, text: str
):
    path = tmp_path / "a.toml"
    tables = "" if table == "pairs" else "[pairs]\n"
    path.write_text(f"{tables}[{table}]\n{wrong}\n")
    with pytest.raises(ConfigError, match=text) as error:
        load_pair_experiment(path)
    assert str(error.value).startswith(f"{path}: ")


@pytest.mark.parametrize(
    "kind", [PairDataConfig, PairModelConfig, PairTrainConfig, PairExperimentConfig]
)
def test_every_setting_has_its_meaning_below_it(kind: type):
    body = SOURCE.split(f"class {kind.__name__}")[1].split("\n@dataclass")[0]
    for entry in dataclasses.fields(kind):
        if entry.name not in ("pairs", "model", "train"):  # their classes say it
            assert f"    {entry.name}: " in body.split('"""', 2)[2]
            assert (
                '\n    """' in body.split(f"\n    {entry.name}: ")[1].split("\n    def ")[0][:400]
            )


@pytest.mark.parametrize(
    ("table", "kind"),
    [("pairs", PairDataConfig), ("model", PairModelConfig), ("train", PairTrainConfig)],
)
def test_every_setting_is_documented_with_its_default(table: str, kind: type):
    section = PAGE.split("### Settings of a pair experiment")[1].split("\n## ")[0]
    documented = dict(re.findall(rf"^\| `{table}\.(\w+)` \| `(.*?)` \|", section, re.MULTILINE))
    assert list(documented) == [entry.name for entry in dataclasses.fields(kind)]
    for name, default in documented.items():
        assert tomllib.loads(f"a = {default}")["a"] == getattr(kind(), name)
