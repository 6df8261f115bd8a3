"""How one session looks: what the core knows of it, its data and its payload."""

from collections.abc import Iterator
from typing import Literal

from stctl.cdi.standing import Standing
from stctl.cdi.versions import family_of
from stctl.jsontypes import JsonObject
from stctl.render.sessions.pieces import (
    Asked,
    compact,
    info_document,
    pretty,
    unauthorised_document,
    unauthorised_note,
)
from stctl.render.sessions.standing import gone_words, standing_document, standing_rows
from stctl.render.sessions.times import moment_in_words
from stctl.render.view import (
    Block,
    Drawing,
    Facts,
    Gap,
    Line,
    Lines,
    Note,
    Presentation,
    line,
    name,
)
from stctl.sessions.answers import Unauthorised
from stctl.sessions.info import SessionInfo

Part = Literal["data", "payload"]
_GONE = "there is no session of this handle, or it has ended"
_SCHEMAS = {"data": "stctl.sessions.data/1", "payload": "stctl.sessions.payload/1"}
_LABEL_WIDTH = 18


def session(info: SessionInfo, around: Standing, asked: Asked) -> Presentation:
    """Present one session, and what stands around it."""
    return Presentation(
        schema="stctl.sessions.show/1",
        view=lambda width: _view(info, around, asked, width),
        document=lambda: {
            **asked.document(),
            "status": "OK",
            **info_document(info),
            **standing_document(around, info, asked),
        },
        ids=lambda: [info.handle],
    )


def no_session(answer: Unauthorised, validity_ms: int, asked: Asked) -> Presentation:
    """Present that a session is not there, and what that means for its tokens."""
    return Presentation(
        schema="stctl.sessions.show/1",
        view=lambda _: [
            unauthorised_note(answer, _GONE),
            Note("info", line(gone_words(validity_ms))),
        ],
        document=lambda: {
            **asked.document(),
            **unauthorised_document(answer),
            "access_token_validity_ms": validity_ms,
        },
    )


def part(answer: JsonObject | Unauthorised, which: Part, handle: str, asked: Asked) -> Presentation:
    """Present data or payload alone; as a table it is the bare JSON, fit for other programs."""
    if isinstance(answer, Unauthorised):
        return _unauthorised(answer, asked, _SCHEMAS[which])
    return Presentation(
        schema=_SCHEMAS[which],
        view=lambda _: [Drawing([line(text) for text in pretty(answer)])],
        document=lambda: {
            **asked.document(),
            "status": "OK",
            "handle": handle,
            which: dict(answer),
        },
        ids=lambda: [handle],
    )


def part_written(
    answer: Unauthorised | None, which: Part, handle: str, value: JsonObject, asked: Asked
) -> Presentation:
    """Present that data or payload was replaced, or that there is no session for it."""
    if answer is not None:
        return _unauthorised(answer, asked, _SCHEMAS[which])
    return Presentation(
        schema=_SCHEMAS[which],
        view=lambda _: _written(which, handle, value, asked),
        document=lambda: {
            **asked.document(),
            "status": "OK",
            "handle": handle,
            which: dict(value),
        },
        ids=lambda: [handle],
    )


def _written(which: Part, handle: str, value: JsonObject, asked: Asked) -> Iterator[Block]:
    yield Note("good", line(f"Replaced the {which} of session ", name(handle)))
    yield Facts([(which, line(compact(value)))])
    if which == "payload":
        yield Note("info", line(_when_seen(asked.cdi)))


def _when_seen(cdi: str) -> str:
    """When a new payload reaches tokens. Source: core, behaviour notes 2.8."""
    if family_of(cdi) == "legacy":
        return "Tokens get it at the next refresh, or at a verify that asks the database."
    return "Tokens get it at the next refresh."


def _unauthorised(answer: Unauthorised, asked: Asked, schema: str) -> Presentation:
    return Presentation(
        schema=schema,
        view=lambda _: [unauthorised_note(answer, _GONE)],
        document=lambda: {**asked.document(), **unauthorised_document(answer)},
    )


def _view(info: SessionInfo, around: Standing, asked: Asked, width: int) -> Iterator[Block]:
    rows: list[tuple[str, Line]] = [("session", line(name(info.handle))), *_owner(info)]
    rows += [
        ("tenant", line(info.tenant_id)),
        ("created", moment_in_words(info.created_at_ms, asked.now_ms)),
        ("expires", moment_in_words(info.expires_at_ms, asked.now_ms)),
    ]
    objects = (("payload", info.user_data_in_jwt), ("data", info.user_data_in_database))
    short = [(label, value) for label, value in objects if _fits(value, width)]
    yield Facts([*rows, *((label, line(compact(value))) for label, value in short)], indent=0)
    for label, value in objects:
        if not _fits(value, width):
            yield Lines([line(label)])
            yield Lines([line(text) for text in pretty(value)], indent=2)
    yield Gap()
    yield Facts(list(standing_rows(around, info, asked)), indent=0)


def _owner(info: SessionInfo) -> Iterator[tuple[str, Line]]:
    yield "user", line(info.user_id)
    if info.recipe_user_id != info.user_id:
        yield "recipe user", line(info.recipe_user_id)


def _fits(value: JsonObject, width: int) -> bool:
    return len(compact(value)) <= width - _LABEL_WIDTH
