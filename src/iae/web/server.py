"""Running the application: a socket of our own, and no log that names a person."""

import logging
import os
import socket
from contextlib import suppress

import uvicorn
from fastapi import FastAPI

from iae.errors import ConfigError


def open_socket(host: str, port: int) -> socket.socket:
    """Listen at an address; port 0 takes a free one.

    Raises:
        ConfigError: it is taken, not of this machine, or not allowed.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        raise ConfigError(f"cannot listen at {host}, port {port}: {_reason(error)}; "
                          "choose another with --host and --port") from None  # fmt: skip


def _reason(error: OSError) -> str:
    """The system's words alone: some errors say the address once more."""
    if isinstance(error, socket.gaierror) or error.errno is None:
        return error.strerror or str(error)
    return os.strerror(error.errno)


def run(app: FastAPI, listening: socket.socket, *, log: bool = False) -> None:
    """Serve until Ctrl-C or SIGTERM; requests under way are finished first.

    Args:
        app: what is served.
        listening: from :func:`open_socket`.
        log: write a line for each request to standard error (see ``access_log``).
    """
    if log:
        access = logging.getLogger("iae.web.access")
        access.addHandler(logging.StreamHandler())
        access.setLevel(logging.INFO)
    with suppress(KeyboardInterrupt):  # Ctrl-C, once all is finished: the usual end
        make_server(app).run(sockets=[listening])


def make_server(app: FastAPI) -> uvicorn.Server:
    """The server as it is set up here, not yet running."""
    config = uvicorn.Config(
        app,
        access_log=False,  # it would write addresses and tokens; ours is access_log.py
        log_level="warning",
        lifespan="off",
        ws="none",
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=65,  # longer than a rater looks at a photo
        timeout_graceful_shutdown=5,
    )
    return uvicorn.Server(config)
