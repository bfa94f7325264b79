"""What of a batch goes through the network: its pixels, or the trunk's maps; mirrored or not."""

import numpy as np
import torch
from torch import Tensor

from iae.nn.branches import BranchedNet
from iae.nn.network import Network
from iae.train.dataset import Batch
from iae.train.share import Share


def one_view(
    batch: Batch, *, mirror_seed: list[int] | None = None, share: Share | None = None
) -> Batch:
    """Each photo as it is or, with chance one half, mirrored left to right.

    Args:
        batch: ``pixels`` (N, H, W, 3), or ``maps`` (N, views, …) of which the second view, where
            there is one, is that of the mirrored photos; and targets.
        mirror_seed: chooses the photos to mirror. None: none.
        share: which part of a batch this is; its photos are mirrored as they are in the whole.

    Returns:
        The batch with ``pixels`` of the same shape, or ``maps`` (N, …).
    """
    name = "maps" if "maps" in batch else "pixels"
    views = batch[name]
    mirrored = torch.zeros(len(views), dtype=torch.bool)
    if mirror_seed is not None:
        share = share or Share()
        chances = np.random.default_rng(mirror_seed).random(len(views) * share.count)
        mirrored = torch.from_numpy(chances[share.rank :: share.count] < 0.5)
    mirrored = mirrored.to(views.device)
    if name == "maps":
        return {**batch, name: views[torch.arange(len(views), device=views.device), mirrored.int()]}
    if mirror_seed is None:
        return batch
    return {**batch, name: torch.where(mirrored[:, None, None, None], views.flip(2), views)}


def embedding_of(net: Network, view: Batch) -> Tensor:
    """The embedding of one view of each photo; (N, E)."""
    if "maps" not in view:
        return net.features(view["pixels"])
    assert isinstance(net, BranchedNet)
    return net.embedding(_after_trunk(net, view["maps"]))


def logits_of(net: Network, view: Batch) -> dict[str, Tensor]:
    """Logits of each task for one view of each photo; {task: (N, classes)}."""
    if "maps" not in view:
        logits: dict[str, Tensor] = net(view["pixels"])
        return logits
    assert isinstance(net, BranchedNet)
    return net.logits(_after_trunk(net, view["maps"]))


def _after_trunk(net: BranchedNet, maps: Tensor) -> dict[str, Tensor]:
    """{task: (N, D)}; maps are kept channels last, in which convolutions on the CPU are fast."""
    return net.from_trunk(maps.permute(0, 3, 1, 2) if maps.ndim == 4 else maps)
