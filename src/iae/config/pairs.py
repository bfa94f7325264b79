"""Settings of the pair task: which of two shots of a series people prefer."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from iae.config.experiment import experiment_values
from iae.config.mapping import from_mapping
from iae.errors import ConfigError

_CHOICES = {
    "aspect": ("crop", "squeeze"),
    "head": ("pooled", "pau"),
    "branch": ("shared", "two-sided"),
    "normalisation": ("fixed", "batch"),
    "optimizer": ("adamw", "sgd"),
    "schedule": ("cosine", "steps"),
    "batches": ("pairs", "series"),
}


@dataclass(frozen=True, kw_only=True)
class PairDataConfig:
    """What is learned from."""

    source: str = "phototriage"
    """Name of the data set, to which ``--data NAME=PATH`` gives a folder."""
    target: Literal["shares", "majority"] = "shares"
    """Learn the share of people who prefer a photo, or only which one more people prefer; ties are
    then left out of training."""


@dataclass(frozen=True, kw_only=True)
class PairModelConfig:
    """The network that compares two photos."""

    backbone: str = "tf_efficientnet_lite0"
    """A timm model name."""
    pretrained: str = "package"
    """Where ImageNet weights come from, as ``model.pretrained`` of joint experiments."""
    input_size: int = 224
    """Side of the square input, in pixels."""
    aspect: Literal["crop", "squeeze"] = "crop"
    """How a photo becomes square; ``crop`` scales the short side and takes the middle."""
    head: Literal["pooled", "pau"] = "pau"
    """What the utility is read from: pooled features (the baselines), or parallel attention units
    on the last three stages."""
    branch: Literal["shared", "two-sided"] = "shared"
    """``two-sided`` gives each side of a pair units of its own, as the published network does; its
    preference is then not antisymmetric. For comparison only."""
    standardise: bool = False
    """Bring the features of each photo to mean 0 and variance 1 before the utility."""
    dropout: float = 0.0
    """Share of features dropped before the utility while training."""
    normalisation: Literal["fixed", "batch"] = "fixed"
    """Whether batch normalisation keeps its pretrained statistics in training, or takes those of
    each batch. Networks from random weights need ``batch``."""

    def __post_init__(self) -> None:
        _check_choices(self, "model")
        if not 0 <= self.dropout < 1:
            raise ConfigError(f"model.dropout must lie in [0, 1), got {self.dropout}")
        if self.input_size < 32:
            raise ConfigError(f"model.input_size must be at least 32, got {self.input_size}")
        if self.branch == "two-sided" and self.head != "pau":
            raise ConfigError("model.branch = 'two-sided' gives each side attention units of its "
                              f"own, and head '{self.head}' has none; use 'pau'")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class PairTrainConfig:
    """How the network is trained."""

    seed: int = 0
    """Of weights, order and mirroring."""
    epochs: int = 10
    """Passes over the training pairs."""
    batch_size: int = 32
    """Pairs an optimizer step."""
    batches: Literal["pairs", "series"] = "pairs"
    """Draw single pairs, or series whole: a photo that is in several pairs of a batch goes through
    the network once."""
    optimizer: Literal["adamw", "sgd"] = "adamw"
    """``sgd`` with ``momentum``."""
    lr: float = 1e-4
    """Rate of the backbone; new layers use ``lr * head_lr_factor``."""
    head_lr_factor: float = 10.0
    """How much faster the new layers learn."""
    momentum: float = 0.9
    """Of ``sgd``."""
    weight_decay: float = 0.01
    """Of ``adamw`` (decoupled; not of biases and normalisation) or ``sgd`` (of everything)."""
    schedule: Literal["cosine", "steps"] = "cosine"
    """The rate falls along a cosine to 0 after ``warmup``, or by ``step_factor`` every
    ``step_epochs``."""
    warmup: float = 0.05
    """Share of the steps over which the rate rises; of ``cosine``."""
    step_epochs: int = 25
    """Of ``steps``."""
    step_factor: float = 0.3
    """Of ``steps``."""
    freeze_stages: int = 0
    """Backbone stages kept as pretrained, counted from the input; the stem goes with the first."""
    flip: bool = True
    """Mirror half of the photos left to right."""
    gradient_clip: float = 1.0
    """Largest norm of the gradient; 0 clips nothing."""

    def __post_init__(self) -> None:
        _check_choices(self, "train")
        if not 0 < self.lr < 1:
            raise ConfigError(f"train.lr must lie in (0, 1), got {self.lr}; 1e-4 is a usual start")
        for name in ("epochs", "batch_size", "step_epochs"):
            if getattr(self, name) < 1:
                raise ConfigError(f"train.{name} must be at least 1, got {getattr(self, name)}")
        for name in ("head_lr_factor", "step_factor"):
            if getattr(self, name) <= 0:
                raise ConfigError(f"train.{name} must be positive, got {getattr(self, name)}")
        for name in ("seed", "weight_decay", "freeze_stages", "gradient_clip"):
            if getattr(self, name) < 0:
                raise ConfigError(f"train.{name} must not be negative, got {getattr(self, name)}")
        for name in ("momentum", "warmup"):
            if not 0 <= getattr(self, name) < 1:
                raise ConfigError(f"train.{name} must lie in [0, 1), got {getattr(self, name)}")


@dataclass(frozen=True, kw_only=True)
class PairExperimentConfig:
    """One experiment of the pair task; its file has a table ``[pairs]``."""

    pairs: PairDataConfig = field(default_factory=PairDataConfig)
    model: PairModelConfig = field(default_factory=PairModelConfig)
    train: PairTrainConfig = field(default_factory=PairTrainConfig)
    licence: str = "research only"
    """What the training data allows; written into every model made from it."""

    def __post_init__(self) -> None:
        if self.model.pretrained == "none" and self.model.normalisation == "fixed":
            raise ConfigError("model.pretrained = 'none' has no statistics that normalisation can "
                              "keep; use model.normalisation = 'batch'")  # fmt: skip


def load_pair_experiment(path: Path) -> PairExperimentConfig | None:
    """Read an experiment file of the pair task; None if it has no table ``[pairs]``.

    Raises:
        ConfigError: as :func:`iae.config.load_experiment`.
    """
    values = experiment_values(path)
    if "pairs" not in values:
        return None
    try:
        return from_mapping(PairExperimentConfig, values)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def _check_choices(settings: PairModelConfig | PairTrainConfig, table: str) -> None:
    for name, choices in _CHOICES.items():
        value = getattr(settings, name, choices[0])
        if value not in choices:
            raise ConfigError(f"{table}.{name} must be one of {', '.join(choices)}, got {value!r}")
