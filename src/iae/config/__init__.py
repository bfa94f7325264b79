"""All settings as frozen dataclasses, read from TOML; an experiment is one such file.

Every field carries its meaning below it. Unknown keys are refused with the nearest known one.
"""

from iae.config.data import SplitConfig, TableSource
from iae.config.experiment import ExperimentConfig, load_experiment
from iae.config.mapping import from_mapping, to_mapping
from iae.config.model import ModelConfig, Sharing
from iae.config.training import (
    SCORED_TASKS,
    TASK_PARTS,
    BalanceConfig,
    BalanceName,
    LossConfig,
    TrainConfig,
)

__all__ = [
    "SCORED_TASKS",
    "TASK_PARTS",
    "BalanceConfig",
    "BalanceName",
    "ExperimentConfig",
    "LossConfig",
    "ModelConfig",
    "Sharing",
    "SplitConfig",
    "TableSource",
    "TrainConfig",
    "from_mapping",
    "load_experiment",
    "to_mapping",
]
