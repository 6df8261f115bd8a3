"""What the words of an answer hint at, where nothing but its words speaks.

A handler of an app may write what it likes. People nevertheless write about the error that they
handle, so its words make one error more likely than another; they never rule one out.
"""

import re
from collections.abc import Mapping
from typing import Final

from stctl.recipe.failures import ErrorName
from stctl.traces.explain import plausibility

_WORDS: Final[Mapping[ErrorName, re.Pattern[str]]] = {
    ErrorName.TRY_REFRESH_TOKEN: re.compile(
        r"\brefresh|\brenew|token (?:has |is )?expired|expired token|access token"
    ),
    ErrorName.UNAUTHORISED: re.compile(
        r"\blog ?in\b|\bsign ?in\b|\blogged out\b|unauthori|unauthenticated|no session"
        r"|session (?:has |does |is )?(?:expired|ended|not|gone|invalid)|re-?authenticate"
    ),
    ErrorName.TOKEN_THEFT_DETECTED: re.compile(
        r"theft|stolen|\brisk\b|compromis|hijack|suspicious|security|\breuse"
    ),
    ErrorName.INVALID_CLAIMS: re.compile(
        r"claim|permission|\brole|verif(?:y|ied) (?:your )?e?mail|email.{0,10}verif|\bmfa\b|factor"
    ),
    ErrorName.CLEAR_DUPLICATE_SESSION_COOKIES: re.compile(
        r"duplicate|multiple|old(?:er)? cookie|cookies? (?:was |were )?(?:removed|cleared)"
    ),
}
_PROTECTED: Final = re.compile(
    r"auth|protect|private|secur|account|profile|\bme\b|dashboard|admin|user|session|member"
)
_CLAIMED: Final = re.compile(r"claim|role|admin|permission|verified|mfa|factor")
_OPTIONAL: Final = re.compile(r"optional|guest|anonymous|whoami|public")
_LOGIN: Final = re.compile(r"log-?in|sign-?in|sign-?up|register|signinup|callback|impersonate")


def price_of_words(words: str, error: ErrorName) -> float:
    """What it takes to believe that words were written for an error.

    Nothing where they speak of it, something where they speak of nothing that is known, more where
    they speak of another error.
    """
    if _WORDS.get(error) is None:
        return plausibility.EXPECTED
    if _WORDS[error].search(words):
        return plausibility.EXPECTED
    if any(pattern.search(words) for pattern in _WORDS.values()):
        return plausibility.UNCOMMON
    return plausibility.COMMON


def speaks_of_session(words: str) -> bool:
    """Whether words speak of any session error."""
    return any(pattern.search(words) for pattern in _WORDS.values())


def sounds_protected(path: str) -> bool:
    """Whether a route is named like one that asks for a session."""
    return bool(_PROTECTED.search(path.lower()))


def sounds_claimed(path: str) -> bool:
    """Whether a route is named like one that looks at claims."""
    return bool(_CLAIMED.search(path.lower()))


def sounds_optional(path: str) -> bool:
    """Whether a route is named like one that gets by without a session."""
    return bool(_OPTIONAL.search(path.lower()))


def sounds_like_login(path: str) -> bool:
    """Whether a route is named like one that begins a session."""
    return bool(_LOGIN.search(path.lower()))
