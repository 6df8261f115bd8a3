"""Where a recorder listens and what stands behind it, as people write it."""

import ipaddress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from stctl.errors import ErrorKind, StctlError

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_HIGHEST_PORT: Final = 65_535
_LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A server that requests are passed on to."""

    scheme: str
    """`http` or `https`."""
    host: str
    """A name or a number, without brackets."""
    port: int
    path: str
    """What stands behind the place in the address: empty, or with its leading slash."""

    @property
    def origin(self) -> str:
        """Scheme, host, and port where it is not the scheme's own."""
        return f"{self.scheme}://{self.authority}"

    @property
    def authority(self) -> str:
        """Host, and port where it is not the scheme's own: what a Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def is_tls(self) -> bool:
        """Whether the way to it is encrypted."""
        return self.scheme == "https"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where to listen."""

    host: str
    port: int
    """0 is a free one."""

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it; a name other than localhost may be anything."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def read_target(text: str) -> Target:
    """Read the address of a server; without a scheme it is http.

    Raises SETTING_INVALID for what is no such address, and for one with a user or a query: what
    passes is not changed, so that they could have no effect.
    """
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        port = parts.port
    except ValueError as problem:
        raise _invalid(text, str(problem)) from None
    if parts.scheme not in _DEFAULT_PORTS:
        raise _invalid(text, f"its scheme is {parts.scheme!r}, not http or https")
    if not parts.hostname or any(char.isspace() for char in text):
        raise _invalid(text, "it has no host" if not parts.hostname else "it holds white space")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise _invalid(text, "a user, query or fragment has no place in it")
    return Target(
        scheme=parts.scheme,
        host=parts.hostname,
        port=port or _DEFAULT_PORTS[parts.scheme],
        path=parts.path.rstrip("/"),
    )


def read_place(text: str) -> Place:
    """Read where to listen: `HOST:PORT`, `:PORT`, `PORT` or `HOST`; the loopback unless told.

    Raises SETTING_INVALID for a port that is none.
    """
    host, colon, port = text.rpartition(":")
    if not colon and text.isdecimal():
        host, port = "", text
    elif not colon or text.endswith("]") or (text.count(":") > 1 and not text.startswith("[")):
        host, port = text, "0"
    if not port.isdecimal() or int(port) > _HIGHEST_PORT:
        raise StctlError(
            ErrorKind.SETTING_INVALID,
            f"{text!r} is no place to listen at.",
            hint="Write HOST:PORT, as in 127.0.0.1:8080; port 0 takes a free one.",
        )
    return Place(host=host.strip("[]") or _LOOPBACK, port=int(port))


def _invalid(text: str, problem: str) -> StctlError:
    scheme, separator, rest = text.rpartition("://")
    return StctlError(
        ErrorKind.SETTING_INVALID,
        f"{scheme}{separator}{rest.rpartition('@')[2]} is no server to record: {problem}.",
        hint="An address looks like http://localhost:3567.",
    )
