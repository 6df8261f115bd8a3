"""Forms that many answers share: names one a line, a thing done, a no."""

from collections.abc import Iterable, Sequence

from stctl.jsontypes import JsonObject, JsonValue
from stctl.render.sessions.pieces import Asked
from stctl.render.view import (
    Block,
    Facts,
    Heading,
    Line,
    Lines,
    Note,
    Presentation,
    Words,
    bad,
    dim,
    line,
    name,
    strong,
)


def names(
    schema: str, asked: Asked, *, thing: str, found: Sequence[str], of: JsonObject | None = None
) -> Presentation:
    """Present a list of names; `of` says whose they are."""
    plural = f"{thing}s"
    return Presentation(
        schema=schema,
        view=lambda _: (
            [Lines([line(name(one)) for one in found])]
            if found
            else [Note("info", line(f"No {thing}"))]
        ),
        document=lambda: {**asked.document(), "status": "OK", **(of or {}), plural: [*found]},
        rows=lambda: ({**(of or {}), thing: one} for one in found),
        ids=lambda: found,
    )


def done(
    schema: str,
    asked: Asked,
    words: Line,
    document: JsonObject,
    *,
    changed: bool = True,
    ids: Iterable[str] = (),
    facts: Sequence[tuple[str, Line]] = (),
) -> Presentation:
    """Present what was done, or that there was nothing to do (not `changed`)."""
    blocks: list[Block] = [Note("good" if changed else "info", words)]
    if facts:
        blocks.append(Facts(facts))
    return Presentation(
        schema=schema,
        view=lambda _: blocks,
        document=lambda: {**asked.document(), "status": "OK", **document},
        ids=lambda: ids,
    )


def no(schema: str, asked: Asked, status: str, words: Words, document: JsonObject) -> Presentation:
    """Present an answer that is no, by the status a core gives it."""
    return Presentation(
        schema=schema,
        view=lambda _: [Note("bad", line(bad(status), ": ", words))],
        document=lambda: {**asked.document(), "status": status, **document},
    )


def plan(
    doing: str, target: Words, asked: Asked, facts: Sequence[tuple[str, Line]] = ()
) -> list[Block]:
    """Return what is about to be changed, and where."""
    heading = Heading(
        line(f"To {doing}: ", target, " at ", strong(asked.target), dim(f", CDI {asked.cdi}"))
    )
    return [heading, Facts(facts)] if facts else [heading]


def planned(
    schema: str, asked: Asked, blocks: Sequence[Block], document: JsonObject
) -> Presentation:
    """Present a plan as the result: nothing was done."""
    return Presentation(
        schema=schema,
        view=lambda _: blocks,
        document=lambda: {**asked.document(), "dry_run": True, **document},
    )


def listed(items: Iterable[str]) -> list[JsonValue]:
    """Return strings as a member of a document."""
    return [*items]


def joined(items: Sequence[str], nothing: str = "none") -> Line:
    """Return names on one line."""
    return line(", ".join(items)) if items else line(dim(nothing))
