"""Statuses that the frontend SDK does not read as the backend means them."""

from collections.abc import Iterator
from typing import ClassVar, Final

from stctl.recipe.failures import ErrorName
from stctl.recipe.frontend import Action
from stctl.recipe.step_end import StepName
from stctl.traces.diagnose.model import Finding, RuleInfo, Severity
from stctl.traces.diagnose.proof import proof
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.rules.sequences_tokens import FIRST_ERROR
from stctl.traces.diagnose.sight import Sight, client_of
from stctl.traces.diagnose.threads import thread
from stctl.traces.explain.explanation import Explanation

_USUAL: Final = 401
_MOST_CLIENTS: Final = 100
_SESSION_ERRORS: Final = (ErrorName.UNAUTHORISED, ErrorName.TRY_REFRESH_TOKEN)


class StatusMismatch(Rule):
    """Session errors are answered with a status for which the frontend does not refresh."""

    info: ClassVar = RuleInfo(
        id="ST-057",
        name="status-mismatch",
        severity=Severity.ERROR,
        title="session errors have a status that the frontend SDK does not take for one",
        cause="The frontend SDK refreshes on one status alone, its sessionExpiredStatusCode (401 "
        "by default). The backend answers session errors with another one, by its own "
        "sessionExpiredStatusCode or in a handler of the app's own, so that nobody refreshes and "
        "users seem logged out after an hour.",
        fix="Set the same sessionExpiredStatusCode on both sides, and let overrides of "
        "onTryRefreshToken and onUnauthorised answer with that status.",
        link=thread("website#12"),
        references=("website#12",),
        example="An expired access token is answered 440, and no refresh follows.",
    )

    def __init__(self) -> None:
        self._waiting: dict[str, Finding] = {}
        """By client: a refused request after which no refresh has come yet."""
        self._shown: Finding | None = None

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Waits for a refresh after each refusal: whoever refreshes knows the status.

        Where the frontend's setting is known, there is nothing to wait for.
        """
        if told.evidence.request.method == "OPTIONS":
            return
        yield from ()
        self._remember_settings(told, sight)
        client = client_of(told.evidence.request)
        if told.answered.step is StepName.REFRESH:
            if sight.known.frontend_session_expired_status_code is None:
                self._waiting.pop(client, None)
            return
        status, wanted = told.evidence.status, _wanted(sight)
        if told.error is not ErrorName.TRY_REFRESH_TOKEN or status < FIRST_ERROR:
            return
        if status == wanted or told.answered.firing.failed or _is_refreshed_for(told):
            return
        handler = f"the app's own {told.answered.firing.handler}"
        whose = handler if told.answered.firing.kind == "custom" else "the backend"
        found = self.finding(
            f"TRY_REFRESH_TOKEN is answered {status} by {whose}, and the frontend SDK refreshes on "
            f"{wanted}.",
            proof(
                told, "answer status", f"{status} on TRY_REFRESH_TOKEN; the frontend takes {wanted}"
            ),
        )
        if client in self._waiting:
            self._waiting[client] = self._waiting[client].also(found)
        elif len(self._waiting) < _MOST_CLIENTS:
            self._waiting[client] = found

    def _remember_settings(self, told: Explanation, sight: Sight) -> None:
        """The first session error of an app whose two settings are known to differ."""
        backend = sight.known.session_expired_status_code
        frontend = sight.known.frontend_session_expired_status_code
        if self._shown is not None or backend is None or frontend in {None, backend}:
            return
        if told.error in _SESSION_ERRORS:
            self._shown = self.finding(
                f"sessionExpiredStatusCode is {backend} in the backend and {frontend} in the "
                "frontend.",
                proof(told, "answer status", f"{told.evidence.status} on {told.error}"),
            )

    def end(self, sight: Sight) -> Iterator[Finding]:
        """What the settings say, and the refusals that no refresh followed."""
        del sight
        if self._shown is not None:
            yield self._shown
        yield from self._waiting.values()


def _wanted(sight: Sight) -> int:
    return sight.known.frontend_session_expired_status_code or _USUAL


def _is_refreshed_for(told: Explanation) -> bool:
    return told.next is not None and told.next.action is Action.CALL_REFRESH


RULES: tuple[type[Rule], ...] = (StatusMismatch,)
