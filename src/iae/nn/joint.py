"""``JointNet``: one backbone, one linear head a task (hard parameter sharing)."""

from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from iae.images.preprocess import PreprocessSpec
from iae.labels import LEVEL_SCORES
from iae.nn.backbone import freeze_stages, stage_numbers
from iae.nn.network import TASK_CLASSES, Network, linear_heads


class JointNet(Network):
    """One backbone for all tasks."""

    def __init__(
        self,
        backbone: nn.Module,
        spec: PreprocessSpec,
        *,
        dropout: float = 0.0,
        tasks: Mapping[str, Sequence[str]] = TASK_CLASSES,
    ) -> None:
        """Put heads on a backbone that pools to ``backbone.num_features`` numbers."""
        super().__init__(spec, dropout=dropout, tasks=tasks)
        self.backbone = backbone
        # A head's width is the backbone's, asked from timm rather than written here.
        width = int(backbone.num_features)  # type: ignore[arg-type]
        self.heads = linear_heads(width, self.classes)
        self.train()  # with fixed normalisation, whether or not anybody calls it again

    def features(self, pixels: Tensor) -> Tensor:
        """Pooled features; (N, H, W, 3) uint8 RGB -> (N, D)."""
        features: Tensor = self.backbone(self.normalised(pixels))
        return features

    def features_by_task(self, pixels: Tensor) -> dict[str, Tensor]:
        """The same for all; (N, H, W, 3) uint8 RGB -> {task: (N, D)}."""
        return self.task_features(self.features(pixels))

    def task_features(self, embedding: Tensor) -> dict[str, Tensor]:
        """The same for all; (N, D) -> {task: (N, D)}."""
        return dict.fromkeys(self.heads, embedding)

    def freeze_stages(self, count: int) -> None:
        """Keep the first ``count`` stages of the backbone, and its stem, as they are."""
        freeze_stages(self.backbone, count)

    def stage_numbers(self) -> dict[str, int]:
        """Name of each parameter of the backbone -> its stage, from 1."""
        return {f"backbone.{name}": at for name, at in stage_numbers(self.backbone).items()}


def expected_score(level_logits: Tensor) -> Tensor:
    """Mean score of the predicted level distribution; (N, 4) logits -> (N,) in [1, 10]."""
    scores = level_logits.new_tensor(LEVEL_SCORES)
    return level_logits.softmax(dim=1) @ scores


class ScoringNet(nn.Module):
    """What is exported: calibrated probabilities and the embedding, under their public names."""

    OUTPUTS = ("level_probs", "emotion_probs", "embedding")

    def __init__(self, net: Network, *, emotion_temperature: float = 1.0) -> None:
        """Wrap a trained network; the temperature comes from its calibration."""
        super().__init__()
        self.net = net
        self.emotion_temperature = emotion_temperature

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(N, H, W, 3) uint8 -> level_probs (N, 4), emotion_probs (N, 8), embedding (N, E)."""
        embedding = self.net.features(pixels)
        logits = self.net.classify(embedding)
        emotion_logits = logits["emotion"] / self.emotion_temperature
        return logits["aesthetic"].softmax(dim=1), emotion_logits.softmax(dim=1), embedding
