"""The pieces of Markdown that the generated pages are made of."""

from collections.abc import Iterable, Sequence

NOTICE = "<!-- Written by docs/generate.py; change the code it is read from. -->"


def page(title: str, *parts: str) -> str:
    """A whole page; empty parts are left out."""
    return "\n\n".join([f"# {title}", NOTICE, *filter(None, parts)]) + "\n"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a column that is empty in every row is left out, and so is an empty table."""
    cells = [[_cell(cell) for cell in row] for row in rows]
    if not cells:
        return ""
    used = [number for number in range(len(columns)) if any(row[number] for row in cells)]
    lines = [[columns[number] for number in used], ["---"] * len(used)]
    lines += [[row[number] for number in used] for row in cells]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def code(text: str) -> str:
    """Text in the type of code; nothing stays nothing."""
    return f"`{text}`" if text else ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
