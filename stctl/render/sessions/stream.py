"""How the sessions of many users look: as a stream, whose length is known at its end only."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from stctl.jsontypes import JsonObject
from stctl.render.sessions.fleet import failure_notes
from stctl.render.sessions.pieces import Asked, compact, info_document, shortened
from stctl.render.view import Block, Lines, Note, Presentation, Table, dim, line, name
from stctl.render.wording import count_of
from stctl.sessions.fleet import FleetFailure
from stctl.sessions.info import SessionInfo
from stctl.tokens.times import relative_text

_AT_ONCE = 200
"""Rows whose columns are laid out together."""
_PAYLOAD = 40
_TABLE_FROM = 100
"""Columns from which on a session gets one row."""


def stream(
    infos: Callable[[], Iterable[SessionInfo]], handles: Callable[[], Iterable[str]], asked: Asked
) -> Presentation:
    """Present sessions as they are found. Only `json` and `yaml` hold all of them at once."""
    return Presentation(
        schema="stctl.sessions.list-all/1",
        view=lambda width: _view(iter(infos()), asked, width),
        document=lambda: _document(infos(), asked),
        rows=lambda: map(info_document, infos()),
        ids=handles,
    )


def stream_end(
    sessions: int, users: int, failures: list[FleetFailure], failed: int
) -> Iterator[Block]:
    """Say how much it was, and what is missing; for standard error."""
    found = f"{count_of(sessions, 'session')} of {count_of(users, 'user')}"
    yield Note("info", line(dim(found)))
    yield from failure_notes(failures, failed, "could not be asked about")


def _document(infos: Iterable[SessionInfo], asked: Asked) -> JsonObject:
    return {**asked.document(), "sessions": [info_document(info) for info in infos]}


def _view(infos: Iterator[SessionInfo], asked: Asked, width: int) -> Iterator[Block]:
    return _tables(infos, asked) if width >= _TABLE_FROM else _stack(infos, asked)


def _stack(infos: Iterator[SessionInfo], asked: Asked) -> Iterator[Block]:
    """Yield two lines a session, for narrow screens."""
    for info in infos:
        created, expires = _times(info, asked)
        facts = f"{info.user_id}, tenant {info.tenant_id}, created {created}, expires {expires}"
        yield Lines([line(name(info.handle))])
        yield Lines([line(facts)], indent=2)


def _times(info: SessionInfo, asked: Asked) -> tuple[str, str]:
    return (
        relative_text(info.created_at_ms, asked.now_ms),
        relative_text(info.expires_at_ms, asked.now_ms),
    )


def _tables(infos: Iterator[SessionInfo], asked: Asked) -> Iterator[Block]:
    while some := list(islice(infos, _AT_ONCE)):
        rows = [
            [
                line(name(info.handle)),
                line(info.user_id),
                line(info.tenant_id),
                *map(line, _times(info, asked)),
                line(dim(shortened(compact(info.user_data_in_jwt), _PAYLOAD))),
            ]
            for info in some
        ]
        yield Table(["HANDLE", "USER", "TENANT", "CREATED", "EXPIRES", "PAYLOAD"], rows)
