"""``iae study serve``: the rating page and the owner's page, on this machine or behind a proxy."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from iae.cli.extras import needs_extra
from iae.cli.options import PATH
from iae.cli.study.options import PORT

if TYPE_CHECKING:
    from iae.web.address import Address


@click.command()
@click.argument("folder", type=PATH)
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True,
              help="Port to listen at; 0 takes a free one.")  # fmt: skip
@click.option("--host", default="127.0.0.1", show_default=True,
              help="Address to listen at; any but this machine needs --base-url.")  # fmt: skip
@click.option("--base-url", metavar="URL",
              help="Where raters find the server: https://rate.example.org.")  # fmt: skip
@click.option("--log", is_flag=True, help="A line for every request, without tokens or addresses.")
def serve(folder: Path, port: int, host: str, base_url: str | None, log: bool) -> None:
    """Let raters rate, until Ctrl-C.

    FOLDER is a study made by 'iae study new'. Raters open their personal links ('iae study
    invite'); the owner's link is printed here and is another one after every start.

    \b
    Examples:
        iae study serve my-study
        iae study serve my-study --host 0.0.0.0 --base-url https://rate.example.org
    """
    with needs_extra("web", "iae study serve"):
        from iae.study.service import open_study
        from iae.web.address import address_of
        from iae.web.app import create_app
        from iae.web.doors import new_owner_token
        from iae.web.screens import Screens, look_again
        from iae.web.server import open_socket, run

    # A commit that has reached the disk waits for Python's lock: get it sooner than after 5 ms.
    sys.setswitchinterval(0.0002)
    address = address_of(host, port, base_url)
    with open_study(folder) as study:
        listening = open_socket(host, port)
        address = address.at(listening.getsockname()[1])
        owner_token = new_owner_token()
        screens = Screens(study.folder / "screens")
        look_again(study, screens)
        app = create_app(study, origins=address.origins, screens=screens, owner_token=owner_token)
        _greet(study.title, address, owner_token)
        run(app, listening, log=log)


def _greet(title: str, address: "Address", owner_token: str) -> None:
    from iae.text import one_line

    click.echo(f"{one_line(title)}: raters' links begin with {address.url}/join/")
    click.echo(f"owner's page, for you alone: {address.url}/owner/{owner_token}")
    for sentence in address.warnings:
        click.echo(f"note: {sentence}", err=True)
