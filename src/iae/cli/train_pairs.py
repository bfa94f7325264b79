"""What ``iae train`` does with an experiment of the pair task."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from iae.errors import CheckpointError, ConfigError

if TYPE_CHECKING:
    from iae.config.pairs import PairExperimentConfig


def train_pairs(
    name: str,
    config: "PairExperimentConfig",
    roots: tuple[tuple[str, Path], ...],
    out: Path | None,
    cache: Path,
    *,
    seed: int | None,
    resume: bool,
    device: str,
    devices: int,
) -> None:
    """Train, and print the figures of the best model and the next command."""
    from iae.cli.extras import needs_extra
    from iae.cli.progress import progress_bar

    if devices != 1:
        raise ConfigError("pairs are trained in one process; leave --devices out")
    if seed is not None:
        config = replace(config, train=replace(config.train, seed=seed))
        name = f"{name}-seed{seed}"
    with needs_extra("train", "iae train"):
        from iae.train.pairs.run import train_pairs as run
    bar = progress_bar()
    tasks: dict[str, object] = {}

    def progress(what: str, done: int, total: int) -> None:
        if what not in tasks:
            tasks[what] = bar.add_task(what, total=total)
        bar.update(tasks[what], completed=done)  # type: ignore[arg-type]

    out = out or Path("runs") / name
    try:
        with bar:
            result = run(
                config, dict(roots), out, cache, resume=resume, device=device,
                report=click.echo, progress=progress,
            )  # fmt: skip
    except KeyboardInterrupt:
        raise CheckpointError(f"stopped before the end; if an epoch was finished, go on with "
                              f"--resume -o {out}") from None  # fmt: skip
    for figure, value in result.metrics.items():
        click.echo(f"validation {figure}: {value:.4f}")
    click.echo(f"best model: {result.best}")
    data = " ".join(f"--data {name}={path}" for name, path in roots)
    click.echo(f"next: iae evaluate {result.best} --split val {data}")
