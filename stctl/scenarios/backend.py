"""The rehearsed backend: an app with a few routes, and the session recipe on live facts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from stctl.clock import Clock
from stctl.errors import ErrorKind, StctlError
from stctl.exchange import Request
from stctl.jsontypes import JsonObject
from stctl.recipe.answering import answer_request
from stctl.recipe.config import AppConfig
from stctl.recipe.core_replies import (
    CoreTrouble,
    CreateReply,
    RefreshReply,
    Removed,
    RemoveReply,
    TroubleKind,
    VerifyReply,
)
from stctl.recipe.failures import ClaimError, General, HandlerName, Unauthorised
from stctl.recipe.overrides import Overrides
from stctl.recipe.profiles.profile import Profile
from stctl.recipe.questions import (
    AppErrorHandler,
    CoreCreate,
    CoreRefresh,
    CoreVerify,
    CustomHandler,
)
from stctl.recipe.reading import SessionToken, read_session_token
from stctl.recipe.situation import (
    HandlerEnd,
    LoginPlan,
    OpenRoute,
    RouteAnswered,
    RouteEnd,
    RoutePlan,
    RouteThrew,
    SessionView,
    SignatureVerdict,
)
from stctl.recipe.trouble import failure_of
from stctl.recipe.walk import Answer, walk
from stctl.scenarios.core_link import Core
from stctl.scenarios.key_cache import KeyCache
from stctl.scenarios.routes import (
    LOGIN_PATH,
    ROUTES,
    failing_claims,
    merged_payload,
    own_token,
    run_route,
)
from stctl.scenarios.served import Served
from stctl.sessions.answers import IssuedToken, NewTokens, ReuseSubtype, Verified
from stctl.sessions.answers import Unauthorised as CoreUnauthorised

__all__ = ["Backend", "Served"]

_WITH_USERS: Final = "4.0"
_WITH_VALIDITY: Final = "5.6"
_SHORT_VALIDITY_MS: Final = 1000

_TROUBLES: Final[Mapping[ErrorKind, TroubleKind]] = {
    ErrorKind.CORE_DOWN: "refused",
    ErrorKind.CORE_SLOW: "timeout",
    ErrorKind.CORE_VERSION: "version",
    ErrorKind.CORE_KEY_REFUSED: "status",
    ErrorKind.CORE_NOT_FOUND: "status",
    ErrorKind.CORE_BUSY: "status",
    ErrorKind.CORE_FAILED: "status",
    ErrorKind.CORE_REFUSED: "status",
    ErrorKind.CORE_NOT_A_CORE: "unusable",
    ErrorKind.CORE_CUT_SHORT: "unusable",
    ErrorKind.CORE_WRONG_SHAPE: "unusable",
}


@dataclass(slots=True)
class _Notes:
    """What is noted while one request is served."""

    first_call: int
    handler_from: int | None = None
    issued: list[NewTokens] = field(default_factory=list)
    reminted: list[IssuedToken] = field(default_factory=list)
    reuse: ReuseSubtype | None = None


class Backend:
    """Answers requests by walking the recipe's tree; what the tree asks is really done."""

    def __init__(self, app: AppConfig, core: Core, clock: Clock, overrides: Overrides) -> None:
        self._app = app
        self._core = core
        self._clock = clock
        self._overrides = overrides
        self._keys = KeyCache(core, clock)
        self._notes = _Notes(0)
        self._request = Request(method="GET", path="/")
        self._short_lived = False

    def warm_up(self) -> None:
        """Fetch the core's keys, as a backend has done that has been running for a while."""
        self._keys.refresh()
        self._core.link.calls.clear()

    def serve(self, request: Request, *, short_lived: bool = False) -> Served:
        """Answer one request.

        `short_lived`: a session made by it gets an access token of one second, which a core does
        from CDI 5.6 on.
        """
        calls = self._core.link.calls
        self._notes = _Notes(len(calls))
        self._request = request
        self._short_lived = short_lived
        walked = walk(answer_request(request, self._app), self)
        notes = self._notes
        handler_from = len(calls) if notes.handler_from is None else notes.handler_from
        return Served(
            walked=walked,
            calls=tuple(calls[notes.first_call :]),
            handler_calls=len(calls) - handler_from,
            issued=tuple(notes.issued),
            reminted=tuple(notes.reminted),
            reuse=notes.reuse,
        )

    def plan_of_route(self, request: Request) -> Answer[RoutePlan]:
        """How the rehearsed app protects the route."""
        if request.path == LOGIN_PATH:
            return Answer(_login_of(request))
        return Answer(ROUTES.get(request.path, OpenRoute()))

    def read_access_token(self, text: str, profile: Profile) -> Answer[SessionToken | None]:
        """The token, read by the SDK's rules."""
        return Answer(read_session_token(text, profile))

    def now_ms(self) -> Answer[int]:
        """The time of the rehearsal."""
        return Answer(self._clock.now_ms())

    def signature(self, token: SessionToken) -> Answer[SignatureVerdict]:
        """The signature, checked against the core's key set."""
        return Answer(self._keys.check(token))

    def core_verify(self, question: CoreVerify) -> Answer[VerifyReply]:
        """Ask the core."""
        try:
            reply = self._core.client.verify_session(
                question.access_token,
                anti_csrf_token=question.anti_csrf_token,
                do_anti_csrf_check=question.do_anti_csrf_check,
                enable_anti_csrf=question.enable_anti_csrf,
                check_database=question.check_database,
            )
        except StctlError as error:
            return Answer(self._trouble(error))
        if isinstance(reply, Verified) and reply.access_token is not None:
            self._notes.reminted.append(reply.access_token)
        return Answer(reply)

    def core_refresh(self, question: CoreRefresh) -> Answer[RefreshReply]:
        """Ask the core."""
        try:
            reply = self._core.client.refresh_session(
                question.refresh_token,
                anti_csrf_token=question.anti_csrf_token,
                enable_anti_csrf=question.enable_anti_csrf,
                use_dynamic_signing_key=self._key_kind,
            )
        except StctlError as error:
            return Answer(self._trouble(error))
        if isinstance(reply, NewTokens):
            self._notes.issued.append(reply)
        else:
            self._notes.reuse = reply.reuse_subtype
        return Answer(reply)

    def core_create(self, question: CoreCreate) -> Answer[CreateReply]:
        """Ask the core, after the SDK has looked whether it knows the user."""
        client = self._core.client
        plan = question.plan
        try:
            if self._app.profile.looks_for_user and client.speaks(_WITH_USERS):
                client.user(plan.user_id)
            if self._short_lived:
                client = self._core.client_speaking(_WITH_VALIDITY)
            reply = client.create_session(
                plan.user_id,
                user_data_in_jwt=plan.user_data_in_jwt,
                user_data_in_database=plan.user_data_in_database,
                enable_anti_csrf=question.enable_anti_csrf,
                use_dynamic_signing_key=self._key_kind,
                access_token_validity_ms=_SHORT_VALIDITY_MS if self._short_lived else None,
            )
        except StctlError as error:
            return Answer(self._trouble(error))
        self._notes.issued.append(reply)
        return Answer(reply)

    @property
    def _key_kind(self) -> bool | None:
        """None leaves it to the core, which takes a dynamic key."""
        return None if self._app.dynamic_signing_key else False

    def core_remove(self, session_handles: tuple[str, ...]) -> Answer[RemoveReply]:
        """Ask the core."""
        try:
            return Answer(Removed(handles=tuple(self._core.client.revoke_handles(session_handles))))
        except StctlError as error:
            return Answer(self._trouble(error))

    def failing_claims(self, session: SessionView) -> Answer[tuple[ClaimError, ...]]:
        """The rehearsed app validates one claim: `/admin` wants the role admin."""
        return Answer(failing_claims(self._request.path, session))

    def route(self, request: Request, session: SessionView | None) -> Answer[RouteEnd]:
        """Run the route of the rehearsed app."""
        if request.path == "/payload" and session is not None:
            return Answer(self._change_payload(request, session))
        return Answer(run_route(request, session, self._app.profile))

    def _change_payload(self, request: Request, session: SessionView) -> RouteEnd:
        """Do what `mergeIntoAccessTokenPayload` does: have the core write it and sign it."""
        notes = self._notes
        held = notes.reminted[-1].token if notes.reminted else own_token(request, self._app.profile)
        try:
            reply = self._core.client.regenerate(held, merged_payload(session))
        except StctlError as error:
            return RouteThrew(failure=failure_of(self._trouble(error), self._app))
        if isinstance(reply, CoreUnauthorised):
            return RouteThrew(failure=Unauthorised(message=reply.message, clear_tokens=True))
        if reply.access_token is not None:
            notes.reminted.append(reply.access_token)
        return RouteAnswered(body={"changed": True}, fresh_access_token=reply.access_token)

    def is_overridden(self, handler: HandlerName) -> Answer[bool]:
        """Whether the person's file has the handler."""
        self._notes.handler_from = len(self._core.link.calls)
        return Answer(self._overrides.has(handler))

    def custom_handler(self, question: CustomHandler) -> Answer[HandlerEnd]:
        """Call the person's function."""
        end = self._overrides.call(
            question.handler,
            question.failure,
            question.request,
            question.response,
            self._revoke,
        )
        return Answer(end)

    def app_error_handler(self, question: AppErrorHandler) -> Answer[HandlerEnd | None]:
        """Call the person's function for general errors, if there is one."""
        handler = HandlerName.APP_ERROR_HANDLER
        if not self._overrides.has(handler):
            return Answer(None)
        failure = General(message=question.message)
        return Answer(
            self._overrides.call(
                handler, failure, question.request, question.response, self._revoke
            )
        )

    def _revoke(self, session_handle: str) -> bool:
        return bool(self._core.client.revoke_handles([session_handle]))

    def _trouble(self, error: StctlError) -> CoreTrouble:
        """What the SDK sees of an error; one that is no trouble with the core is raised again."""
        kind = _TROUBLES.get(error.kind)
        calls = self._core.link.calls
        if kind is None or not calls:
            raise error
        call = calls[-1]
        return CoreTrouble(
            kind=kind, method=call.method, path=call.path, status=call.status, body=call.body
        )


def _login_of(request: Request) -> LoginPlan:
    document: JsonObject = json.loads(request.body or b"{}")
    payload = document.get("payload")
    claims = payload if isinstance(payload, dict) else {}
    return LoginPlan(user_id=str(document.get("user", "")), user_data_in_jwt=claims)
