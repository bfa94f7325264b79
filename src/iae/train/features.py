"""Pooled features of photos, computed once, for what is fitted on a network that stands still."""

from collections.abc import Callable

import torch
from torch.utils.data import DataLoader

from iae.nn.network import Network
from iae.train.dataset import Batch
from iae.train.views import embedding_of, one_view

_SEEN = ("pixels", "maps")


@torch.inference_mode()
def extract_features(
    net: Network,
    loader: DataLoader[Batch],
    device: torch.device,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Batch:
    """``features`` (N, E) and the targets of every photo, in the loader's order, on the CPU."""
    net.eval().to(device)
    parts: list[Batch] = []
    done, total = 0, len(loader.dataset)  # type: ignore[arg-type]
    for batch in loader:
        on_device = {name: values.to(device) for name, values in batch.items() if name in _SEEN}
        features = embedding_of(net, one_view(on_device)).float().cpu()
        targets = {name: values for name, values in batch.items() if name not in _SEEN}
        parts.append({"features": features, **targets})
        done += len(features)
        progress(done, total)
    return {name: torch.cat([part[name] for part in parts]).clone() for name in parts[0]}
