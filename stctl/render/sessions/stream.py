"""How the sessions of many users look: as a stream, whose length is known at its end only."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from stctl.jsontypes import JsonObject
from stctl.render.sessions.fleet import failure_notes
from stctl.render.sessions.pieces import Asked, compact, count_of, info_document, shortened
from stctl.render.view import Block, Note, Presentation, Table, dim, line, name
from stctl.sessions.fleet import FleetFailure
from stctl.sessions.info import SessionInfo
from stctl.tokens.times import relative_text

_AT_ONCE = 200
"""Rows whose columns are laid out together."""
_PAYLOAD = 40


def stream(
    infos: Callable[[], Iterable[SessionInfo]], handles: Callable[[], Iterable[str]], asked: Asked
) -> Presentation:
    """Present sessions as they are found. Only `json` and `yaml` hold all of them at once."""
    return Presentation(
        schema="stctl.sessions.list-all/1",
        view=lambda _: _tables(iter(infos()), asked),
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


def _tables(infos: Iterator[SessionInfo], asked: Asked) -> Iterator[Block]:
    while some := list(islice(infos, _AT_ONCE)):
        rows = [
            [
                line(name(info.handle)),
                line(info.user_id),
                line(info.tenant_id),
                line(relative_text(info.created_at_ms, asked.now_ms)),
                line(relative_text(info.expires_at_ms, asked.now_ms)),
                line(dim(shortened(compact(info.user_data_in_jwt), _PAYLOAD))),
            ]
            for info in some
        ]
        yield Table(["HANDLE", "USER", "TENANT", "CREATED", "EXPIRES", "PAYLOAD"], rows)
