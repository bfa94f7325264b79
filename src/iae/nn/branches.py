"""``BranchedNet``: a shared trunk, then a branch a task, with fusion units between the branches.

The same backbone in every way of sharing, so that the ways can be compared: ``hard`` (one branch
for all tasks, which is ``JointNet``), ``single`` (a branch a task and nothing between them),
``cross-stitch``, ``nddr`` and ``afa`` (``iae.nn.sharing``).
"""

import copy
from collections.abc import Collection, Mapping, Sequence
from typing import get_args

import torch
from torch import Tensor, nn

from iae.config import Sharing
from iae.images.preprocess import PreprocessSpec
from iae.nn.network import TASK_CLASSES, Network, linear_heads
from iae.nn.sharing.build import FUSED, build_unit
from iae.nn.sharing.nddr import NDDRShortcut
from iae.nn.stages import maps_to_tokens, take_apart, tokens_to_maps

_SHARED = "shared"


class Branch(nn.Module):
    """The stages after the trunk, and what makes features of the last one's output."""

    def __init__(self, stages: Sequence[nn.Module], tail: nn.Module) -> None:
        """Copy the parts, so that no two branches have a weight in common."""
        super().__init__()
        self.stages = nn.ModuleList(copy.deepcopy(stage) for stage in stages)
        self.tail = copy.deepcopy(tail)


