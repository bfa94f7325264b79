"""What an epoch of training costs, in photos a second: decoded each time, decoded once, trunk once.

    python benchmarks/training.py --photos PHOTOS
    python benchmarks/training.py                 # JPEGs made from examples/photos

The plain loop is what one would write first: every epoch it opens the photos with Pillow, makes
them 224 pixels wide, and takes the same steps on the same network; also with two loader processes.
The network is the default model's (EfficientNet-Lite0, its stem and first two stages frozen; with
the trunk kept, five), with random weights, which cost the same. Of three epochs the first
warms up, and the faster of the others is shown.
"""

import argparse
import logging
import os
import platform
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import lightning
import numpy as np
import torch
from check import make_photos
from PIL import Image

from iae.config import ExperimentConfig, TableSource
from iae.data.image_files import image_names
from iae.data.records import ImageRecord
from iae.labels import EMOTIONS
from iae.nn.branches import BranchedNet
from iae.nn.losses import joint_losses, weighted_sum
from iae.train.cache import build_cache
from iae.train.dataset import Batch, CachedPhotos, Photos, make_loader
from iae.train.initial import initial_network, preprocess_spec
from iae.train.module import JointTraining
from iae.train.optimizer import param_groups
from iae.train.processes import Progress, Report, run_in_processes
from iae.train.share import Share
from iae.train.targets import build_targets
from iae.train.trainer import silence_lightning
from iae.train.trunk import cached_trunk

BATCHES = (8, 32, 128)
FROZEN, TRUNK = 2, 5
EPOCHS = 3


@dataclass(frozen=True)
class Epoch:
    """What one epoch took."""

    photos: int
    seconds: float
    waiting: float
    """Seconds of it in which the network waited for the next batch."""


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=Path, help="folder of photos [default: made]")
    parser.add_argument("--count", type=int, default=128, help="photos of it to take [128]")
    parser.add_argument("--side", type=int, default=1600, help="longest side of those made [1600]")
    given = parser.parse_args()
    silence()
    print(f"{platform.machine()}, {os.cpu_count()} cores, {torch.get_num_threads()} threads, "
          f"Python {platform.python_version()}, torch {torch.__version__}")  # fmt: skip
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        photos = given.photos
        if photos is None:
            photos = folder / "photos"
            photos.mkdir()
            make_photos(photos, given.count, given.side)
        paths = [photos / name for name in image_names(photos)][: given.count]
        with Image.open(paths[0]) as first:
            print(f"{len(paths)} photos, the first {first.width} × {first.height} {first.format}")
        compare(paths, folder / "cache")


def compare(paths: list[Path], folder: Path) -> None:
    """One table a question."""
    began = time.perf_counter()
    pixels = decoded(paths, folder)
    once = time.perf_counter() - began
    began = time.perf_counter()
    maps = of_trunk(pixels, folder)
    trunk = time.perf_counter() - began
    print(f"once: decoding {len(paths) / once:.0f} photos/s, "
          f"trunk of each and its mirror image {len(paths) / trunk:.0f} photos/s")  # fmt: skip

    print(f"\n{'an epoch, batches of 32':<40}{'photos/s':>10}{'waits for photos':>18}")
    show("plain loop, opens the photos", plain_epoch(paths, pixels, workers=0))
    show("plain loop, two loader processes", plain_epoch(paths, pixels, workers=2))
    show("decoded once", epoch(pixels, 32, FROZEN))
    show("trunk of five stages once", epoch(maps, 32, TRUNK))

    print(f"\n{'photos a batch':<40}" + "".join(f"{batch:>10}" for batch in BATCHES))
    for name, kept, frozen in (("decoded once", pixels, FROZEN), ("trunk once", maps, TRUNK)):
        rates = [rate(epoch(kept, batch, frozen)) for batch in BATCHES]
        print(f"{name:<40}" + "".join(f"{value:>10.0f}" for value in rates))

    print(f"\n{'processes on the CPU, batches of 32':<40}{'photos/s':>10}{'waits for photos':>18}")
    for count in (1, 2):
        work = partial(shared_epoch, paths, folder)
        show(f"{count}", run_in_processes(work, count, on_gpus=False, report=print, progress=skip))


def skip(what: str, done: int, total: int) -> None:
    """No progress is shown."""


def silence() -> None:
    """Lightning's hints and advertisements."""
    silence_lightning()
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)


def rate(found: Epoch) -> float:
    """Photos a second."""
    return found.photos / found.seconds


def show(name: str, found: Epoch) -> None:
    """One line of a table."""
    print(f"{name:<40}{rate(found):>10.0f}{found.waiting / found.seconds:>18.1%}", flush=True)


def settings(frozen: int) -> ExperimentConfig:
    """The default model's, with random weights."""
    config = ExperimentConfig(sources={"made": TableSource()})
    model = replace(config.model, pretrained="none", trunk_stages=TRUNK if frozen == TRUNK else 0)
    return replace(config, model=model,
                   train=replace(config.train, freeze_stages=frozen, epochs=EPOCHS))  # fmt: skip


