"""An access token beside the row of its session: where the two say different things."""

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from stctl.jsontypes import JsonObject, JsonValue
from stctl.sessions.info import SessionInfo
from stctl.tokens.access import AccessToken

Kind = Literal["changed", "only_in_token", "only_in_row"]


class Difference(NamedTuple):
    """One member that is not the same on both sides."""

    path: str
    """`payload.role`, or `user_id`, `recipe_user_id`, `tenant_id`."""
    kind: Kind
    token: JsonValue
    """None also where the token lacks it; `kind` tells."""
    row: JsonValue


class Lineage(NamedTuple):
    """What a token alone shows of its place among the tokens of its session."""

    refresh_token_hash1: str
    parent_hash1: str | None


def differences(token: AccessToken, info: SessionInfo) -> list[Difference]:
    """Return where token and row differ, owner first, then the payload by name.

    Claims of the token that every token has are no part of the payload.
    """
    owners = (
        ("user_id", token.user_id, info.user_id),
        ("recipe_user_id", token.recipe_user_id, info.recipe_user_id),
        ("tenant_id", token.tenant_id, info.tenant_id),
    )
    found = [
        Difference(path, "changed", ours, theirs) for path, ours, theirs in owners if ours != theirs
    ]
    return [*found, *_objects("payload", token.user_claims, info.user_data_in_jwt)]


def lineage_of(token: AccessToken) -> Lineage:
    """Return the hashes that the token carries."""
    return Lineage(token.refresh_token_hash1, token.parent_refresh_token_hash1)


def _objects(path: str, ours: JsonObject, theirs: JsonObject) -> Iterator[Difference]:
    for name in sorted({*ours, *theirs}):
        inner = f"{path}.{name}"
        if name not in theirs:
            yield Difference(inner, "only_in_token", ours[name], None)
        elif name not in ours:
            yield Difference(inner, "only_in_row", None, theirs[name])
        else:
            yield from _values(inner, ours[name], theirs[name])


def _values(path: str, ours: JsonValue, theirs: JsonValue) -> Iterator[Difference]:
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        yield from _objects(path, ours, theirs)
    elif not _is_same(ours, theirs):
        yield Difference(path, "changed", ours, theirs)


def _is_same(ours: JsonValue, theirs: JsonValue) -> bool:
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(_is_same_whole, ours, theirs))
    return ours == theirs


def _is_same_whole(ours: JsonValue, theirs: JsonValue) -> bool:
    return not list(_values("", ours, theirs))