class BranchedNet(Network):
    """Pixels to the logits of every task, with as much in common as ``sharing`` says.

    Used like ``JointNet``: the same pixels, normalised inside; ``features`` are the embedding
    that is exported, and ``classify`` makes logits of it. The embedding is the features of all
    branches one after the other, by name of the task, (N, T·D), so that every logit can be made
    from it; with ``hard`` there is one branch, and it is JointNet's (N, D).

    All branches begin as copies of the same pretrained stages. Shares of a fusion add up to 1 in
    the beginning, so the network begins with the features of the backbone in every way of sharing
    (``nddr``: up to the 1e-5 that its batch norm adds to a variance of 1).

    Batch norm keeps its statistics while training, that of ``nddr`` too: it is then a learned
    scale and shift of each channel. Statistics of its own would throw the pretrained stages behind
    it off their inputs' scale, and would depend on who shares a batch.
    """

    def __init__(
        self,
        backbone: nn.Module,
        spec: PreprocessSpec,
        *,
        sharing: Sharing = "hard",
        trunk_stages: int = 0,
        fuse_after: Sequence[int] = (),
        tasks: Mapping[str, Sequence[str]] = TASK_CLASSES,
        dropout: float = 0.0,
        stop_gradient_from: Collection[str] = frozenset(),
        self_weight: float | None = None,
        aggregation_relu: bool = False,
        nddr_shortcut: bool = False,
    ) -> None:
        """Copy the stages of a backbone into a trunk and branches.

        Args:
            backbone: as ``build_backbone`` makes it, filled with pretrained weights; it stays as
                it is.
            spec: size and normalisation of the pixels.
            sharing: what the tasks have in common after the trunk.
            trunk_stages: stages all tasks share, counted as ``freeze_stages`` does, with the stem
                in the first; 0 shares nothing, not even the stem.
            fuse_after: stages after which a fusion unit stands; each after the trunk. Empty: the
                last stage, for the ways of sharing that fuse.
            tasks: names of the classes of each task; a linear head each.
            dropout: share of the features dropped before each head while training.
            stop_gradient_from: tasks into whose branch the fusions send no gradient.
            self_weight: how much of its own map a task keeps at a fusion in the beginning; None
                as published (``build_unit``).
            aggregation_relu: the published relu after each half of AFA. Without effect on a
                ResNet; on networks whose maps have negative values it deletes those, and
                the network no longer begins as it was pretrained (EfficientNet-Lite0 after stage
                7, 16 photos: half of the values; cosine of the features with and without .58).
            nddr_shortcut: the paper's connection of all fused maps to the last (two or more
                fusions).

        Raises:
            ValueError: the backbone cannot be taken apart, or the settings do not fit each other
                or the backbone.
        """
        super().__init__(spec, dropout=dropout, tasks=tasks)
        parts = take_apart(backbone)
        count = self.stage_count = len(parts.stages)
        self.sharing, self.trunk_stages = sharing, trunk_stages
        self.tasks = tuple(sorted(tasks))
        self.fuse_after = tuple(sorted(set(fuse_after))) or ((count,) if sharing in FUSED else ())
        self._prefix_tokens = parts.prefix_tokens
        self._check(nddr_shortcut, stop_gradient_from, parts.last_map_matters)

        *widths, self.width = parts.widths(spec.size)
        self.trunk_layers = nn.Sequential(*parts.stages[:trunk_stages])
        names = (_SHARED,) if sharing == "hard" else self.tasks
        self.branches = nn.ModuleDict(
            {name: Branch(parts.stages[trunk_stages:], parts.tail) for name in names}
        )
        self.fusions = nn.ModuleDict(
            {
                str(stage): build_unit(
                    sharing,
                    self.tasks,
                    widths[stage - 1],
                    self_weight=self_weight,
                    aggregation_relu=aggregation_relu,
                    stop_gradient_from=stop_gradient_from,
                )
                for stage in self.fuse_after
            }
        )
        fused_widths = [widths[stage - 1] for stage in self.fuse_after]
        self.shortcut = NDDRShortcut(self.tasks, fused_widths) if nddr_shortcut else None
        self.heads = linear_heads(self.width, {task: tasks[task] for task in self.tasks})
        self.train()  # with fixed normalisation, whether or not anybody calls it again

    def _check(
        self,
        nddr_shortcut: bool,
        stop_gradient_from: Collection[str],
        last_map_matters: bool,
    ) -> None:
        """Settings against each other, and against the stages of the backbone."""
        count = self.stage_count
        if self.sharing not in get_args(Sharing):
            raise ValueError(f"sharing is one of {', '.join(get_args(Sharing))}, "
                             f"got '{self.sharing}'")  # fmt: skip
        if not 0 <= self.trunk_stages <= count:
            raise ValueError(f"trunk_stages must lie in 0..{count}, the stages of this backbone; "
                             f"got {self.trunk_stages}")  # fmt: skip
        if not self.tasks:
            raise ValueError("a network needs at least one task")
        if self.sharing in FUSED and self.trunk_stages == count:
            raise ValueError(f"with trunk_stages = {count} no stage is left for branches to be "
                             f"fused after; choose fewer than {count}")  # fmt: skip
        if self.sharing not in FUSED and (self.fuse_after or stop_gradient_from):
            raise ValueError(f"sharing '{self.sharing}' has no fusion; leave out fuse_after and "
                             f"stop_gradient_from, or choose of {', '.join(FUSED)}")  # fmt: skip
        if nddr_shortcut and self.sharing != "nddr":
            raise ValueError(f"nddr_shortcut goes with sharing 'nddr', not '{self.sharing}'")
        outside = [stage for stage in self.fuse_after if not self.trunk_stages < stage <= count]
        if outside:
            raise ValueError(f"fuse_after has stage {outside[0]}; between the branches are stages "
                             f"{self.trunk_stages + 1}..{count}")  # fmt: skip
        if count in self.fuse_after and not last_map_matters:
            raise ValueError(
                f"this backbone takes its features from the class token, which a fusion leaves "
                f"alone: after its last stage ({count}) one has no effect; choose earlier ones"
            )

    def trunk(self, pixels: Tensor) -> Tensor:
        """What all branches start from; (N, H, W, 3) uint8 RGB -> (N, C, h, w) or (N, L, C).

        Without trunk stages, the normalised pixels.
        """
        maps: Tensor = self.trunk_layers(self.normalised(pixels))
        return maps

    def from_trunk(self, maps: Tensor) -> dict[str, Tensor]:
        """Features of each task; the trunk's output, of any float type -> {task: (N, D)}."""
        branches = {name: branch for name, branch in self.branches.items()
                    if isinstance(branch, Branch)}  # fmt: skip
        x = dict.fromkeys(branches, maps.to(self.scale.dtype))
        fused: list[dict[str, Tensor]] = []
        for place in range(self.stage_count - self.trunk_stages):
            x = {name: branch.stages[place](x[name]) for name, branch in branches.items()}
            stage = self.trunk_stages + place + 1
            if stage in self.fuse_after:
                x = self._fused(str(stage), x, fused)
        features = {name: branch.tail(x[name]) for name, branch in branches.items()}
        return {task: features[_SHARED if self.sharing == "hard" else task] for task in self.tasks}

    def _fused(
        self, stage: str, x: Mapping[str, Tensor], fused: list[dict[str, Tensor]]
    ) -> dict[str, Tensor]:
        """After a unit; its maps are appended to ``fused``, the input of the shortcut."""
        prefixes: dict[str, Tensor] = {}
        maps = dict(x)
        for task, tokens in x.items():
            if tokens.ndim == 3:
                prefixes[task], maps[task] = tokens_to_maps(tokens, self._prefix_tokens)
        maps = self.fusions[stage](maps)
        fused.append(maps)
        if self.shortcut is not None and len(fused) == len(self.fuse_after):
            maps = self.shortcut(fused)
        return {
            task: maps_to_tokens(prefixes[task], maps[task]) if prefixes else maps[task]
            for task in x
        }

    def embedding(self, features: Mapping[str, Tensor]) -> Tensor:
        """All branches' features in one; {task: (N, D)} -> (N, T·D), with ``hard`` (N, D)."""
        if self.sharing == "hard":
            return features[self.tasks[0]]
        return torch.cat([features[task] for task in self.tasks], dim=1)

    def task_features(self, embedding: Tensor) -> dict[str, Tensor]:
        """The inverse of :meth:`embedding`; (N, T·D), with ``hard`` (N, D) -> {task: (N, D)}."""
        if self.sharing == "hard":
            return dict.fromkeys(self.tasks, embedding)
        pieces = embedding.split(self.width, dim=1)  # type: ignore[no-untyped-call]
        return dict(zip(self.tasks, pieces, strict=True))

    def features(self, pixels: Tensor) -> Tensor:
        """The embedding; (N, H, W, 3) uint8 RGB -> (N, T·D), with ``hard`` (N, D)."""
        return self.embedding(self.features_by_task(pixels))

    def features_by_task(self, pixels: Tensor) -> dict[str, Tensor]:
        """Features of each task; (N, H, W, 3) uint8 RGB -> {task: (N, D)}."""
        return self.from_trunk(self.trunk(pixels))

    def freeze_stages(self, count: int) -> None:
        """Keep the first ``count`` stages, and the stem, as they are, in the branches as well."""
        for stage in list(self.trunk_layers)[:count]:
            stage.requires_grad_(False)
        for branch in self.branches.values():
            assert isinstance(branch, Branch)
            for stage in list(branch.stages)[: max(0, count - self.trunk_stages)]:
                stage.requires_grad_(False)

    def stage_numbers(self) -> dict[str, int]:
        """Name of each parameter of trunk and branches -> its stage, from 1."""
        parts: dict[int, list[nn.Module]] = {
            number: [stage] for number, stage in enumerate(self.trunk_layers, start=1)
        }
        for branch in self.branches.values():
            assert isinstance(branch, Branch)
            for number, stage in enumerate(branch.stages, start=self.trunk_stages + 1):
                parts.setdefault(number, []).append(stage)
            parts[max(parts)].append(branch.tail)
        numbers = {
            id(parameter): number
            for number, members in parts.items()
            for part in members
            for parameter in part.parameters()
        }
        return {
            name: numbers[id(parameter)]
            for name, parameter in self.named_parameters()
            if id(parameter) in numbers
        }


def parameter_counts(net: BranchedNet) -> dict[str, int]:
    """Numbers learned in the trunk, in all branches, between them, and in the heads."""
    parts: dict[str, list[nn.Module]] = {
        "trunk": [net.trunk_layers],
        "branches": [net.branches],
        "fusions": [net.fusions, *([net.shortcut] if net.shortcut is not None else [])],
        "heads": [net.heads],
    }
    return {
        name: sum(p.numel() for module in modules for p in module.parameters())
        for name, modules in parts.items()
    }
