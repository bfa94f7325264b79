"""What one of several processes that train one network together does of the work."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor, distributed

Item = TypeVar("Item")


@dataclass(frozen=True)
class Share:
    """One process of ``count``; by itself, the whole."""

    rank: int = 0
    """Its number; 0 is the one that tells, logs and writes."""
    count: int = 1

    def __post_init__(self) -> None:
        assert 0 <= self.rank < self.count

    @property
    def is_first(self) -> bool:
        """Whether it is the one that tells, logs and writes."""
        return self.rank == 0

    def of(self, items: Sequence[Item]) -> Sequence[Item]:
        """Every ``count``-th item; the shares of all processes together are all items.

        By turns and not in blocks, so that a process knows where in the whole its items stood,
        also where the whole does not divide evenly.
        """
        return items[self.rank :: self.count]

    @contextmanager
    def after_the_first(self) -> Iterator[None]:
        """Let the first process go ahead; the others follow when it is done, to find its files."""
        if self.rank:
            self.wait_for_all()
        yield
        if self.is_first:
            self.wait_for_all()

    def wait_for_all(self) -> None:
        """Go on when all processes have come here."""
        if self.count > 1:
            # By a sum and not by a barrier, which NCCL warns of when it is not told its device.
            distributed.all_reduce(torch.zeros(1, device=_device_of_messages()))

    def take_over(self, net: torch.nn.Module) -> None:
        """Give all processes the numbers that the first has in its network."""
        if self.count == 1:
            return
        for tensor in net.state_dict().values():
            message = tensor.contiguous()  # of channels last as well
            distributed.broadcast(message, 0)
            tensor.copy_(message)

    def joined(self, part: Tensor) -> Tensor:
        """The rows of all processes, as they stood before :meth:`of`; (N, …) -> (N of all, …)."""
        if self.count == 1:
            return part
        total = torch.tensor(len(part), device=part.device)
        distributed.all_reduce(total)
        rows = part.new_zeros((int(total), *part.shape[1:]))
        rows[self.rank :: self.count] = part
        distributed.all_reduce(rows)
        return rows


def _device_of_messages() -> torch.device:
    return torch.device("cuda" if distributed.get_backend() == "nccl" else "cpu")
