"""Tokens that no core of this app made."""

from collections.abc import Iterator
from typing import ClassVar, Final

from stctl.exchange import first_value
from stctl.recipe.failures import ErrorName, Unauthorised
from stctl.recipe.step_end import StepName
from stctl.recipe.transfer import ACCESS_COOKIE, AUTH_MODE_HEADER, REFRESH_COOKIE
from stctl.recipe.walk import Source
from stctl.traces.diagnose.model import Finding, RuleInfo, Severity
from stctl.traces.diagnose.proof import proof
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.rules.sequences_tokens import (
    concluded,
    given_access,
    is_unexpired,
    read_access,
    sent_access,
)
from stctl.traces.diagnose.sight import Sight
from stctl.traces.diagnose.threads import thread
from stctl.traces.diagnose.wire import bearer_of, cookies_of
from stctl.traces.explain.evidence import Evidence
from stctl.traces.explain.explanation import Explanation

_REFUSED: Final = (ErrorName.UNAUTHORISED, ErrorName.TRY_REFRESH_TOKEN)
_MOST_WAITING: Final = 200


class GarbageAccessToken(Rule):
    """What should be an access token is none."""

    info: ClassVar = RuleInfo(
        id="ST-113",
        name="garbage-access-token",
        severity=Severity.WARN,
        title="what is sent as access token is none, so it counts as absent",
        cause="The place of the access token holds something else: a cut or escaped token, a token "
        "of another system, a value that some code wrote there. The SDK drops it without a word "
        "and says that there is no session.",
        fix="Look at what writes the cookie or the Authorization header. Decode the value with "
        "`stctl decode`, which names the first thing that is wrong with it.",
        link=thread("core#1044"),
        example="The cookie sAccessToken holds `not-a-token`, and the answer is 401.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires where the only candidate for an access token cannot be read, and is refused."""
        del sight
        if told.error not in _REFUSED or told.answered.step is not StepName.VERIFY:
            return
        place = _garbage_place(told.evidence)
        if place is None or concluded(told, "access_token_form").startswith("yes"):
            return
        yield self.finding(
            f"{place} holds no access token, and {told.error} is the answer.",
            proof(told, f"request {place}", "no access token of any version"),
            subject=place,
        )


def _garbage_place(evidence: Evidence) -> str | None:
    """Where an unreadable token stands; None where a readable one is sent or none at all.

    A foreign Authorization header is legal beside a cookie, and from a client that did not ask for
    header mode.
    """
    request = evidence.request
    cookie, bearer = cookies_of(request).get(ACCESS_COOKIE), bearer_of(request)
    if (cookie and read_access(cookie)) or (bearer and read_access(bearer)):
        return None
    if cookie:
        return f"cookie {ACCESS_COOKIE}"
    is_header_mode = first_value(request.headers, AUTH_MODE_HEADER) == "header"
    return "header Authorization" if bearer and is_header_mode else None


class GarbageRefreshToken(Rule):
    """What should be a refresh token is none."""

    info: ClassVar = RuleInfo(
        id="ST-114",
        name="garbage-refresh-token",
        severity=Severity.WARN,
        title="what is sent as refresh token is none",
        cause="The refresh token has not the form that a core gives it (three parts, the last one "
        "V2): it was cut, escaped twice, or written by something else. The core answers "
        "UNAUTHORISED, and the tokens are cleared.",
        fix="Look at what stores and sends the refresh token. In cookie mode only the browser "
        "should touch it.",
        link=thread("node#1038"),
        references=("node#1038",),
        example="sRefreshToken is `garbage`, the core says `version of refresh token not "
        "recognised`.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires on a refused refresh whose token has the form of no token at all."""
        del sight
        is_refused = isinstance(told.answered.failure, Unauthorised)
        if told.answered.step is not StepName.REFRESH or not is_refused:
            return
        request = told.evidence.request
        bearer = bearer_of(request)
        text = bearer or cookies_of(request).get(REFRESH_COOKIE)
        if not text or is_refresh_form(text) or read_access(text) is not None:
            return
        place = "header Authorization" if bearer else f"cookie {REFRESH_COOKIE}"
        yield self.finding(
            f"{place} holds no refresh token: {_parts(text)}.",
            proof(told, f"request {place}", _parts(text)),
            subject=place,
        )


def is_refresh_form(text: str) -> bool:
    """Whether a text has the outer form of a refresh token."""
    parts = text.split(".")
    return len(parts) == 3 and parts[2].upper() in {"V0", "V1", "V2"}  # noqa: PLR2004 - its parts


def _parts(text: str) -> str:
    parts = text.split(".")
    return f"{len(text)} characters in {len(parts)} part{'s' if len(parts) > 1 else ''}"


class UnfittingSignature(Rule):
    """A token in good form and time whose signature no key of the core makes."""

    info: ClassVar = RuleInfo(
        id="ST-102",
        name="unfitting-signature",
        severity=Severity.WARN,
        title="an unexpired access token is refused because its signature does not fit",
        cause="The token names a key, and by that key its signature is wrong: another core made it "
        "that has a key of the same name, the backend has other keys under that name than the core "
        "has now, or somebody changed the token. The answer is TRY_REFRESH_TOKEN.",
        fix="Check the token against the core's keys with `stctl verify`. When several cores or "
        "environments are in use, see which one this client logged in to.",
        link=thread("node#136"),
        references=("node#136", "node#142", "core#282"),
        example="An access token with 50 minutes to go is answered 401 `try refresh token`, and "
        "the request carries everything that anti-CSRF asks for.",
    )

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str], Finding] = {}

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Holds what it finds until the end: a refresh to another key heals a rotation."""
        if told.answered.step is StepName.REFRESH:
            self._heal(told)
            return
        token = sent_access(told)
        if token is None or told.error is not ErrorName.TRY_REFRESH_TOKEN:
            return
        verdict = _verdict(told, sight)
        is_sure = told.evidence.core_recorded or _was_checked(told)
        if not is_sure or not verdict:
            return
        if not is_unexpired(token, told) or "aud" in token.user_claims:
            return
        key = (token.session_handle, token.structure.kid or "")
        if key in self._waiting or len(self._waiting) < _MOST_WAITING:
            found = self.finding(
                f"A token of key {token.structure.kid or 'without a name'} is refused before its "
                f"time: {verdict}.",
                proof(told, "request access token", f"{verdict}; refused with {told.error}"),
                subject=token.structure.kid or "",
            )
            known = self._waiting.get(key)
            self._waiting[key] = found if known is None else known.also(found)
        yield from ()

    def _heal(self, told: Explanation) -> None:
        if told.error is not None:
            return
        fresh = given_access(told)
        if fresh is None:
            return
        healed = [
            key
            for key in self._waiting
            if key[0] == fresh.session_handle and key[1] != fresh.structure.kid
        ]
        for key in healed:
            del self._waiting[key]

    def end(self, sight: Sight) -> Iterator[Finding]:
        """What no refresh has healed."""
        del sight
        yield from self._waiting.values()


def _verdict(told: Explanation, sight: Sight) -> str:
    """Why the token is refused, in words; empty where it may be for something else.

    An app that is not known may also be set to the other kind of key; then a refresh heals it.
    """
    verdict = concluded(told, "signature")
    if verdict.startswith("it does not hold"):
        return verdict
    is_open = sight.known.use_dynamic_access_token_signing_key is None
    if is_open and concluded(told, "key_kind").startswith("no"):
        return "the signature does not hold, or the app is set to the other kind of key"
    return ""


def _was_checked(told: Explanation) -> bool:
    """Whether keys were at hand; otherwise the backend may have had none, which looks the same."""
    return any(
        reason.name == "signature" and reason.source is Source.OBSERVED for reason in told.reasons
    )


RULES: tuple[type[Rule], ...] = (GarbageAccessToken, GarbageRefreshToken, UnfittingSignature)
