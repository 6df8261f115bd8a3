"""Why the other errors were not raised: what a walk ruled out, in one sentence each."""

from collections.abc import Mapping
from typing import Final

from stctl.recipe.answering import Answered
from stctl.recipe.failures import ErrorName
from stctl.recipe.step_end import StepName
from stctl.recipe.walk import Walked

_ONLY_REFRESH: Final = "only the refresh API raises it"
_ONLY_VERIFY: Final = "only a route with claim validators raises it"
_NOTHING_UNFORESEEN: Final = "nothing unforeseen happened"
_EARLIER: Final = "the request had ended before anything could raise it"

_BY_STEP: Final[Mapping[StepName, Mapping[ErrorName, str]]] = {
    StepName.VERIFY: {
        ErrorName.TOKEN_THEFT_DETECTED: _ONLY_REFRESH,
        ErrorName.CLEAR_DUPLICATE_SESSION_COOKIES: _ONLY_REFRESH,
        ErrorName.INVALID_CLAIMS: "the claims were not reached, or none was found wrong",
    },
    StepName.REFRESH: {
        ErrorName.TRY_REFRESH_TOKEN: "a refresh never raises it",
        ErrorName.INVALID_CLAIMS: _ONLY_VERIFY,
    },
    StepName.SIGN_OUT: {
        ErrorName.TOKEN_THEFT_DETECTED: _ONLY_REFRESH,
        ErrorName.CLEAR_DUPLICATE_SESSION_COOKIES: _ONLY_REFRESH,
        ErrorName.INVALID_CLAIMS: "sign-out validates no claims",
    },
    StepName.CREATE: {
        ErrorName.UNAUTHORISED: "no session was asked for",
        ErrorName.TRY_REFRESH_TOKEN: "no session was asked for",
        ErrorName.TOKEN_THEFT_DETECTED: _ONLY_REFRESH,
        ErrorName.CLEAR_DUPLICATE_SESSION_COOKIES: _ONLY_REFRESH,
        ErrorName.INVALID_CLAIMS: _ONLY_VERIFY,
    },
    StepName.NONE: {
        ErrorName.UNAUTHORISED: "no session was asked for",
        ErrorName.TRY_REFRESH_TOKEN: "no session was asked for",
        ErrorName.TOKEN_THEFT_DETECTED: _ONLY_REFRESH,
        ErrorName.CLEAR_DUPLICATE_SESSION_COOKIES: _ONLY_REFRESH,
        ErrorName.INVALID_CLAIMS: _ONLY_VERIFY,
    },
}


def why_not(walked: Walked[Answered]) -> dict[ErrorName, str]:
    """For each error that was not raised, the fact that ruled it out; empty when none was.

    What the walk itself ruled out comes first; the last remark about an error counts.
    """
    answered = walked.value
    if answered.failure is None:
        return {}
    raised = answered.failure.error
    reasons = dict.fromkeys(ErrorName, _EARLIER)
    reasons[ErrorName.GENERAL_ERROR] = _NOTHING_UNFORESEEN
    reasons.update(_BY_STEP[answered.step])
    reasons.update({ErrorName(remark.error): remark.because for remark in walked.ruled_out})
    return {error: reasons[error] for error in ErrorName if error != raised}


_NO_SESSION: Final = "the route does not need a session, and none came"
_PASSED: Final[Mapping[ErrorName, str]] = {
    ErrorName.UNAUTHORISED: "the request brought a session that passed every check",
    ErrorName.TRY_REFRESH_TOKEN: "the access token passed every check, so no refresh was asked for",
    ErrorName.INVALID_CLAIMS: "no claim validator said no",
}


def why_nothing(walked: Walked[Answered]) -> dict[ErrorName, str]:
    """Why no error was raised at all, for answers that look as if one had been."""
    answered = walked.value
    reasons = dict.fromkeys(ErrorName, _NOTHING_UNFORESEEN)
    reasons.update(_BY_STEP[answered.step])
    if answered.session is not None:
        reasons.update(_PASSED)
    elif answered.step is not StepName.NONE:
        reasons.update(dict.fromkeys(_PASSED, _NO_SESSION))
    reasons.update({ErrorName(remark.error): remark.because for remark in walked.ruled_out})
    return reasons
