"""Three lifelines side by side, and the lines that are drawn between them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from stctl.render.plain import width_of
from stctl.render.view import Line, Span, Style, dim, line

RAIL: Final = "│"
_LEFT: Final = 2
_MARGIN_RIGHT: Final = 3
_WIDEST: Final = 128
_MIDDLE_SHARE: Final = 0.47
_TAIL: Final = 2
_HEAD: Final = 2


@dataclass(frozen=True, slots=True)
class Rails:
    """Columns of the three lifelines, from 0."""

    left: int
    middle: int
    right: int

    @classmethod
    def for_width(cls, width: int) -> "Rails":
        """Lay the lifelines out for a screen; a very wide one is not used up."""
        right = min(width, _WIDEST) - _MARGIN_RIGHT
        return cls(_LEFT, _LEFT + round((right - _LEFT) * _MIDDLE_SHARE), right)

    @property
    def room_left(self) -> int:
        """Columns for a text between the first two lifelines."""
        return self.middle - self.left - 3

    @property
    def room_right(self) -> int:
        """Columns for a text between the last two lifelines."""
        return self.right - self.middle - 3

    def heads(self, names: Sequence[str]) -> Line:
        """The names of the actors, each over its lifeline."""
        left, middle, right = names
        return self._row(
            [
                (0, Span(left, "strong")),
                (self.middle - len(middle) // 2, Span(middle, "strong")),
                (self.right - len(right) + 2, Span(right, "strong")),
            ],
            rails=False,
        )

    def blank(self) -> Line:
        """Nothing but the lifelines."""
        return self._row([])

    def pause(self) -> Line:
        """Time goes by on every lifeline."""
        columns = (self.left, self.middle, self.right)
        return self._row([(column, dim("⋮")) for column in columns])

    def text(self, words: Line, *, after: int) -> Line:
        """A text beside a lifeline, two columns to its right, cut before the next one."""
        room = self.room_left if after == self.left else self.room_right
        return self._row(_placed(_fitting(words, room), after + 2))

    def mark(self, symbol: Span, words: Line) -> Line:
        """A symbol on the lifeline of the backend, with a text beside it."""
        fitting = _fitting(words, self.room_right)
        return self._row([(self.middle, symbol), *_placed(fitting, self.middle + 2)])

    def arrow(self, start: int, end: int, label: Span, *, style: Style = "dim") -> Line:
        """An arrow from one lifeline to another, its label near where it starts."""
        low, high = min(start, end), max(start, end)
        shaft = high - low - 1
        text = _cut(label.text, shaft - _TAIL - _HEAD - 2)
        filling = "─" * (shaft - width_of(text) - _TAIL - 3)
        if end > start:
            spans = (
                Span("─" * _TAIL + " ", style),
                Span(text, label.style),
                Span(f" {filling}▸", style),
            )
        else:
            spans = (
                Span(f"◂{filling} ", style),
                Span(text, label.style),
                Span(" " + "─" * _TAIL, style),
            )
        return self._row(_placed(spans, low + 1))

    def _row(self, pieces: Iterable[tuple[int, Span]], *, rails: bool = True) -> Line:
        """Spans at their columns, with lifelines wherever nothing covers them."""
        placed = [*pieces]
        if rails:
            taken = [(column, column + width_of(span.text)) for column, span in placed]
            placed.extend(
                (column, dim(RAIL))
                for column in (self.left, self.middle, self.right)
                if not any(first <= column < last for first, last in taken)
            )
        placed.sort(key=lambda piece: piece[0])
        spans: list[Span] = []
        reached = 0
        for column, span in placed:
            spans.append(Span(" " * (column - reached)))
            spans.append(span)
            reached = column + width_of(span.text)
        return line(*spans)


def _placed(words: Line, column: int) -> list[tuple[int, Span]]:
    placed = []
    for span in words:
        placed.append((column, span))
        column += width_of(span.text)
    return placed


def _fitting(words: Line, room: int) -> Line:
    spans: list[Span] = []
    for span in words:
        if room <= 0:
            break
        spans.append(Span(_cut(span.text, room), span.style))
        room -= width_of(span.text)
    return tuple(spans)


def _cut(text: str, room: int) -> str:
    return text if width_of(text) <= room else text[: max(room - 1, 1)] + "…"


def folded(text: str, room: int) -> list[str]:
    """`text` in lines of at most `room` columns, broken between words where it can be."""
    import textwrap

    return textwrap.wrap(text, max(room, 8), break_on_hyphens=False) or [""]
