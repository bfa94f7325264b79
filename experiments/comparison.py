"""Is one model for both better than two? Trains what is missing, measures it, writes the page.

    python experiments/comparison.py run --data fi8=PATH --data para=PATH \\
        --data para-distributions=PATH -o runs/comparison --seeds 3
    python experiments/comparison.py collect --data … -o runs/comparison   # what is finished
    python experiments/comparison.py report                                # from the committed rows

A run folder is named EXPERIMENT-seedN, as `iae train --seed N` names it, so runs may have been made
elsewhere. Rows and differences are kept in docs/joint-learning/, each written as soon as it is
there; tables and figure of docs/joint-learning.md are made from them.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import click

from iae.cli.options import PATH, data_option
from iae.config import ExperimentConfig, from_mapping, load_experiment
from iae.errors import ConfigError, IaeError
from iae.evaluate.model import open_model, predict_records, select_records
from iae.evaluate.predictions_file import load_predictions, save_predictions
from iae.evaluate.several_runs import (
    COMPARED,
    FIGURES,
    Difference,
    Row,
    differences,
    differences_table,
    held_back_figures,
    read_entries,
    rows_table,
    write_entries,
)
from iae.files import written_whole

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs"
PAGE, FIGURE = "joint-learning.md", "figures/joint-learning.png"
ROWS, DIFFERENCES = "joint-learning/rows.csv", "joint-learning/differences.csv"

WAYS = ("hard", "single-aesthetic", "single-emotion", "cross-stitch", "nddr", "afa-own",
        "uncertainty", "pcgrad", "quality")  # fmt: skip
"""In the order of the tables; files of the folder ``comparison``."""

SOURCES = {name: "fi8" if name.startswith("emotion") else "para" for name in FIGURES} | {
    "emd": "para-distributions"
}
SINGLE = {name: ("single-emotion",) if name.startswith("emotion") else ("single-aesthetic",)
          for name in COMPARED}  # fmt: skip
HARD = dict.fromkeys(COMPARED, ("hard",))


@click.group(help=__doc__.splitlines()[0])
def main() -> None:
    """The door."""


runs_option = click.option("-o", "--runs", type=PATH, default=Path("runs"), show_default=True,
                           help="Folder of the run folders.")  # fmt: skip
docs_option = click.option("--docs", type=PATH, default=DOCS,
                           help="Where rows, page and figure are. [default: docs]")  # fmt: skip
seeds_option = click.option("--seeds", type=click.IntRange(min=1), default=3, show_default=True)


@main.command()
@data_option
@runs_option
@docs_option
@seeds_option
@click.option("--cache", type=PATH, default=Path("runs/cache"), show_default=True)
@click.option("--devices", type=click.IntRange(min=1), default=1, show_default=True)
def run(
    roots: tuple[tuple[str, Path], ...],
    runs: Path,
    docs: Path,
    seeds: int,
    cache: Path,
    devices: int,
) -> None:
    """Train every way with every seed, one after another; finished ones are skipped."""
    from iae.train.run import train

    for name, seed in _all(seeds):
        folder, config = _folder(runs, name, seed), _experiment(name, seed)
        if not is_finished(folder, config):
            click.echo(f"training {folder.name}")
            train(config, dict(roots), folder, cache, devices=devices,
                  resume=(folder / "resume.ckpt").exists(), report=click.echo)  # fmt: skip
        _add_row(dict(roots), runs, docs, name, seed)
    _compare(runs, docs, seeds)
    write_page(docs)


@main.command()
@data_option
@runs_option
@docs_option
@seeds_option
def collect(roots: tuple[tuple[str, Path], ...], runs: Path, docs: Path, seeds: int) -> None:
    """Measure the runs that are finished, and train nothing."""
    for name, seed in _all(seeds):
        if is_finished(_folder(runs, name, seed), _experiment(name, seed)):
            _add_row(dict(roots), runs, docs, name, seed)
    _compare(runs, docs, seeds)
    write_page(docs)


@main.command()
@docs_option
def report(docs: Path) -> None:
    """Make tables and figure again, from the rows and differences that are kept."""
    write_page(docs)


def _all(seeds: int) -> Iterator[tuple[str, int]]:
    """All ways with one seed before any with the next: a part of it is of use as well."""
    return ((name, seed) for seed in range(seeds) for name in WAYS)


def _folder(runs: Path, name: str, seed: int) -> Path:
    return runs / f"{name}-seed{seed}"


def _experiment(name: str, seed: int) -> ExperimentConfig:
    config = load_experiment(HERE / "comparison" / f"{name}.toml")
    return replace(config, train=replace(config.train, seed=seed))


def is_finished(folder: Path, config: ExperimentConfig) -> bool:
    """Whether a run came to its last epoch, and wrote its state after its models.

    Raises:
        ConfigError: it is a run of other settings.
    """
    from iae.train.checkpoint import load_card
    from iae.train.keep import RESUME

    state, card = folder / RESUME, folder / "last" / "model.json"
    if not (state.exists() and card.exists()) or state.stat().st_mtime < card.stat().st_mtime:
        return False
    record = load_card(folder / "last")
    if from_mapping(ExperimentConfig, record.experiment) != config:
        raise ConfigError(f"{folder} holds a run of other settings; choose another folder with -o")
    return record.metrics["epoch"] >= config.train.epochs


def _add_row(roots: Mapping[str, Path], runs: Path, docs: Path, name: str, seed: int) -> None:
    """Predict the test part, unless that has been done, and put the figures into the rows."""
    from iae.train.checkpoint import load_model

    folder = _folder(runs, name, seed)
    rows = {(row.experiment, row.seed): row for row in read_entries(docs / ROWS, Row)}
    kept = _kept(runs, name, seed)
    if (name, seed) in rows and kept.exists():
        return
    model = open_model(folder / "best")
    if kept.exists():
        predictions = load_predictions(kept)
    else:
        predictions = predict_records(model, select_records(model, roots, "test"))
        save_predictions(kept, predictions)
    net, record = load_model(folder / "best")
    row = Row(
        experiment=name, seed=seed, parameters=sum(p.numel() for p in net.parameters()),
        seconds=round(training_seconds(folder)), epoch=int(record.metrics["epoch"]),
        **held_back_figures(predictions, model.calibration, SOURCES),
    )  # fmt: skip
    rows[name, seed] = row
    ordered = sorted(rows.values(), key=lambda row: (row.seed, WAYS.index(row.experiment)))
    write_entries(docs / ROWS, Row, ordered)
    click.echo(f"{folder.name}: " + ", ".join(
        f"{words} {getattr(row, figure):.4f}" for figure, words in FIGURES.items()
        if getattr(row, figure) == getattr(row, figure)))  # fmt: skip


def _kept(runs: Path, name: str, seed: int) -> Path:
    return _folder(runs, name, seed) / "test-predictions.npz"


def training_seconds(folder: Path) -> float:
    """From the first logged step to the last validation; a pause before a resume is left out."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    seconds = 0.0
    for path in sorted((folder / "tensorboard").glob("events.*")):
        events = EventAccumulator(str(path), size_guidance={"scalars": 0})
        events.Reload()
        times = [event.wall_time for tag in events.Tags()["scalars"]
                 for event in events.Scalars(tag)]  # fmt: skip
        seconds += max(times) - min(times) if times else 0.0
    return seconds


