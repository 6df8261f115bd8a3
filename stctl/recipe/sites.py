"""Whether an API and a website are one site, on which the default of SameSite depends.

Source: SDKs, behaviour notes 1.3.
"""

from typing import Final
from urllib.parse import urlsplit

_LABELS: Final = 2
# Suffixes of two labels under which people register names; the others are found by their shape.
_SECOND_LEVEL: Final = frozenset({"co", "com", "net", "org", "gov", "edu", "ac", "gob", "ne", "or"})
_COUNTRY: Final = 2


def same_site(one: str, other: str) -> bool:
    """Whether two addresses have the same protocol and the same registrable domain."""
    first, second = _split(one), _split(other)
    return first == second


def _split(address: str) -> tuple[str, str]:
    whole = address if "://" in address else f"https://{address}"
    try:
        parts = urlsplit(whole)
    except ValueError:
        # Clients may send any Origin: what is no address is a site of its own.
        return "", address
    return parts.scheme, registrable_domain(parts.hostname or "")


def registrable_domain(host: str) -> str:
    """The part of a host that somebody registered; `localhost` and IP addresses count as one site.

    >>> registrable_domain("api.example.com"), registrable_domain("a.shop.co.uk")
    ('example.com', 'shop.co.uk')
    """
    if host in {"localhost", ""} or ":" in host or host.replace(".", "").isdecimal():
        return "localhost"
    labels = host.split(".")
    has_long_suffix = (
        len(labels) > _LABELS and len(labels[-1]) == _COUNTRY and labels[-2] in _SECOND_LEVEL
    )
    return ".".join(labels[-(_LABELS + has_long_suffix) :])
