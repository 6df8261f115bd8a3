"""How the backend uses what it could keep: keys, and the session's payload."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import ClassVar, Final

from stctl.jsontypes import JsonValue
from stctl.recipe.step_end import StepName
from stctl.tokens.access import AccessToken
from stctl.traces.diagnose.model import Finding, RuleInfo, Severity
from stctl.traces.diagnose.proof import proof
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.rules.core_facts import Caller, CallRule, call_proof
from stctl.traces.diagnose.rules.sequences_tokens import MINUTE_MS, seconds, sent_access
from stctl.traces.diagnose.sight import Sight
from stctl.traces.diagnose.threads import thread
from stctl.traces.explain.book import Recent
from stctl.traces.explain.core_calls import CallKind, CoreCall, read_call
from stctl.traces.explain.explanation import Explanation
from stctl.traces.link import LoneCall

_MANY: Final = 10
_TOO_SOON_MS: Final = 2 * MINUTE_MS
_LONG_ENOUGH_MS: Final = 5 * MINUTE_MS
_SESSION: Final = "/recipe/session"
_CHANGE: Final = "/recipe/jwt/data"
_MOST: Final = 1000


class KeysFetchedOften(CallRule):
    """The key set is fetched all the time."""

    info: ClassVar = RuleInfo(
        id="ST-051",
        name="keys-fetched-often",
        severity=Severity.WARN,
        title="the backend fetches the core's keys far more often than it has to",
        cause="The key set may be cached for hours. Some versions of supertokens-golang and "
        "supertokens-python fetched it every minute or for each unknown key, and the Go one kept "
        "every copy in memory.",
        fix="Upgrade the SDK (supertokens-golang 0.24, supertokens-python 0.23.1), and see that "
        "jwksRefreshIntervalSec is not set to a small value.",
        link=thread("golang#155"),
        references=("golang#155", "python#337", "python#344"),
        example="`GET /.well-known/jwks.json` once a minute for hours.",
    )

    def __init__(self) -> None:
        self._times: deque[int] = deque(maxlen=_MANY)

    def of_core_call(self, call: CoreCall, caller: Caller, sight: Sight) -> Iterable[Finding]:
        """Fires when ten fetches came steadily, less than two minutes apart.

        Many at one moment are the start of many backends, which is legal.
        """
        del sight
        if call.kind is not CallKind.KEYS or not call.started_at_ms:
            return
        self._times.append(call.started_at_ms)
        if len(self._times) < _MANY:
            return
        span = self._times[-1] - self._times[0]
        gaps = [two - one for one, two in zip(self._times, list(self._times)[1:], strict=False)]
        if span >= _LONG_ENOUGH_MS and max(gaps) <= _TOO_SOON_MS:
            yield self.finding(
                f"The keys are fetched {_MANY} times in {seconds(span)}.",
                call_proof(call, caller, f"the {_MANY}th fetch within {seconds(span)}"),
            )


class PayloadBehind(Rule):
    """A token whose payload is not the session's any more."""

    info: ClassVar = RuleInfo(
        id="ST-048",
        name="payload-behind",
        severity=Severity.INFO,
        title="the session's payload in the core differs from the one in the access token",
        cause="The payload was changed by handle (from another request, a job, another service). "
        "An access token that is out there keeps what it was made with until the next refresh.",
        fix="Let the client refresh after such a change (attemptRefreshingSession), or change the "
        "payload through the session of the request. `stctl sessions diff` shows both sides.",
        link=thread("node#423"),
        references=("node#423", "core#448"),
        example="`GET /recipe/session` tells of `role: admin`, the token of the same request says "
        "`role: user`.",
    )

    def __init__(self) -> None:
        self._changed: Recent[str, tuple[int, CoreCall]] = Recent(_MOST)
        """By session: the last change of its payload by handle, and when it was done."""

    def of_call(self, call: LoneCall, sight: Sight) -> Iterable[Finding]:
        """Notes what an operator or a job changes."""
        del sight
        self._note(read_call(call.entry))
        return ()

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Compares what the core has with the token that is sent."""
        del sight
        for call in told.evidence.calls:
            self._note(call)
        token = sent_access(told)
        if token is None or told.answered.step is not StepName.VERIFY:
            return
        changed = self._changed.get(token.session_handle)
        if changed is not None and told.evidence.entry.started_at_ms > changed[0]:
            names = sorted(_differing(changed[1].sent.get("userDataInJWT"), token))
            if names:
                yield self.finding(
                    f"{', '.join(names)} was changed by handle, and {told.evidence.request.path} "
                    "is asked with a token of before.",
                    proof(told, "request access token", f"old values for {', '.join(names)}"),
                    subject=", ".join(names),
                )
        for call in told.evidence.of_kind(CallKind.SESSION):
            stale = sorted(_stale(call, token))
            if stale:
                yield self.finding(
                    f"{', '.join(stale)} {'are' if len(stale) > 1 else 'is'} different in the core "
                    "and in the access token.",
                    call_proof(call, told, f"other values for {', '.join(stale)}"),
                    subject=", ".join(stale),
                )

    def _note(self, call: CoreCall) -> None:
        handle = call.sent.get("sessionHandle")
        is_change = call.method == "PUT" and call.path.rstrip("/").endswith(_CHANGE)
        if is_change and call.core_status == "OK" and isinstance(handle, str):
            done_ms = int(call.started_at_ms + (call.took_ms or 0))
            self._changed.put(handle, (done_ms, call))


def _stale(call: CoreCall, token: AccessToken) -> Iterator[str]:
    """Names of claims of the core's payload that the token has otherwise or not at all."""
    is_facts = call.method == "GET" and call.path.rstrip("/").endswith(_SESSION)
    if not is_facts or call.core_status != "OK":
        return
    if call.answer.get("sessionHandle") == token.session_handle:
        yield from _differing(call.answer.get("userDataInJWT"), token)


def _differing(payload: JsonValue, token: AccessToken) -> Iterator[str]:
    for name, value in (payload if isinstance(payload, dict) else {}).items():
        if name not in token.user_claims or token.user_claims[name] != value:
            yield name


RULES: tuple[type[Rule], ...] = (KeysFetchedOften, PayloadBehind)
