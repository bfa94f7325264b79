"""Time of a training step: our PAU against the published network written down plainly.

    python benchmarks/pau_step.py --pairs 6 --rounds 3

Both are ResNet-50 with attention units on stages 3 to 5, random weights, the same pixels and 32-bit
numbers. The plain network sends the first photos of the pairs through the backbone, then the second
ones, each side with units of its own; weighted maps are made whole and then pooled. Ours sends each
distinct photo of the batch through once, and pools by products. Batches: pairs of strangers (no
photo twice), and series of three with all three pairs; PhotoTriage's lists have 2.6 a series.
"""

import argparse
import statistics
from collections.abc import Callable

import timm
import torch
from timing import take_turns
from torch import Tensor, nn

from iae.config.pairs import PairModelConfig
from iae.images.preprocess import PreprocessSpec
from iae.nn.backbone import build_backbone
from iae.nn.pair import PairNet, pair_logits, pair_loss


class PlainUnit(nn.Module):
    """The published formulas, line by line; (N, C, H, W) -> (N, 2C, 1, 1)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first, self.second = (nn.Conv2d(channels, channels, 1) for _ in range(2))
        self.w1 = nn.Linear(channels, round(channels / 16), bias=False)
        self.w2 = nn.Linear(round(channels / 16), channels, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Features of a map."""
        pool, largest = nn.functional.adaptive_avg_pool2d, nn.functional.adaptive_max_pool2d
        v = self.second(self.first(x).relu()) * x
        pooled = (pool(v, 1) + largest(v, 1)).flatten(1)
        by_channel = self.w2(self.w1(pooled).relu())[:, :, None, None]
        by_place = (v.mean(1, keepdim=True) + v.max(1, keepdim=True)[0]).relu()
        return torch.cat([pool(by_channel * x, 1), pool(by_place * x, 1)], 1)


class PlainPau(nn.Module):
    """The published two-sided network."""

    def __init__(self) -> None:
        super().__init__()
        self.body = timm.create_model("resnet50", features_only=True, out_indices=(2, 3, 4))
        widths = self.body.feature_info.channels()
        self.sides = nn.ModuleList(
            nn.ModuleList(PlainUnit(width) for width in widths) for _ in range(2)
        )
        self.head = nn.Linear(2 * sum(widths), 2)

    def forward(self, photo_a: Tensor, photo_b: Tensor) -> Tensor:
        """Logits of "the second" and "the first is preferred"; two (P, 3, H, W) -> (P, 2)."""
        a, b = (
            torch.cat([unit(one) for unit, one in zip(units, self.body(x), strict=True)], 1)
            for units, x in zip(self.sides, (photo_a, photo_b), strict=True)
        )
        return self.head((a - b).flatten(1))


def plain_step(net: PlainPau, pixels: Tensor, first: Tensor, second: Tensor) -> Callable[[], None]:
    """One step of plain SGD on pairs whose first photo is the better one."""
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-6, momentum=0.9)
    target = torch.ones(len(first), dtype=torch.long)

    def step() -> None:
        optimizer.zero_grad()
        shown = pixels.permute(0, 3, 1, 2).float() / 255
        nn.functional.cross_entropy(net(shown[first], shown[second]), target).backward()
        optimizer.step()

    return step


def our_step(net: PairNet, pixels: Tensor, first: Tensor, second: Tensor) -> Callable[[], None]:
    """The same with each photo once."""
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-6, momentum=0.9)
    target = torch.ones(len(first))

    def step() -> None:
        optimizer.zero_grad()
        pair_loss(pair_logits(net(pixels), first, second), target).backward()
        optimizer.step()

    return step


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=6, help="of a batch; a multiple of 3")
    parser.add_argument("--side", type=int, default=224)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    count, side = arguments.pairs, arguments.side
    pixels = torch.randint(0, 256, (2 * count, side, side, 3), dtype=torch.uint8)
    strangers = torch.arange(2 * count).reshape(2, count)
    corner = 3 * torch.arange(count // 3).repeat_interleave(3)
    threes = torch.stack([corner + torch.tensor([0, 0, 1] * (count // 3)),
                          corner + torch.tensor([1, 2, 2] * (count // 3))])  # fmt: skip
    model = PairModelConfig(backbone="resnet50", pretrained="none", normalisation="batch")
    nets = {}
    for branch in ("shared", "two-sided"):
        settings = PairModelConfig(**{**vars(model), "branch": branch})
        net = PairNet(build_backbone("resnet50"), PreprocessSpec(size=side), settings)
        nets[branch] = net.to(memory_format=torch.channels_last)
    plain = PlainPau()
    ways = {
        "plain published, two passes": plain_step(plain, pixels, *strangers),
        "ours, pairs of strangers": our_step(nets["shared"], pixels, *strangers),
        "ours two-sided, strangers": our_step(nets["two-sided"], pixels, *strangers),
        "plain published, series of 3": plain_step(plain, pixels, *threes),
        "ours, series of 3": our_step(nets["shared"], pixels[:count], *threes),
    }
    times = take_turns(ways, arguments.rounds)
    print(f"ResNet-50, {count} pairs of {side}x{side}, {arguments.threads} thread(s), "
          f"{arguments.rounds} rounds, torch {torch.__version__}")  # fmt: skip
    print(f"{'a training step':32}{'CPU s':>8}{'wall s':>8}   of plain (CPU, median of rounds)")
    for name, own in times.items():
        base = times[f"plain published, {'series of 3' if 'series' in name else 'two passes'}"]
        ratio = statistics.median(a.cpu / b.cpu for a, b in zip(own, base, strict=True))
        cpu, wall = (statistics.median(getattr(one, kind) for one in own)
                     for kind in ("cpu", "wall"))  # fmt: skip
        print(f"{name:32}{cpu:8.2f}{wall:8.2f}   {ratio:.2f}")


if __name__ == "__main__":
    main()
