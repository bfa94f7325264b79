"""``iae export``: a checkpoint becomes ONNX files that need no torch."""

from pathlib import Path

import click

from iae.cli.options import PATH, data_option


@click.command()
@click.argument("checkpoint", type=PATH)
@data_option
@click.option("-o", "--out", type=PATH, help="Folder for the files. [default: beside CHECKPOINT]")
@click.option("--calibration-photos", type=click.IntRange(min=16), default=512, show_default=True,
              help="Training photos that the int8 ranges are measured on.")  # fmt: skip
def export(
    checkpoint: Path,
    roots: tuple[tuple[str, Path], ...],
    out: Path | None,
    calibration_photos: int,
) -> None:
    """Write CHECKPOINT (a folder of 'iae train') as float.onnx, half.onnx and int8.onnx.

    Each file is compared with the checkpoint on the validation photos of --data; one that loses
    more than .01 SRCC or one point of emotion accuracy is refused.

    \b
    Example:
        iae export runs/default/best --data fi8=datasets/fi8 --data para=datasets/para
    """
    from iae.cli.extras import needs_extra
    from iae.cli.progress import progress_bar

    with needs_extra("train", "iae export"):
        from iae.export import export_model

    with progress_bar() as bar:
        tasks = {}

        def progress(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done)

        exported = export_model(
            checkpoint, out or checkpoint / "onnx", dict(roots),
            calibration_photos=calibration_photos, progress=progress,
        )  # fmt: skip
    click.echo(f"{'':<7}{'MB':>6}{'SRCC':>8}{'loss':>8}{'accuracy':>10}{'loss':>8}"
               f"{'score ±':>9}{'mood ≠':>8}")  # fmt: skip
    for entry in exported:
        click.echo(
            f"{entry.precision:<7}{entry.megabytes:>6.1f}{entry.srcc:>8.4f}{entry.srcc_loss:>8.4f}"
            f"{entry.emotion_accuracy:>10.4f}{entry.accuracy_loss:>8.4f}"
            f"{entry.mean_score_change:>9.4f}{entry.top_emotion_change:>8.2%}"
        )
    for entry in exported:
        click.echo(f"refused: {entry.precision} {entry.refused}" if entry.refused
                   else f"wrote {entry.path}")  # fmt: skip
    if all(entry.refused for entry in exported):
        raise SystemExit(2)
