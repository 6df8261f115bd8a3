"""The trees of pasted tokens on the screen: which token is of which generation."""

from collections.abc import Iterator

from stctl.redact import mask
from stctl.render.lineage.branches import Row, is_spaced, rows_of
from stctl.render.lineage.document import Members
from stctl.render.view import (
    Block,
    Drawing,
    Gap,
    Heading,
    Line,
    Lines,
    Note,
    Span,
    dim,
    line,
    name,
    strong,
    warn,
)
from stctl.tokens.decoded import Report
from stctl.tokens.lineage import PROOFS
from stctl.tokens.times import utc_text
from stctl.traces.lineage import Family
from stctl.traces.lineage.pasted import Nursery, Pasted
from stctl.traces.lineage.wording import short

_MOST_PAIRS = 10


def nursery_blocks(
    nursery: Nursery, report: Report, width: int, *, reveal: bool
) -> Iterator[Block]:
    """Every family with the tokens that were pasted of it, then what proves it."""
    if not nursery.families:
        yield Note("info", line("None of this names a generation: no access or refresh token."))
    for family in nursery.families:
        who = family.session_handle or "(no token names its handle)"
        user = line(dim("  user "), name(family.user_id)) if family.user_id else line()
        yield Heading(line(strong(f"session {who}"), user))
        rows = rows_of(family)
        for place, row in enumerate(rows):
            lines = [*_row(row, nursery, width, reveal=reveal)]
            if len(lines) == 1 and is_spaced(rows, place):
                lines.append(line(dim(row.below.rstrip())))
            yield Drawing(lines)
        yield from _branches(family)
        yield Gap()
    yield from _proofs(nursery, report)


def _row(row: Row, nursery: Nursery, width: int, *, reveal: bool) -> Iterator[Line]:
    hashed = row.generation.refresh_hash
    own = [one for one in nursery.tokens if one.refresh_hash == hashed]
    glyph = "○" if own else "◌"
    told = [_told(one, width, reveal=reveal) for one in own]
    if not own:
        told = [line(dim("not pasted; another token names it"))]
    yield line(dim(row.before), Span(f"{glyph} "), name(short(hashed)), "  ", told[0])
    for more in told[1:]:
        yield line(dim(row.below), " " * 10, more)


def _told(token: Pasted, width: int, *, reveal: bool) -> Line:
    secret = Span(token.text if reveal else mask(token.text), "secret")
    times = ""
    if token.minted_at_ms is not None and token.expires_at_ms is not None:
        minted, expires = utc_text(token.minted_at_ms), utc_text(token.expires_at_ms)
        times = f"  minted {minted}, expires {expires}"
    kind = f"#{token.number} {token.kind.replace('-', ' ')}  "
    roomy = width >= 110  # noqa: PLR2004 - both times fit beside a masked token
    return line(kind, secret, dim(times if roomy else ""))


def _branches(family: Family) -> Iterator[Block]:
    for one in family.generations:
        children = family.children(one.refresh_hash)
        if len(children) > 1:
            names = ", ".join(short(child.refresh_hash) for child in children)
            yield Lines(
                [
                    line(
                        warn(f"{short(one.refresh_hash)} was refreshed {len(children)} times: "),
                        f"{names} are siblings, of which only one can stay.",
                    )
                ],
                indent=2,
            )


def _proofs(nursery: Nursery, report: Report) -> Iterator[Block]:
    known = {token.number for token in nursery.tokens}
    pairs = [pair for pair in report.kin if pair[0] in known and pair[1] in known]
    if len(pairs) > _MOST_PAIRS:
        hint = f"`stctl decode` tells what each of the {len(pairs):,} pairs is, and what proves it."
        yield Note("info", line(dim(hint)))
        return
    for first, second, kinship in pairs:
        relation = kinship.relation.replace("-", " ")
        told = f"#{first} to #{second}: {relation}. "
        yield Note("info", line(told, dim(PROOFS[kinship.relation])))


def pasted_documents(nursery: Nursery, *, reveal: bool) -> Iterator[Members]:
    """The tokens that were pasted, each with its generation."""
    for token in nursery.tokens:
        yield {
            "number": token.number,
            "kind": token.kind,
            "source": token.source,
            "token": token.text if reveal else mask(token.text),
            "refresh_hash": token.refresh_hash,
            "minted_at_ms": token.minted_at_ms,
            "expires_at_ms": token.expires_at_ms,
        }
