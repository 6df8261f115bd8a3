"""A core in trouble of its own."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import ClassVar, Final

from stctl.recipe.failures import Unauthorised
from stctl.recipe.step_end import StepName
from stctl.recipe.transfer import REFRESH_COOKIE
from stctl.traces.diagnose.model import Finding, RuleInfo, Severity
from stctl.traces.diagnose.proof import proof
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.rules.core_facts import Caller, CallRule, call_proof, first_line
from stctl.traces.diagnose.rules.errors_tokens import is_refresh_form
from stctl.traces.diagnose.rules.sequences_tokens import MINUTE_MS, SERVER_ERROR
from stctl.traces.diagnose.sight import Sight
from stctl.traces.diagnose.threads import thread
from stctl.traces.diagnose.wire import bearer_of, cookies_of
from stctl.traces.explain.core_calls import CoreCall
from stctl.traces.explain.explanation import Explanation

_BUSY: Final = 429
_A_BURST: Final = 3
_SERIALISE: Final = "could not serialize access"
_SEALED_BY_ANOTHER: Final = ("tag mismatch", "badtag", "badpadding", "not encrypted by this")


class CoreError(CallRule):
    """The core fails inside."""

    info: ClassVar = RuleInfo(
        id="ST-109",
        name="core-error",
        severity=Severity.ERROR,
        title="the core answers with a server error",
        cause="The core could not do what it was asked, mostly because of its database: no "
        "connection, no space, a failed migration. The SDK makes a general error of it, which the "
        "frontend sees as a 500; the session itself is untouched.",
        fix="Read the core's log around that time, and check its database.",
        link=thread("core#593"),
        references=("core#593",),
        example="`POST /recipe/session/verify` is answered 500 `connection is closed`.",
    )

    def of_core_call(self, call: CoreCall, caller: Caller, sight: Sight) -> Iterable[Finding]:
        """Fires on a 5xx of the core."""
        del sight
        if call.status is None or call.status < SERVER_ERROR or _SERIALISE in call.text.lower():
            return
        yield self.finding(
            f"{call.method} {call.path} is answered {call.status}: {first_line(call.text)}.",
            call_proof(call, caller, f"{call.status}, {first_line(call.text)}"),
        )


class SerialisationFailed(CallRule):
    """The database of the core gave up on concurrent changes."""

    info: ClassVar = RuleInfo(
        id="ST-035",
        name="serialisation-failed",
        severity=Severity.WARN,
        title="the core's database could not serialise concurrent changes",
        cause="Several requests changed the same rows at the same time, and PostgreSQL refused "
        "one of them more often than the core tries again. It happens under load, and in old "
        "cores also while verifying.",
        fix="Upgrade the core (6.0.12 and later try again in more places), and look for many "
        "parallel requests of one session.",
        link=thread("core#453"),
        references=("core#453", "core#1045"),
        example="The core answers 500 `ERROR: could not serialize access due to concurrent "
        "update`.",
    )

    def of_core_call(self, call: CoreCall, caller: Caller, sight: Sight) -> Iterable[Finding]:
        """Fires on PostgreSQL's words in an answer of the core."""
        del sight
        is_failure = call.status is not None and call.status >= SERVER_ERROR
        if is_failure and _SERIALISE in call.text.lower():
            yield self.finding(
                f"{call.method} {call.path} is answered {call.status} by PostgreSQL's refusal.",
                call_proof(call, caller, f"{call.status}, {first_line(call.text)}"),
            )


class RateLimited(CallRule):
    """The core asks for patience again and again."""

    info: ClassVar = RuleInfo(
        id="ST-050",
        name="rate-limited",
        severity=Severity.WARN,
        title="the core limits the rate of calls, and the SDK gives up",
        cause="A managed core answers 429 when there are too many calls. Newer SDKs try again "
        "five times, older ones (supertokens-node before 15.0.3) not at all; then the request is "
        "a general error.",
        fix="Upgrade the SDK, make fewer calls (database checks, look-ups of users), or ask for a "
        "higher limit.",
        link=thread("core#1044"),
        references=("core#1044",),
        example="Six calls of one refresh are answered 429 `Rate limited`, the refresh 500.",
    )

    def __init__(self) -> None:
        self._times: deque[int] = deque(maxlen=_A_BURST)

    def of_core_call(self, call: CoreCall, caller: Caller, sight: Sight) -> Iterable[Finding]:
        """Fires from the third 429 within a minute on; a single one is legal."""
        del sight
        if call.status != _BUSY:
            return
        self._times.append(call.started_at_ms)
        is_burst = self._times[-1] - self._times[0] <= MINUTE_MS
        if len(self._times) == _A_BURST and is_burst:
            yield self.finding(
                f"{_A_BURST} or more calls within a minute are answered 429.",
                call_proof(call, caller, f"429, {first_line(call.text)}"),
            )


class CoreReplaced(Rule):
    """A refresh token that another core sealed."""

    info: ClassVar = RuleInfo(
        id="ST-119",
        name="sealed-by-another-core",
        severity=Severity.ERROR,
        title="the core cannot open the refresh token: another core or database made it",
        cause="A refresh token is encrypted with a key in the core's database. This one is in "
        "good form and does not open: the core lost its data (an in-memory core was restarted), "
        "the backend now points to another core or app, or the token comes from another "
        "environment. Every such user has to log in again.",
        fix="Check the connectionURI, and that the core keeps its data in a database. If the "
        "change was meant, nothing is left to do: each browser is logged out once.",
        link=thread("core#593"),
        references=("core#593",),
        example="A refresh with a token in good form is answered UNAUTHORISED, `Tag mismatch`.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires where the core says that a token in good form cannot be opened."""
        del sight
        failure = told.answered.failure
        if told.answered.step is not StepName.REFRESH or not isinstance(failure, Unauthorised):
            return
        text = failure.message.lower()
        if not any(sign in text for sign in _SEALED_BY_ANOTHER) or not _is_in_good_form(told):
            return
        yield self.finding(
            f"The core cannot open the refresh token: {first_line(failure.message)}.",
            proof(told, "call to the core", f"UNAUTHORISED, {first_line(failure.message)}"),
        )


def _is_in_good_form(told: Explanation) -> bool:
    request = told.evidence.request
    text = bearer_of(request) or cookies_of(request).get(REFRESH_COOKIE)
    return text is None or is_refresh_form(text)


RULES: tuple[type[Rule], ...] = (CoreError, SerialisationFailed, RateLimited, CoreReplaced)