def network(frozen: int) -> BranchedNet:
    """Fresh, in training mode."""
    torch.manual_seed(0)
    config = settings(frozen)
    net = initial_network(config, preprocess_spec(config))
    net.freeze_stages(frozen)
    return net.train()  # type: ignore[return-value]


def decoded(paths: list[Path], folder: Path) -> CachedPhotos:
    """Photos of which every other one has a score, the others an emotion."""
    records = [
        ImageRecord(path=path, name=path.name, source="made",
                    aesthetic_mean=1.0 + i % 10 if i % 2 else None,
                    emotion=None if i % 2 else EMOTIONS[i // 2 % 8])
        for i, path in enumerate(paths)
    ]  # fmt: skip
    config = settings(FROZEN)
    cache = build_cache(paths, preprocess_spec(config), folder)
    return CachedPhotos(cache, build_targets(records, config.loss), np.arange(len(paths)))


def of_trunk(pixels: CachedPhotos, folder: Path) -> Photos:
    """What the trunk makes of them."""
    return cached_trunk(network(TRUNK), pixels, folder, mirrored=True, device=torch.device("cpu"))


class Timed:
    """A loader that knows how long it was waited for, in each epoch."""

    def __init__(self, loader: torch.utils.data.DataLoader[Batch]) -> None:
        """Wrap a loader."""
        self.loader = loader
        self.waited: list[float] = []

    def __len__(self) -> int:
        """Batches an epoch."""
        return len(self.loader)

    def __iter__(self) -> Iterator[Batch]:
        """The batches."""
        self.waited.append(0.0)
        batches = iter(self.loader)
        while True:
            began = time.perf_counter()
            batch = next(batches, None)
            self.waited[-1] += time.perf_counter() - began
            if batch is None:
                return
            yield batch


class Clock(lightning.Callback):
    """Notes when epochs begin and end."""

    def __init__(self) -> None:
        """Nothing noted yet."""
        self.spans: list[list[float]] = []

    def on_train_epoch_start(self, trainer: object, pl_module: object) -> None:
        """An epoch begins."""
        self.spans.append([time.perf_counter()])

    def on_train_epoch_end(self, trainer: object, pl_module: object) -> None:
        """It is over."""
        self.spans[-1].append(time.perf_counter())


def fastest(photos: int, seconds: list[float], loader: Timed) -> Epoch:
    """Of the epochs after the first."""
    best = min(range(1, len(seconds)), key=lambda i: seconds[i])
    return Epoch(photos, seconds[best], loader.waited[best])


def epoch(photos: Photos, batch_size: int, frozen: int, share: Share | None = None) -> Epoch:
    """The faster of two epochs after a first, as `iae train` takes them."""
    share = share or Share()
    config, clock = settings(frozen), Clock()
    module = JointTraining(network(frozen), config.loss, config.train, variance=1.0, share=share)
    loader = Timed(make_loader(photos, batch_size, seed=0, share=share))
    trainer = lightning.Trainer(
        accelerator="cpu", devices=1, max_epochs=EPOCHS, logger=False, callbacks=[clock],
        enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
    )  # fmt: skip
    trainer.fit(module, loader)
    return fastest(len(photos), [end - begin for begin, end in clock.spans], loader)


def shared_epoch(
    paths: list[Path], folder: Path, *, share: Share, report: Report, progress: Progress
) -> Epoch:
    """The same in one of several processes."""
    silence()
    return epoch(decoded(paths, folder), 32, FROZEN, share)


class Opened(torch.utils.data.Dataset[Batch]):
    """Photos opened whenever they are asked for."""

    def __init__(self, paths: list[Path], photos: CachedPhotos) -> None:
        """Of these paths, with the targets of the cached ones."""
        self.paths, self.photos = paths, photos

    def __len__(self) -> int:
        """Number of photos."""
        return len(self.paths)

    def __getitem__(self, index: int) -> Batch:
        """One photo."""
        with Image.open(self.paths[index]) as image:
            pixels = np.array(image.convert("RGB").resize((224, 224), Image.Resampling.BICUBIC))
        targets = self.photos.targets.rows(slice(index, index + 1))
        labels = {name: torch.from_numpy(values.copy())[0] for name, values in targets.items()}
        return {"pixels": torch.from_numpy(pixels), **labels}


def plain_epoch(paths: list[Path], photos: CachedPhotos, *, workers: int) -> Epoch:
    """The faster of two epochs, after a first, of a loop that opens the photos in each."""
    config, net = settings(FROZEN), network(FROZEN)
    optimizer = torch.optim.AdamW(param_groups(net, config.train), lr=config.train.lr)
    loader = Timed(torch.utils.data.DataLoader(
        Opened(paths, photos), 32, shuffle=True, num_workers=workers,
        persistent_workers=workers > 0))  # fmt: skip
    seconds = []
    for _ in range(EPOCHS):
        began = time.perf_counter()
        for batch in loader:
            parts = joint_losses(net(batch["pixels"]), batch, variance=1.0)
            optimizer.zero_grad()
            weighted_sum(parts, config.loss).backward()
            optimizer.step()
        seconds.append(time.perf_counter() - began)
    return fastest(len(paths), seconds, loader)


if __name__ == "__main__":
    main()
