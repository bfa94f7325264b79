"""``iae study invite``: personal links."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from iae.cli.options import PATH
from iae.cli.study.options import PORT, opened, study_argument

BASE_URL = f"http://127.0.0.1:{PORT}"


class Expiry(click.ParamType[datetime]):
    """A day, or a number of days from now."""

    name = "DAYS|DATE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """``30`` or ``2026-12-31``, of which the link is valid to the end (UTC)."""
        if isinstance(value, datetime):
            return value
        text = str(value)
        if re.fullmatch(r"[1-9]\d{0,3}", text, re.ASCII):
            return datetime.now(UTC) + timedelta(days=int(text))
        try:
            day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=1)
        except ValueError:
            self.fail(f"'{text}' is neither a number of days nor a date like 2026-12-31", param,
                      ctx)  # fmt: skip
        if day <= datetime.now(UTC):
            self.fail(f"{text} is over", param, ctx)
        return day


@click.command()
@study_argument
@click.option("--count", type=click.IntRange(1, 10_000), default=1, show_default=True,
              help="Links to make, each for one rater.")  # fmt: skip
@click.option("--name", help="For you alone, to know whose link it is; with one link.")
@click.option("--expires", type=Expiry(), help="Days the link is valid, or its last day.")
@click.option("--demo", is_flag=True, help="A link that stores nothing of whoever uses it.")
@click.option("--base-url", default=BASE_URL, show_default=True,
              help="Where the study is served, as raters reach it.")  # fmt: skip
@click.option("-o", "--out", type=PATH, help="Write the links to a CSV file: rater, name, link.")
@click.option("--revoke", metavar="RATER", help="Instead: make this rater's link useless.")
def invite(
    folder: Path,
    count: int,
    name: str | None,
    expires: datetime | None,
    demo: bool,
    base_url: str,
    out: Path | None,
    revoke: str | None,
) -> None:
    """Make personal links to the study in FOLDER.

    A link is shown once and stored nowhere, only a hash of it: who loses one gets a new link, and
    is then a new rater. Whoever has a link can vote with it, so send each to one person.

    \b
    Example:
        iae study invite wedding --name Anna --expires 30
    """
    from iae.text import one_line

    if name is not None and count > 1:
        raise click.UsageError("--name is for one link; leave out --count")
    with opened(folder) as study:
        if revoke is not None:
            study.revoke(revoke)
            click.echo(f"the link of {revoke} opens nothing any more; the votes stay")
            return
        from iae.study.service import join_path

        made = [study.invite(name=name, expires=expires, demo=demo) for _ in range(count)]
    links = [(rater.id, base_url.rstrip("/") + join_path(token)) for rater, token in made]
    if out is None:
        for rater_id, link in links:
            click.echo(f"{rater_id}  {link}" + (f"  {one_line(name)}" if name else ""))
        return
    import csv

    from iae.files import written_whole

    with written_whole(out) as part, part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["rater", "name", "link"])
        writer.writerows([rater_id, name or "", link] for rater_id, link in links)
    click.echo(f"{len(links)} links in {out}")
