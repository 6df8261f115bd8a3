"""Which refresh token is the child of which, told by hash.

An access token names the hash of the refresh token that was issued with it, and up to CDI 5.5 that
of its parent as well. From 5.6 on the parent is known by having been presented.
"""

from dataclasses import dataclass, field, replace
from typing import Literal

from stctl.recipe.profiles.newest import NODE
from stctl.recipe.reading import read_session_token
from stctl.sessions.answers import IssuedToken, NewTokens
from stctl.tokens.hashes import hash1

_SHOWN = 8

Proof = Literal["named by its access token", "presented for it"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A refresh with a token: who, when, and what came of it."""

    step: int
    who: str
    outcome: str
    """`OK`, or the name of the error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """One refresh token of a session."""

    name: str
    """`R0` for the first one that was seen, then by age."""
    hash1: str
    parent: str | None
    proof: Proof | None
    session_handle: str
    made_in: int
    """Number of the step."""
    uses: tuple[Use, ...] = ()

    @property
    def short_hash(self) -> str:
        """The first eight characters of its hash."""
        return self.hash1[:_SHOWN]


@dataclass(slots=True)
class Generations:
    """Every token of a case, by name."""

    _refresh: dict[str, Generation] = field(default_factory=dict)
    _access: dict[str, str] = field(default_factory=dict)
    _minted: dict[str, int] = field(default_factory=dict)

    def listed(self) -> tuple[Generation, ...]:
        """All refresh tokens, oldest first."""
        return tuple(self._refresh.values())

    def issued(self, tokens: NewTokens, presented: str | None, step: int) -> Generation:
        """Note a pair of new tokens, and the refresh token that was traded for them."""
        own_hash = hash1(tokens.refresh_token.token)
        parent_hash, proof = self._parent(tokens, presented)
        parent = None if parent_hash is None else self._refresh.get(parent_hash)
        generation = Generation(
            name=f"R{len(self._refresh)}",
            hash1=own_hash,
            parent=parent.name if parent else None,
            proof=proof if parent else None,
            session_handle=tokens.session.handle,
            made_in=step,
        )
        self._refresh[own_hash] = generation
        self._name_access(tokens.access_token, generation)
        return generation

    def _parent(self, tokens: NewTokens, presented: str | None) -> tuple[str | None, Proof | None]:
        token = read_session_token(tokens.access_token.token, NODE)
        if token is not None and token.parent_refresh_token_hash1 is not None:
            return token.parent_refresh_token_hash1, "named by its access token"
        return (None, None) if presented is None else (hash1(presented), "presented for it")

    def reminted(self, access: IssuedToken) -> None:
        """Note an access token that verify put in the place of another."""
        token = read_session_token(access.token, NODE)
        generation = None if token is None else self._refresh.get(token.refresh_token_hash1)
        if generation is not None:
            self._name_access(access, generation)

    def _name_access(self, access: IssuedToken, generation: Generation) -> None:
        count = self._minted.get(generation.name, 0)
        self._minted[generation.name] = count + 1
        self._access[access.token] = generation.name.replace("R", "A") + "'" * count

    def used(self, refresh_token: str, use: Use) -> None:
        """Note a refresh with a token; one that was never issued here is passed over."""
        known = self._refresh.get(hash1(refresh_token))
        if known is not None:
            self._refresh[known.hash1] = replace(known, uses=(*known.uses, use))

    def session_of(self, refresh_token: str) -> str | None:
        """Handle of the session of a refresh token; None for one that was never issued here."""
        known = self._refresh.get(hash1(refresh_token))
        return None if known is None else known.session_handle

    def name_of(self, token: str) -> str | None:
        """Name of a refresh or access token; None for one that was never issued here."""
        known = self._refresh.get(hash1(token))
        return known.name if known is not None else self._access.get(token)
