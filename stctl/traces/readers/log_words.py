"""The one vocabulary for what SDKs say in their debug logs.

Node, Python and Go use nearly the same words; where they differ, the pattern allows both. A line
that is not told here is `Topic.OTHER`, which loses nothing: the message is kept.

Source: the logging calls of supertokens-node 24.0.3, supertokens-python 0.31.4, supertokens-golang
0.25.2 and supertokens-website 20.1.6.
"""

import re
from collections.abc import Mapping
from typing import Final

from stctl.traces.model import Topic

_STEPS: Final = {"getsession": "verify", "refreshsession": "refresh", "createnewsession": "create"}
_ERRORS: Final = {
    "TryRefreshTokenError": "TRY_REFRESH_TOKEN",
    "UnauthorizedError": "UNAUTHORISED",
    "INVALID_CLAIM": "INVALID_CLAIMS",
}
_ERROR: Final = (
    r"(?P<error>UNAUTHORISED|TRY_REFRESH_TOKEN|TOKEN_THEFT_DETECTED|INVALID_CLAIMS?"
    r"|CLEAR_DUPLICATE_SESSION_COOKIES|TryRefreshTokenError|UnauthorizedError)"
)
_STEP: Final = r"(?P<step>getSession|refreshSession|createNewSession): "
_TRANSFER: Final = r"(?P<transfer>cookie|header)"

_FRONTEND_CALLS: Final = (
    r"(?P<call>onUnauthorisedResponse|doRequest|getLocalSessionState|responseInterceptor"
    r"|responseErrorInterceptor|XHRInterceptor\.\w+|saveTokensFromHeaders|setToken"
    r"|FrontToken\.\w+|AntiCsrfToken\.\w+|init|interceptorFunctionRequestFulfilled"
    r"|setAuthorizationHeaderIfRequired|removeAuthHeaderIfMatchesLocalToken"
    r"|fireSessionUpdateEventsIfNecessary|onTokenUpdate|signOut|doesSessionExist)"
)
_NOT_MINE: Final = (
    r"middleware: Not handling because request path did not start with .* path\."
    r" Request path: (?P<path>.*)"
)
_LOOK: Final = (
    r"middleware: Checking recipe ID for match: \S+"
    r"(?: with path: (?P<path>.*) and method: (?P<method>\w+))?"
)
_RAISED: Final = (
    r"(?P<by>\w+): (?:cleared all session tokens and )?(?:(?:[Rr]eturning|Throwing) )?"
    + _ERROR
    + r" because (?P<reason>.*)"
)
_ANTI_CSRF: Final = (
    r"getSession: Value of (?:doAntiCsrfCheck|antiCsrfToken) is: (?P<anti_csrf_check>\w+)"
)
_MESSAGE: Final = (
    r"errorHandler: (?:Error is from SuperTokens recipe\. Message|error): (?P<message>.*)"
)
_ANSWER: Final = (
    r"Sending (?:HTML )?(?:redirect )?response (?:to client )?with status code:? (?P<status>\d{3})"
)
_CLAIM: Final = (
    r"validate_?[cC]laims_?[iI]n_?[pP]ayload (?P<validator>\S+) valid(?:ate|ation) res"
    r" (?P<result>.*)"
)
_DUPLICATE: Final = r"(?:\w+: )?Clearing (?P<what>duplicate \S+ cookie) with domain (?P<domain>.*)"
_OPTIONAL: Final = r"getSession: optional validation:? (?P<optional>true|false|True|False)"
_NO_SESSION: Final = (
    r"(?P<step>getSession): [Rr]eturning (?P<without>undefined|None|nil) because .*"
)

