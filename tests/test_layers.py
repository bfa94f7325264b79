"""What each part loads: scoring and reading need no training stack, and starting is quick."""

import json
import pkgutil
import subprocess
import sys

import pytest

import iae.check
import iae.convert
import iae.data
import iae.describe
import iae.editor
import iae.images
import iae.metrics
import iae.pick
import iae.scoring
import iae.series
import iae.stats
import iae.study
import iae.top
import iae.xmp

TRAINING = {"torch", "torchvision", "timm", "lightning"}
HEAVY = TRAINING | {"matplotlib", "numpy", "onnxruntime", "PIL", "polars", "scipy", "sklearn"}

LIGHT_PACKAGES = (
    iae.check,
    iae.convert,
    iae.data,
    iae.describe,
    iae.editor,
    iae.images,
    iae.metrics,
    iae.pick,
    iae.scoring,
    iae.series,
    iae.stats,
    iae.study,
    iae.top,
    iae.xmp,
)
LIGHT_MODULES = ["iae.config", "iae.errors", "iae.labels"] + [
    module.name
    for package in LIGHT_PACKAGES
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + ".")
]


def loaded_by(code: str, *, among: set[str]) -> set[str]:
    """Which of these packages a fresh Python has loaded after running the code."""
    report = f"\nimport json, sys; print('\\n' + json.dumps(sorted({among!r} & set(sys.modules))))"
    done = subprocess.run(
        [sys.executable, "-c", code + report], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_importing_the_package_loads_nothing_heavy():
    assert loaded_by("import iae; iae.__version__", among=HEAVY) == set()


def test_the_public_classes_are_there_when_they_are_used():
    assert loaded_by("from iae import PhotoScore, Scorer", among=TRAINING) == set()


def test_an_unknown_public_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'iae' has no attribute 'Score'"):
        iae.Score  # noqa: B018


def test_scoring_and_reading_load_no_training_stack():
    # One Python for all of them, as each start costs a second; on failure the name is in the set.
    imports = "\n".join(f"import {module}" for module in LIGHT_MODULES)
    assert loaded_by(imports, among=TRAINING) == set()


def test_settings_and_labels_load_nothing_heavy():
    assert loaded_by("import iae.config, iae.labels, iae.errors", among=HEAVY) == set()


HELP = "from iae.cli.main import main; main([{}'--help'], standalone_mode=False)"


def test_help_loads_nothing_heavy():
    assert loaded_by(HELP.format(""), among=HEAVY) == set()


VERBS = ("score", "train", "evaluate", "export", "xmp", "top", "pick", "explain", "study")


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_a_verb_loads_nothing_heavy(verb):
    assert loaded_by(HELP.format(f"'{verb}', "), among=HEAVY) == set()


def test_scoring_in_use_loads_neither_the_training_stack_nor_plots():
    code = """
import pathlib
from iae.images.preprocess import PreprocessSpec, load_pixels
from iae.metrics import level_mean
from iae.scoring.folder import score_folder
from iae.scoring.scorer import Scorer
"""
    assert loaded_by(code, among=TRAINING | {"matplotlib", "scipy", "sklearn"}) == set()
