"""Heads first: linear probing on the pretrained features, before the backbone moves.

Fine-tuning from random heads would first distort the pretrained features (Kumar et al. 2022).
"""

from collections.abc import Callable

import numpy as np
import torch
from torch.utils.data import DataLoader

from iae.config import LossConfig
from iae.nn.losses import joint_losses, weighted_sum
from iae.nn.network import Network
from iae.train.dataset import Batch
from iae.train.features import extract_features

_BATCH, _LR = 256, 2e-3


def probe_heads(
    net: Network,
    loader: DataLoader[Batch],
    loss: LossConfig,
    *,
    epochs: int,
    variance: float,
    seed: int,
    device: torch.device,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Train the heads of ``net`` in place; every photo goes through the backbone once only.

    Args:
        net: the network; its backbone stays as it is.
        loader: batches of the training photos, in any order.
        loss: weights of the loss's parts.
        epochs: passes over the features.
        variance: of the training scores.
        seed: of the order and of dropout.
        device: where the network is run.
        progress: called with (photos seen, photos in all) while features are computed.
    """
    if epochs == 0:
        return
    net.to(device)
    table = extract_features(net, loader, device, progress)
    count = len(table["features"])
    torch.manual_seed(seed)
    optimizer = torch.optim.AdamW(net.heads.parameters(), lr=_LR)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * -(-count // _BATCH))
    net.train()
    for epoch in range(epochs):
        order = torch.from_numpy(np.random.default_rng([seed, epoch]).permutation(count))
        for rows in order.split(_BATCH):  # type: ignore[no-untyped-call]
            batch = {name: values[rows].to(device) for name, values in table.items()}
            parts = joint_losses(net.classify(batch["features"]), batch, variance=variance)
            optimizer.zero_grad()
            weighted_sum(parts, loss).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
