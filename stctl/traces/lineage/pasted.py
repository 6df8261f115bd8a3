"""The family trees that pasted tokens form among themselves, by nothing but their hashes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from stctl.tokens.access import AccessToken
from stctl.tokens.decoded import Decoded, Item
from stctl.tokens.front import FrontToken
from stctl.tokens.hashes import hash1
from stctl.tokens.refresh import RefreshToken
from stctl.traces.lineage.model import Family
from stctl.traces.lineage.moves import Move
from stctl.traces.lineage.reader import LineageReader
from stctl.traces.lineage.token_facts import AccessFacts, front_facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Pasted:
    """A token with its place in a family."""

    number: int
    """Its place among everything that was pasted, from 0."""
    kind: str
    text: str
    source: str
    """Where it stood, for people."""
    refresh_hash: str
    """The generation that it is of."""
    minted_at_ms: int | None
    expires_at_ms: int | None


@dataclass(frozen=True, slots=True)
class Nursery:
    """Pasted tokens, and the families that they form."""

    tokens: tuple[Pasted, ...]
    families: tuple[Family, ...]


def nursery_of(items: Iterable[Item]) -> Nursery:
    """What decoded tokens are to each other; what names no generation is passed over."""
    reader = LineageReader()
    tokens = []
    for number, item in enumerate(items):
        if not isinstance(item, Decoded):
            continue
        for pasted, move in _placed(number, item):
            reader.take(move)
            tokens.append(pasted)
    return Nursery(tuple(tokens), tuple(reader.families()))


def _placed(number: int, item: Decoded) -> Iterator[tuple[Pasted, Move]]:
    body = item.finding.body
    if isinstance(body, RefreshToken):
        own = hash1(item.finding.text)
        yield _pasted(number, item, own, None), _move(number, seen=(own,))
        return
    facts = None
    if isinstance(body, AccessToken):
        facts = _facts_of(body)
    elif isinstance(body, FrontToken):
        facts = front_facts(item.finding.text)
    if facts is not None:
        yield _pasted(number, item, facts.generation, facts), _move(number, carried=(facts,))


def _move(
    number: int, *, seen: tuple[str, ...] = (), carried: tuple[AccessFacts, ...] = ()
) -> Move:
    return Move(
        entry=number,
        order=number,
        at_ms=0,
        ended_at_ms=0,
        kind=None,
        seen=seen,
        carried=carried,
    )


def _facts_of(token: AccessToken) -> AccessFacts:
    return AccessFacts(
        hash=hash1(token.structure.text),
        generation=token.refresh_token_hash1,
        parent=token.parent_refresh_token_hash1,
        handle=token.session_handle,
        user_id=token.user_id,
        minted_at_ms=token.issued_at_ms,
        expires_at_ms=token.expires_at_ms,
    )


def _pasted(number: int, item: Decoded, generation: str, facts: AccessFacts | None) -> Pasted:
    return Pasted(
        number=number,
        kind=item.finding.kind,
        text=item.finding.text,
        source=str(item.finding.source),
        refresh_hash=generation,
        minted_at_ms=facts.minted_at_ms if facts else None,
        expires_at_ms=facts.expires_at_ms if facts else None,
    )
