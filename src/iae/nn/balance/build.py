"""Balancing methods by name."""

from collections.abc import Sequence
from typing import get_args

from iae.config import BalanceName
from iae.errors import ConfigError
from iae.nn.balance.dwa import DynamicWeightAverage
from iae.nn.balance.fixed import Fixed
from iae.nn.balance.gradnorm import GradNorm
from iae.nn.balance.method import Balance
from iae.nn.balance.pcgrad import PCGrad
from iae.nn.balance.uncertainty import Uncertainty


def build_balance(
    method: BalanceName,
    tasks: Sequence[str],
    *,
    learning_rate: float = 0.025,
    temperature: float = 2.0,
    alpha: float = 1.5,
    period: int = 1,
    seed: int = 0,
) -> Balance:
    """A fresh balancing method.

    Args:
        method: its name.
        tasks: names of the tasks, in an order that stays the same when the run is resumed.
        learning_rate: of the weights of ``uncertainty`` and ``gradnorm``.
        temperature: of ``dwa``; the higher, the more alike the weights.
        alpha: of ``gradnorm``; how hard it restores a common rate of training.
        period: of ``dwa``; steps between new weights. The paper's is an epoch.
        seed: of ``pcgrad``.

    Raises:
        ConfigError: an unknown method, or a setting of the method out of its range.
        MissingExtraError: ``upgrad`` without TorchJD.
    """
    match method:
        case "fixed":
            return Fixed(tasks)
        case "uncertainty":
            return Uncertainty(tasks, learning_rate=learning_rate)
        case "dwa":
            return DynamicWeightAverage(tasks, period=period, temperature=temperature)
        case "gradnorm":
            return GradNorm(tasks, alpha=alpha, learning_rate=learning_rate)
        case "pcgrad":
            return PCGrad(tasks, seed=seed)
        case "upgrad":
            from iae.nn.balance.upgrad import UPGrad  # TorchJD takes a second to import

            return UPGrad(tasks)
    raise ConfigError(f"balance.method must be one of {', '.join(get_args(BalanceName))}, "
                      f"got {method!r}")  # fmt: skip
