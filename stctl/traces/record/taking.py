"""Makes an entry of a trace of what passed."""

import zlib
from dataclasses import dataclass
from typing import Final

from stctl.exchange import Exchange, Pairs, Request, Response, all_values
from stctl.traces.model import Entry, Gap
from stctl.traces.readers.parts import read_url
from stctl.traces.record.conversation import BodyCopy, Passing
from stctl.traces.record.framing import method_of, status_of, target_of
from stctl.traces.record.target import Target

_ZLIB: Final = {"gzip": 31, "x-gzip": 31, "deflate": 47}
"""How zlib is told what to expect, by content coding."""


@dataclass(frozen=True, slots=True)
class _Body:
    content: bytes
    is_whole: bool


def entry_of(passing: Passing, target: Target, index: int, *, client: str) -> Entry:
    """The exchange as an entry; its URL is that of the server, whatever address was asked.

    A body that was longer than what is kept is a gap and left out; so is one of which the rest did
    not pass. Content codings that the standard library knows are undone.
    """
    asked = _Body(b"", is_whole=False)
    if passing.is_asked:
        asked = _body_of(passing.request_body, passing.asked.headers)
    response, gaps = _response_of(passing)
    url = _url_of(target, target_of(passing.asked))
    address = read_url(url)
    return Entry(
        index=index,
        position=f"exchange {index}",
        exchange=Exchange(
            request=Request(
                method=method_of(passing.asked),
                path=address.path,
                query=address.query,
                headers=passing.asked.headers,
                body=asked.content,
                host=address.host,
                remote_address=client,
            ),
            response=response,
            started_at_ms=passing.started_at_ms,
            duration_ms=max(0, passing.ended_at_ms - passing.started_at_ms),
        ),
        url=url,
        scheme=address.scheme,
        port=address.port,
        connection=_remark(passing),
        gaps=gaps if asked.is_whole else gaps | {Gap.REQUEST_BODY},
    )


def _remark(passing: Passing) -> str | None:
    if passing.ending is None:
        return None
    return passing.ending.without if passing.answered is None else passing.ending.within


def _response_of(passing: Passing) -> tuple[Response | None, frozenset[Gap]]:
    """What the client was answered; an answer of which the end is missing is one with a gap."""
    head = passing.answered
    if head is None or not status_of(head):
        return None, frozenset()
    body = _Body(b"", is_whole=False)
    if passing.is_answered:
        body = _body_of(passing.response_body, head.headers)
    response = Response(status=status_of(head), headers=head.headers, body=body.content)
    return response, frozenset() if body.is_whole else frozenset({Gap.RESPONSE_BODY})


def _url_of(target: Target, asked: str) -> str:
    """The whole URL; a request to a proxy has one of its own, `*` and CONNECT's have none."""
    if asked.startswith(("http://", "https://")):
        return asked
    return f"{target.origin}{'' if asked.startswith('/') else '/'}{asked}"


def _body_of(copy: BodyCopy, headers: Pairs) -> _Body:
    if not copy.is_whole:
        return _Body(b"", is_whole=False)
    content = bytes(copy.kept)
    for coding in reversed(_codings(headers)):
        decoded = _decoded(content, coding, copy.limit)
        if decoded is None:
            return _Body(b"", is_whole=False)
        content = decoded
    return _Body(content, is_whole=True)


def _codings(headers: Pairs) -> list[str]:
    words = ",".join(all_values(headers, "content-encoding")).split(",")
    return [
        word for word in (word.strip().lower() for word in words) if word not in {"", "identity"}
    ]


def _decoded(content: bytes, coding: str, limit: int) -> bytes | None:
    """The content without one coding; None where that cannot be done, or it comes to too much."""
    if not content:
        return content
    if coding not in _ZLIB:
        return None
    decoder = zlib.decompressobj(_ZLIB[coding])
    try:
        decoded = decoder.decompress(content, limit)
    except zlib.error:
        return _bare_deflate(content, limit) if coding == "deflate" else None
    return decoded if decoder.eof else None


def _bare_deflate(content: bytes, limit: int) -> bytes | None:
    """Deflate without its wrapper, as some servers send it."""
    decoder = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        decoded = decoder.decompress(content, limit)
    except zlib.error:
        return None
    return decoded if decoder.eof else None
