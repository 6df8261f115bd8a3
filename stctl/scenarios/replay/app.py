"""The recorded app, answering on live facts: its routes and handlers do what the trace shows."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from stctl.clock import Clock
from stctl.errors import StctlError
from stctl.exchange import Request
from stctl.recipe.config import AppConfig
from stctl.recipe.failures import ClaimError, HandlerName, InvalidClaims, TokenTheftDetected
from stctl.recipe.overrides import Overrides
from stctl.recipe.questions import AppErrorHandler, CustomHandler
from stctl.recipe.situation import (
    HandlerAnswered,
    HandlerEnd,
    HandlerFailed,
    OpenRoute,
    RouteAnswered,
    RouteEnd,
    RoutePlan,
    RouteThrew,
    SessionView,
)
from stctl.recipe.transfer import ACCESS_COOKIE, read_transfer
from stctl.recipe.walk import Answer
from stctl.scenarios.backend import Backend
from stctl.scenarios.core_link import Core
from stctl.scenarios.model import CoreState
from stctl.scenarios.replay.recorded import Recorded
from stctl.scenarios.served import Served
from stctl.sessions.answers import IssuedToken, Regenerated
from stctl.traces.explain.core_calls import CallKind, CoreCall

_FIRST_ERROR: Final = 400


class ReplayedApp(Backend):
    """A backend whose app behaves as it did in the recording, request by request."""

    def __init__(
        self, app: AppConfig, core: Core, clock: Clock, handles: Mapping[str, str]
    ) -> None:
        """`handles` tells which session stands for a recorded one."""
        super().__init__(app, core, clock, Overrides())
        self._handles = handles
        self._recorded: Recorded | None = None

    def serve_again(self, recorded: Recorded, request: Request) -> Served:
        """Answer a recorded request, whose tokens have been exchanged."""
        self._app = recorded.told.app
        self._recorded = recorded
        with self._core_as_recorded(recorded):
            return self.serve(request)

    @contextmanager
    def _core_as_recorded(self, recorded: Recorded) -> Iterator[None]:
        """Have the core answer, or not, as it did."""
        self._core.link.state = _state_of(recorded.told.core_calls)
        try:
            yield
        finally:
            self._core.link.state = "up"

    @property
    def _now_served(self) -> Recorded:
        if self._recorded is None:
            raise AssertionError("nothing is being served")
        return self._recorded

    def plan_of_route(self, request: Request) -> Answer[RoutePlan]:
        """How the route was protected."""
        del request
        return Answer(self._now_served.plan or OpenRoute())

    def failing_claims(self, session: SessionView) -> Answer[tuple[ClaimError, ...]]:
        """What the validators said."""
        del session
        failure = self._now_served.told.answered.failure
        if isinstance(failure, InvalidClaims) and not self._now_served.ran_app_code:
            return Answer(failure.errors)
        return Answer(())

    def route(self, request: Request, session: SessionView | None) -> Answer[RouteEnd]:
        """How the route ended; one that was not reached in the recording goes well."""
        recorded = self._now_served
        failure = recorded.told.answered.failure
        if failure is not None and recorded.ran_app_code:
            return Answer(RouteThrew(failure=failure))
        own_session_ends = session is not None and self._remove_as_recorded(session)
        fresh = None
        for call in recorded.calls(CallKind.REGENERATE):
            if session is not None:
                fresh = self._regenerated(request, call) or fresh
        return Answer(RouteAnswered(revokes_session=own_session_ends, fresh_access_token=fresh))

    def _remove_as_recorded(self, session: SessionView) -> bool:
        """End the sessions that the route ended; whether its own is one of them."""
        own_ends = self._now_served.told.evidence.marks.clears_session
        for call in self._now_served.calls(CallKind.REMOVE):
            others = [*self._sessions_of(call)]
            own_ends = own_ends or session.handle in others
            self._remove([handle for handle in others if handle != session.handle], call)
        return own_ends

    def _sessions_of(self, call: CoreCall) -> Iterator[str]:
        listed = call.sent.get("sessionHandles")
        for handle in listed if isinstance(listed, list) else []:
            yield self._handles.get(str(handle), str(handle))

    def remove_outside(self, call: CoreCall) -> None:
        """Do what a recorded removal did that belongs to no request."""
        self._remove([*self._sessions_of(call)], call)

    def _remove(self, handles: list[str], call: CoreCall) -> None:
        user = call.sent.get("userId")
        if handles:
            self._core.rightful_client.revoke_handles(handles)
        elif isinstance(user, str):
            self._core.rightful_client.revoke_user(user)

    def _regenerated(self, request: Request, call: CoreCall) -> IssuedToken | None:
        payload = call.sent.get("userDataInJWT")
        transfer = read_transfer(request, self._app.profile)
        held = transfer.bearer or transfer.cookie(ACCESS_COOKIE) or ""
        try:
            reply = self._core.client.regenerate(
                held, payload if isinstance(payload, dict) else None
            )
        except StctlError:
            return None
        if not isinstance(reply, Regenerated) or reply.access_token is None:
            return None
        self._notes.reminted.append(reply.access_token)
        return reply.access_token

    def is_overridden(self, handler: HandlerName) -> Answer[bool]:
        """Whether the recording shows the app's own handler for this error."""
        self._notes.handler_from = len(self._core.link.calls)
        firing = self._now_served.told.answered.firing
        return Answer(firing.handler is handler and firing.kind == "custom")

    def custom_handler(self, question: CustomHandler) -> Answer[HandlerEnd]:
        """What the app's own handler answered, and whether it ended the session."""
        told = self._now_served.told
        if told.answered.firing.failed is not None:
            return Answer(HandlerFailed(message=told.answered.firing.failed.message))
        failure, revoked = question.failure, False
        if isinstance(failure, TokenTheftDetected) and self._now_served.calls(CallKind.REMOVE):
            revoked = bool(self._core.client.revoke_handles([failure.session_handle]))
        response = told.evidence.response or question.response
        return Answer(HandlerAnswered(response=response, revoked_session=revoked))

    def app_error_handler(self, question: AppErrorHandler) -> Answer[HandlerEnd | None]:
        """What the app's error handler answered, where one did."""
        told = self._now_served.told
        firing = told.answered.firing
        handler = HandlerName.APP_ERROR_HANDLER
        if handler not in {firing.handler, firing.final_handler}:
            return Answer(None)
        return Answer(HandlerAnswered(response=told.evidence.response or question.response))


def _state_of(calls: Sequence[CoreCall]) -> CoreState:
    """How the core was: one address of several that answers is enough.

    A call that must have been made, and of which the trace shows nothing, went well.
    """
    answers = [call.status for call in calls if call.status is not None]
    if not answers and any(call.failure is not None for call in calls):
        return "down"
    return "500" if answers and min(answers) >= _FIRST_ERROR else "up"
