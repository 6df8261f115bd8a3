"""Reads what `curl -v` prints: one transfer after the other, alone or mixed with bodies.

Curl writes no bodies among its remarks; a line without one of its marks, once an answer has begun,
is taken as part of the answer's body, wherever the terminal put it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from stctl.exchange import Request, Response, first_value
from stctl.traces.model import Damage, Entry, Gap, TraceItem
from stctl.traces.readers.parts import body_bytes, clean, exchange_of, read_url
from stctl.traces.readers.signs import CURL_METER
from stctl.traces.readers.source import Line, Source

_METER_HEAD: Final = re.compile(r" +% Total +% Received|^ {20,}Dload +Upload")
_MARK: Final = re.compile(r"(?:\d\d:\d\d:\d\d\.\d{6} )?(?:\[\d+-\d+\] )?([*<>]) ?")
_DATA: Final = re.compile(r"(?:\d\d:\d\d:\d\d\.\d{6} )?(?:\[\d+-\d+\] )?([{}]) \[\d+ bytes data\]")
_REMARK_BEHIND_BODY: Final = re.compile(
    r"(?<=.)\* (?=Connection #\d|Closing connection|Found bundle|Re-using existing|Host )"
)
_TALK_BEHIND_BODY: Final = re.compile(r"(?<=[}\]>\"])(?:Note|Warning): ")
_REQUEST_LINE: Final = re.compile(r"(\S+) (.+) HTTP/[\d.]+")
_STATUS_LINE: Final = re.compile(r"HTTP/[\d.]+ (\d{3})(?: .*)?")
_FAILURE: Final = re.compile(
    r"(?:curl: \(\d+\) )?(Empty reply from server|Recv failure.*|Send failure.*"
    r"|Operation timed out.*|Connection timed out.*|transfer closed with.*"
    r"|HTTP/2 stream .* was not closed cleanly.*)"
)
_CURL_ERROR: Final = re.compile(r"curl: \(\d+\) (.+)")
_SECURE: Final = re.compile(r"SSL connection using|ALPN|using HTTP/2|\[:scheme: https\]|TLSv1")
_INTERIM: Final = range(100, 200)
_WITHOUT_BODY: Final = frozenset({204, 304})
_LARGEST_BODY: Final = 1 << 24


@dataclass(slots=True)
class _Transfer:
    """A transfer as far as it was read."""

    line: Line
    method: str
    target: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    has_sent_head: bool = False
    has_sent_body: bool = False
    status: int = 0
    """0 before the final answer; interim answers leave no trace."""
    is_interim: bool = False
    answer_headers: list[tuple[str, str]] = field(default_factory=list)
    has_head: bool = False
    has_data: bool = False
    body: list[str] = field(default_factory=list)
    body_size: int = 0
    failure: str | None = None


class _Reader:
    """The state between two lines."""

    def __init__(self) -> None:
        self._current: _Transfer | None = None
        self._is_secure = False
        self._secure_hosts: dict[str, bool] = {}
        self._index = 0

    def line(self, line: Line) -> Iterator[TraceItem]:
        """What becomes complete with a line."""
        whole = clean_line(line)
        text = CURL_METER.sub("", whole)
        if _METER_HEAD.match(text) or (whole and not text):
            return
        body, behind = _split_behind_body(text) if self._in_answer else (text, "")
        yield from self._part(body, line)
        if behind:
            self._remark(behind)

    def end(self) -> Iterator[TraceItem]:
        """What the end of the file makes complete."""
        transfer = self._current
        yield from self._finish()
        if transfer is not None and transfer.status and not transfer.has_head:
            yield _damage(transfer.line, "the file ends inside the head of an answer")

    @property
    def _in_answer(self) -> bool:
        return self._current is not None and self._current.has_head

    def _part(self, text: str, line: Line) -> Iterator[TraceItem]:
        data = _DATA.fullmatch(text.rstrip())
        mark = _MARK.match(text)
        if data:
            self._data(data.group(1))
        elif mark is None:
            self._plain(text)
        elif mark.group(1) == "*":
            self._remark(text[mark.end() :])
        elif mark.group(1) == ">":
            yield from self._sent(text[mark.end() :].rstrip("\r"), line)
        else:
            yield from self._received(text[mark.end() :].rstrip("\r"), line)

    def _data(self, direction: str) -> None:
        transfer = self._current
        if transfer is None:
            return
        if direction == "{":
            transfer.has_data = transfer.has_data or transfer.has_head
        elif transfer.has_sent_head and not transfer.status:
            transfer.has_sent_body = True

    def _plain(self, text: str) -> None:
        transfer = self._current
        if transfer is None:
            return
        failed = _CURL_ERROR.match(text)
        if failed:
            transfer.failure = transfer.failure or failed.group(1)
        elif transfer.has_head and transfer.body_size < _LARGEST_BODY:
            text = _TALK_BEHIND_BODY.split(text, 1)[0]
            transfer.body.append(text)
            transfer.body_size += len(text) + 1

    def _remark(self, text: str) -> None:
        if text.startswith("Connected to "):
            self._is_secure = False
        elif _SECURE.search(text):
            self._is_secure = True
        failed = _FAILURE.match(text)
        if failed and self._current is not None:
            self._current.failure = failed.group(1)

    def _sent(self, text: str, line: Line) -> Iterator[TraceItem]:
        transfer = self._current
        if transfer is None or transfer.has_sent_head:
            first = _REQUEST_LINE.fullmatch(text)
            if first is None:
                yield _damage(line, "not the first line of a request")
                return
            yield from self._finish()
            self._current = _Transfer(line, first.group(1).upper(), first.group(2))
        elif not text:
            transfer.has_sent_head = True
        else:
            yield from _add_header(transfer.headers, text, line)

    def _received(self, text: str, line: Line) -> Iterator[TraceItem]:
        transfer = self._current
        first = _STATUS_LINE.fullmatch(text)
        if transfer is None:
            if first:
                yield _damage(line, "an answer without its request", lost=1)
        elif first:
            status = int(first.group(1))
            transfer.has_sent_head = True
            transfer.is_interim = status in _INTERIM
            if not transfer.is_interim:
                transfer.status, transfer.answer_headers = status, []
        elif transfer.is_interim or transfer.has_head:
            return
        elif not text:
            transfer.has_head = bool(transfer.status)
        else:
            yield from _add_header(transfer.answer_headers, text, line)

    def _finish(self) -> Iterator[Entry]:
        transfer, self._current = self._current, None
        if transfer is None or transfer.method == "CONNECT":
            return
        host = first_value(transfer.headers, "host") or "localhost"
        self._secure_hosts[host] = self._is_secure or self._secure_hosts.get(host, False)
        yield _entry(transfer, self._index, self._url(transfer.target, host))
        self._index += 1

    def _url(self, target: str, host: str) -> str:
        if not target.startswith("/"):
            return target
        return f"{'https' if self._secure_hosts[host] else 'http'}://{host}{target}"


def read_curl(source: Source) -> Iterator[TraceItem]:
    """The transfers of `curl -v` output and what could not be read.

    A tunnel through a proxy (CONNECT) and a refused connection are no exchanges and leave nothing.
    """
    reader = _Reader()
    for line in source.lines():
        yield from reader.line(line)
    yield from reader.end()


def clean_line(line: Line) -> str:
    """The text of a line; bytes that are not UTF-8 are replaced."""
    return line.data.decode("utf-8", "replace")


def _split_behind_body(text: str) -> tuple[str, str]:
    """A body without a line feed at its end, and the remark that stands behind it."""
    if _MARK.match(text):
        return text, ""
    found = _REMARK_BEHIND_BODY.search(text)
    return (text[: found.start()], text[found.end() :]) if found else (text, "")


def _add_header(headers: list[tuple[str, str]], text: str, line: Line) -> Iterator[Damage]:
    name, colon, value = text.partition(":")
    if colon and name and " " not in name:
        headers.append((clean(name), clean(value.strip())))
    else:
        yield _damage(line, "not a header")


def _damage(line: Line, reason: str, lost: int = 0) -> Damage:
    return Damage(position=f"line {line.number}", offset=line.offset, reason=reason, lost=lost)


def _entry(transfer: _Transfer, index: int, url: str) -> Entry:
    address = read_url(url)
    response = _response(transfer)
    exchange, timing = exchange_of(
        Request(
            method=transfer.method,
            path=address.path,
            query=address.query,
            headers=tuple(transfer.headers),
            host=address.host,
        ),
        response,
        None,
        0,
    )
    failure = transfer.failure if response is None else None
    return Entry(
        index=index,
        position=f"line {transfer.line.number}",
        exchange=exchange,
        url=url,
        scheme=address.scheme,
        port=address.port,
        connection=failure or (None if response else "no answer was recorded"),
        timing=timing,
        gaps=_gaps(transfer),
    )


def _response(transfer: _Transfer) -> Response | None:
    if not transfer.status:
        return None
    body = body_bytes("\n".join(transfer.body))
    return Response(status=transfer.status, headers=tuple(transfer.answer_headers), body=body)


def _gaps(transfer: _Transfer) -> frozenset[Gap]:
    gaps = set()
    length = first_value(transfer.headers, "content-length")
    if transfer.has_sent_body or (length and length != "0"):
        gaps.add(Gap.REQUEST_BODY)
    is_empty = first_value(transfer.answer_headers, "content-length") == "0"
    has_answer = transfer.status and transfer.status not in _WITHOUT_BODY
    if has_answer and not transfer.body and not is_empty:
        gaps.add(Gap.RESPONSE_BODY)
    return frozenset(gaps)