_PATTERNS: Final = tuple(
    (topic, re.compile(pattern, re.DOTALL))
    for topic, pattern in (
        (Topic.REQUEST, r"middleware: Started"),
        (Topic.NOT_MINE, _NOT_MINE),
        (Topic.NOT_MINE, r"middleware: Not handl(?:ing|ed) because .*"),
        (Topic.LOOKED_AT, _LOOK),
        (Topic.LOOKED_AT, r"middleware: requestRID is: (?P<rid>.*)"),
        (Topic.ROUTE, r"middleware: Request being handled by recipe\. ID is: (?P<route>.*)"),
        (Topic.MIDDLEWARE_END, r"middleware: Ended"),
        (Topic.STEP, _STEP + r"Started"),
        (Topic.OPTION, _OPTIONAL),
        (Topic.OPTION, _ANTI_CSRF),
        (Topic.FOUND, _STEP + rf"got (?P<token>access|refresh) token from {_TRANSFER}"),
        (Topic.IGNORED, _STEP + rf"ignoring token in {_TRANSFER}, because .*"),
        (Topic.TRANSFER, _STEP + rf"using {_TRANSFER} transfer method"),
        (Topic.TRANSFER, _STEP + r"using transfer method (?P<mode>\w+)"),
        (Topic.DONE, _NO_SESSION),
        (Topic.DONE, _STEP + r"(?:Success!|Finished)"),
        (Topic.RAISED, _RAISED),
        (Topic.HANDLER, r"errorHandler: returning " + _ERROR),
        (Topic.CLEARED, rf"(?:errorHandler: )?[Cc]learing tokens because of {_ERROR} response"),
        (Topic.CLEARED, r"(?P<by>refreshSession): cleared (?P<what>legacy id refresh token) .*"),
        (Topic.CLEARED, r"createNewSession: Cleared (?P<what>old tokens)"),
        (Topic.CLEARED, _DUPLICATE),
        (Topic.SET, rf"(?:setToken: )?Setting (?P<token>access|refresh) token as {_TRANSFER}"),
        (Topic.CORE_CALL, r"core-call: (?P<method>[A-Z]+) (?P<url>\S+)"),
        (Topic.CORE_CALL, r"Attempting to fetch JWKS from path: (?P<url>\S+)"),
        (Topic.CORE_CALL, r"Fetching jwk set from the configured uri"),
        (Topic.CORE_ANSWER, r"Error fetching: (?P<problem>.*)"),
        (Topic.CORE_ANSWER, r"Error status: (?P<status>\d+)"),
        (Topic.ERROR, _MESSAGE),
        (Topic.ERROR, r"errorHandler: Started"),
        (Topic.ANSWER, r"errorHandler: Sending (?P<status>\d{3}) status code response"),
        (Topic.ANSWER, _ANSWER),
        (Topic.CLAIM, _CLAIM),
        (Topic.INIT, r"session init: (?P<setting>\w+): (?P<value>.*)"),
        (Topic.INIT, r"(?P<setting>[aA]pp_?[iI]nfo|framework): (?P<value>.*)"),
        (Topic.INIT, r"Started SuperTokens with debug logging.*"),
        (Topic.FRONTEND, _FRONTEND_CALLS + r": ?(?P<did>.*)"),
    )
)


def words_of(message: str) -> tuple[Topic, Mapping[str, str]]:
    """What a message speaks of, and the facts in it."""
    for topic, pattern in _PATTERNS:
        found = pattern.fullmatch(message)
        if found is not None:
            return topic, _facts(topic, found.groupdict())
    return Topic.OTHER, {}


def _facts(topic: Topic, parts: Mapping[str, str | None]) -> Mapping[str, str]:
    facts = {name: text.strip() for name, text in parts.items() if text is not None}
    by = facts.pop("by", facts.get("step", "")).lower()
    step = next((step for name, step in _STEPS.items() if by.startswith(name)), None)
    if step is not None:
        facts["step"] = step
    if "error" in facts:
        facts["error"] = _ERRORS.get(facts["error"], facts["error"])
    if "mode" in facts:
        facts["transfer"] = facts.pop("mode")
    if topic is Topic.OPTION:
        facts = {name: text.lower() for name, text in facts.items()}
    if "without" in facts:
        facts["session"] = "no"
        del facts["without"]
    return facts
