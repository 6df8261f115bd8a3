"""Where an HTTP/1 message ends, by its head and, for an answer, by what it answers.

Source: RFC 9112, section 6.3.
"""

from typing import Final

from stctl.exchange import Pairs, all_values
from stctl.traces.record.messages import Extent, Framing, Head

_NOTHING: Final = Framing(Extent.NOTHING)
_CHUNKED: Final = Framing(Extent.CHUNKED)
_UNTIL_CLOSE: Final = Framing(Extent.UNTIL_CLOSE)
_OTHER: Final = Framing(Extent.OTHER)
_WITHOUT_BODY: Final = frozenset({204, 304})
_SWITCHING: Final = 101
_FIRST_FINAL: Final = 200
_LONGEST: Final = 18
"""Digits of a length that can be meant."""


def method_of(head: Head) -> str:
    """The method of a request, as it was written."""
    return head.first_line.partition(" ")[0]


def target_of(head: Head) -> str:
    """What a request asks for, as it was written; it may hold blanks that should not be there."""
    return head.first_line.partition(" ")[2].rstrip().rpartition(" ")[0].strip()


def status_of(head: Head) -> int:
    """The status of an answer; 0 where it is no number."""
    word = head.first_line.partition(" ")[2].strip()[:3]
    return int(word) if word.isdecimal() else 0


def is_interim(status: int) -> bool:
    """Whether another answer to the same request follows: 100 to 199, save for 101."""
    return status < _FIRST_FINAL and status != _SWITCHING


def opens_tunnel(method: str, status: int) -> bool:
    """Whether the connection belongs to another protocol after this answer."""
    is_connected = method == "CONNECT" and _FIRST_FINAL <= status < _FIRST_FINAL + 100
    return status == _SWITCHING or is_connected


def request_framing(head: Head) -> Framing:
    """What follows the head of a request."""
    coded = _codings(head.headers)
    if coded:
        return _CHUNKED if coded[-1] == "chunked" else _OTHER
    return _by_length(head.headers, otherwise=_NOTHING)


def response_framing(head: Head, method: str) -> Framing:
    """What follows the head of an answer to a request of this method."""
    status = status_of(head)
    if opens_tunnel(method, status):
        return _OTHER
    if status < _FIRST_FINAL or status in _WITHOUT_BODY or method == "HEAD":
        return _NOTHING
    coded = _codings(head.headers)
    if coded:
        return _CHUNKED if coded[-1] == "chunked" else _UNTIL_CLOSE
    return _by_length(head.headers, otherwise=_UNTIL_CLOSE)


def _codings(headers: Pairs) -> list[str]:
    words = ",".join(all_values(headers, "transfer-encoding")).split(",")
    return [word.strip().lower() for word in words if word.strip()]


def _by_length(headers: Pairs, *, otherwise: Framing) -> Framing:
    """By Content-Length; lengths that contradict each other leave the end unknown."""
    told = ",".join(all_values(headers, "content-length")).split(",")
    lengths = {word.strip() for word in told if word.strip()}
    if not lengths:
        return otherwise
    length = lengths.pop()
    if lengths or not (length.isascii() and length.isdecimal()) or len(length) > _LONGEST:
        return _OTHER
    return Framing(Extent.LENGTH, int(length))
