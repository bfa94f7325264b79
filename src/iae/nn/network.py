"""``Network``: what joint networks have in common, whatever their tasks share."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from iae.images.preprocess import PreprocessSpec
from iae.labels import EMOTIONS, LEVELS
from iae.nn.backbone import fix_normalisation_statistics

TASK_CLASSES: Mapping[str, tuple[str, ...]] = {"aesthetic": LEVELS, "emotion": EMOTIONS}
"""Tasks by name, with what their logits stand for, in order."""


class Network(nn.Module, ABC):
    """Pixels to the logits of every task, by way of an embedding and a linear head a task.

    It takes pixels as :func:`iae.images.preprocess.to_pixels` gives them and normalises them
    itself, with the mean and standard deviation of its ``PreprocessSpec``: training, export and
    scoring cannot disagree about it.
    """

    heads: nn.ModuleDict
    """A linear layer a task, which a subclass makes by :func:`linear_heads`, last of its parts."""

    def __init__(
        self,
        spec: PreprocessSpec,
        *,
        dropout: float,
        tasks: Mapping[str, Sequence[str]] = TASK_CLASSES,
    ) -> None:
        """Prepare for pixels of this kind.

        Args:
            spec: size and normalisation of the pixels.
            dropout: share of the features dropped before each head while training.
            tasks: what the outputs of each task stand for. Those of ``attributes``, where there
                is such a task, are no logits but mean ratings, counted from the scale's middle.
        """
        super().__init__()
        self.spec = spec
        self.classes = {task: tuple(names) for task, names in tasks.items()}
        self.dropout = nn.Dropout(dropout)
        # Folded to one multiply-add: (x / 255 - mean) / std = x * scale + shift.
        mean, std = torch.tensor(spec.mean), torch.tensor(spec.std)
        self.register_buffer("scale", (1 / (255 * std)).view(3, 1, 1), persistent=False)
        self.register_buffer("shift", (-mean / std).view(3, 1, 1), persistent=False)
        self.scale: Tensor
        self.shift: Tensor

    def normalised(self, pixels: Tensor) -> Tensor:
        """What a backbone expects; (N, H, W, 3) uint8 RGB -> (N, 3, H, W), channels last."""
        return pixels.permute(0, 3, 1, 2).to(self.scale.dtype) * self.scale + self.shift

    @abstractmethod
    def features(self, pixels: Tensor) -> Tensor:
        """The embedding, from which every logit can be made; (N, H, W, 3) uint8 RGB -> (N, E)."""

    @abstractmethod
    def task_features(self, embedding: Tensor) -> dict[str, Tensor]:
        """What each head looks at; (N, E) -> {task: (N, D)}."""

    @abstractmethod
    def freeze_stages(self, count: int) -> None:
        """Keep the first ``count`` stages of the backbone, and its stem, as they are."""

    @abstractmethod
    def stage_numbers(self) -> dict[str, int]:
        """Name of each parameter of the backbone -> its stage, from 1; see ``freeze_stages``.

        The stem has the number of the first stage, what follows the last stage that of the last.
        Heads and what links branches are not in it.
        """

    @abstractmethod
    def features_by_task(self, pixels: Tensor) -> dict[str, Tensor]:
        """What each head looks at; (N, H, W, 3) uint8 RGB -> {task: (N, D)}."""

    def classify(self, features: Tensor) -> dict[str, Tensor]:
        """Logits of each task; the embedding (N, E) -> {task: (N, classes)}."""
        return self.logits(self.task_features(features))

    def logits(self, by_task: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Logits of each task; {task: (N, D)} -> {task: (N, classes)}."""
        return {task: head(self.dropout(by_task[task])) for task, head in self.heads.items()}

    def forward(self, pixels: Tensor) -> dict[str, Tensor]:
        """Logits of each task; (N, H, W, 3) uint8 RGB -> {task: (N, classes)}.

        Past the embedding: joined into one tensor, every task's gradient would run through all
        branches, as zeros through those of the others.
        """
        return self.logits(self.features_by_task(pixels))

    def silence(self, task: str) -> None:
        """Give the head of a task that is not trained nothing to say: all its classes are alike."""
        for parameter in self.heads[task].parameters():
            nn.init.zeros_(parameter)
            parameter.requires_grad_(False)

    def train(self, mode: bool = True) -> "Network":
        """Training mode, in which batch normalisation keeps its pretrained statistics."""
        super().train(mode)
        fix_normalisation_statistics(self)
        return self


def linear_heads(width: int, tasks: Mapping[str, Sequence[str]]) -> nn.ModuleDict:
    """A head a task; task -> names of its classes. Each takes features (N, width)."""
    return nn.ModuleDict({task: nn.Linear(width, len(names)) for task, names in tasks.items()})
