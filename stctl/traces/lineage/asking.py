"""Asks a core which of the tokens of a trace it takes, without changing anything there.

Only a verify of CDI 5.6 changes nothing, whatever the token; it takes the access tokens of the
current generation and of the one before it, and refuses those of every other.

Source: core, behaviour notes 2.3, step 9 of the rotation family.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

from stctl.sessions.answers import TryRefreshToken, Unauthorised, Verified
from stctl.sessions.info import SessionInfo
from stctl.traces.lineage.model import Family

Word = Literal["current-or-previous", "replaced", "expired"]

READ_ONLY_CDI: Final = "5.6"


class Asked(Protocol):
    """The part of a client that is used."""

    def get_session(self, handle: str) -> SessionInfo | Unauthorised:
        """What the core knows of a session."""
        ...

    def verify_session(
        self, access_token: str, *, check_database: bool = False
    ) -> Verified | Unauthorised | TryRefreshToken:
        """What the core makes of an access token."""
        ...


@dataclass(frozen=True, slots=True)
class CoreWord:
    """What a core says of one session."""

    lives: bool
    expires_at_ms: int | None = None
    tokens: dict[str, Word] = field(default_factory=dict)
    """What it makes of each generation of which a token is at hand, by hash."""


def ask(
    core: Asked, families: Iterable[Family], token_of: Callable[[str], str | None]
) -> dict[str, CoreWord]:
    """What a core of CDI 5.6 says of sessions, by handle; errors of the core are the client's."""
    words: dict[str, CoreWord] = {}
    for family in families:
        if family.session_handle is None:
            continue
        found = core.get_session(family.session_handle)
        if isinstance(found, Unauthorised):
            words[family.session_handle] = CoreWord(lives=False)
            continue
        tokens = dict(_tokens(core, family, token_of))
        words[family.session_handle] = CoreWord(
            lives=True, expires_at_ms=found.expires_at_ms, tokens=tokens
        )
    return words


def _tokens(
    core: Asked, family: Family, token_of: Callable[[str], str | None]
) -> Iterable[tuple[str, Word]]:
    for one in family.generations:
        token = token_of(one.refresh_hash)
        if token is not None:
            yield one.refresh_hash, _word(core.verify_session(token, check_database=True))


def _word(answer: Verified | Unauthorised | TryRefreshToken) -> Word:
    match answer:
        case Verified():
            return "current-or-previous"
        case Unauthorised():
            return "replaced"
        case TryRefreshToken():
            return "expired"
