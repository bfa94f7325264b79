"""``JointNet``: one backbone, one linear head a task (hard parameter sharing)."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from iae.images.preprocess import PreprocessSpec
from iae.labels import EMOTIONS, LEVEL_SCORES, LEVELS
from iae.nn.backbone import fix_normalisation_statistics

TASK_CLASSES: Mapping[str, tuple[str, ...]] = {"aesthetic": LEVELS, "emotion": EMOTIONS}
"""Tasks by name, with what their logits stand for, in order."""


class JointNet(nn.Module):
    """Pixels to the logits of every task.

    It takes pixels as :func:`iae.images.preprocess.to_pixels` gives them and normalises them
    itself, with the mean and standard deviation of its ``PreprocessSpec``: training, export and
    scoring cannot disagree about it.
    """

    def __init__(self, backbone: nn.Module, spec: PreprocessSpec, *, dropout: float = 0.0) -> None:
        """Put heads on a backbone that pools to ``backbone.num_features`` numbers."""
        super().__init__()
        self.backbone = backbone
        self.spec = spec
        self.dropout = nn.Dropout(dropout)
        # A head's width is the backbone's, asked from timm rather than written here.
        width = int(backbone.num_features)  # type: ignore[arg-type]
        self.heads = nn.ModuleDict(
            {task: nn.Linear(width, len(classes)) for task, classes in TASK_CLASSES.items()}
        )
        # Folded to one multiply-add: (x / 255 - mean) / std = x * scale + shift.
        mean, std = torch.tensor(spec.mean), torch.tensor(spec.std)
        self.register_buffer("scale", (1 / (255 * std)).view(3, 1, 1), persistent=False)
        self.register_buffer("shift", (-mean / std).view(3, 1, 1), persistent=False)
        self.scale: Tensor
        self.shift: Tensor
        self.train()  # with fixed normalisation, whether or not anybody calls it again

    def features(self, pixels: Tensor) -> Tensor:
        """Pooled features; (N, H, W, 3) uint8 RGB -> (N, D)."""
        x = pixels.permute(0, 3, 1, 2).to(self.scale.dtype)  # (N, 3, H, W), channels last
        features: Tensor = self.backbone(x * self.scale + self.shift)
        return features

    def classify(self, features: Tensor) -> dict[str, Tensor]:
        """Logits of each task; (N, D) -> {task: (N, classes)}."""
        return {task: head(self.dropout(features)) for task, head in self.heads.items()}

    def forward(self, pixels: Tensor) -> dict[str, Tensor]:
        """Logits of each task; (N, H, W, 3) uint8 RGB -> {task: (N, classes)}."""
        return self.classify(self.features(pixels))

    def train(self, mode: bool = True) -> "JointNet":
        """Training mode, in which batch normalisation keeps its pretrained statistics."""
        super().train(mode)
        fix_normalisation_statistics(self)
        return self


def expected_score(level_logits: Tensor) -> Tensor:
    """Mean score of the predicted level distribution; (N, 4) logits -> (N,) in [1, 10]."""
    scores = level_logits.new_tensor(LEVEL_SCORES)
    return level_logits.softmax(dim=1) @ scores


class ScoringNet(nn.Module):
    """What is exported: calibrated probabilities and the embedding, under their public names."""

    OUTPUTS = ("level_probs", "emotion_probs", "embedding")

    def __init__(self, net: JointNet, *, emotion_temperature: float = 1.0) -> None:
        """Wrap a trained network; the temperature comes from its calibration."""
        super().__init__()
        self.net = net
        self.emotion_temperature = emotion_temperature

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(N, H, W, 3) uint8 -> level_probs (N, 4), emotion_probs (N, 8), embedding (N, D)."""
        embedding = self.net.features(pixels)
        logits = self.net.classify(embedding)
        emotion_logits = logits["emotion"] / self.emotion_temperature
        return logits["aesthetic"].softmax(dim=1), emotion_logits.softmax(dim=1), embedding
