"""Where a server listens, how raters reach it, and what that means."""

import ipaddress
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from iae.errors import ConfigError

_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, kw_only=True)
class Address:
    """An address, as :func:`address_of` checked it."""

    host: str
    port: int
    base_url: str | None
    """``scheme://host[:port]`` that raters use; None: this machine only."""

    def at(self, port: int) -> "Address":
        """The same with the port that was found free."""
        return replace(self, port=port)

    @property
    def url(self) -> str:
        """What links begin with."""
        return self.base_url or self.origins[0]

    @property
    def origins(self) -> tuple[str, ...]:
        """Every address the server answers to, the public one first."""
        own = (
            {f"[{self.host}]" if ":" in self.host else self.host: None}
            if is_local(self.host)
            else {}
        )
        hosts = own | {"127.0.0.1": None, "localhost": None}
        local = tuple(f"http://{host}:{self.port}" for host in hosts)
        return local if self.base_url is None else (self.base_url, *local)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the owner should know before sending links, a sentence each."""
        sentences = []
        if not is_local(self.host):
            sentences.append(
                f"this server listens at {self.host}: whoever reaches this machine reaches it; the "
                "photos of the study are shown to everyone who has a link"
            )
        if self.base_url and not self.base_url.startswith("https:"):
            sentences.append(
                f"{self.base_url} is not https: on the way, others can read links and votes and "
                "change them; put a proxy with a certificate in front, and name its https address"
            )
        elif self.base_url:
            sentences.append(
                f"cookies are sent over https only; a proxy at {self.base_url} must pass requests "
                f"on to port {self.port} with their Host header, and write no log of the paths "
                "below /join/ and /owner/, which are secret"
            )
        return tuple(sentences)


def is_local(host: str) -> bool:
    """Whether only this machine can reach an address.

    >>> is_local("127.0.0.1"), is_local("::1"), is_local("0.0.0.0")
    (True, True, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def address_of(host: str, port: int, base_url: str | None) -> Address:
    """Check what was asked for.

    Raises:
        ConfigError: another host than this machine without a base URL, or a base URL that is
            more or less than ``http(s)://HOST[:PORT]``.
    """
    if base_url is None and not is_local(host):
        raise ConfigError(f"--host {host} lets other machines in, so links need the address they "
                          "use; add it: --base-url https://rate.example.org")  # fmt: skip
    checked = None if base_url is None else _origin(base_url)
    return Address(host=host, port=port, base_url=checked)


def _origin(base_url: str) -> str:
    """``scheme://host[:port]`` as browsers write it: small letters, no default port."""
    wanted = f"--base-url must be like https://rate.example.org, got '{base_url}'"
    try:
        parts = urlsplit(base_url.rstrip("/"))
        port = parts.port
    except ValueError:
        raise ConfigError(wanted) from None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc:
        raise ConfigError(wanted)
    if parts.path or parts.query or parts.fragment:
        raise ConfigError(f"{wanted}; a path is not possible: give the server a name of its own")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    shown = "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{host}{shown}"
