"""Lays blocks out for a terminal, with Rich: colours, wrapping, aligned columns."""

from collections.abc import Iterable
from typing import TextIO

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from stctl.render.plain import MARKS
from stctl.render.view import (
    Block,
    Drawing,
    Facts,
    Gap,
    Heading,
    Line,
    Lines,
    Note,
    Style,
    Table,
    visible,
    with_due_gaps,
)

COLOURS: dict[Style, str] = {
    "plain": "",
    "strong": "bold",
    "dim": "bright_black",
    "good": "green",
    "warn": "yellow",
    "bad": "bold red",
    "name": "cyan",
    "secret": "magenta",
}
"""The only colours of stctl."""

_NOTE_STYLES: dict[str, Style] = {"info": "dim", "good": "good", "warn": "warn", "bad": "bad"}


def console(stream: TextIO, width: int, *, colour: bool) -> Console:
    """A Rich console on a stream; without colour it drops bold and the like as well."""
    return Console(
        file=stream,
        width=width,
        force_terminal=colour,
        no_color=not colour,
        color_system="auto" if colour else None,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=False,
    )


def write(target: Console, blocks: Iterable[Block]) -> None:
    """Write blocks to a console."""
    for block in with_due_gaps(blocks):
        _write_block(target, block)


def _write_block(target: Console, block: Block) -> None:
    match block:
        case Drawing(lines):
            for line in lines:
                target.print(styled(line), no_wrap=True, overflow="ignore", crop=False)
        case Lines(lines, indent):
            for line in lines:
                target.print(Padding(styled(line), (0, 0, 0, indent)))
        case Gap():
            target.print()
        case _:
            target.print(_renderable(block))


def _renderable(block: Heading | Facts | Table | Note) -> RenderableType:
    match block:
        case Heading(title):
            text = styled(title)
            text.stylize("bold")
            return text
        case Facts():
            return _facts(block)
        case Table():
            return _table(block)
        case Note():
            return _note(block)


def styled(line: Line) -> Text:
    """A line as Rich text, in the colours of the theme."""
    text = Text(overflow="fold")
    for span in line:
        text.append(visible(span.text), COLOURS[span.style])
    return text


def _facts(block: Facts) -> RenderableType:
    grid = RichTable.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, style=COLOURS["dim"])
    grid.add_column(overflow="fold")
    for label, value in block.rows:
        grid.add_row(label, styled(value))
    return Padding(grid, (0, 0, 0, block.indent))


def _table(block: Table) -> RenderableType:
    grid = RichTable(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=COLOURS["dim"])
    for number, title in enumerate(block.columns):
        grid.add_column(
            title, justify="right" if number in block.right else "left", overflow="fold"
        )
    for row in block.rows:
        grid.add_row(*(styled(cell) for cell in row))
    return grid


def _note(block: Note) -> RenderableType:
    grid = RichTable.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True, style=COLOURS[_NOTE_STYLES[block.kind]])
    grid.add_column(overflow="fold")
    grid.add_row(MARKS[block.kind], styled(block.text))
    return grid
