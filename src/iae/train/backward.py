"""One step's gradients: several tasks' losses over the pieces of a batch and over all processes.

Three things that look innocent are wrong for several tasks with missing labels, and done right
here. A loss is a mean over labels, so the mean of the means of two pieces (or two processes) is
not the mean of the whole: sums are divided by the count of labels in all of them. Methods that
combine gradients are not linear, so each task's gradient is summed over pieces and processes
*before* it is combined. And where a task has no label at all, it takes no part.

Gradients are taken by ``autograd.grad`` and put into ``.grad``, past the hooks by which
``DistributedDataParallel`` would average them; so the loop around it is one of manual optimization.
With dropout, a divided batch draws other masks than a whole one; otherwise the results are equal.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, distributed
from torch.nn import Parameter

from iae.errors import ConfigError, IaeError
from iae.nn.balance.method import Balance, Weights
from iae.nn.losses import LossSum
from iae.train.gradient_sums import GradientSums, TrainedParameters, last_weight

Piece = Mapping[str, Tensor]


class DivergedError(IaeError):
    """A loss or a gradient is not a finite number any more; nothing was changed by the step."""


@dataclass(frozen=True)
class StepLosses:
    """What a step was about, over all pieces and processes. What had no label is left out."""

    parts: dict[str, float]
    """Mean over the labels of each part, unweighted."""
    tasks: dict[str, float]
    """Loss of each task: its parts, each times its weight."""
    passes: dict[str, Weights]
    """What was differentiated: pass -> the weight of each task's loss."""


def sum_over_processes(values: Tensor) -> Tensor:
    """The sum of what all processes hold, in place; of one process, its own."""
    if distributed.is_available() and distributed.is_initialized():
        distributed.all_reduce(values)
    return values


def pieces_of(batch: Piece, count: int) -> list[dict[str, Tensor]]:
    """A batch in ``count`` pieces of nearly the same size, in order; none is empty.

    Of an empty batch, a process's share of a small one, there is no piece.
    """
    length = len(next(iter(batch.values())))
    if not length:
        return []
    cut = {name: values.tensor_split(min(count, length)) for name, values in batch.items()}
    return [dict(zip(cut, piece, strict=True)) for piece in zip(*cut.values(), strict=True)]


def shared_and_own(
    net: torch.nn.Module, logits: Mapping[str, Tensor]
) -> tuple[list[Parameter], list[Parameter]]:
    """The parameters that are trained: those that several tasks use, and the others.

    Who uses what, the graph of an example tells, so it is right for any network: behind the last
    fusion a branch is its task's own, and so is one into which other tasks send no gradient.

    Args:
        net: the network.
        logits: what it said of any photos; its graph is used up.
    """
    trained = [p for p in net.parameters() if p.requires_grad]
    users = [0] * len(trained)
    for output in logits.values():
        if output.requires_grad:  # else nothing before or in its head is trained
            found = torch.autograd.grad(output.sum(), trained, retain_graph=True, allow_unused=True)
            users = [n + (g is not None) for n, g in zip(users, found, strict=True)]
    counted = list(zip(trained, users, strict=True))
    return [p for p, n in counted if n > 1], [p for p, n in counted if n <= 1]


