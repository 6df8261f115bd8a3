"""How the tokens of a report are related, as a table."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from stctl.render.decode.words import title
from stctl.render.view import Block, Heading, Line, Table, line, strong
from stctl.tokens.decoded import Decoded, Item, Report
from stctl.tokens.lineage import Relation

RELATIONS: Final[dict[Relation, str]] = {
    "same-token": "is the same token as",
    "same-generation": "belongs to the same refresh token as",
    "parent": "is the parent of",
    "child": "is a child of",
    "sibling": "is a sibling of",
    "same-session": "is of the same session, further apart from",
    "stranger": "is a stranger to",
    "unknown": "has no provable tie to",
}


def relations(report: Report) -> Iterator[Block]:
    """The relation of each pair that was looked at."""
    yield Heading(line("How they are related"))
    yield Table(("", "", ""), list(_rows(report)))


def _rows(report: Report) -> Iterable[Sequence[Line]]:
    for first, second, pair in report.kin:
        yield (
            line(f"{first + 1}  {_short(report.items[first])}"),
            line(strong(RELATIONS[pair.relation])),
            line(f"{second + 1}  {_short(report.items[second])}"),
        )


def _short(item: Item) -> str:
    return title(item).lower() if isinstance(item, Decoded) else ""
