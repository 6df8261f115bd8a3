"""Where identification begins: the commonest paste first, all others by a closer look."""

from typing import TYPE_CHECKING, Final

from stctl.tokens.access import read_claims, read_structure
from stctl.tokens.identify.model import Finding, Source
from stctl.tokens.problem import TokenProblem

if TYPE_CHECKING:
    from stctl.tokens.identify.model import Found

_CHARACTERS: Final = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=."
)
_JSON_OBJECT: Final = "eyJ"
WHOLE: Final = Source(place="whole")
"""Where a token stands that is the whole paste."""


def identify(text: str) -> "list[Found]":
    """Everything in a paste that is a token, should be one, or takes one away; in order.

    Never empty: a text in which nothing looks like a token is itself one `Broken`. At most
    `MOST_FOUND` things are looked for.
    """
    bare = text.strip()
    finding = _bare_access_token(bare)
    if finding is not None:
        return [finding]
    from stctl.tokens.identify.paste import look_closely

    return look_closely(bare)


def _bare_access_token(bare: str) -> Finding | None:
    """An access token and nothing around it: no pattern need be loaded for that."""
    if not bare.startswith(_JSON_OBJECT) or not _CHARACTERS.issuperset(bare):
        return None
    try:
        body = read_claims(read_structure(bare))
    except TokenProblem:
        return None
    return Finding(kind="access-token", body=body, text=bare, source=WHOLE, expected=None)
