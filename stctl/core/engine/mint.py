"""Makes tokens."""

from math import floor

from stctl.core.app import App
from stctl.core.engine.claims import refuse_unfit
from stctl.core.engine.outcomes import Issued
from stctl.core.refusals import BadRequest
from stctl.tokens.access import LAST_BASE64_VERSION, AccessClaims, signing_input
from stctl.tokens.codec import encode_base64, encode_base64url
from stctl.tokens.refresh import RefreshContents


def mint_access(app: App, version: int, claims: AccessClaims, *, static: bool) -> Issued:
    """Sign an access token.

    Raises `ProtectedClaim` and `ServerFailure` for user claims that do not fit. The times that are
    returned are those the token carries: whole seconds from version 3 on.
    """
    refuse_unfit(claims.user_claims, version)
    old = version <= LAST_BASE64_VERSION
    key = app.keys.signing(static=static)
    unsigned = signing_input(version, None if old else key.kid, claims)
    signature = key.sign(unsigned.encode("ascii"))
    text = encode_base64(signature) if old else encode_base64url(signature)
    return Issued(
        token=f"{unsigned}.{text}",
        expires_at_ms=claims.expires_at_ms if old else claims.expires_at_ms // 1000 * 1000,
        created_at_ms=claims.issued_at_ms if old else claims.issued_at_ms // 1000 * 1000,
    )


def mint_refresh(app: App, contents: RefreshContents, now_ms: int) -> Issued:
    """Encrypt a refresh token. Its times are nowhere inside it."""
    return Issued(
        token=app.sealer.seal(contents),
        expires_at_ms=now_ms + app.settings.refresh_token_validity_ms,
        created_at_ms=now_ms,
    )


def access_expiry(app: App, now_ms: int, override_ms: int | None) -> int:
    """When a token made at create or refresh ends: the override exactly, else with jitter.

    Source: core, behaviour notes section 5.
    """
    if override_ms is not None:
        return now_ms + override_ms
    part = 1 - app.entropy.fraction() * app.settings.access_token_validity_jitter
    return now_ms + floor(app.settings.access_token_validity_ms * part)


def refuse_validity(app: App, validity_ms: int | None) -> None:
    """Raise `BadRequest` for an `accessTokenValidity` out of range; None is always in range."""
    longest = app.settings.access_token_validity_ms
    if validity_ms is not None and not 0 < validity_ms <= longest:
        raise BadRequest(f"accessTokenValidity must be above 0 and at most {longest} ms")
