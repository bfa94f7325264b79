"""Gradients of several tasks, added up over the pieces of a batch and over processes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import Parameter

from iae.nn.balance.method import Weights


@dataclass(frozen=True)
class TrainedParameters:
    """What a step trains, and where it measures."""

    shared: list[Parameter]
    """Used by several tasks."""
    own: list[Parameter]
    """Each used by one task."""
    measured: list[Parameter]
    """Some of the shared, where each task's gradient is measured; empty to measure nothing."""

    def write_gradients(self, shared: Tensor, own: Tensor) -> None:
        """Put flat gradients into ``.grad``."""
        for parameters, flat in ((self.shared, shared), (self.own, own)):
            sizes = [parameter.numel() for parameter in parameters]
            for parameter, values in zip(parameters, torch.split(flat, sizes), strict=True):
                # In the parameter's own memory order (channels last), which optimizers are fast in.
                gradient = torch.empty_like(parameter, requires_grad=False)
                parameter.grad = gradient.copy_(values.view_as(parameter))

    def clear_gradients(self) -> None:
        """A gradient of 0 and not of None, as it is where single labels are missing."""
        for parameter in (*self.shared, *self.own):
            parameter.grad = torch.zeros_like(parameter)


class GradientSums:
    """What a step adds up, in one flat tensor, so that one message between processes does."""

    def __init__(
        self,
        parameters: TrainedParameters,
        tasks: Mapping[str, Mapping[str, float]],
        passes: Mapping[str, Weights],
    ) -> None:
        """Begin at 0.

        Args:
            parameters: what to differentiate by.
            tasks: task -> weight of each part of its loss; only what has labels somewhere.
            passes: what to differentiate; pass -> weight of each task's loss.
        """
        self.parameters, self.tasks, self.passes = parameters, tasks, passes
        self.parts = [name for parts in tasks.values() for name in parts]
        shared, own, measured = map(_size, (parameters.shared, parameters.own, parameters.measured))
        sections = [len(passes) * shared, own, len(tasks) * measured, len(self.parts)]
        like = (*parameters.shared, *parameters.own)[0]
        self.all = torch.zeros(sum(sections), dtype=like.dtype, device=like.device)
        """All of the following, which are views of it."""
        flat = torch.split(self.all, sections)
        self.shared = flat[0].view(len(passes), shared)
        """Gradient of the shared parameters, one row a pass."""
        self.own = flat[1]
        """Gradient of the tasks' own parameters, summed over passes."""
        self.measured = flat[2].view(len(tasks), measured)
        """Gradient of the measured parameters, one row a task."""
        self.means = flat[3]
        """One number a part: its loss, a mean over the labels everywhere."""

    def add(self, means: Mapping[str, Tensor]) -> None:
        """Differentiate one piece, and add.

        Args:
            means: part -> () the piece's share of the mean over the labels everywhere.
        """
        parameters = [*self.parameters.shared, *self.parameters.own]
        # Under autocast the sums below would lose digits.
        with torch.autocast(self.all.device.type, enabled=False):
            self.means += torch.stack([means[name].detach() for name in self.parts])
            losses = _task_losses(self.tasks, means)
            if self.parameters.measured:
                for row, loss in zip(self.measured, losses.values(), strict=True):
                    row += _gradient(loss, self.parameters.measured, keep_graph=True)
            for i, (row, weights) in enumerate(
                zip(self.shared, self.passes.values(), strict=True), start=1
            ):
                loss = torch.stack([w * losses[task] for task, w in weights.items()]).sum()
                gradient = _gradient(loss, parameters, keep_graph=i < len(self.passes))
                row += gradient[: len(row)]
                self.own += gradient[len(row) :]

    def part_losses(self) -> dict[str, float]:
        """Loss of each part, unweighted."""
        return dict(zip(self.parts, self.means.tolist(), strict=True))

    def task_losses(self) -> dict[str, float]:
        """Loss of each task."""
        losses = _task_losses(self.tasks, dict(zip(self.parts, self.means.cpu(), strict=True)))
        return {task: loss.item() for task, loss in losses.items()}

    def norms(self) -> dict[str, float]:
        """Norm of each task's gradient at the measured parameters; empty if there are none."""
        if not self.parameters.measured:
            return {}
        return dict(zip(self.tasks, self.measured.norm(dim=1).tolist(), strict=True))


def last_weight(shared: Sequence[Parameter]) -> list[Parameter]:
    """The last matrix or kernel, GradNorm's W. Biases and scales after it are passed over."""
    return [([p for p in shared if p.ndim > 1] or list(shared))[-1]]


def _task_losses(
    tasks: Mapping[str, Mapping[str, float]], means: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """Each task's parts, each times its weight."""
    return {
        task: torch.stack([weight * means[name] for name, weight in parts.items()]).sum()
        for task, parts in tasks.items()
    }


def _gradient(loss: Tensor, parameters: Sequence[Parameter], *, keep_graph: bool) -> Tensor:
    """Gradient of a loss, flat; 0 for parameters that it does not depend on."""
    found = torch.autograd.grad(loss, parameters, retain_graph=keep_graph, allow_unused=True)
    return torch.cat([
        torch.zeros_like(p).flatten() if g is None else g.flatten()
        for p, g in zip(parameters, found, strict=True)
    ])  # fmt: skip


def _size(parameters: Sequence[Parameter]) -> int:
    return sum(parameter.numel() for parameter in parameters)
