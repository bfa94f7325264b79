"""The parallel attention unit of series photo selection (PAU, ICASSP 2020).

The published form, width by width; the published code is ``zhenshen-mla/Series-Photo-Selection``,
commit b659e11, read for its formulas only.
"""

import torch
from torch import Tensor, nn


class ParallelAttention(nn.Module):
    """What a map shows where its own channels and places matter: (N, C, H, W) -> (N, 2C).

    With v = x · conv(relu(conv(x))), both convolutions 1×1: the attention of channels is
    W2 relu(W1 (GAP(v) + GMP(v))), that of places relu(mean_c(v) + max_c(v)). Comes back the mean
    over places of x weighted by the one, and of x weighted by the other. GAP and GMP are the mean
    and the largest value over places. A map of zeros gives zeros.
    """

    def __init__(self, channels: int, *, reduction: int = 16) -> None:
        """Make a unit for C channels; between W1 and W2 are round(C / reduction), at least 1."""
        super().__init__()
        hidden = max(round(channels / reduction), 1)
        self.convs = nn.Sequential(
            nn.Conv2d(channels, channels, 1), nn.ReLU(), nn.Conv2d(channels, channels, 1)
        )
        self.squeeze = nn.Linear(channels, hidden, bias=False)
        self.excite = nn.Linear(hidden, channels, bias=False)
        for conv in self.convs:
            if isinstance(conv, nn.Conv2d):  # as published
                nn.init.kaiming_normal_(conv.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        """Features by channel, then by place; (N, C, H, W) -> (N, 2C)."""
        v = x * self.convs(x)
        by_channel = self.excite(self.squeeze(v.mean((2, 3)) + v.amax((2, 3))).relu())  # (N, C)
        by_place = (v.mean(1) + v.amax(1)).relu()  # (N, H, W)
        # A channel's weight is the same everywhere, so it can be applied to the mean; weights of
        # places enter through a product of matrices, without a weighted copy of the map.
        of_places = torch.einsum("nchw,nhw->nc", x, by_place) / by_place[0].numel()
        return torch.cat([by_channel * x.mean((2, 3)), of_places], dim=1)
