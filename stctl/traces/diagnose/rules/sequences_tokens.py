"""What rules about the course of a session ask of a request: its tokens, and what was concluded."""

from functools import lru_cache
from typing import Final

from stctl.recipe.transfer import ACCESS_COOKIE
from stctl.tokens.access import AccessToken, parse
from stctl.tokens.problem import TokenProblem
from stctl.traces.diagnose.wire import bearer_of, cookies_of, tokens_set_by
from stctl.traces.explain.explanation import Explanation

FIRST_ERROR: Final = 400
SERVER_ERROR: Final = 500
OK: Final = 200
MINUTE_MS: Final = 60_000


@lru_cache(maxsize=256)
def read_access(text: str) -> AccessToken | None:
    """The access token in a text; None where it is none."""
    try:
        return parse(text)
    except TokenProblem:
        return None


def sent_access(told: Explanation) -> AccessToken | None:
    """The access token that a request carries, that of the Authorization header first."""
    request = told.evidence.request
    for text in (bearer_of(request), cookies_of(request).get(ACCESS_COOKIE)):
        token = read_access(text) if text else None
        if token is not None:
            return token
    return None


def given_access(told: Explanation) -> AccessToken | None:
    """The access token that an answer hands out."""
    response = told.evidence.response
    text = tokens_set_by(response)[0] if response else None
    return read_access(text) if text else None


def concluded(told: Explanation, name: str) -> str:
    """The answer to one question of the explanation, in its words; empty where it was not asked."""
    return next((reason.answer for reason in told.reasons if reason.name == name), "")


def is_unexpired(token: AccessToken, told: Explanation) -> bool:
    """Whether a token was still good by every clock that the trace knows, with a second to spare.

    By the latest moment that the backend's clock may have shown, and by the recorder's.
    """
    latest = max(told.evidence.backend_ms[1], int(told.evidence.entry.ended_at_ms))
    return token.expires_at_ms > latest + 1000


def seconds(milliseconds: float) -> str:
    """A duration for people: whole seconds, minutes or hours, without a sign."""
    value = abs(milliseconds) / 1000
    for unit, size in (("h", 3600), ("min", 60)):
        if value >= 2 * size:
            return f"{value / size:,.0f} {unit}"
    return f"{value:,.0f} s"