class BalancedBackward:
    """Puts the balanced gradients of one step into ``.grad``.

    Only the gradients of the shared parameters can conflict. Those of a task's own parameters are
    never projected: they get the sum of all tasks' gradients, in which all but one are 0.
    """

    def __init__(
        self,
        balance: Balance,
        tasks: Mapping[str, Mapping[str, float]],
        shared: Sequence[Parameter],
        own: Sequence[Parameter],
        *,
        reduce: Callable[[Tensor], Tensor] = sum_over_processes,
    ) -> None:
        """Prepare for a network.

        Args:
            balance: the method; its tasks are those of ``tasks``.
            tasks: task -> weight of each part of its loss. A part belongs to one task.
            shared: trained parameters that several tasks use, from input to output; norms, where
                the method wants them, are measured at the last weight among them.
            own: trained parameters that one task uses.
            reduce: sums a tensor over processes, in place.

        Raises:
            ConfigError: the method balances other tasks, a part has a negative weight, a task has
                no weight at all, or norms are wanted and nothing is shared.
        """
        if set(balance.tasks) != set(tasks):
            raise ConfigError(f"the balance is of {', '.join(balance.tasks)}, but the tasks are "
                              f"{', '.join(tasks)}")  # fmt: skip
        if any(weight < 0 for parts in tasks.values() for weight in parts.values()):
            raise ConfigError(f"weights of losses must not be negative, got {dict(tasks)}")
        idle = [task for task, parts in tasks.items() if not any(parts.values())]
        if idle:
            raise ConfigError(f"the loss of {', '.join(idle)} has no weight; leave the task out, "
                              "or give a part of its loss a weight")  # fmt: skip
        if balance.measures_norms and not shared:
            raise ConfigError(f"{type(balance).__name__} measures gradients at the last shared "
                              "layer, but no shared layer is trained; freeze less")  # fmt: skip
        self.balance, self.tasks, self.reduce = balance, tasks, reduce
        measured = last_weight(shared) if balance.measures_norms else []
        self.parameters = TrainedParameters(list(shared), list(own), measured)

    def __call__(
        self,
        pieces: Iterable[Piece],
        losses: Callable[[Piece], Mapping[str, LossSum]],
        counts: Mapping[str, Tensor],
    ) -> StepLosses:
        """Differentiate one step; old values of ``.grad`` are replaced.

        Args:
            pieces: this process's part of the batch, in pieces that fit into memory.
            losses: runs the network on a piece; part -> loss summed over the piece's labels.
            counts: part -> () labels in all of this process's pieces, as ``losses`` counts them.

        Returns:
            The same in every process.

        Raises:
            DivergedError: a loss or a gradient is not finite, in any process; raised in all, and
                neither ``.grad`` nor the balance has changed.
        """
        labels = self._labels_everywhere(counts)
        here = {
            task: {name: weight for name, weight in parts.items() if name in labels}
            for task, parts in self.tasks.items()
        }
        present = {task: parts for task, parts in here.items() if parts}
        if not present:
            self.parameters.clear_gradients()
            return StepLosses({}, {}, {})
        passes = self.balance.passes(list(present))
        sums = GradientSums(self.parameters, present, passes)
        for piece in pieces:
            sums.add({name: part.total / labels[name]
                      for name, part in losses(piece).items() if name in labels})  # fmt: skip
        self.reduce(sums.all)
        step = StepLosses(sums.part_losses(), sums.task_losses(), passes)
        _check_finite(step, sums.all)
        # Under autocast, combining would lose digits.
        with torch.autocast(sums.all.device.type, enabled=False):
            shared = self.balance.combine(dict(zip(passes, sums.shared, strict=True)))
        self.parameters.write_gradients(shared, sums.own)
        self.balance.observe(step.tasks, sums.norms())
        return step

    def _labels_everywhere(self, counts: Mapping[str, Tensor]) -> dict[str, float]:
        """Labels of each part in all processes, for the parts that have any and some weight."""
        weighted = {name for parts in self.tasks.values() for name, w in parts.items() if w > 0}
        names = [name for name in counts if name in weighted]
        totals = self.reduce(torch.stack([counts[name].detach().float() for name in names]))
        # A count of NaN stays, so that it is met as a loss of NaN and not taken for absence.
        return {name: n for name, n in zip(names, totals.tolist(), strict=True) if n != 0}


def _check_finite(step: StepLosses, sums: Tensor) -> None:
    # Sums of all processes: where one process meets a NaN, all do, and none is left waiting.
    wrong = {name: loss for name, loss in step.parts.items() if not math.isfinite(loss)}
    if wrong:
        found = ", ".join(f"{name} = {loss}" for name, loss in wrong.items())
        raise DivergedError(f"the loss is not finite any more: {found}; lower train.lr, or look "
                            "for impossible labels")  # fmt: skip
    if not torch.isfinite(sums).all():
        raise DivergedError("the losses are finite, but a gradient is not; lower train.lr, or "
                            "train with precision 32-true")  # fmt: skip
