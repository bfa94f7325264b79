"""A toy network with two tasks, and its gradients; run as a program, in several processes.

``python toy_step.py WORLD FOLDER`` starts that many processes. Each takes every step on its share
of the batch and writes the gradients to FOLDER; they meet through a file there, so no port has to
be free.
"""

import multiprocessing
import os
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import torch
from torch import Tensor, nn

from iae.nn.balance.build import build_balance
from iae.nn.balance.method import Balance
from iae.nn.losses import LossSum, joint_loss_sums, label_counts
from iae.train.backward import BalancedBackward, StepLosses, pieces_of, shared_and_own

METHODS = ("fixed", "uncertainty", "dwa", "gradnorm", "pcgrad", "upgrad")
TASKS = {"aesthetic": {"aesthetic_mean": 1.0, "level_shares": 5.0}, "mood": {"emotion": 2.0}}
STEPS = 4
PHOTOS = 8
RATE = 0.05


class ToyNet(nn.Module):
    """Two shared layers and a head a task, without randomness and without statistics.

    The heads begin so that the tasks' gradients conflict in the first step.
    """

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(2)
        self.stem, self.body = nn.Conv2d(3, 4, 3, bias=False), nn.Linear(4, 6)
        self.heads = nn.ModuleDict({"aesthetic": nn.Linear(6, 4), "emotion": nn.Linear(6, 8)})
        for head in self.heads.values():
            nn.init.normal_(head.weight, std=2.0)

    def forward(self, pixels: Tensor) -> dict[str, Tensor]:
        x = self.stem(pixels).tanh().mean(dim=(2, 3))
        x = self.body(x).tanh()
        return {task: head(x) for task, head in self.heads.items()}


def toy_batch(step: int) -> dict[str, Tensor]:
    """Eight photos whose labels are unevenly spread: most scores first, most emotions last.

    Step 2 has no emotion at all, step 3 none in its first half.
    """
    random = torch.Generator().manual_seed(100 + step)
    mean = 1 + 9 * torch.rand(PHOTOS, generator=random)
    mean[[5, 6, 7]] = torch.nan
    shares = torch.rand(PHOTOS, 4, generator=random).softmax(dim=1)
    shares[[0, 4, 5, 6, 7]] = torch.nan
    weight = torch.tensor([0, 0.5, 0, 0, 1, 1, 2, 0])
    weight[: {2: 8, 3: 4}.get(step, 0)] = 0
    emotion = torch.eye(8)[torch.randint(0, 8, (PHOTOS,), generator=random)]
    return {
        "pixels": torch.randn(PHOTOS, 3, 6, 6, generator=random),
        "mean": mean, "shares": shares, "emotion": emotion * (weight > 0)[:, None],
        "emotion_weight": weight, "emotion_offered": torch.ones(PHOTOS, 8, dtype=torch.bool),
    }  # fmt: skip


class ToyTraining:
    """A network, a method, and the steps they take together."""

    def __init__(
        self, method: str | Balance, tasks: Mapping[str, Mapping[str, float]] = TASKS
    ) -> None:
        self.net = ToyNet()
        if isinstance(method, str):
            method = build_balance(method, list(tasks), period=1, learning_rate=0.2)  # type: ignore[arg-type]
        self.balance = method
        self.backward = BalancedBackward(
            self.balance, tasks, *shared_and_own(self.net, self.net(toy_batch(0)["pixels"]))
        )

    def losses(self, piece: Mapping[str, Tensor]) -> dict[str, LossSum]:
        return joint_loss_sums(self.net(piece["pixels"]), piece, variance=2.0)

    def step(self, batch: Mapping[str, Tensor], pieces: int = 1) -> StepLosses:
        """Gradients of a batch, then plain descent."""
        result = self.gradients(batch, pieces)
        with torch.no_grad():
            for parameter in self.net.parameters():
                assert parameter.grad is not None
                parameter -= RATE * parameter.grad
        return result

    def gradients(self, batch: Mapping[str, Tensor], pieces: int = 1) -> StepLosses:
        return self.backward(pieces_of(batch, pieces), self.losses, label_counts(batch))

    def flat_gradient(self) -> Tensor:
        return torch.cat([p.grad.flatten() for p in self.net.parameters() if p.grad is not None])


def take_steps(method: str, rank: int = 0, world: int = 1, pieces: int = 1) -> dict[str, Tensor]:
    """Gradients, losses and weights of each step on one process's share of the batches."""
    training = ToyTraining(method)
    rows: dict[str, list[Tensor]] = {"gradients": [], "losses": []}
    for step in range(STEPS):
        share = {name: v.tensor_split(world)[rank] for name, v in toy_batch(step).items()}
        result = training.step(share, pieces)
        rows["gradients"].append(training.flat_gradient())
        found = {**result.parts, **result.tasks}
        names = ("aesthetic_mean", "level_shares", "aesthetic", "mood")
        rows["losses"].append(torch.tensor([found.get(name, -1.0) for name in names]))
    return {name: torch.stack(values) for name, values in rows.items()}


def run_process(rank: int, world: int, folder: Path) -> None:
    torch.set_num_threads(1)
    if sys.platform == "linux":  # where a machine's own name leads nowhere, gloo would not start
        os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    torch.distributed.init_process_group(
        "gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=world,
        timeout=timedelta(seconds=60),
    )  # fmt: skip
    found = {f"{method}/{pieces}": take_steps(method, rank, world, pieces)
             for method in METHODS for pieces in (1, 2)}  # fmt: skip
    torch.save(found, folder / f"{rank}.pt")
    torch.distributed.destroy_process_group()


def main(world: int, folder: Path) -> int:
    # By fork, before torch has started any thread: it takes seconds to import, so once is enough.
    fork = multiprocessing.get_context("fork")
    children = [fork.Process(target=run_process, args=(rank, world, folder), daemon=True)
                for rank in range(world)]  # fmt: skip
    for child in children:
        child.start()
    # If one fails, the other stops as well: gloo notices, or its time is up.
    for child in children:
        child.join()
    return max(abs(child.exitcode or 0) for child in children)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), Path(sys.argv[2])))
