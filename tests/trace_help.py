"""Helpers for tests of traces: recorded files, streams with manners, and made-up exchanges."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from stctl.exchange import Exchange, Request, Response
from stctl.jsontypes import JsonValue
from stctl.traces.model import Damage, Entry, LogEvent, Peer, Timing, TraceFormat, TraceItem
from stctl.traces.readers import read_trace

RECORDED = Path(__file__).parent / "recorded"
TRACES = [
    RECORDED / "traces" / f"{name}.har.json"
    for name in (
        "app-exception.go.default.cookie",
        "chromium-sign-out.fastapi.default.cookie",
        "core-rate-limited-forever.go.default.cookie",
        "core-unknown-app.flask.custom.cookie",
        "duplicate-access-cookies.go.default.cookie",
        "e2e-first-visit.express.default.cookie",
        "garbage-access-token.express-5.default.cookie",
        "login-and-use.express.default.header",
        "refresh-garbage.go.default.cookie",
        "refresh-race.express.default.cookie",
        "refresh-race.go.default.header",
        "session-expired-status-440.flask.default.cookie",
        "theft-parent-reused.fastapi.default.cookie",
        "update-payload.go.default.header",
    )
]
SAMPLES = RECORDED / "traces_readers"
START_MS = 1_795_000_000_000


class Bytes:
    """A stream without seeking that hands over a few bytes at a time."""

    def __init__(self, data: bytes, at_once: int = 1 << 30) -> None:
        self._data = data
        self._at_once = at_once
        self._at = 0

    def read(self, size: int, /) -> bytes:
        end = self._at + min(size, self._at_once)
        piece, self._at = self._data[self._at : end], min(end, len(self._data))
        return piece


class Made:
    """A stream made while it is read, as long as its pieces last."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces: Iterator[bytes] = iter(pieces)
        self.given = 0

    def read(self, _: int, /) -> bytes:
        piece = next(self._pieces, b"")
        self.given += len(piece)
        return piece


def items_of(
    data: bytes | str, form: TraceFormat | None = None, at_once: int = 1 << 30
) -> list[TraceItem]:
    """Everything that is read from these bytes."""
    raw = data.encode() if isinstance(data, str) else data
    return list(read_trace(Bytes(raw, at_once), form=form))


def entries_of(
    data: bytes | str, form: TraceFormat | None = None, at_once: int = 1 << 30
) -> list[Entry]:
    """The entries that are read from these bytes, which must hold nothing else."""
    items = items_of(data, form, at_once)
    assert [item for item in items if not isinstance(item, Entry)] == []
    return [item for item in items if isinstance(item, Entry)]


def parted(items: Iterable[TraceItem]) -> tuple[list[Entry], list[Damage]]:
    """The entries and the damage among items that have no log events."""
    every = list(items)
    assert not any(isinstance(item, LogEvent) for item in every)
    entries = [item for item in every if isinstance(item, Entry)]
    return entries, [item for item in every if isinstance(item, Damage)]


def recorded_entries(path: Path) -> list[Entry]:
    return entries_of(path.read_bytes())


def har(entries: Sequence[JsonValue], indent: int | None = None) -> str:
    """A HAR file with these entries."""
    log = {"version": "1.2", "creator": {"name": "test", "version": "1"}, "entries": list(entries)}
    return json.dumps({"log": log}, indent=indent)


def har_entry(url: str = "http://localhost:3001/protected", **members: Any) -> dict[str, Any]:
    """One entry of a HAR file; members replace those of the same name."""
    entry = {
        "startedDateTime": "2026-11-18T11:06:40.000Z",
        "time": 5.0,
        "request": {"method": "GET", "url": url, "headers": []},
        "response": {"status": 200, "headers": [], "content": {"size": 2, "text": "{}"}},
    }
    return {**entry, **members}


def exchange(
    index: int,
    url: str = "http://localhost:3001/protected",
    *,
    method: str = "GET",
    at_ms: int = 0,
    lasts_ms: float = 10.0,
    headers: Sequence[tuple[str, str]] = (),
    body: Mapping[str, object] | None = None,
    status: int = 200,
    answer_headers: Sequence[tuple[str, str]] = (),
    answer: Mapping[str, object] | None = None,
    peer: Peer | None = None,
    initiator: int | None = None,
    timing: Timing = Timing.MEASURED,
) -> Entry:
    """A made-up exchange, starting `at_ms` after `START_MS`; status 0 means no answer."""
    scheme, _, rest = url.partition("://")
    at, _, path = rest.partition("/")
    host, _, port = at.partition(":")
    path, _, query = f"/{path}".partition("?")
    pairs = tuple((pair.partition("=")[0], pair.partition("=")[2]) for pair in query.split("&"))
    response = Response(
        status=status,
        headers=tuple(answer_headers),
        body=b"" if answer is None else json.dumps(answer).encode(),
    )
    return Entry(
        index=index,
        position=f"entry {index}",
        exchange=Exchange(
            request=Request(
                method=method,
                path=path,
                query=pairs if query else (),
                headers=tuple(headers),
                body=b"" if body is None else json.dumps(body).encode(),
                host=host,
            ),
            response=response if status else None,
            started_at_ms=START_MS + at_ms if timing is not Timing.UNKNOWN else 0,
            duration_ms=lasts_ms,
        ),
        url=url,
        scheme=scheme,
        port=int(port or 80),
        peer=peer,
        initiator=initiator,
        timing=timing,
    )
