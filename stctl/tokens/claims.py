"""What user claims mean: those of SuperTokens' recipes, and the registered ones."""

from typing import Final

from stctl.jsontypes import JsonValue
from stctl.tokens.times import relative_text

USER_CLAIMS: Final[dict[str, str]] = {
    "st-ev": "e-mail address verified",
    "st-mfa": "factors of multi-factor authentication",
    "st-role": "roles",
    "st-perm": "permissions",
    "iss": "issuer",
    "aud": "audience",
    "nbf": "not valid before",
    "jti": "id of the token",
    "stt": "type of an OAuth2 token",
    "gid": "id of an OAuth2 grant",
    "client_id": "OAuth2 client",
    "scp": "scopes",
    "jwt": "nested JWT of the old JWT feature",
    "_jwtPName": "name of the claim that holds the nested JWT",
}
"""User claims whose meaning is known, by the recipe or standard that sets them."""


def meaning_of_user_claim(name: str, value: JsonValue, now_ms: int) -> str:
    """What a user claim is, and when it was fetched; empty where nothing is known.

    SDKs keep claims as `{"v": value, "t": ms of the fetch}`.

    >>> meaning_of_user_claim("st-ev", {"v": True, "t": 0}, 60_000)
    'e-mail address verified, fetched 1 min ago'
    """
    known = USER_CLAIMS.get(name, "")
    fetched = value.get("t") if isinstance(value, dict) and "v" in value else None
    if isinstance(fetched, bool) or not isinstance(fetched, int):
        return known
    told = f"fetched {relative_text(fetched, now_ms)}"
    return f"{known}, {told}" if known else told