def _compare(runs: Path, docs: Path, seeds: int) -> None:
    """All ways against hard sharing and against training alone, over the seeds there are."""
    predictions = defaultdict(list)
    for name, seed in _all(seeds):
        if _kept(runs, name, seed).exists():
            predictions[name].append(load_predictions(_kept(runs, name, seed)))
    found = []
    for baselines in (HARD, SINGLE):
        found += differences(predictions, baselines, SOURCES)
    write_entries(docs / DIFFERENCES, Difference, found)


def write_page(docs: Path) -> None:
    """Put the tables between the markers of the page, and draw the figure.

    Raises:
        ConfigError: the page lacks a marker.
    """
    rows, found = read_entries(docs / ROWS, Row), read_entries(docs / DIFFERENCES, Difference)
    page = docs / PAGE
    text = page.read_text("utf-8")
    for name, table in tables(rows, found).items():
        text = between_markers(text, name, table)
    with written_whole(page) as part:
        part.write_text(text, "utf-8")
    panels = gains_of_joint_learning(found)
    if panels:
        from iae.figures.differences import differences_figure
        from iae.figures.style import save_figure

        with written_whole(docs / FIGURE) as part:
            save_figure(differences_figure(panels), part, "png")
    click.echo(f"wrote {page}")


def tables(rows: Sequence[Row], found: Sequence[Difference]) -> dict[str, str]:
    """Marker -> what stands there."""
    return {
        "rows": rows_table(rows, WAYS),
        "against single": differences_table(found, WAYS, SINGLE),
        "against hard": differences_table(found, WAYS, HARD),
    }


def between_markers(text: str, name: str, new: str) -> str:
    """The page with new text between ``<!-- name -->`` and ``<!-- end -->``."""
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not pattern.search(text):
        raise ConfigError(f"the page has no <!-- {name} --> … <!-- end -->")
    return pattern.sub(lambda found: found[1] + new + found[2], text)


def gains_of_joint_learning(
    found: Sequence[Difference],
) -> dict[str, list[tuple[str, float, float, float]]]:
    """Panels of the figure: every joint way against training alone, in one figure a task."""
    panels = {}
    for figure, words in (("srcc", "SRCC"), ("emotion_accuracy", "emotion accuracy")):
        gains = {d.experiment: d for d in found
                 if d.figure == figure and d.against in SINGLE[figure]}  # fmt: skip
        if gains:
            panels[f"{words}: joint minus {SINGLE[figure][0]}"] = [
                (name, gains[name].value, gains[name].low, gains[name].high)
                for name in WAYS if name in gains
            ]  # fmt: skip
    return panels


if __name__ == "__main__":
    try:
        main(standalone_mode=False)
    except (IaeError, click.ClickException) as error:
        raise SystemExit(f"comparison: {error}") from None
