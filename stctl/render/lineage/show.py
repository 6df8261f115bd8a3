"""Shows the family trees of traces, or of pasted tokens, in the form that was asked for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from stctl.jsontypes import JsonValue
from stctl.render.lineage.document import SCHEMA, Members, family_document
from stctl.render.lineage.dot import dot_text
from stctl.render.lineage.page import page_html
from stctl.render.lineage.pasted import nursery_blocks, pasted_documents
from stctl.render.lineage.svg import forest_svg
from stctl.render.lineage.tree import family_blocks, summary_blocks
from stctl.render.printer import Printer
from stctl.render.view import Block, Gap, Heading, Note, Presentation, line, strong
from stctl.tokens.decoded import examine
from stctl.traces.lineage import Family
from stctl.traces.lineage.asking import CoreWord
from stctl.traces.lineage.pasted import nursery_of

_PAGE_TITLE: Final = "Session lineage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grove:
    """The family trees of one trace."""

    trace: str
    """As the person named it."""
    families: tuple[Family, ...]
    hidden: int
    """How many others there are."""
    forgotten: int
    """How many sessions were too many to keep."""
    core: Mapping[str, CoreWord]
    """What a core says of sessions, by handle; empty where none was asked."""

    def word(self, family: Family) -> CoreWord | None:
        """What the core says of one session."""
        return self.core.get(family.session_handle or "")


def show_groves(printer: Printer, groves: Sequence[Grove]) -> None:
    """Print the trees of all traces."""
    families = [family for grove in groves for family in grove.families]
    printer.show(
        Presentation(
            schema=SCHEMA,
            view=lambda width: _view(groves, width),
            document=lambda: _document(groves),
            rows=lambda: _rows(groves),
            ids=lambda: (one.session_handle for one in families if one.session_handle),
            others={
                "svg": lambda: [forest_svg(families)],
                "html": lambda: page_html(families, _PAGE_TITLE),
                "dot": lambda: dot_text(families),
            },
        )
    )


def _view(groves: Sequence[Grove], width: int) -> Iterator[Block]:
    for grove in groves:
        if len(groves) > 1:
            yield Heading(line(strong(grove.trace)))
        for family in grove.families:
            yield from family_blocks(family, width, grove.word(family))
        yield Gap()
        if not grove.families and not grove.hidden:
            yield Note("info", line("The trace shows no token of any session."))
        else:
            yield from summary_blocks(grove.families, grove.forgotten, grove.hidden)
        yield Gap()


def _document(groves: Sequence[Grove]) -> Members:
    documents = [_document_of(grove) for grove in groves]
    return documents[0] if len(documents) == 1 else {"traces": [*documents]}


def _document_of(grove: Grove) -> Members:
    sessions: list[JsonValue] = [
        family_document(family, grove.word(family)) for family in grove.families
    ]
    return {
        "trace": grove.trace,
        "sessions": sessions,
        "hidden_sessions": grove.hidden,
        "forgotten_sessions": grove.forgotten,
    }


def _rows(groves: Sequence[Grove]) -> Iterator[Members]:
    for grove in groves:
        for family in grove.families:
            yield {"trace": grove.trace, **family_document(family, grove.word(family))}


def show_nursery(
    printer: Printer, pastes: Iterable[tuple[str, str]], now_ms: int, *, reveal: bool
) -> None:
    """Print the trees that pasted tokens form."""
    report = examine(tuple(pastes), now_ms)
    nursery = nursery_of(report.items)
    families = nursery.families
    printer.show(
        Presentation(
            schema=SCHEMA,
            view=lambda width: nursery_blocks(nursery, report, width, reveal=reveal),
            document=lambda: {
                "trace": None,
                "sessions": [family_document(family) for family in families],
                "hidden_sessions": 0,
                "forgotten_sessions": 0,
                "tokens": [*pasted_documents(nursery, reveal=reveal)],
            },
            rows=lambda: ({"trace": None, **family_document(family)} for family in families),
            ids=lambda: (one.session_handle for one in families if one.session_handle),
            others={
                "svg": lambda: [forest_svg(families)],
                "html": lambda: page_html(families, _PAGE_TITLE),
                "dot": lambda: dot_text(families),
            },
        )
    )
