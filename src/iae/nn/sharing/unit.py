"""What every fusion unit has in common: tasks by name, and branches it may send no gradient to."""

import operator
from collections.abc import Collection, Iterable, Mapping
from functools import reduce

from torch import Tensor, nn


class FusionUnit(nn.Module):
    """Mixes the feature maps of N >= 2 tasks: {task: (N, C, H, W)} -> the same.

    Every parameter belongs to a task by its name, and sums run in the order of names, so neither
    the order in which tasks are listed nor that of the maps can change a result.
    """

    def __init__(
        self, tasks: Collection[str], *, stop_gradient_from: Collection[str] = frozenset()
    ) -> None:
        """Take the tasks' names.

        Args:
            tasks: names of the branches, without a dot.
            stop_gradient_from: branches into which the unit sends no gradient. The other tasks
                still see their maps; what goes on from such a branch to its own task is multiplied
                and handed on as ever, and its gradient comes back the same way.

        Raises:
            ValueError: fewer than two tasks, a name with a dot or one that occurs twice, or a
                stopped branch that is no task.
        """
        super().__init__()
        self.tasks = tuple(sorted(tasks))
        if len(set(tasks)) < 2 or len(set(tasks)) < len(tasks):
            raise ValueError(f"a fusion needs two or more different tasks, got {list(tasks)}")
        dotted = [task for task in self.tasks if "." in task]
        if dotted:
            raise ValueError(f"a task's name must have no dot, got '{dotted[0]}'")
        unknown = sorted(set(stop_gradient_from) - set(tasks))
        if unknown:
            raise ValueError(
                f"stop_gradient_from names '{unknown[0]}'; the tasks are {', '.join(self.tasks)}"
            )
        self.stop_gradient_from = frozenset(stop_gradient_from)

    def checked(self, maps: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """The maps themselves.

        Raises:
            ValueError: they are not those of the unit's tasks.
        """
        if set(maps) != set(self.tasks):
            raise ValueError(f"wanted maps of {', '.join(self.tasks)}; got {', '.join(maps)}")
        return maps

    def lent(self, maps: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The maps as the fusion may look at them: without gradient where it is stopped."""
        return {
            task: maps[task].detach() if task in self.stop_gradient_from else maps[task]
            for task in self.tasks
        }

    def seen_by(self, target: str, maps: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The maps as one task's own output may use them: its own in full, the others lent."""
        return {**self.lent(maps), target: maps[target]}


def total(terms: Iterable[Tensor]) -> Tensor:
    """The sum of one or more tensors, from left to right."""
    return reduce(operator.add, terms)
