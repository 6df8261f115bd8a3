"""The table of errors and handlers: on the screen, and as schema `stctl.handlers/1`."""

import json
from collections.abc import Iterator, Sequence

from stctl.jsontypes import JsonValue
from stctl.recipe.handler_table import HandlerRow
from stctl.recipe.profiles.version import SdkVersion
from stctl.render.view import (
    Block,
    Facts,
    Gap,
    Heading,
    Line,
    Presentation,
    Table,
    bad,
    dim,
    line,
    strong,
)

SCHEMA = "stctl.handlers/1"
_FRAMEWORK = "none: it goes on to the framework's own error handling"


def presentation(rows: Sequence[HandlerRow], sdk: SdkVersion, *, opened: bool) -> Presentation:
    """The faces of the table; `opened` shows each error at length."""
    named = f"supertokens-{'golang' if sdk.name == 'go' else sdk.name} {sdk.text or 'newest'}"
    return Presentation(
        schema=SCHEMA,
        view=lambda _: _opened(rows, named) if opened else _table(rows, named),
        document=lambda: {
            "sdk": sdk.name,
            "sdk_version": sdk.text,
            "handlers": [_document(row) for row in rows],
        },
        rows=lambda: (_document(row) for row in rows),
        ids=lambda: (row.handler for row in rows),
    )


def _table(rows: Sequence[HandlerRow], named: str) -> Iterator[Block]:
    yield Heading(line(strong(named)))
    columns = ("ERROR", "HANDLER", "ANSWERS", "CLEARS FIRST", "REPLACEABLE")
    yield Table(columns, [_cells(row) for row in rows])


def _cells(row: HandlerRow) -> Sequence[Line]:
    status = "the framework's" if row.default_status is None else str(row.default_status)
    return (
        line(bad(row.error)),
        line(row.handler if row.default_status is not None else dim("none")),
        line(status),
        line(row.clears),
        line(_replaceable(row)),
    )


def _replaceable(row: HandlerRow) -> str:
    if row.default_status is None:
        return "by the app's error handler"
    if row.signature is not None:
        return f"since {row.replaceable_since}"
    return f"from {row.replaceable_since} on" if row.replaceable_since else "no"


def _opened(rows: Sequence[HandlerRow], named: str) -> Iterator[Block]:
    for row in rows:
        yield Heading(line(bad(row.error), dim(f"  {named}")))
        yield Facts([*_facts(row)])
        yield Gap()


def _facts(row: HandlerRow) -> Iterator[tuple[str, Line]]:
    yield "when", line(row.when)
    if row.default_status is None:
        yield "handler", line(_FRAMEWORK)
        return
    yield "handler", line(strong(row.handler))
    body = json.dumps(row.default_body, ensure_ascii=False, separators=(",", ":"))
    yield "default", line(f"{row.default_status} ", dim(body))
    yield "clears first", line(row.clears)
    if row.side_effect is not None:
        yield "side effect", line(row.side_effect, dim("  (the default handler only)"))
    if row.signature is not None:
        yield "write it as", line(strong(row.signature.name), row.signature.arguments)
        yield "", line(dim(f"so since {row.signature.since}"))
    yield "replaceable", line(_replaceable(row))


def _document(row: HandlerRow) -> dict[str, JsonValue]:
    signature = row.signature
    return {
        "error": row.error.value,
        "when": row.when,
        "handler": row.handler.value if row.default_status is not None else None,
        "default_status": row.default_status,
        "default_body": dict(row.default_body) if row.default_body is not None else None,
        "clears": row.clears,
        "side_effect": row.side_effect,
        "signature": f"{signature.name}{signature.arguments}" if signature else None,
        "signature_since": signature.since if signature else None,
        "replaceable_since": row.replaceable_since,
    }
