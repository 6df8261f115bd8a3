"""One HTTP request and its answer, in no library's types.

The embedded core takes a `Request` and gives a `Response`; a recorded trace is a list of
`Exchange`. Header and query names may repeat, and their order is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

Pairs = Sequence[tuple[str, str]]


def first_value(pairs: Pairs, name: str) -> str | None:
    """Return the first value of a header, its name compared without regard to case."""
    wanted = name.lower()
    for key, value in pairs:
        if key.lower() == wanted:
            return value
    return None


def all_values(pairs: Pairs, name: str) -> list[str]:
    """Every value of a header, in order, its name compared without regard to case."""
    wanted = name.lower()
    return [value for key, value in pairs if key.lower() == wanted]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An HTTP request as it reached a server."""

    method: str
    path: str
    """Percent-decoded, with its leading slash, without the query."""
    query: Pairs = ()
    """Decoded names and values; a name without a value has the empty string."""
    headers: Pairs = ()
    body: bytes = b""
    host: str = "localhost"
    """Host name of the request without its port."""
    remote_address: str = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An HTTP answer."""

    status: int
    headers: Pairs = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request with its answer; `response` is None when none arrived."""

    request: Request
    response: Response | None
    started_at_ms: int
    duration_ms: float = field(default=0.0)
