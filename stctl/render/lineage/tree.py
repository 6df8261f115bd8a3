"""Families on the screen: who, by which rules, the tree, and the verdict below it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from stctl.render.lineage.branches import Row, is_spaced, rows_of
from stctl.render.lineage.words import (
    SUSPECTS,
    Did,
    State,
    Tone,
    client_text,
    deeds,
    end_ms,
    ended_text,
    given_text,
    offset_text,
    rules_text,
    start_ms,
    state_of,
    state_text,
)
from stctl.render.plain import width_of
from stctl.render.view import (
    Block,
    Drawing,
    Facts,
    Gap,
    Heading,
    Line,
    Lines,
    Note,
    Span,
    Style,
    bad,
    dim,
    good,
    line,
    name,
    strong,
)
from stctl.render.wording import count_of
from stctl.tokens.times import utc_text
from stctl.traces.lineage import Family, Rules
from stctl.traces.lineage.asking import CoreWord, Word
from stctl.traces.lineage.wording import SHOWN, duration, joined, short, theft_says

_GLYPHS: Final[dict[State, Span]] = {
    "theft": Span("✗", "bad"),
    "current": Span("●", "good"),
    "replaced": Span("○"),
    "branch": Span("○", "warn"),
    "unused": Span("◌", "dim"),
    "open": Span("○"),
}
_STATE_STYLES: Final[dict[State, Style]] = {
    "theft": "bad",
    "current": "good",
    "replaced": "dim",
    "branch": "warn",
    "unused": "dim",
    "open": "dim",
}
_TONES: Final[dict[Tone, Style]] = {"plain": "plain", "good": "good", "warn": "warn", "bad": "bad"}
_CORE_SAYS: Final[dict[Word, Did]] = {
    "current-or-previous": Did("the core takes it", "good"),
    "replaced": Did("the core refuses it", "bad"),
    "expired": Did("too old to ask the core about", "plain"),
}
_GAP: Final = 2
_NARROWEST_DEEDS: Final = 28
_MOST_CLIENTS: Final = 8


def family_blocks(family: Family, width: int, word: CoreWord | None = None) -> Iterator[Block]:
    """One session, with what a core says of it where one was asked."""
    who = family.session_handle or "(handle not in the trace)"
    user = line(dim("  user "), name(family.user_id)) if family.user_id else line()
    yield Heading(line(strong(f"session {who}"), user))
    yield Facts([*_facts(family, word)])
    if family.generations:
        yield Gap()
        yield Drawing([*_drawn(family, width, word)])
    else:
        yield Note("info", line(dim("The trace shows no token of it, and so no tree.")))
    yield from verdict_blocks(family)
    yield Gap()


def _facts(family: Family, word: CoreWord | None) -> Iterator[tuple[str, Line]]:
    yield "rules", line(rules_text(family))
    for place, client in enumerate(family.clients[:_MOST_CLIENTS]):
        known = client_text(client.address, client.user_agent)
        yield "" if place else "clients", line(strong(client.label), f"  {known}")
    if len(family.clients) > _MOST_CLIENTS:
        yield "", line(dim(f"and {len(family.clients) - _MOST_CLIENTS:,} more"))
    started = start_ms(family)
    if started:
        span = end_ms(family) - started
        lasted = f", for {duration(span)}" if span else ""
        yield "seen", line(f"from {utc_text(started)}{lasted}")
    ended = ended_text(family)
    if ended is not None:
        yield "ended", line(ended)
    if word is not None:
        yield "core", _core_line(word)
    if family.forgotten:
        yield "left out", line(f"the {family.forgotten:,} oldest generations")


@dataclass(frozen=True, slots=True)
class _Cells:
    """What stands in one row."""

    row: Row
    given: str
    state: State
    told: str
    done: list[Did]


@dataclass(frozen=True, slots=True)
class _Columns:
    head: int
    given: int
    told: int
    width: int

    @property
    def used(self) -> int:
        return self.head + self.given + self.told + 3 * _GAP

    @property
    def are_beside(self) -> bool:
        """Whether there is room for the deeds in the same line."""
        return self.width - self.used >= _NARROWEST_DEEDS


def _drawn(family: Family, width: int, word: CoreWord | None) -> Iterator[Line]:
    started = start_ms(family)
    rows = rows_of(family)
    every = [_cells(row, family, started, word) for row in rows]
    columns = _Columns(
        head=max(2 * cells.row.lane + 2 for cells in every) + SHOWN,
        given=max(width_of(cells.given) for cells in every),
        told=max(width_of(cells.told) for cells in every),
        width=width,
    )
    for place, cells in enumerate(every):
        if cells.row.is_root and place:
            yield line(dim("┄ no hash links what follows to what stands above"))
        lines = [*_row(cells, columns)]
        yield from lines
        if len(lines) == 1 and is_spaced(rows, place):
            yield line(dim(cells.row.below.rstrip()))


def _cells(row: Row, family: Family, started: int, word: CoreWord | None) -> _Cells:
    state = state_of(row.generation, family)
    done = deeds(row.generation, family)
    said = None if word is None else word.tokens.get(row.generation.refresh_hash)
    if said is not None:
        done.append(_CORE_SAYS[said])
    return _Cells(row, _given(row, started), state, state_text(state, family), done)


def _core_line(word: CoreWord) -> Line:
    if not word.lives:
        return line(bad("the session is gone from the core"))
    until = utc_text(word.expires_at_ms) if word.expires_at_ms is not None else "unknown"
    return line(good("the session lives"), f" until {until}")


def _given(row: Row, started: int) -> str:
    generation = row.generation
    given = given_text(generation, is_root=row.is_root)
    issued = generation.issued
    offset = offset_text(issued.at_ms, started) if issued is not None else ""
    return f"{given}, {offset}" if offset and offset != "+0 ms" else given


def _row(cells: _Cells, columns: _Columns) -> Iterator[Line]:
    row, beside = cells.row, columns.are_beside
    room = columns.width - (columns.used if beside else 2 * row.lane + 4)
    wrapped = _wrapped(cells.done, max(room, _NARROWEST_DEEDS))
    first = line(" " * _GAP, wrapped[0]) if beside and wrapped else line()
    named = short(row.generation.refresh_hash)
    yield line(
        dim(row.before),
        _GLYPHS[cells.state],
        " ",
        name(named),
        " " * (columns.head - 2 * row.lane - 2 - len(named) + _GAP),
        f"{cells.given:<{columns.given}}",
        " " * _GAP,
        Span(f"{cells.told:<{columns.told}}", _STATE_STYLES[cells.state]),
        first,
    )
    below = dim(row.below)
    indent = columns.used - 2 * row.lane - 2 if beside else 2
    for more in wrapped[1:] if beside else wrapped:
        yield line(below, " " * indent, more)


def _wrapped(done: Sequence[Did], room: int) -> list[Line]:
    """What was done, in lines of so many columns, broken between deeds."""
    lines: list[list[Span]] = []
    left = 0
    for place, did in enumerate(done):
        comma = "," if place < len(done) - 1 else ""
        size = width_of(did.text) + len(comma)
        if not lines or size + 1 > left:
            lines.append([])
            left = room
        else:
            lines[-1].append(Span(" "))
            left -= 1
        lines[-1].extend((Span(did.text, _TONES[did.tone]), Span(comma)))
        left -= size
    return [tuple(spans) for spans in lines]


def verdict_blocks(family: Family) -> Iterator[Block]:
    """What was theft, and for whom the evidence speaks."""
    theft = family.theft
    if theft is not None:
        yield Gap()
        yield Note("bad", line(bad("Theft. "), theft_says(family, theft)))
        yield Lines([line(strong(SUSPECTS[theft.suspect]))], indent=2)
        yield from (Lines([line(f"· {piece}")], indent=2) for piece in theft.because)
        if family.later_thefts:
            places = joined([str(entry) for entry in family.later_thefts])
            yield Lines([line(f"It was found again at {places}.")], indent=2)
    yield from _other_rules(family)


def _other_rules(family: Family) -> Iterator[Block]:
    """Where the rules are unknown, what each of them says; else what the others would have."""
    if family.rules is Rules.UNKNOWN and family.verdicts:
        yield Gap()
        yield Note("warn", line("The trace does not tell the CDI, and the verdict depends on it:"))
        yield from (Lines([line(f"· {verdict.says}")], indent=2) for verdict in family.verdicts)
        return
    others = [verdict for verdict in family.verdicts if verdict.rules is not family.rules]
    if family.theft is not None and others:
        yield Gap()
        yield from (Note("info", line(dim(f"By other rules: {one.says}"))) for one in others)


def summary_blocks(families: Iterable[Family], forgotten: int, hidden: int = 0) -> Iterator[Block]:
    """How many sessions there were, and what became of them."""
    every = list(families)
    thefts = sum(one.theft is not None for one in every)
    alarm = f", {thefts:,} with theft" if thefts else ", none with theft"
    left_out = f", {hidden:,} not shown" if hidden else ""
    yield Note("info", line(dim(f"{count_of(len(every) + hidden, 'session')}{alarm}{left_out}.")))
    if forgotten:
        were = "was" if forgotten == 1 else "were"
        yield Note(
            "warn",
            line(f"{count_of(forgotten, 'session')} {were} too many to keep, the oldest first."),
        )
