"""The page of the series, ``picks.html``: rendered purely; only ``write_page`` touches the disk.

A row is a series. The page is complete without its script, which adds the keyboard, overruling,
and the view in which all shots of a series are zoomed and moved together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path, PurePath
from typing import Any

from iae.files import written_whole
from iae.pick.choice import Pick
from iae.pick.overrules import FORMAT, VERSION
from iae.pick.summary import summary_line
from iae.scoring.gallery.links import local_url, relative_url, shown
from iae.scoring.gallery.policy import security_policy
from iae.scoring.scores import PhotoScore

PAGE = "picks.html"

SCRIPTS = ("state", "rows", "zoom", "keys", "start")
"""The script of the page is these ``picks-*.js``, one after the other in one block."""


@dataclass(frozen=True, kw_only=True)
class Shot:
    """What is shown of one photo."""

    pick: Pick
    name: str
    path: str
    thumbnail: str
    """URL of the small picture."""
    original: str
    """URL of the photo itself."""
    width: int | None
    """Of the upright photo, in pixels; None where it was not measured."""
    height: int | None


@dataclass(frozen=True, kw_only=True)
class Row:
    """A series as the page shows it: its shots, and unreadable files that lie among them."""

    number: int
    shots: list[Shot] = field(default_factory=list)

    @property
    def readable(self) -> list[Shot]:
        """Without the unreadable ones."""
        return [shot for shot in self.shots if not shot.pick.error]

    @property
    def too_close(self) -> bool:
        """Whether it was too close to call."""
        return bool(self.readable[0].pick.too_close)


def write_page(
    out: Path,
    picks: Sequence[Pick],
    scores: Sequence[PhotoScore],
    *,
    thumbnails: Mapping[str, str],
    originals: Sequence[str],
    keep: int,
    notice: str,
) -> Path:
    """Write ``out/picks.html`` and return its path.

    Args:
        out: the folder of the page.
        picks: (N) the choice, in the order found.
        scores: (N) what is known of each photo.
        thumbnails: path to the thumbnail's file, relative to ``out``; a photo that has none is
            shown from its original.
        originals: (N) URL of each photo, relative to ``out``.
        keep: shots kept of each series.
        notice: half a line for the foot of the page.

    Raises:
        OutputError: the page cannot be written.
    """
    page = render_page(
        picks, scores, thumbnails=thumbnails, originals=originals, keep=keep, notice=notice
    )
    with written_whole(out / PAGE) as part:
        part.write_bytes(page.encode("utf-8"))
    return out / PAGE


def render_page(
    picks: Sequence[Pick],
    scores: Sequence[PhotoScore],
    *,
    thumbnails: Mapping[str, str],
    originals: Sequence[str],
    keep: int,
    notice: str,
) -> str:
    """The page as text; the same choice gives the same text. Arguments as in `write_page`."""
    # Not at the top: whatever imports the job for its types does not need it.
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    shots = [
        _shot(pick, score, thumbnails.get(pick.path), original)
        for pick, score, original in zip(picks, scores, originals, strict=True)
    ]
    rows, rest = rows_of(shots)
    style = _source("picks.css")
    script = "\n".join(_source(f"picks-{name}.js") for name in SCRIPTS)
    script = f'"use strict";\n{{\n{script}}}\n'  # a block, so that its names are its own
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["shown"] = shown
    return environment.from_string(_source("picks.html")).render(
        rows=rows,
        singles=[s for s in shots if s.pick.series is None and not s.pick.error],
        unreadable=rest,
        summary=summary_line(picks),
        overruled=sum(pick.overruled for pick in picks),
        keep=keep,
        notice=shown(notice),
        style=Markup(style),
        script=Markup(script),
        security_policy=security_policy(style, script),
        data=page_data(rows, keep),
    )


def rows_of(shots: Sequence[Shot]) -> tuple[list[Row], list[Shot]]:
    """The series, and the unreadable photos that are in none of their rows.

    An unreadable photo stands in a row where the last photo before it and the first after it, of
    those that could be read, are of that series and in its own folder: it was found among them.
    """
    rows: dict[int, Row] = {}
    rest: list[Shot] = []
    waiting: list[Shot] = []
    before: Shot | None = None
    for shot in shots:
        if shot.pick.error:
            waiting.append(shot)
            continue
        if waiting and before is not None and _are_one(before, shot):
            number = before.pick.series
            for lost in waiting:
                inside = number is not None and _folder(lost) == _folder(before)
                (rows[number].shots if number is not None and inside else rest).append(lost)
        else:
            rest += waiting
        waiting = []
        if shot.pick.series is not None:
            number = shot.pick.series
            rows.setdefault(number, Row(number=number)).shots.append(shot)
        before = shot
    return [rows[number] for number in sorted(rows)], rest + waiting


def page_data(rows: Sequence[Row], keep: int) -> dict[str, Any]:
    """What the script is told: the readable shots of each series."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "keep": keep,
        "series": [
            {
                "number": row.number,
                "shots": [
                    {
                        "path": shot.pick.path,
                        "name": shot.name,
                        "thumbnail": shot.thumbnail,
                        "original": shot.original,
                        "width": shot.width,
                        "height": shot.height,
                        "rank": shot.pick.rank,
                        "best": shot.pick.decision.best,
                        "keep": shot.pick.decision.keep,
                    }
                    for shot in row.readable
                ],
            }
            for row in rows
        ],
    }


def _shot(pick: Pick, score: PhotoScore, thumbnail: str | None, original: str) -> Shot:
    original = local_url(original)
    facts = score.facts
    return Shot(
        pick=pick,
        name=shown(PurePath(pick.path).name or pick.path),
        path=shown(pick.path),
        thumbnail=relative_url(thumbnail) if thumbnail else original,
        original=original,
        width=None if facts is None else facts.width,
        height=None if facts is None else facts.height,
    )


def _are_one(before: Shot, after: Shot) -> bool:
    series = before.pick.series
    return series is not None and series == after.pick.series and _folder(before) == _folder(after)


def _folder(shot: Shot) -> PurePath:
    return PurePath(shot.pick.path).parent


def _source(name: str) -> str:
    return (files("iae.pick") / "templates" / name).read_text(encoding="utf-8")
