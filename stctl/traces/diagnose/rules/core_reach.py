"""A core that cannot be reached, or not in time."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import ClassVar, Final

from stctl.recipe.step_end import StepName
from stctl.recipe.walk import Source
from stctl.traces.diagnose.model import Finding, Proof, RuleInfo, Severity
from stctl.traces.diagnose.proof import proof
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.rules.core_facts import Caller, CallRule, call_proof
from stctl.traces.diagnose.rules.sequences_tokens import (
    FIRST_ERROR,
    MINUTE_MS,
    SERVER_ERROR,
    concluded,
    seconds,
)
from stctl.traces.diagnose.sight import Sight
from stctl.traces.diagnose.threads import thread
from stctl.traces.explain.core_calls import CoreCall
from stctl.traces.explain.explanation import Explanation

_POOL_WAIT_MS: Final = 4_500
"""A core waits 5 s for a connection from its pool; a little less, for clocks."""
_A_STORM: Final = 3
_NO_CORE: Final = "no supertokens core available"
"""The SDKs' words, in lower case."""


class CoreUnreachable(CallRule):
    """No answer from the core."""

    info: ClassVar = RuleInfo(
        id="ST-018",
        name="core-unreachable",
        severity=Severity.ERROR,
        title="the backend cannot reach the core",
        cause="A call to the core ended without an answer: nothing listens at the connectionURI "
        "(localhost inside a container is the container itself), the core is down or asleep, or a "
        "name or a network between them does not work. Access tokens still verify with cached "
        "keys; refresh, sign-out and database checks fail.",
        fix="Run `stctl doctor` from where the backend runs: it tries name, connection, TLS and "
        "the core's own answer one after the other.",
        link=thread("python#237"),
        references=("python#237", "core#593", "core#487", "auth-react#538"),
        example="A refresh is answered 500 `No SuperTokens core available to query`, and the "
        "connection to the core was refused.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Looks at the calls of a request that failed, and at keys that could not be fetched.

        A call that is not in the trace says something only where calls are in it at all, where the
        answer repeats the SDK's words, or where a debug log says that it failed.
        """
        evidence = told.evidence
        if evidence.status and evidence.status < FIRST_ERROR:
            return
        words = _logged_words(told)
        says_so = _NO_CORE in evidence.words or any(map(_is_told_to_fail, told.core_calls))
        if not (evidence.core_recorded or says_so or words):
            return
        for call in told.core_calls:
            yield from self.of_core_call(call, told, sight)
        if words and not told.core_calls:
            yield self._found("a call whose path is not in the log", proof(told, "log", words))
        no_keys = concluded(told, "signature").startswith("the core's keys could not")
        if no_keys and not any(call.status or call.failure for call in told.core_calls):
            yield self._found("the core's keys", proof(told, "call to the core", "no keys"))

    def of_core_call(self, call: CoreCall, caller: Caller, sight: Sight) -> Iterable[Finding]:
        """Fires on a call without an answer."""
        del sight
        if call.status is None and call.failure is not None:
            shown = call_proof(call, caller, f"{call.method} {call.path}: {call.failure}")
            yield self._found(f"{call.method} {call.path} ({call.failure})", shown)

    def _found(self, what: str, shown: Proof) -> Finding:
        return self.finding(f"No answer from the core to {what}.", shown)


def _logged_words(told: Explanation) -> str:
    """The line of a debug log that says that no core could be asked; empty where none does."""
    seen = (reason.answer for reason in told.reasons if reason.source is Source.OBSERVED)
    return next((answer for answer in seen if _NO_CORE in answer.lower()), "")


def _is_told_to_fail(call: CoreCall) -> bool:
    return call.failure is not None and call.source is Source.OBSERVED


class CoreHostDown(Rule):
    """One of several cores is down."""

    info: ClassVar = RuleInfo(
        id="ST-117",
        name="core-host-down",
        severity=Severity.WARN,
        title="one of the core's hosts does not answer; the SDK goes on to the next one",
        cause="Several hosts are configured in the connectionURI and at least one of them refuses "
        "connections. The SDK tries the next one, which costs time on every call that begins with "
        "the dead host, and fails outright for the calls that are not tried again.",
        fix="Bring the host back, or take it out of the connectionURI. `stctl doctor --uri` looks "
        "at each host.",
        link=thread("core#487"),
        references=("core#487",),
        example="A refresh is answered 200; of its two calls to the core the first one was "
        "refused, the second one answered.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires where one call had an answer and the same call had none."""
        del sight
        if not told.evidence.core_recorded:
            return
        answered = {(call.method, call.path) for call in told.core_calls if call.status}
        dead = [
            call
            for call in told.core_calls
            if call.status is None and (call.method, call.path) in answered
        ]
        if dead:
            yield self.finding(
                f"{dead[0].method} {dead[0].path} was answered only at another host.",
                call_proof(dead[0], told, f"{dead[0].failure}, then answered by another host"),
            )


class RefreshStorm(Rule):
    """Many refreshes that wait for the core until it gives up."""

    info: ClassVar = RuleInfo(
        id="ST-006",
        name="refresh-storm",
        severity=Severity.ERROR,
        title="refreshes wait for seconds and then fail: the core has run out of connections",
        cause="One refresh needs two connections to the database in cores up to 12.2 (CDI up to "
        "5.4, or static keys). When as many refreshes come at once as the pool has connections, "
        "each waits for another until the pool gives up after 5 s, and all of them fail.",
        fix="Raise the core's connection pool size above twice the refreshes that come at once, "
        "upgrade the core, and spread refreshes (access_token_validity_jitter of core 12.1).",
        link=thread("core#1413"),
        references=("core#1413",),
        example="Within a second twenty refreshes begin; each takes 5 s, and all answer 500.",
    )

    def __init__(self) -> None:
        self._slow: deque[tuple[int, bool]] = deque(maxlen=_A_STORM * 4)
        """Start and failure of the last slow refreshes."""

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires on the third slow refresh within a minute, when one of them has failed."""
        del sight
        entry = told.evidence.entry
        took_ms = entry.exchange.duration_ms
        if told.answered.step is not StepName.REFRESH or took_ms < _POOL_WAIT_MS:
            return
        failed = told.evidence.status == 0 or told.evidence.status >= SERVER_ERROR
        self._slow.append((entry.started_at_ms, failed))
        near = [
            has_failed
            for started, has_failed in self._slow
            if entry.started_at_ms - started <= MINUTE_MS
        ]
        if len(near) >= _A_STORM and any(near):
            yield self.finding(
                f"{len(near)} refreshes within a minute took {seconds(_POOL_WAIT_MS)} or more, and "
                f"{sum(near)} of them failed.",
                proof(told, "duration", f"{took_ms:,.0f} ms, answered {told.evidence.status}"),
            )


RULES: tuple[type[Rule], ...] = (CoreUnreachable, CoreHostDown, RefreshStorm)
