"""Refreshes that help nobody: the same request fails before and after them."""

from collections.abc import Iterator
from typing import ClassVar, Final, NamedTuple

from stctl.recipe.failures import ErrorName
from stctl.recipe.profiles.newest import NODE
from stctl.recipe.step_end import StepName
from stctl.recipe.transfer import read_transfer
from stctl.tokens.access import AccessToken
from stctl.traces.diagnose.model import Finding, Proof, RuleInfo, Severity
from stctl.traces.diagnose.proof import proof
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.rules.sequences_tokens import (
    FIRST_ERROR,
    MINUTE_MS,
    concluded,
    is_unexpired,
    seconds,
    sent_access,
)
from stctl.traces.diagnose.sight import Glance, Sight
from stctl.traces.diagnose.threads import thread
from stctl.traces.explain.book import Recent
from stctl.traces.explain.core_calls import CallKind
from stctl.traces.explain.explanation import Explanation

_MOST: Final = 500
_USUAL_STATUS: Final = 401


class _Refused(NamedTuple):
    at_ms: int
    handle: str
    token: str
    """Hash of the access token that came along."""
    proof: Proof
    body: bytes
    refresh: Proof | None = None
    """The refresh that followed it, once it worked."""


class OwnRefusalLoop(Rule):
    """The app's own 401 sets off refresh after refresh."""

    info: ClassVar = RuleInfo(
        id="ST-001",
        name="own-401-loop",
        severity=Severity.ERROR,
        title="the app's own 401 makes the frontend refresh again and again",
        cause="The route answers 401 for a reason of its own (another provider, a missing right), "
        "while the session is valid: no handler of the session recipe has fired. The frontend SDK "
        "takes every 401 for an expired access token, refreshes, sends the request again, and gets "
        "the same 401. Newer frontend SDKs stop after 10 attempts, older ones never.",
        fix="Answer such a refusal with 403. Where it must be 401, give the session errors a "
        "status of their own: the same sessionExpiredStatusCode in backend and frontend.",
        link=thread("website#210"),
        references=("website#113", "website#164", "website#210", "website#258", "rn#125"),
        example='A GET is answered 401 `{"error":"forbidden"}`, the refresh 200, the same GET '
        "again 401 with the same body.",
    )

    def __init__(self) -> None:
        self._refused: Recent[tuple[str, str, str], _Refused] = Recent(_MOST)
        """By client, method and path."""
        self._last: Recent[str, tuple[str, str, str]] = Recent(_MOST)
        self._good: Recent[str, bool] = Recent(_MOST)
        """Sessions that some route was seen to accept."""

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires on the second refusal of a request, with another token than the first one.

        A handler of the app's own could hide a session error behind such an answer: the session
        must have been seen to be good, by the core, by a token on the very answer, or elsewhere.
        """
        short = sight.glance(told)
        if short.step is StepName.REFRESH:
            self._of_refresh(told, short)
            return
        token = sent_access(told)
        wanted = sight.known.frontend_session_expired_status_code or _USUAL_STATUS
        if token is not None and _is_verified(told):
            self._good.put(token.session_handle, True)
        if token is None or not told.is_own_refusal or short.status != wanted:
            return
        if not is_unexpired(token, told) or told.answered.step is not StepName.VERIFY:
            return
        key = (short.client, short.method, short.path)
        before = self._refused.get(key)
        body = told.evidence.response.body[:2000] if told.evidence.response else b""
        shown = proof(
            told, "answer status", f"{short.status} by the app itself; {_state(told, token)}"
        )
        is_good = _is_verified(told) or (
            token.session_handle in self._good and _is_beyond_doubt(told, token)
        )
        if is_good and before and before.refresh and _is_same(before, short, token, body):
            yield self._found(told, token, before, shown)
        refused = _Refused(short.at_ms, token.session_handle, short.access_sent or "", shown, body)
        self._refused.put(key, refused)
        self._last.put(short.client, key)

    def _of_refresh(self, told: Explanation, short: Glance) -> None:
        key = self._last.get(short.client)
        before = self._refused.get(key) if key else None
        if key and before and short.error is None and short.access_set:
            shown = proof(told, "answer status", f"{short.status}, new tokens")
            self._refused.put(key, before._replace(refresh=shown))

    def _found(
        self, told: Explanation, token: AccessToken, before: _Refused, shown: Proof
    ) -> Finding:
        request = told.evidence.request
        refresh = (before.refresh,) if before.refresh else ()
        return self.finding(
            f"{request.method} {request.path} is answered {told.evidence.status} by the app "
            f"itself, before a refresh and after it, while the session is valid "
            f"({_state(told, token)}); no handler of the session recipe fired.",
            before.proof,
            *refresh,
            shown,
            subject=f"{request.method} {request.path}",
        )


def _is_verified(told: Explanation) -> bool:
    """Whether it is certain that the SDK took the token: by what came of it."""
    if told.answered.step is not StepName.VERIFY:
        return False
    if any(call.core_status == "OK" for call in told.evidence.of_kind(CallKind.VERIFY)):
        return True
    is_accepted = told.error is None and told.answered.session is not None
    return is_accepted and (told.evidence.sets_access_token or told.evidence.status < FIRST_ERROR)


def _is_beyond_doubt(told: Explanation, token: AccessToken) -> bool:
    """Whether the request has nothing for which an SDK may refuse a good token."""
    transfer = read_transfer(told.evidence.request, NODE)
    in_cookie = transfer.bearer is None and told.evidence.request.method != "GET"
    lacks = in_cookie and (transfer.rid is None or transfer.anti_csrf != token.anti_csrf_token)
    odd = bool(transfer.doubled) or transfer.has_legacy_cookie or "aud" in token.user_claims
    return not lacks and not odd


def _is_same(before: _Refused, short: Glance, token: AccessToken, body: bytes) -> bool:
    is_new_token = short.access_sent != before.token and token.session_handle == before.handle
    return is_new_token and short.at_ms - before.at_ms <= MINUTE_MS and body == before.body


def _state(told: Explanation, token: AccessToken) -> str:
    return f"its token has {seconds(token.expires_at_ms - told.evidence.backend_ms[0])} to go"


class FreshTokenRefused(Rule):
    """A token straight from a refresh is refused again."""

    info: ClassVar = RuleInfo(
        id="ST-101",
        name="fresh-token-refused",
        severity=Severity.ERROR,
        title="the access token of a refresh is refused just like the one before",
        cause="The refresh works, and verifying refuses what it gave: the backend does not accept "
        "what the core makes. Mostly it verifies with the keys of another core than it refreshes "
        "with. The frontend refreshes in a loop.",
        fix="Compare the connectionURI of all backends behind this address, and what proxies stand "
        "between them and the core.",
        link=thread("node#136"),
        references=("node#136", "node#142"),
        example="401 `try refresh token`, refresh 200, and the same 401 with the new token.",
    )

    def __init__(self) -> None:
        self._given: Recent[str, Proof] = Recent(_MOST)
        """By hash of an access token that a refresh gave."""

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires on TRY_REFRESH_TOKEN for a token of a refresh, well before it expires."""
        short = sight.glance(told)
        if short.step is StepName.REFRESH:
            if short.error is None and short.access_set:
                self._given.put(short.access_set, proof(told, "answer status", "200, new tokens"))
            return
        given = self._given.get(short.access_sent or "")
        if given is None or short.error is not ErrorName.TRY_REFRESH_TOKEN:
            return
        token = sent_access(told)
        if token is None or not is_unexpired(token, told) or not _is_the_tokens_fault(told, token):
            return
        yield self.finding(
            f"{short.path} refuses the access token that a refresh has just given.",
            given,
            proof(told, "answer status", f"{short.status} TRY_REFRESH_TOKEN for the new token"),
        )


def _is_the_tokens_fault(told: Explanation, token: AccessToken) -> bool:
    """Whether it was not something else about the request: anti-CSRF, doubled cookies.

    A token with an audience has a rule of its own.
    """
    others = ("rid", "anti_csrf", "doubled_cookie", "legacy_cookie", "key_kind")
    has_audience = "aud" in token.user_claims
    return not has_audience and not any(concluded(told, name) for name in others)


RULES: tuple[type[Rule], ...] = (OwnRefusalLoop, FreshTokenRefused)
