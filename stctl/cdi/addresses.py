"""Where cores are: the text of a connection setting, read once and strictly."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urlsplit

from stctl.errors import ErrorKind, StctlError


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One host that a core is expected at."""

    url: str
    """Scheme, host, port and base path, without a slash at the end."""
    shown: str
    """The same for people: without a password."""
    is_loopback: bool
    """Whether the host is this machine, which no proxy of the environment can reach."""


def read_addresses(text: str) -> tuple[Address, ...]:
    """Return the hosts of a connection setting such as `http://a:3567;http://b:3567/base`.

    Without a scheme a host is taken as http when it is this machine or a bare IP address, else as
    https, like the backend SDKs do. Raises SETTING_INVALID for anything that is no address.
    """
    addresses = tuple(_read_one(part.strip()) for part in text.split(";") if part.strip())
    if not addresses:
        raise _invalid(text, "it names no host")
    return addresses


def _read_one(text: str) -> Address:
    split = _split(text if "://" in text else f"{_implied_scheme(text)}://{text}", text)
    userinfo, _, place = split.netloc.rpartition("@")
    path = quote(split.path.rstrip("/"), safe="/%~!$&'()*+,;=:@")
    return Address(
        url=f"{split.scheme}://{split.netloc}{path}",
        shown=f"{split.scheme}://{'…@' if userinfo else ''}{place}{path}",
        is_loopback=_is_loopback(split.hostname or ""),
    )


def _split(url: str, text: str) -> SplitResult:
    try:
        split = urlsplit(url)
        problem = _problem_of(split)
    except ValueError as error:
        raise _invalid(text, str(error)) from error
    if problem is not None:
        raise _invalid(text, problem)
    return split


def _problem_of(split: SplitResult) -> str | None:
    """What is wrong with an address, or None; a bad port raises ValueError."""
    if split.scheme not in {"http", "https"}:
        return f"its scheme is {split.scheme!r}, not http or https"
    if not split.hostname or any(character.isspace() for character in split.netloc):
        return "it has no host" if not split.hostname else "its host holds white space"
    if split.port == 0:
        return "its port is 0"
    if split.query or split.fragment:
        return "a query or fragment has no place in it"
    return None


def _implied_scheme(text: str) -> str:
    host = urlsplit(f"//{text}").hostname or ""
    return "http" if _is_loopback(host) or _is_ip(host) else "https"


def _is_loopback(host: str) -> bool:
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    return _is_ip(name) and ipaddress.ip_address(name).is_loopback


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _invalid(text: str, problem: str) -> StctlError:
    scheme, separator, rest = text.rpartition("://")
    shown = f"{scheme}{separator}{rest.rpartition('@')[2]}"
    return StctlError(
        ErrorKind.SETTING_INVALID,
        f"{shown!r} is not the address of a core: {problem}",
        hint="An address looks like http://localhost:3567; several are joined by semicolons.",
    )
