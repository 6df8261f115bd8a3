"""What is found in a paste, and where."""

from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from stctl.tokens.problem import TokenProblem

if TYPE_CHECKING:
    # Each kind is loaded when the first token of it is met.
    from stctl.tokens.access import AccessToken
    from stctl.tokens.front import FrontToken
    from stctl.tokens.opaque import OpaqueToken
    from stctl.tokens.refresh import RefreshToken
    from stctl.tokens.signed import SignedToken

Kind: TypeAlias = Literal[
    "access-token",
    "refresh-token",
    "front-token",
    "anti-csrf-token",
    "id-refresh-token",
    "session-handle",
    "core-jwt",
    "oauth2-token",
    "jwt",
    "uuid",
]
"""`core-jwt` comes from `/recipe/jwt`; `uuid` is one of the three kinds that are bare UUIDs."""

Body: TypeAlias = "AccessToken | RefreshToken | FrontToken | OpaqueToken | SignedToken"

MOST_FOUND: Final = 1000
"""A paste holds no more findings than this; longer inputs are read line by line."""

Place: TypeAlias = Literal["whole", "cookie", "set-cookie", "header", "member", "position"]

Undone: TypeAlias = Literal["quotes", "percent-encoding", "white-space", "spaces-for-plus"]


class Source(NamedTuple):
    """Where in the paste something was found."""

    place: Place
    name: str | None = None
    """Of the cookie or header, or the path of the JSON member."""
    position: int = 0
    """0-based offset in the paste, in characters; 0 inside JSON."""
    line: int = 0
    """Offset where the line or JSON member begins: two cookies of one line share it."""
    scheme: str | None = None
    """The word in front of the token in an `Authorization` header, as it was written."""
    paste: str = ""
    """Which of several pastes it was, as in `argument 2`."""

    def __str__(self) -> str:
        """As people are told: `cookie sAccessToken`, `argument 2, position 17`."""
        if self.place == "whole":
            return self.paste or "the text itself"
        spot = f"{self.place} {self.position if self.name is None else self.name}"
        return f"{self.paste}, {spot}" if self.paste else spot


class Finding(NamedTuple):
    """A token that could be read."""

    kind: Kind
    body: Body
    text: str
    """The token itself, unwrapped."""
    source: Source
    expected: Kind | None
    """What belongs where it was found."""
    undone: tuple[Undone, ...] = ()
    """What the token was wrapped in, outermost first; an entry for every layer."""


class Broken(NamedTuple):
    """Something that should be a token and is none."""

    text: str
    source: Source
    expected: Kind | None
    problem: TokenProblem
    """Its position counts from the start of `text`."""


class Cleared(NamedTuple):
    """A cookie or header that takes a token away: empty, or the word `remove`."""

    source: Source
    expected: Kind


Found: TypeAlias = Finding | Broken | Cleared
