"""Fixed weights: the plain sum."""

from collections.abc import Sequence

from iae.nn.balance.method import LossWeighting, Weights


class Fixed(LossWeighting):
    """Each loss with weight 1: its own weight is in the loss already (``LossConfig``)."""

    def weights(self, present: Sequence[str]) -> Weights:
        """1 each."""
        return dict.fromkeys(present, 1.0)
