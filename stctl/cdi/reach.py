"""The steps below HTTP on the way to a host: its name, a connection, TLS. Nothing is sent."""

import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from stctl.cdi.addresses import Address

_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a host is, taken from its address."""

    host: str
    port: int
    is_tls: bool
    is_loopback: bool
    proxy: str | None
    """The proxy of the environment that calls go through, without a password."""


class Unreachable(Exception):  # noqa: N818 - a finding, reported as such
    """A step failed; the message says why."""


def place_of(address: Address) -> Place:
    """Take an address apart."""
    parts = urlsplit(address.url)
    port = parts.port or _DEFAULT_PORTS[parts.scheme]
    host = parts.hostname or ""
    return Place(
        host=host,
        port=port,
        is_tls=parts.scheme == "https",
        is_loopback=address.is_loopback,
        proxy=None if address.is_loopback else _proxy(parts.scheme, host, port),
    )


def _proxy(scheme: str, host: str, port: int) -> str | None:
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    found = proxies.get(scheme) or proxies.get("all")
    if not found or proxy_bypass(f"{host}:{port}"):
        return None
    return found.rpartition("@")[2].rpartition("//")[2]


def resolve(place: Place) -> Sequence[str]:
    """Return the addresses of a host, each once; raises Unreachable for an unknown name."""
    try:
        found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as problem:
        raise Unreachable(getattr(problem, "strerror", None) or "it is no host name") from None
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def connect(place: Place, timeout_s: float) -> None:
    """Make a connection and close it; raises Unreachable."""
    try:
        socket.create_connection((place.host, place.port), timeout=timeout_s).close()
    except TimeoutError:
        raise Unreachable(f"no connection within {timeout_s:g} s") from None
    except OSError as problem:
        raise Unreachable((problem.strerror or str(problem)).lower()) from None


def shake_hands(place: Place, timeout_s: float) -> tuple[str, int | None]:
    """Make a TLS connection as calls do; return its version and when the certificate ends.

    The end is in milliseconds since the epoch, None where it is not told. Raises Unreachable.
    """
    import httpx

    context = httpx.create_ssl_context(trust_env=not place.is_loopback)
    try:
        with (
            socket.create_connection((place.host, place.port), timeout=timeout_s) as connection,
            context.wrap_socket(connection, server_hostname=place.host) as secure,
        ):
            ends = (secure.getpeercert() or {}).get("notAfter")
            ends_ms = int(ssl.cert_time_to_seconds(str(ends))) * 1000 if ends else None
            return secure.version() or "TLS", ends_ms
    except ssl.SSLCertVerificationError as problem:
        raise Unreachable(f"its certificate is not trusted ({problem.verify_message})") from None
    except TimeoutError:
        raise Unreachable(f"no TLS within {timeout_s:g} s") from None
    except (ssl.SSLError, OSError) as problem:
        reason = getattr(problem, "reason", None) or problem.strerror or str(problem)
        raise Unreachable(f"it does not speak TLS ({reason})") from None
