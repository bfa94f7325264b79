"""``iae evaluate``: how good a model is on labelled photos."""

from pathlib import Path
from typing import Literal

import click

from iae.cli.options import PATH, data_option


@click.command()
@click.argument("model", type=PATH)
@data_option
@click.option("--split", type=click.Choice(["test", "val", "train", "all"]), default="test",
              show_default=True, help="Part to look at; choose on val, see test once.")  # fmt: skip
@click.option("--experiment", type=PATH,
              help="Experiment that describes the data. [default: the model's]")  # fmt: skip
@click.option("--against", type=PATH, metavar="OTHER",
              help="Compare with another model on the same photos: differences with 95 % paired "
              "bootstrap intervals.")  # fmt: skip
@click.option("-o", "--out", type=PATH,
              help="Folder for report.txt, report.json, figures and sheets of the worst "
              "mistakes.")  # fmt: skip
@click.option("--resamples", type=click.IntRange(min=100), default=1000, show_default=True,
              help="Bootstrap draws of the 95 % intervals.")  # fmt: skip
def evaluate(
    model: Path,
    roots: tuple[tuple[str, Path], ...],
    split: Literal["test", "val", "train", "all"],
    experiment: Path | None,
    against: Path | None,
    out: Path | None,
    resamples: int,
) -> None:
    """Report how well MODEL (an .onnx file, or the folder of a checkpoint) meets labels.

    Data sets are read and split as when the model was trained; the model file says how. On pair
    lists, a network of the pair task compares the photos of each pair, any other model by the
    difference of its aesthetic scores.

    \b
    Example:
        iae evaluate runs/default/best --data fi8=datasets/fi8 -o report
        iae evaluate joint.onnx --against single.onnx --data fi8=datasets/fi8
        iae evaluate runs/pau-lite/best --split val --data phototriage=datasets/phototriage
    """
    from iae.cli.extras import needs_extra
    from iae.cli.progress import progress_bar
    from iae.evaluate.pairs import is_about_pairs

    if is_about_pairs(model, dict(roots)):
        from iae.cli.evaluate_pairs import evaluate_pairs

        evaluate_pairs(model, dict(roots), split, experiment, against, out, resamples)
        return
    from iae.evaluate.compare import compare_models
    from iae.evaluate.model import open_model, predict_records, select_records
    from iae.evaluate.output import format_report, write_report
    from iae.evaluate.report import Report, evaluate_predictions, not_trained
    from iae.evaluate.worst import worst_mistakes

    with needs_extra("train", "evaluating a checkpoint"):
        opened = open_model(model)
        other = open_model(against) if against else None
    records = select_records(opened, dict(roots), split, experiment)
    with progress_bar() as bar:
        task = bar.add_task("predicting", total=len(records))
        predictions = predict_records(
            opened, records, progress=lambda done, total: bar.update(task, completed=done)
        )
        compared = None
        if other is not None:
            task = bar.add_task("comparing", total=len(records))
            compared = compare_models(
                other, predictions, dict(roots), split, resamples=resamples,
                progress=lambda done, total: bar.update(task, completed=done),
            )  # fmt: skip
    report = Report(
        model=opened.description,
        split=split,
        sources=evaluate_predictions(
            predictions, calibration=opened.calibration, resamples=resamples
        ),
        worst=worst_mistakes(predictions),
        not_trained=not_trained(predictions),
        against=compared,
    )
    click.echo(format_report(report), nl=False)
    if out is not None:
        written = write_report(out, report)
        with needs_extra("data", "drawing figures"):
            from iae.evaluate.pictures import write_figures

            written += write_figures(out, predictions, report.worst, calibration=opened.calibration)
        for path in written:
            click.echo(f"wrote {path}")
