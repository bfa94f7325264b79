"""Joint image aesthetics and emotion: scores for photos, and the workbench behind them."""

from typing import TYPE_CHECKING

from iae._version import __version__

if TYPE_CHECKING:
    from iae.scoring.scorer import Scorer
    from iae.scoring.scores import PhotoScore

__all__ = ["PhotoScore", "Scorer", "__version__"]


def __getattr__(name: str) -> object:
    """Import the public classes when they are first used, so that ``import iae`` is instant."""
    if name == "Scorer":
        from iae.scoring.scorer import Scorer

        return Scorer
    if name == "PhotoScore":
        from iae.scoring.scores import PhotoScore

        return PhotoScore
    raise AttributeError(f"module 'iae' has no attribute '{name}'")
