"""What an app's own code does to its requests and to the answers of errors."""

from collections.abc import Iterator
from typing import ClassVar, Final

from stctl.recipe.arrival import Reach
from stctl.recipe.failures import General, Unauthorised
from stctl.recipe.step_end import StepName
from stctl.traces.diagnose.model import Finding, RuleInfo, Severity
from stctl.traces.diagnose.proof import proof
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.rules.sequences_tokens import OK, SERVER_ERROR, concluded
from stctl.traces.diagnose.sight import Sight
from stctl.traces.diagnose.threads import thread
from stctl.traces.explain.core_calls import CallKind
from stctl.traces.explain.explanation import Explanation

_NO_CORE: Final = "no supertokens core available"
_DASHBOARD: Final = "/dashboard/api/"


class HandlerFails(Rule):
    """An override of an error handler throws."""

    info: ClassVar = RuleInfo(
        id="ST-107",
        name="handler-fails",
        severity=Severity.ERROR,
        title="the app's own error handler fails, so the session error becomes a general one",
        cause="The app overrides a handler of the session recipe, and the override throws. The "
        "frontend gets the answer of the framework instead, mostly a 500: it does not refresh, and "
        "may never learn that the session is over.",
        fix="Look up the exception in the backend's log, and make the override answer in every "
        "case: write a status and a body, in Python return the response, in Node call nothing that "
        "may be undefined there.",
        link=thread("core#1044"),
        example="A request without a token is answered 500 with a page of the framework, where "
        "onUnauthorised should have written 401.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires where the app's handler did not come to an end, or the end is a server error.

        An error handler of the whole app may have written the latter, after the session's failed.
        """
        del sight
        firing, status = told.answered.firing, told.evidence.status
        if firing.kind != "custom" or firing.handler is None:
            return
        if firing.failed is None and status < SERVER_ERROR:
            return
        yield self.finding(
            f"{told.error} goes to the app's own {firing.handler}, and the answer is "
            f"{status or 'none at all'}.",
            proof(told, "answer status", f"{status or 'no answer'} from {firing.handler}"),
            subject=firing.handler,
        )


class AppException(Rule):
    """The app's own code throws something that is no session error."""

    info: ClassVar = RuleInfo(
        id="ST-108",
        name="app-exception",
        severity=Severity.ERROR,
        title="the app's own code throws, and nothing of the session recipe answers",
        cause="A route of the app ended in an exception that is no session error. The SDK hands it "
        "on to the framework; the session, if there is one, is fine and its tokens stay.",
        fix="Look up the exception in the backend's log. It has nothing to do with the session; "
        "the frontend neither refreshes nor signs out.",
        link=thread("core#1044"),
        example="A route answers 500 `Internal Server Error` with and without a session, and no "
        "call to the core went wrong.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires where the explanation ends in the route itself."""
        del sight
        failure = told.answered.failure
        if not isinstance(failure, General) or told.reach is not Reach.SDK:
            return
        if not told.evidence.core_recorded or is_dashboard(told):
            return
        if not concluded(told, "route_end").startswith("it throws") or _has_core_trouble(told):
            return
        path = told.evidence.request.path
        yield self.finding(
            f"{told.evidence.request.method} {path} ends in an exception of the app "
            f"({_answer(told)}).",
            proof(told, "answer", _answer(told)),
            subject=path,
        )


def _has_core_trouble(told: Explanation) -> bool:
    return any(call.status != OK for call in told.core_calls)


def _answer(told: Explanation) -> str:
    return f"status {told.evidence.status}" if told.evidence.status else "the connection broke"


class ServerErrorUnexplained(Rule):
    """A server error, with half of the evidence missing."""

    info: ClassVar = RuleInfo(
        id="ST-120",
        name="server-error-unexplained",
        severity=Severity.WARN,
        title="the backend answers with a server error, and the trace does not show why",
        cause="Something threw that is no session error. Whether the core was out of reach, "
        "refused, or the app's own code failed, cannot be seen from the browser's side.",
        fix="Look up the exception in the backend's log, or record the calls to the core as well "
        "(`stctl record`).",
        link=thread("core#1044"),
        example="A refresh is answered 500 `Internal Server Error`; no call to a core is recorded.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires on a general error that the frontend sees, without any call of the backend."""
        del sight
        evidence = told.evidence
        is_general = isinstance(told.answered.failure, General) and told.reach is Reach.SDK
        if not is_general or evidence.core_recorded or concluded(told, "doubled_cookies"):
            return
        if evidence.is_unseen or evidence.entry.connection or _NO_CORE in evidence.words:
            return
        request = evidence.request
        yield self.finding(
            f"{request.method} {request.path} ends in a general error ({_answer(told)}).",
            proof(told, "answer", _answer(told)),
            subject=request.path,
        )


class DashboardFails(Rule):
    """The user management dashboard gets server errors."""

    info: ClassVar = RuleInfo(
        id="ST-053",
        name="dashboard-fails",
        severity=Severity.WARN,
        title="the dashboard shows `something went wrong`: its API answers with a server error",
        cause="The dashboard's API runs in the backend SDK and asks the core for everything. It "
        "fails when the core cannot be reached at the connectionURI, or when the base path leads "
        "to another backend than the one whose dashboard is open.",
        fix="Run `stctl doctor` from where the backend runs, and compare apiBasePath with the "
        "address of the dashboard.",
        link=thread("core#593"),
        references=("core#593", "core#1021"),
        example="`GET /auth/dashboard/api/users` is answered 500.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires on a server error of the dashboard's API."""
        del sight
        request, status = told.evidence.request, told.evidence.status
        if is_dashboard(told) and status >= SERVER_ERROR:
            yield self.finding(
                f"{request.method} {request.path} is answered {status}.",
                proof(told, "answer", _answer(told)),
            )


def is_dashboard(told: Explanation) -> bool:
    """Whether a request is for the API of the dashboard, which is the SDK's and not the app's."""
    return _DASHBOARD in told.evidence.request.path


class RefusedLoginKept(Rule):
    """A session is made and refused in one request."""

    info: ClassVar = RuleInfo(
        id="ST-115",
        name="refused-login-kept",
        severity=Severity.WARN,
        title="a login makes a session, refuses it, and leaves it in the core",
        cause="The route creates a session and then throws UNAUTHORISED. The tokens are taken from "
        "the answer, but the core keeps the session until it expires: it shows up in lists, and "
        "whoever logged or cached its tokens can use them.",
        fix="Decide before createNewSession, or call revokeSession before throwing.",
        link=thread("core#1044"),
        example="The core answers OK to the creation, and the login is answered 401 with cleared "
        "tokens.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires on UNAUTHORISED in a request that made a session and did not remove it."""
        del sight
        made = [call for call in told.evidence.of_kind(CallKind.CREATE) if call.core_status == "OK"]
        is_refused = told.answered.step is StepName.CREATE and isinstance(
            told.answered.failure, Unauthorised
        )
        if not made or not is_refused or told.evidence.of_kind(CallKind.REMOVE):
            return
        yield self.finding(
            f"{told.evidence.request.path} makes a session and answers "
            f"{told.evidence.status}; nothing removes the session.",
            proof(told, "answer status", f"{told.evidence.status} UNAUTHORISED after a creation"),
            subject=told.evidence.request.path,
        )


RULES: tuple[type[Rule], ...] = (
    HandlerFails,
    AppException,
    ServerErrorUnexplained,
    DashboardFails,
    RefusedLoginKept,
)
