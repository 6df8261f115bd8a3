"""What a session recipe can raise, as values."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, TypeAlias

from stctl.jsontypes import JsonValue


class ErrorName(StrEnum):
    """The closed set of errors; anything else that is thrown is GENERAL_ERROR."""

    UNAUTHORISED = "UNAUTHORISED"
    TRY_REFRESH_TOKEN = "TRY_REFRESH_TOKEN"  # noqa: S105 - the name of an error
    TOKEN_THEFT_DETECTED = "TOKEN_THEFT_DETECTED"  # noqa: S105 - the name of an error
    INVALID_CLAIMS = "INVALID_CLAIMS"
    CLEAR_DUPLICATE_SESSION_COOKIES = "CLEAR_DUPLICATE_SESSION_COOKIES"
    GENERAL_ERROR = "GENERAL_ERROR"


class HandlerName(StrEnum):
    """Who answers an error: five handlers of the session recipe, or the framework."""

    ON_UNAUTHORISED = "onUnauthorised"
    ON_TRY_REFRESH_TOKEN = "onTryRefreshToken"  # noqa: S105 - the name of a handler
    ON_TOKEN_THEFT_DETECTED = "onTokenTheftDetected"  # noqa: S105 - the name of a handler
    ON_INVALID_CLAIM = "onInvalidClaim"
    ON_CLEAR_DUPLICATE_SESSION_COOKIES = "onClearDuplicateSessionCookies"
    APP_ERROR_HANDLER = "app_error_handler"
    FRAMEWORK_ERROR_RESPONSE = "framework_error_response"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unauthorised:
    """There is no session, or it has ended."""

    error: ClassVar = ErrorName.UNAUTHORISED
    handler: ClassVar = HandlerName.ON_UNAUTHORISED
    message: str
    clear_tokens: bool = True
    """Whether the error asks for the tokens to be cleared before its handler runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TryRefreshToken:
    """The access token cannot be used; a refresh may help."""

    error: ClassVar = ErrorName.TRY_REFRESH_TOKEN
    handler: ClassVar = HandlerName.ON_TRY_REFRESH_TOKEN
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenTheftDetected:
    """A refresh token was used that had already been replaced."""

    error: ClassVar = ErrorName.TOKEN_THEFT_DETECTED
    handler: ClassVar = HandlerName.ON_TOKEN_THEFT_DETECTED
    message: str
    session_handle: str
    user_id: str
    recipe_user_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimError:
    """One claim validator that said no."""

    id: str
    reason: JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidClaims:
    """The session is good, but a claim validator said no."""

    error: ClassVar = ErrorName.INVALID_CLAIMS
    handler: ClassVar = HandlerName.ON_INVALID_CLAIM
    message: str
    errors: tuple[ClaimError, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearDuplicateSessionCookies:
    """A refresh came with two cookies of one name; those of the older domain are being cleared."""

    error: ClassVar = ErrorName.CLEAR_DUPLICATE_SESSION_COOKIES
    handler: ClassVar = HandlerName.ON_CLEAR_DUPLICATE_SESSION_COOKIES
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class General:
    """Anything else: the SDK does not answer it, it goes on to the framework."""

    error: ClassVar = ErrorName.GENERAL_ERROR
    message: str
    closes_connection: bool = False
    """The server dies on it without an answer (a panic in Go)."""


SessionFailure: TypeAlias = (
    Unauthorised
    | TryRefreshToken
    | TokenTheftDetected
    | InvalidClaims
    | ClearDuplicateSessionCookies
)
"""The failures that the session recipe answers itself, through a handler."""
Failure: TypeAlias = SessionFailure | General
