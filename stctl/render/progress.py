"""Progress of long work, for a person at a terminal."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from stctl.render.coloured import console, write

if TYPE_CHECKING:
    from stctl.render.printer import Advance, Screen, Write


@contextmanager
def bar(screen: "Screen", title: str, total: int | None) -> "Iterator[tuple[Advance, Write]]":
    """A bar that vanishes when the work is done; a total of None only counts.

    Given are what moves it, and what writes blocks above it while it is on the screen.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    target = console(screen.stream, screen.width, colour=screen.has_colour)
    with Progress(*columns, TimeElapsedColumn(), console=target, transient=True) as progress:
        task = progress.add_task(title, total=total)
        yield lambda count: progress.advance(task, count), lambda blocks: write(target, blocks)
