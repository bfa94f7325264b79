"""``iae train``: an experiment file and data folders become a model."""

from dataclasses import replace
from pathlib import Path

import click

from iae.cli.options import PATH, data_option


@click.command()
@click.argument("experiment", type=PATH)
@data_option
@click.option("-o", "--out", type=PATH,
              help="Run folder. [default: runs/NAME of the experiment]")  # fmt: skip
@click.option("--cache", type=PATH, default=Path("runs/cache"), show_default=True,
              help="Folder of decoded photos, shared by runs.")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0),
              help="In place of train.seed; the run folder is then runs/NAME-seedN.")  # fmt: skip
@click.option("--resume", is_flag=True, help="Go on from the last finished epoch.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto",
              show_default=True, help="Where to train.")  # fmt: skip
@click.option("--devices", type=click.IntRange(min=1), default=1, show_default=True,
              help="Processes that train together, each with its share of every batch: one a GPU, "
              "or several on the CPU.")  # fmt: skip
def train(
    experiment: Path,
    roots: tuple[tuple[str, Path], ...],
    out: Path | None,
    cache: Path,
    seed: int | None,
    resume: bool,
    device: str,
    devices: int,
) -> None:
    """Train a joint model of aesthetics and emotion, or a network that compares two shots of a
    series (an experiment with a table [pairs]), as the EXPERIMENT file says.

    The run folder gets best/ and last/ (model.safetensors and model.json), TensorBoard logs, and
    the state that --resume needs.

    \b
    Example:
        iae train experiments/default.toml --data fi8=datasets/fi8 --data para=datasets/para
        iae train experiments/pau-published.toml --data phototriage=datasets/phototriage
    """
    from iae.cli.extras import needs_extra
    from iae.cli.progress import progress_bar
    from iae.config import load_experiment
    from iae.config.pairs import load_pair_experiment

    pair_config = load_pair_experiment(experiment)
    if pair_config is not None:
        from iae.cli.train_pairs import train_pairs

        train_pairs(experiment.stem, pair_config, roots, out, cache, seed=seed, resume=resume,
                    device=device, devices=devices)  # fmt: skip
        return
    config = load_experiment(experiment)  # first: a misspelt path should not ask for torch
    name = experiment.stem
    if seed is not None:
        config = replace(config, train=replace(config.train, seed=seed))
        name = f"{name}-seed{seed}"
    with needs_extra("train", "iae train"):
        from iae.train.run import train as run
    out = out or Path("runs") / name
    bar = progress_bar()
    tasks: dict[str, object] = {}

    def progress(what: str, done: int, total: int) -> None:
        if what not in tasks:
            bar.start()
            tasks[what] = bar.add_task(what, total=total)
        bar.update(tasks[what], completed=done)  # type: ignore[arg-type]
        if done == total:
            bar.stop()  # Lightning's own bar follows

    try:
        result = run(
            config, dict(roots), out, cache, resume=resume, device=device, devices=devices,  # type: ignore[arg-type]
            report=click.echo, progress=progress, show_bar=True,
        )  # fmt: skip
    finally:
        bar.stop()  # gives the cursor back
    for name, value in result.metrics.items():
        click.echo(f"validation {name}: {value:.4f}")
    click.echo(f"best model: {result.best}")
    data = " ".join(f"--data {name}={path}" for name, path in roots)
    click.echo(f"next: iae export {result.best} {data}")
