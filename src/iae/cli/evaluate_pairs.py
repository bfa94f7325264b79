"""What ``iae evaluate`` does with pairs of photos."""

from pathlib import Path
from typing import Literal

import click

from iae.errors import ConfigError


def evaluate_pairs(
    model: Path,
    roots: dict[str, Path],
    split: Literal["test", "val", "train", "all"],
    experiment: Path | None,
    against: Path | None,
    out: Path | None,
    resamples: int,
) -> None:
    """Print the table, and write it where a folder is given."""
    from iae.cli.extras import needs_extra
    from iae.cli.progress import progress_bar
    from iae.evaluate.pairs import evaluate_pairs, format_pair_report, write_pair_report

    for option, given in (("--experiment", experiment), ("--against", against)):
        if given is not None:
            raise ConfigError(f"{option} is not for pairs of photos; leave it out")
    tasks: dict[str, object] = {}
    with needs_extra("train", "evaluating a checkpoint"), progress_bar() as bar:

        def progress(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done)  # type: ignore[arg-type]

        report = evaluate_pairs(model, roots, split, resamples=resamples, progress=progress)
    click.echo(format_pair_report(report), nl=False)
    if out is not None:
        for path in write_pair_report(out, report):
            click.echo(f"wrote {path}")
