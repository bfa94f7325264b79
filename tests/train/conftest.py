"""Training runs on the toy photos, as several files of this folder want them."""

from pathlib import Path

import pytest
from toy_runs import Train

from iae.config import ExperimentConfig, load_experiment
from iae.train.run import TrainResult, train


@pytest.fixture(scope="session")
def config(toy_experiment: Path) -> ExperimentConfig:
    return load_experiment(toy_experiment)


@pytest.fixture
def train_toys(config: ExperimentConfig, toy_roots: dict[str, Path], toy_cache: Path) -> Train:
    def run_it(out: Path, settings: ExperimentConfig = config, **options: object) -> TrainResult:
        roots = {"roots": toy_roots, "cache": toy_cache, "device": "cpu", **options}
        return train(settings, out=out, **roots)  # type: ignore[arg-type]

    return run_it
