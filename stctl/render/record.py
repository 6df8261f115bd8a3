"""What `stctl record` says: where it listens, what passed, and how it ended."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from stctl.jsontypes import JsonObject
from stctl.render.explain.ladder import rung
from stctl.render.view import (
    Block,
    Drawing,
    Line,
    Note,
    Presentation,
    dim,
    good,
    line,
    name,
    strong,
    visible,
    warn,
)
from stctl.render.wording import count_of
from stctl.traces.model import Entry

SCHEMA: Final = "stctl.record/1"
_FIRST_ERROR: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """One place where a recorder listens."""

    address: str
    """What clients are to be given in place of the server's address."""
    target: str
    side: str
    """`browser`, `core` or `auto`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a recording went."""

    file: str
    exchanges: int
    unanswered: int
    lost: int
    not_shown: int


def started(doors: Sequence[Listening], file: str, *, raw: bool, ends_by: str) -> Presentation:
    """Where to send what is to be recorded, and where it is written."""
    return Presentation(
        schema=SCHEMA,
        view=lambda _width: _started(doors, file, raw=raw, ends_by=ends_by),
        document=lambda: {
            "event": "started",
            "file": file,
            "secrets": "raw" if raw else "stand-ins",
            "recorders": [
                {"address": door.address, "target": door.target, "side": door.side}
                for door in doors
            ],
        },
        ids=lambda: (door.address for door in doors),
    )


def _started(doors: Sequence[Listening], file: str, *, raw: bool, ends_by: str) -> Iterator[Block]:
    for door in doors:
        side = "" if door.side == "auto" else f"  ({door.side} side)"
        yield Drawing([line("Recording ", strong(door.address), f" → {door.target}", dim(side))])
    kept = warn("secrets as they are") if raw else dim("stand-ins for secrets")
    yield Drawing([line("into ", name(file), "  ", kept, dim(f"; {ends_by}"))])


def ended(how: Ended) -> Presentation:
    """What was recorded."""
    return Presentation(
        schema=SCHEMA,
        view=lambda _width: _ended(how),
        document=lambda: _ended_document(how),
    )


def _ended_document(how: Ended) -> JsonObject:
    return {
        "event": "ended",
        "file": how.file,
        "exchanges": how.exchanges,
        "unanswered": how.unanswered,
        "lost": how.lost,
    }


def _ended(how: Ended) -> Iterator[Block]:
    exchanges = count_of(how.exchanges, "exchange")
    parts = [f"{exchanges} in {how.file}"]
    if how.unanswered:
        parts.append(f"{how.unanswered:,} without a whole answer")
    yield Note("info", line(", ".join(parts)))
    if how.not_shown:
        yield Note("info", line(dim(f"{how.not_shown:,} came too fast to be shown here.")))
    if how.lost:
        yield Note("bad", line(f"{how.lost:,} passed and are not in the file."))


def call_line(entry: Entry, width: int) -> Line:
    """One call to a core whose request was not recorded, as a line beside those of requests."""
    request, response = entry.exchange.request, entry.exchange.response
    is_good = response is not None and response.status < _FIRST_ERROR
    status = "---" if response is None else str(response.status)
    said = dim(visible(entry.connection or "call to the core"))
    asked = f"{request.method} {request.path}"
    return rung(entry.index, asked, good(status) if is_good else warn(status), line(said), width)
