"""Which handlers an app can replace, since which version, and with what signature.

Source: SDKs, behaviour notes 4.3.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from stctl.recipe.failures import HandlerName
from stctl.recipe.profiles.profile import SdkName
from stctl.recipe.profiles.version import NEWEST, SdkVersion, read_version

_UNAUTHORISED: Final = HandlerName.ON_UNAUTHORISED
_TRY_REFRESH: Final = HandlerName.ON_TRY_REFRESH_TOKEN
_THEFT: Final = HandlerName.ON_TOKEN_THEFT_DETECTED
_CLAIM: Final = HandlerName.ON_INVALID_CLAIM
_DUPLICATE: Final = HandlerName.ON_CLEAR_DUPLICATE_SESSION_COOKIES


@dataclass(frozen=True, slots=True)
class Signature:
    """How a handler is written, from a version of an SDK on."""

    sdk: SdkName
    since: str
    handler: HandlerName
    name: str
    """As the SDK's language spells the handler."""
    arguments: str


def _node(since: str, handler: HandlerName, arguments: str) -> Signature:
    return Signature("node", since, handler, handler.value, arguments)


_PYTHON_NAMES: Final = {
    _UNAUTHORISED: "on_unauthorised",
    _TRY_REFRESH: "on_try_refresh_token",
    _THEFT: "on_token_theft_detected",
    _CLAIM: "on_invalid_claim",
    _DUPLICATE: "on_clear_duplicate_session_cookies",
}


def _python(since: str, handler: HandlerName, arguments: str) -> Signature:
    return Signature("python", since, handler, _PYTHON_NAMES[handler], arguments)


def _go(since: str, handler: HandlerName, arguments: str) -> Signature:
    name = handler.value
    return Signature("go", since, handler, f"{name[0].upper()}{name[1:]}", f"{arguments} error")


_MESSAGE: Final = "(request, message, response)"

SIGNATURES: Final[Sequence[Signature]] = (
    _node("3.0", _UNAUTHORISED, "(message, req, res, next)"),
    _node("7.0", _UNAUTHORISED, "(message, req, res)"),
    _node("17.1", _UNAUTHORISED, "(message, req, res, userContext)"),
    _node("17.1", _TRY_REFRESH, "(message, req, res, userContext)"),
    _node("3.0", _THEFT, "(sessionHandle, userId, req, res, next)"),
    _node("7.0", _THEFT, "(sessionHandle, userId, req, res)"),
    _node("16.0", _THEFT, "(sessionHandle, userId, recipeUserId, req, res)"),
    _node("17.1", _THEFT, "(sessionHandle, userId, recipeUserId, req, res, userContext)"),
    _node("12.0", _CLAIM, "(errors, req, res)"),
    _node("17.1", _CLAIM, "(errors, req, res, userContext)"),
    _node("17.1", _DUPLICATE, "(message, req, res, userContext)"),
    _python("0.0.1", _UNAUTHORISED, _MESSAGE),
    _python("0.20", _TRY_REFRESH, _MESSAGE),
    _python("0.0.1", _THEFT, "(request, session_handle, user_id)"),
    _python("0.3", _THEFT, "(request, session_handle, user_id, response)"),
    _python("0.25", _THEFT, "(request, session_handle, user_id, recipe_user_id, response)"),
    _python("0.11", _CLAIM, "(request, errors, response)"),
    _python("0.20", _DUPLICATE, _MESSAGE),
    _go("0.0.1", _UNAUTHORISED, "(message, req, res)"),
    _go("0.19", _TRY_REFRESH, "(message, req, res)"),
    _go("0.0.1", _THEFT, "(sessionHandle, userID, req, res)"),
    _go("0.9", _CLAIM, "(validationErrors, req, res)"),
    _go("0.19", _DUPLICATE, "(message, req, res)"),
)
"""Every form that a handler has had, oldest first for each SDK and handler."""


def signature_at(sdk: SdkVersion, handler: HandlerName) -> Signature | None:
    """How a handler is written in a version; None where it cannot be replaced."""
    wanted = sdk.version or NEWEST
    fitting = [
        one
        for one in SIGNATURES
        if one.sdk == sdk.name and one.handler is handler and read_version(one.since) <= wanted
    ]
    return fitting[-1] if fitting else None


def first_signature(sdk: SdkName, handler: HandlerName) -> Signature | None:
    """The form with which a handler became replaceable; None where it never did."""
    return next((one for one in SIGNATURES if one.sdk == sdk and one.handler is handler), None)


def not_overridable(sdk: SdkVersion) -> frozenset[str]:
    """The handlers of the session recipe that a version keeps to itself."""
    handlers = {one.handler for one in SIGNATURES}
    return frozenset(handler for handler in handlers if signature_at(sdk, handler) is None)
