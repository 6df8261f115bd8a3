"""How decoded tokens look, on a screen and as data."""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from stctl.jsontypes import JsonObject, JsonValue
from stctl.render.decode.masking import Veil
from stctl.render.view import Block, Presentation
from stctl.tokens.decoded import Decoded, Item, Report

__all__ = ["SCHEMA", "presentation", "stream_presentation"]

SCHEMA = "stctl.decode/1"
"""Name and version of the JSON contract."""

Row: TypeAlias = Callable[[int, Item, int, Veil], dict[str, JsonValue]]
"""Makes the row of one numbered element, seen at a moment in ms."""


def presentation(
    report: Report, *, reveal: bool, flat: bool, offset_at: Callable[[int], int]
) -> Presentation:
    """The faces of a report.

    `reveal` shows tokens in full. `flat` makes rows of plain columns in place of whole objects.
    `offset_at` gives the seconds that local time is ahead of UTC at a moment in ms.
    """
    veil = Veil(reveal=reveal)

    # Each face has its own modules, and only one of them is shown.
    def view(width: int) -> Iterable[Block]:
        from stctl.render.decode import view

        return view.view(report, veil, offset_at, width)

    def document() -> JsonObject:
        from stctl.render.decode import document

        return document.document(report, veil)

    def rows() -> Iterable[JsonObject]:
        row = _row(flat=flat)
        return (row(number, item, report.now_ms, veil) for number, item in enumerate(report.items))

    return Presentation(
        schema=SCHEMA,
        view=view,
        document=document,
        rows=rows,
        ids=lambda: _handles(report.items),
    )


def _row(*, flat: bool) -> Row:
    if flat:
        from stctl.render.decode.rows import flat_row

        return flat_row
    from stctl.render.decode.document import item_document

    return item_document


def stream_presentation(
    lines: Iterable[tuple[int, Item]], now_ms: int, *, reveal: bool, flat: bool
) -> Presentation:
    """The faces of a stream of numbered elements, of which none is kept.

    Each row has the number of its line first. There is no screen and no document: a stream is
    for the forms that are written row by row.
    """
    veil = Veil(reveal=reveal)
    row = _row(flat=flat)

    def rows() -> Iterable[JsonObject]:
        for number, (line, item) in enumerate(lines):
            yield {"line": line, **row(number, item, now_ms, veil)}

    return Presentation(
        schema=SCHEMA,
        view=lambda _: (),
        document=dict,
        rows=rows,
        ids=lambda: _handles(item for _, item in lines),
    )


def _handles(items: Iterable[Item]) -> Iterable[str]:
    """The session handles of the tokens, each once in a row."""
    last: str | None = None
    for item in items:
        handle = item.session_handle if isinstance(item, Decoded) else None
        if handle is not None and handle != last:
            last = handle
            yield handle
