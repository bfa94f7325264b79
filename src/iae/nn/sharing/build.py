"""The ways of sharing by name."""

from collections.abc import Collection

from iae.config import Sharing
from iae.nn.sharing.aggregation import AFA
from iae.nn.sharing.cross_stitch import CrossStitch
from iae.nn.sharing.nddr import NDDR
from iae.nn.sharing.unit import FusionUnit

FUSED: tuple[Sharing, ...] = ("cross-stitch", "nddr", "afa")
"""The ways of sharing that have fusion units."""


def build_unit(
    sharing: Sharing,
    tasks: Collection[str],
    channels: int,
    *,
    self_weight: float | None = None,
    aggregation_relu: bool = True,
    stop_gradient_from: Collection[str] = frozenset(),
) -> FusionUnit:
    """A fusion unit by the name of its way of sharing.

    Args:
        sharing: one of ``FUSED``.
        tasks: names of the branches.
        channels: of their maps.
        self_weight: how much of its own map a task keeps in the beginning. None: as published,
            .9 for ``cross-stitch`` and ``nddr``, even shares for ``afa``.
        aggregation_relu: the relu of ``afa``.
        stop_gradient_from: branches into which no gradient is sent.

    Raises:
        ValueError: that way has no fusion units, or an argument is wrong for its unit.
    """
    stop, near = frozenset(stop_gradient_from), 0.9 if self_weight is None else self_weight
    match sharing:
        case "cross-stitch":
            return CrossStitch(tasks, channels, self_weight=near, stop_gradient_from=stop)
        case "nddr":
            return NDDR(tasks, channels, self_weight=near, stop_gradient_from=stop)
        case "afa":
            return AFA(
                tasks,
                channels,
                relu=aggregation_relu,
                self_weight=self_weight,
                stop_gradient_from=stop,
            )
    raise ValueError(f"sharing '{sharing}' has no fusion unit; {', '.join(FUSED)} have")
