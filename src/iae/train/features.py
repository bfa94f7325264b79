"""Pooled features of photos, computed once, for what is fitted on a network that stands still."""

from collections.abc import Callable

import torch
from torch.utils.data import DataLoader

from iae.nn.joint import JointNet
from iae.train.dataset import Batch


@torch.inference_mode()
def extract_features(
    net: JointNet,
    loader: DataLoader[Batch],
    device: torch.device,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Batch:
    """``features`` (N, D) and the targets of every photo, in the loader's order, on the CPU."""
    net.eval().to(device)
    parts: list[Batch] = []
    done, total = 0, len(loader.dataset)  # type: ignore[arg-type]
    for batch in loader:
        features = net.features(batch.pop("pixels").to(device)).float().cpu()
        parts.append({"features": features, **batch})
        done += len(features)
        progress(done, total)
    return {name: torch.cat([part[name] for part in parts]).clone() for name in parts[0]}
