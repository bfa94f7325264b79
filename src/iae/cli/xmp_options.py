"""Options of every verb that writes stars and keywords, and how their outcome is shown."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from iae.text import one_line

if TYPE_CHECKING:
    from iae.editor.job import XmpChoices
    from iae.editor.report import Outcome, Report

F = TypeVar("F", bound=Callable[..., Any])

MODES = ("sidecar", "sidecar-stem", "embed")

_SHOWN = 20
"""So many photos that could not be written are named."""

_OPTIONS = (
    click.option("--stars", default="top=5,20,50,80", show_default=True, metavar="RULE",
                 help="Five stars to the best 5 % of the library, four to those in the best 20 %, "
                 "and so on; or by score: thresholds=4,5,6,7; or none."),
    click.option("--reject-below", type=click.FloatRange(1, 10), metavar="SCORE",
                 help="Reject (-1) photos that score below. [default: none]"),
    click.option("--moods/--no-moods", default=True, show_default=True,
                 help="Write emotions as keywords, iae|mood|awe."),
    click.option("--mood-share", type=click.FloatRange(0, 1, min_open=True), default=0.4,
                 show_default=True, help="Least share of an emotion that becomes a keyword."),
    click.option("--overwrite-rating", is_flag=True,
                 help="Replace stars that a person gave. [default: they stay]"),
    click.option("--dry-run", is_flag=True,
                 help="Print for each photo what would change in its XMP, and write none."),
)  # fmt: skip


def marks_options(command: F) -> F:
    """Add the options that are the arguments of ``choices``, apart from the mode."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def mode_option(name: str, *, default: str | None, text: str) -> Callable[[F], F]:
    """The option that says where marks go; its argument is called ``mode``.

    Args:
        name: ``--mode``, or ``--xmp`` where the verb does more than this.
        default: one of ``MODES``; None where no XMP is written unless it is given.
        text: first words of the help.
    """
    return click.option(
        name, "mode", type=click.Choice(MODES), default=default, show_default=default is not None,
        help=f"{text} photo.jpg.xmp (darktable, digiKam), photo.xmp (Adobe, for raw files) or the "
        "photo's own file (by ExifTool).",
    )  # fmt: skip


def choices(
    mode: str,
    *,
    stars: str,
    reject_below: float | None,
    moods: bool,
    mood_share: float,
    overwrite_rating: bool,
    dry_run: bool,
) -> "XmpChoices":
    """What the options say.

    Raises:
        ConfigError: ``stars`` is no rule.
    """
    from iae.editor.job import XmpChoices
    from iae.editor.rules import MarkRules
    from iae.editor.stars import parse_star_rule

    rules = MarkRules(
        stars=None if stars == "none" else parse_star_rule(stars),
        reject_below=reject_below,
        moods=moods,
        mood_share=mood_share,
    )
    known: Any = mode  # one of MODES, as click has checked
    return XmpChoices(mode=known, rules=rules, overwrite=overwrite_rating, dry_run=dry_run)


def print_report(report: "Report", out: Path, *, dry_run: bool) -> None:
    """Say what was done; every photo in a dry run, else counts and what could not be written."""
    if dry_run:
        for outcome in report.outcomes:
            for line in _lines(outcome):
                click.echo(line)
    failed, written = report.of("failed"), report.of("written")
    would = "would be " if dry_run else ""
    parts = [f"{len(written)} {would}written", f"{len(report.of('unchanged'))} already so"]
    if report.kept:
        parts.append(f"{len(report.kept)} with a person's own marks, which stay "
                     "(--overwrite-rating replaces them)")  # fmt: skip
    click.echo("xmp: " + ", ".join(parts + ([f"{len(failed)} not written"] if failed else [])))
    if not dry_run:
        print_failed(failed)
    if written and not dry_run:
        click.echo(f"xmp: iae xmp undo {one_line(str(out))} takes it back")


def print_failed(failed: "list[Outcome]", what: str = "not written") -> None:
    """One line on standard error for each, up to a number."""
    for outcome in failed[:_SHOWN]:
        shown = one_line(f"{outcome.path}: {outcome.reason}")
        click.echo(f"{what}: {shown}", err=True)
    if len(failed) > _SHOWN:
        click.echo(f"{what}: {len(failed) - _SHOWN} more", err=True)


def _lines(outcome: "Outcome") -> list[str]:
    name = one_line(str(outcome.path))
    if outcome.state == "failed":
        return [f"{name}: not written: {one_line(outcome.reason)}"]
    target = ""
    if outcome.target and outcome.target.name != outcome.path.name:
        target = f" ({one_line(outcome.target.name)})"
    said = [*outcome.shown, *outcome.kept] or ["nothing to change"]
    return [f"{name}{target}: {one_line(', '.join(said))}"]
