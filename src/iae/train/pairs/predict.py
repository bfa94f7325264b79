"""What a pair network says of photos, and the figures of a validation."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from iae.data.pair_set import PairSet
from iae.images.preprocess import Pixels
from iae.metrics.pairwise import both_orders, pair_hits, pair_log_loss
from iae.nn.pair import PairNet

_BATCH = 64


@torch.inference_mode()
def predict_utilities(
    net: PairNet, pixels: Pixels, *, progress: Callable[[int, int], None] = lambda done, total: None
) -> NDArray[np.float64]:
    """Utilities as the first and as the second photo; (N, H, W, 3) uint8 -> (N, 2) log-odds."""
    device = net.scale.device
    was_training = net.training
    net.eval()
    found = []
    for start in range(0, len(pixels), _BATCH):
        shown = torch.from_numpy(np.array(pixels[start : start + _BATCH])).to(device)
        found.append(net(shown).double().cpu().numpy())
        progress(min(start + _BATCH, len(pixels)), len(pixels))
    net.train(was_training)
    return np.concatenate(found)


def pair_figures(utilities: NDArray[np.float64], pairs: PairSet) -> dict[str, float]:
    """``accuracy`` over decided pairs and ``log_loss`` against the shares, mean of both orders.

    The accuracy is NaN where all pairs are ties.
    """
    logits = both_orders(utilities, pairs.first, pairs.second)
    hits = np.mean([pair_hits(one, pairs.share) for one in logits], axis=0)
    losses = np.mean([pair_log_loss(one, pairs.share) for one in logits], axis=0)
    decided = hits[~np.isnan(hits)]
    return {
        "accuracy": float(decided.mean()) if decided.size else float("nan"),
        "log_loss": float(losses.mean()),
    }
