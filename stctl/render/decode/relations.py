"""How the tokens of a report are related, as a table."""

from collections.abc import Iterator
from typing import Final

from stctl.render.decode.words import title
from stctl.render.view import Block, Facts, Gap, Heading, Line, Table, dim, line, strong
from stctl.tokens.decoded import Decoded, Item, Report
from stctl.tokens.lineage import PROOFS, Kinship, Relation

RELATIONS: Final[dict[Relation, str]] = {
    "same-token": "is the same token as",
    "same-generation": "belongs together with",
    "parent": "is the parent of",
    "child": "is a child of",
    "sibling": "is a sibling of",
    "same-session": "is of the same session as",
    "stranger": "is a stranger to",
    "unknown": "has no provable tie to",
}


def relations(report: Report) -> Iterator[Block]:
    """The relation of each pair that was looked at, and what proves it."""
    pairs = [
        pair
        for pair in report.kin
        if not (_is_repeat(report, pair[0]) or _is_repeat(report, pair[1]))
    ]
    if not pairs:
        return
    yield Heading(line("How they are related"))
    yield Table(("one", "", "other"), [_row(report, *pair) for pair in pairs])
    yield Gap()
    met = dict.fromkeys(pair.relation for _, _, pair in pairs)
    yield Facts([(relation, line(dim(PROOFS[relation]))) for relation in met], indent=0)


def _is_repeat(report: Report, number: int) -> bool:
    """Whether the token was there before."""
    text = _text(report.items[number])
    return any(_text(item) == text for item in report.items[:number])


def _text(item: Item) -> str | None:
    return item.finding.text if isinstance(item, Decoded) else None


def _row(report: Report, first: int, second: int, pair: Kinship) -> tuple[Line, Line, Line]:
    return (
        _name(report, first),
        line(strong(RELATIONS[pair.relation])),
        _name(report, second),
    )


def _name(report: Report, number: int) -> Line:
    item = report.items[number]
    return line(f"{number + 1}  ", title(item) if isinstance(item, Decoded) else "")
