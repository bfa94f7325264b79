"""Settings of training: losses, their balance, and the steps."""

from dataclasses import dataclass
from typing import Literal, get_args

from iae.errors import ConfigError

BalanceName = Literal["fixed", "uncertainty", "dwa", "gradnorm", "pcgrad", "upgrad"]

SCORED_TASKS = ("aesthetic", "emotion")
"""What a scorer speaks of."""
TASK_PARTS = {
    "aesthetic": ("aesthetic_mean", "level_shares"),
    "emotion": ("emotion",),
    "attributes": ("attributes",),
}
"""Task -> the parts of the loss that train it."""


@dataclass(frozen=True, kw_only=True)
class LossConfig:
    """Weights of the parts of the joint loss.

    A part with weight 0 is left out, and so is a task without parts: with ``emotion = 0`` a network
    for aesthetics alone is trained.
    """

    aesthetic_mean: float = 1.0
    """Squared error of the mean score, in units of the training scores' variance."""
    level_shares: float = 5.0
    """Squared EMD of the level distribution, for photos whose distribution is known."""
    emotion: float = 1.0
    """Cross-entropy of the emotion, from one label or from votes."""
    attributes: float = 0.0
    """Squared error of the mean ratings of other questions (``attributes`` of the sources), in
    units of the training scores' variance: a task that helps to learn, and is not exported."""
    label_smoothing: float = 0.0
    """Share of a one-label target that is spread evenly over all eight emotions."""
    class_balance: float = 0.0
    """0 counts every photo alike, 1 every emotion label alike; between, a power in between."""
    vote_weight: float = 1.0
    """How much a photo's emotion votes count beside a photo's emotion label. 0 learns emotions from
    labels alone; leaving the votes out of the mapping would divide the photos differently."""

    def __post_init__(self) -> None:
        for name in ("aesthetic_mean", "level_shares", "emotion", "attributes", "vote_weight"):
            if getattr(self, name) < 0:
                raise ConfigError(f"loss.{name} must not be negative, got {getattr(self, name)}")
        if not self.tasks():
            raise ConfigError("all weights of the loss are 0; give one of aesthetic_mean, "
                              "level_shares and emotion a weight")  # fmt: skip
        for name in ("label_smoothing", "class_balance"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(f"loss.{name} must lie in [0, 1], got {getattr(self, name)}")

    def tasks(self) -> dict[str, dict[str, float]]:
        """Tasks that are trained, each with the weights of its parts; nothing has weight 0."""
        weights = {
            task: {part: float(getattr(self, part)) for part in parts if getattr(self, part)}
            for task, parts in TASK_PARTS.items()
        }
        return {task: parts for task, parts in weights.items() if parts}


@dataclass(frozen=True, kw_only=True)
class BalanceConfig:
    """How the losses of the tasks are balanced while training."""

    method: BalanceName = "fixed"
    """``fixed`` (as ``loss`` says), ``uncertainty``, ``dwa``, ``gradnorm``, ``pcgrad``,
    ``upgrad``."""
    learning_rate: float = 0.025
    """Of the weights that ``uncertainty`` and ``gradnorm`` learn."""
    temperature: float = 2.0
    """Of ``dwa``; the higher, the more alike the weights."""
    period: int = 0
    """Of ``dwa``: steps between new weights. 0: an epoch, as published."""
    alpha: float = 1.5
    """Of ``gradnorm``; how hard it makes the tasks learn at one rate."""

    def __post_init__(self) -> None:
        if self.method not in get_args(BalanceName):
            raise ConfigError(f"balance.method must be one of {', '.join(get_args(BalanceName))}, "
                              f"got {self.method!r}")  # fmt: skip
        if not 0 < self.learning_rate < 1:
            raise ConfigError(f"balance.learning_rate must lie in (0, 1), got {self.learning_rate}")
        if self.temperature <= 0:
            raise ConfigError(f"balance.temperature must be positive, got {self.temperature}")
        for name in ("period", "alpha"):
            if getattr(self, name) < 0:
                raise ConfigError(f"balance.{name} must not be negative, got {getattr(self, name)}")


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
    pieces: int = 1
    """The batch goes through the network in this many pieces, for what has too little memory.
    Gradients are those of the whole batch (dropout draws other numbers)."""
    lr: float = 1e-4
    """Peak learning rate of the backbone; heads use ``lr * head_lr_factor``."""
    head_lr_factor: float = 5.0
    """How much faster the heads learn."""
    layer_decay: float = 1.0
    """Each backbone stage learns at this share of the rate of the stage after it, the last at
    ``lr``: layer-wise rates as in Clark et al. (2020), "ELECTRA". 1: all alike."""
    weight_decay: float = 1e-4
    """AdamW's decoupled decay of weights (not of biases and normalisation)."""
    warmup: float = 0.05
    """Share of the steps over which the rate rises before it falls along a cosine."""
    patience: int = 0
    """Stop after this many epochs in a row without a better validation score; 0 never does."""
    freeze_stages: int = 0
    """Backbone stages kept as pretrained, counted from the input; the stem goes with the first."""
    cache_trunk: bool = False
    """Compute the output of the trunk (``model.trunk_stages``, all of them frozen) once for each
    photo, keep it as 16-bit numbers in the cache folder, and train on it."""
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
        for name in ("epochs", "batch_size", "pieces"):
            if getattr(self, name) < 1:
                raise ConfigError(f"train.{name} must be at least 1, got {getattr(self, name)}")
        if not 0 < self.layer_decay <= 1:
            raise ConfigError(f"train.layer_decay must lie in (0, 1], got {self.layer_decay}")
        if self.head_lr_factor <= 0:
            raise ConfigError(f"train.head_lr_factor must be positive, got {self.head_lr_factor}")
        for name in ("seed", "probe_epochs", "patience", "freeze_stages", "weight_decay",
                     "gradient_clip"):  # fmt: skip
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
