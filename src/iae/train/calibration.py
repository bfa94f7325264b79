"""Two numbers fitted on validation photos that make probabilities mean what they say."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_ndtr, logsumexp

from iae.labels import HIGH_THRESHOLD

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Fitted on validation; 1 is what they are without any fit."""

    emotion_temperature: float = 1.0
    """Emotion logits are divided by this (Guo et al. 2017)."""
    high_sigma: float = 1.0
    """P(mean rating >= 5) = Phi((predicted mean - 5) / high_sigma), on the ten-point scale."""


def fit_temperature(logits: Array, labels: NDArray[np.int64]) -> float:
    """The temperature in [.2, 5] with the least negative log-likelihood.

    Args:
        logits: (N, classes). labels: (N,) class numbers. Without photos the answer is 1.
    """
    if not len(labels):
        return 1.0

    def loss(log_temperature: float) -> float:
        scaled = logits / np.exp(log_temperature)
        log_probs = scaled - logsumexp(scaled, axis=1, keepdims=True)
        return -float(log_probs[np.arange(len(labels)), labels].mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-1.6, 1.6), method="bounded").x))


def fit_high_sigma(predicted: Array, rated: Array) -> float:
    """The sigma in [.05, 5] with which P(high) has the least negative log-likelihood.

    Args:
        predicted, rated: (N,) mean scores in [1, 10]. Without photos the answer is 1.
    """
    if not len(rated):
        return 1.0
    sign = np.where(rated >= HIGH_THRESHOLD, 1.0, -1.0)

    def loss(log_sigma: float) -> float:
        z = (predicted - HIGH_THRESHOLD) / np.exp(log_sigma)
        return -float(log_ndtr(sign * z).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-3.0, 1.6), method="bounded").x))
