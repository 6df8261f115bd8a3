"""The errors of the session recipe with their handlers, as the tree itself has them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from stctl.jsontypes import JsonObject
from stctl.recipe.config import AppConfig
from stctl.recipe.failures import (
    ClaimError,
    ClearDuplicateSessionCookies,
    ErrorName,
    HandlerName,
    InvalidClaims,
    SessionFailure,
    TokenTheftDetected,
    TryRefreshToken,
    Unauthorised,
)
from stctl.recipe.handlers import clears_tokens, default_body, default_status
from stctl.recipe.override_history import Signature, first_signature, signature_at
from stctl.recipe.profiles.history import profile_at
from stctl.recipe.profiles.version import SdkVersion

_WHEN: Final[Mapping[ErrorName, str]] = {
    ErrorName.UNAUTHORISED: "there is no session, or it has ended",
    ErrorName.TRY_REFRESH_TOKEN: "the access token cannot be used, but a refresh may help",
    ErrorName.TOKEN_THEFT_DETECTED: "a refresh token was used that had already been replaced",
    ErrorName.INVALID_CLAIMS: "the session is good, but a claim validator says no",
    ErrorName.CLEAR_DUPLICATE_SESSION_COOKIES: "a refresh came with two cookies of one name",
    ErrorName.GENERAL_ERROR: "anything unforeseen: the core is out of reach, or the app throws",
}
_SAMPLES: Final[tuple[SessionFailure, ...]] = (
    Unauthorised(message="", clear_tokens=True),
    TryRefreshToken(message=""),
    TokenTheftDetected(message="", session_handle="", user_id="", recipe_user_id=""),
    InvalidClaims(message="", errors=(ClaimError(id="…", reason="…"),)),
    ClearDuplicateSessionCookies(message="…"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlerRow:
    """One error, and who answers it how."""

    error: ErrorName
    when: str
    handler: HandlerName
    default_status: int | None
    """Status of the default answer; None where the SDK has none."""
    default_body: JsonObject | None
    clears: str
    """What the recipe clears before the handler runs."""
    side_effect: str | None
    signature: Signature | None
    """How an app's own handler is written; None where it cannot be replaced."""
    replaceable_since: str | None
    """The version in which it could be replaced first; None where it never could."""


def handler_table(sdk: SdkVersion) -> tuple[HandlerRow, ...]:
    """Every error that an SDK of this version can end in, in the order of the errors."""
    app = AppConfig(profile=profile_at(sdk))
    rows = [_row(failure, sdk, app) for failure in _SAMPLES if _knows(failure, sdk)]
    return (*rows, _general())


def _knows(failure: SessionFailure, sdk: SdkVersion) -> bool:
    """The errors of later years come with their handlers."""
    late = {ErrorName.INVALID_CLAIMS, ErrorName.CLEAR_DUPLICATE_SESSION_COOKIES}
    return failure.error not in late or signature_at(sdk, failure.handler) is not None


def _row(failure: SessionFailure, sdk: SdkVersion, app: AppConfig) -> HandlerRow:
    first = first_signature(sdk.name, failure.handler)
    is_theft = isinstance(failure, TokenTheftDetected)
    return HandlerRow(
        error=failure.error,
        when=_WHEN[failure.error],
        handler=failure.handler,
        default_status=default_status(failure, app),
        default_body=default_body(failure),
        clears=_clears(failure),
        side_effect="revokes the session at the core" if is_theft else None,
        signature=signature_at(sdk, failure.handler),
        replaceable_since=first.since if first else None,
    )


def _clears(failure: SessionFailure) -> str:
    match failure:
        case Unauthorised():
            return "all tokens, unless the error says otherwise"
        case ClearDuplicateSessionCookies():
            return "the cookies of the older domain"
        case _:
            return "all tokens" if clears_tokens(failure) else "nothing"


def _general() -> HandlerRow:
    return HandlerRow(
        error=ErrorName.GENERAL_ERROR,
        when=_WHEN[ErrorName.GENERAL_ERROR],
        handler=HandlerName.APP_ERROR_HANDLER,
        default_status=None,
        default_body=None,
        clears="nothing",
        side_effect=None,
        signature=None,
        replaceable_since=None,
    )
