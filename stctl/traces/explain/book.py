"""What the requests explained so far tell of an app, for those where the trace shows less.

Everything in it has a bounded size: of very long traces the oldest knowledge is forgotten.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from stctl.recipe.failures import HandlerName
from stctl.recipe.profiles.profile import SdkName
from stctl.tokens.hashes import hash1

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")
_LONGEST: Final = 20_000


class Recent(Generic[_K, _V]):
    """A mapping that forgets what was not looked at for the longest time."""

    def __init__(self, longest: int = _LONGEST, below: "Recent[_K, _V] | None" = None) -> None:
        self._longest = longest
        self._kept: OrderedDict[_K, _V] = OrderedDict()
        self._below = below

    def put(self, key: _K, value: _V) -> None:
        """Keep a value."""
        self._kept[key] = value
        self._kept.move_to_end(key)
        if len(self._kept) > self._longest:
            self._kept.popitem(last=False)

    def get(self, key: _K) -> _V | None:
        """Return what is kept, or None."""
        value = self._kept.get(key)
        if value is not None:
            self._kept.move_to_end(key)
            return value
        return None if self._below is None else self._below.get(key)

    def __contains__(self, key: object) -> bool:
        return key in self._kept or (self._below is not None and key in self._below)

    def __len__(self) -> int:
        return len(self._kept)

    def branch(self) -> "Recent[_K, _V]":
        """The same knowledge, to go on from in another way: what is put into it stays in it."""
        return Recent(self._longest, below=self)


@dataclass(slots=True)
class RouteNotes:
    """What is known of one route."""

    protected: bool = False
    """It was seen to ask for a session."""
    passes_without: bool = False
    """It was seen to answer without one although it looks for one."""
    checks_database: bool = False
    skips_anti_csrf: bool = False
    validates_claims: bool = False
    """Somebody said that it has claim validators of its own."""
    logs_in: bool = False
    works: bool = False
    """It was seen to answer well, with a session."""


@dataclass(slots=True)
class AppNotes:
    """What holds for the app at any time; later requests may say it of earlier ones."""

    routes: Recent[tuple[str, str], RouteNotes] = field(default_factory=Recent)
    answers: Recent[bytes, HandlerName] = field(default_factory=Recent)
    """Bodies that a custom handler is known to write."""
    own_answers: Recent[bytes, bool] = field(default_factory=Recent)
    """Bodies of errors that a route itself is known to write."""
    refusals: Recent[bytes, frozenset[str]] = field(default_factory=Recent)
    """The paths on which a body of an error was seen."""
    good_tokens: Recent[str, bool] = field(default_factory=Recent)
    """Access tokens that the core gave out or a backend accepted, by hash."""
    bad_tokens: Recent[str, bool] = field(default_factory=Recent)
    """Access tokens that a backend is known to have refused, by hash."""
    failing_handlers: int = 0
    """How often a handler of the app is known to have failed."""
    shared_refusals: int = 0
    """How often a body of an error was seen on one more path."""
    flags: int = 0
    """How many things were found out about routes."""
    expired_status: int | None = None
    static_keys: bool | None = None
    sdk: SdkName | None = None
    """The SDK, by its habits."""
    is_seed: bool | None = None
    """Whether the SDK is one of the seed era."""

    @property
    def state(self) -> tuple[object, ...]:
        """What a change of would make an earlier request be looked at again.

        Tokens that turned out good are left out: they only confirm what is expected.
        """
        return (
            self.flags,
            len(self.answers),
            self.shared_refusals,
            len(self.own_answers),
            len(self.bad_tokens),
            self.failing_handlers > 0,
            self.expired_status,
            self.static_keys,
            self.sdk,
            self.is_seed,
        )

    def route(self, method: str, path: str) -> RouteNotes:
        """The notes on a route, made when they are first asked for."""
        notes = self.routes.get((method, path))
        if notes is None:
            notes = RouteNotes()
            self.routes.put((method, path), notes)
        return notes


@dataclass(slots=True)
class History:
    """What happened up to a moment."""

    children: Recent[str, frozenset[str]] = field(default_factory=Recent)
    """Hashes of refresh tokens that a refresh gave out, by the hash of the one presented."""
    parents: Recent[str, str] = field(default_factory=Recent)
    """The hash of the refresh token for which one was given out, by the hash of that one."""
    used: Recent[str, bool] = field(default_factory=Recent)
    """Hashes of refresh tokens that were used themselves, or through their access token."""
    ended: Recent[str, bool] = field(default_factory=Recent)
    """Handles of sessions that were ended."""
    core_reachable: bool | None = None
    """Whether the last call to the core was answered; None before any."""

    def branch(self) -> "History":
        """The same past, to go on from in another way."""
        return History(
            children=self.children.branch(),
            parents=self.parents.branch(),
            used=self.used.branch(),
            ended=self.ended.branch(),
            core_reachable=self.core_reachable,
        )

    def was_replaced(self, refresh_token: str) -> bool:
        """Whether a child of a refresh token was used, or another child of its parent.

        Source: SDKs, behaviour notes 3.1: of two children the first one used wins.
        """
        token = hash1(refresh_token)
        parent = self.parents.get(token)
        family = self.children.get(token) or frozenset()
        if parent is not None:
            family |= (self.children.get(parent) or frozenset()) - {token}
        return any(one in self.used for one in family)

    def add_child(self, refresh_token: str, child: str) -> None:
        """Note that a refresh gave a new refresh token for an old one."""
        key = hash1(refresh_token)
        known = self.children.get(key) or frozenset()
        self.children.put(key, known | {hash1(child)})
        self.parents.put(hash1(child), key)


@dataclass(slots=True)
class Book:
    """Knowledge of one app, gathered on the way through a trace."""

    notes: AppNotes = field(default_factory=AppNotes)
    history: History = field(default_factory=History)
    core_reachable_next: bool | None = None
    """Whether the next call to the core, as far as it is known, will be answered."""

    @property
    def is_outage(self) -> bool:
        """Whether the core could not be reached just before or just after."""
        return self.history.core_reachable is False or self.core_reachable_next is False
