"""JSON of sessions and tokens, by the version of the interface.

Source: core, behaviour notes 2.0, 2.4.4 and 2.11.
"""

from stctl.clock import Entropy
from stctl.core.app import App
from stctl.core.engine.outcomes import Issued, NewTokens, SessionView, Unauthorised
from stctl.core.keys import SigningKey
from stctl.core.negotiation import V2_9, V2_21, V3_0, V4_0, CdiVersion
from stctl.core.pages import json_answer
from stctl.exchange import Response
from stctl.jsontypes import JsonValue

Members = dict[str, JsonValue]

_TEN_YEARS_MS = 315_360_000_000


def token_version(version: CdiVersion) -> int:
    """Which access token version create and refresh make for a caller of that version."""
    if version >= V4_0:
        return 5
    if version >= V3_0:
        return 4
    return 3 if version >= V2_21 else 2


def issued(token: Issued) -> Members:
    """Return a token with its times."""
    return {
        "token": token.token,
        "expiry": token.expires_at_ms,
        "createdTime": token.created_at_ms,
    }


def session(view: SessionView, version: CdiVersion) -> Members:
    """Return the session object of create, verify, refresh and regenerate."""
    members: Members = {"handle": view.handle, "userId": view.user_id}
    if version >= V4_0:
        members["recipeUserId"] = view.recipe_user_id
    members["userDataInJWT"] = dict(view.payload)
    if version >= V3_0:
        members["tenantId"] = view.tenant_id
    return members


def new_tokens(tokens: NewTokens, version: CdiVersion, entropy: Entropy) -> Members:
    """Return the members of create and refresh.

    Below 2.21 there is an id-refresh token, a random text that nobody keeps.
    """
    members: Members = {
        "status": "OK",
        "session": session(tokens.session, version),
        "accessToken": issued(tokens.access),
        "refreshToken": issued(tokens.refresh),
    }
    if tokens.anti_csrf_token is not None:
        members["antiCsrfToken"] = tokens.anti_csrf_token
    if version < V2_21:
        members["idRefreshToken"] = {**issued(tokens.refresh), "token": entropy.uuid()}
    return members


def unauthorised(outcome: Unauthorised | None = None) -> Response:
    """Return UNAUTHORISED, with the kind of reuse where there is one."""
    message = outcome.message if outcome else "The session does not exist, or has ended"
    members: Members = {"status": "UNAUTHORISED", "message": message}
    if outcome is not None and outcome.reuse is not None:
        members["recentTokenReuseSubtype"] = outcome.reuse.value
    return json_answer(members)


def key_members(app: App, version: CdiVersion) -> Members:
    """Return the public signing keys for callers below 2.21, nothing for others."""
    if version >= V2_21:
        return {}
    dynamic = app.settings.access_token_signing_key_dynamic
    key = app.keys.signing(static=not dynamic)
    interval_ms = app.settings.key_update_interval_ms
    members: Members = {
        "jwtSigningPublicKey": key.public_base64,
        "jwtSigningPublicKeyExpiryTime": (
            key.created_at_ms + interval_ms if dynamic else _TEN_YEARS_MS
        ),
    }
    if version >= V2_9:
        listed, lives_ms = (app.keys.dynamic(), interval_ms) if dynamic else ((key,), _TEN_YEARS_MS)
        members["jwtSigningPublicKeyList"] = [_listed(one, lives_ms) for one in listed]
    return members


def _listed(key: SigningKey, lives_ms: int) -> Members:
    return {
        "publicKey": key.public_base64,
        "expiryTime": key.created_at_ms + lives_ms,
        "createdAt": key.created_at_ms,
    }
