"""One experiment: a TOML file, which may say only how it differs from another."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from iae.config.data import SplitConfig, TableSource
from iae.config.mapping import from_mapping
from iae.config.model import ModelConfig
from iae.config.training import BalanceConfig, LossConfig, TrainConfig
from iae.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class ExperimentConfig:
    """One experiment: where labels come from, the split, the network and its training."""

    sources: Mapping[str, TableSource]
    """Data sets by the name that ``--data NAME=PATH`` gives a root to."""
    split: SplitConfig = field(default_factory=SplitConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    balance: BalanceConfig = field(default_factory=BalanceConfig)
    train: TrainConfig = field(default_factory=TrainConfig)
    licence: str = "research only"
    """What the training data allows; written into every model made from it."""

    def __post_init__(self) -> None:
        if not self.sources:
            raise ConfigError("an experiment needs at least one [sources.NAME]")
        self._check_tasks()
        self._check_trunk()

    @property
    def attributes(self) -> tuple[str, ...]:
        """Names of the other questions that are learned, sorted; none without a loss."""
        if not self.loss.attributes:
            return ()
        return tuple(sorted({name for s in self.sources.values() for name in s.attributes}))

    def _check_tasks(self) -> None:
        tasks, sharing, method = list(self.loss.tasks()), self.model.sharing, self.balance.method
        if "attributes" in tasks and not self.attributes:
            raise ConfigError("loss.attributes has a weight, but no source names a column in "
                              "[sources.NAME.attributes]")  # fmt: skip
        if len(tasks) < 2 and sharing != "hard":
            raise ConfigError(f"only {tasks[0]} is trained, so there is nothing to share as "
                              f"'{sharing}'; use model.sharing = 'hard'")  # fmt: skip
        if len(tasks) < 2 and method != "fixed":
            raise ConfigError(f"only {tasks[0]} is trained, so there is nothing to balance by "
                              f"'{method}'; use balance.method = 'fixed'")  # fmt: skip
        if sharing != "hard" and method == "gradnorm":
            raise ConfigError("gradnorm measures gradients at one last layer of all tasks, and "
                              f"sharing '{sharing}' has none; use 'hard'")  # fmt: skip

    def _check_trunk(self) -> None:
        trunk, frozen = self.model.trunk_stages, self.train.freeze_stages
        if self.train.cache_trunk and not 0 < trunk <= frozen:
            raise ConfigError(f"cache_trunk needs a trunk, and all of it frozen: trunk_stages is "
                              f"{trunk}, freeze_stages {frozen}; make both 5, say")  # fmt: skip


def load_experiment(path: Path) -> ExperimentConfig:
    """Read an experiment file.

    With ``base = "other.toml"`` (relative to the file) it takes everything from there that it does
    not say itself: tables are merged key by key, any other value replaces that of the base.

    Raises:
        ConfigError: a file is missing, is not TOML, is its own base, or holds a wrong setting.
    """
    values = experiment_values(path)
    try:
        return from_mapping(ExperimentConfig, values)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def experiment_values(path: Path) -> dict[str, Any]:
    """What an experiment file says, with what it takes from its base, as plain values.

    Raises:
        ConfigError: as :func:`load_experiment`, but for wrong settings.
    """
    return _read(path, ())


def _read(path: Path, above: tuple[Path, ...]) -> dict[str, Any]:
    """The values of a file and of its base; ``above`` are the files it is a base of."""
    if path.resolve() in above:
        raise ConfigError(f"{path}: a file cannot be its own base")
    values = _values(path)
    base = values.pop("base", None)
    if base is None:
        return values
    if not isinstance(base, str):
        raise ConfigError(f"{path}: base must be the path of an experiment file, got {base!r}")
    return _merged(_read(path.parent / base, (*above, path.resolve())), values)


def _values(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read the experiment file {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8 text, so it is no experiment file") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}") from None


def _merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The base with changes; tables key by key."""
    merged = dict(base)
    for key, value in changes.items():
        old = base.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            merged[key] = _merged(old, value)
        else:
            merged[key] = value
    return merged
