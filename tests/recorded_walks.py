"""Recorded requests, walked through the recipe's tree with what the recorded core answered.

What a recording cannot show is taken from its labels: how a signature check ended, which handlers
the app overrides, and what its own code did. Everything else the tree has to find out.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from stctl.cdi import wire
from stctl.cdi.replies import Reply, json_of
from stctl.cdi.wire import Node
from stctl.exchange import Request, Response
from stctl.recipe.config import AntiCsrf, AppConfig, VerifyOptions
from stctl.recipe.core_replies import (
    CoreTrouble,
    CreateReply,
    RefreshReply,
    Removed,
    RemoveReply,
    VerifyReply,
)
from stctl.recipe.failures import ClaimError, General, HandlerName
from stctl.recipe.profiles.newest import GO, NODE, PYTHON
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
    HandlerAnswered,
    HandlerEnd,
    HandlerFailed,
    LoginPlan,
    OpenRoute,
    RouteAnswered,
    RouteEnd,
    RoutePlan,
    RouteThrew,
    SessionView,
    SignatureVerdict,
)
from stctl.recipe.walk import Answer

_FOLDER = Path(__file__).parent / "recorded" / "traces"
_PROFILES = {"express": NODE, "fastapi": PYTHON, "go": GO}
_THREE = (
    "theft-parent-reused",
    "no-token",
    "refresh-no-token",
    "refresh-garbage",
    "refresh-revoked",
    "revoked-session",
    "expired-access-token",
    "wrong-key-known-kid",
    "csrf-token-missing",
    "csrf-custom-header-missing",
    "core-500",
    "core-down-warm",
    "signout-api",
)
NAMES = (
    *(f"{name}.{backend}.default.cookie" for name in _THREE for backend in _PROFILES),
    "claim-fails.express.default.cookie",
    "duplicate-cookies-older-domain.express.custom.cookie",
    "duplicate-cookies-older-domain.go.default.cookie",
    "header-and-cookie.fastapi.default.cookie",
    "legacy-id-refresh-cookie.fastapi.default.cookie",
    "login-and-use.express.default.header",
    "login-switches-mode.express.default.header",
    "logout-route.express.default.header",
    "no-token.express.default.header",
    "refresh-ok.go.default.header",
    "theft-parent-reused.express.custom.cookie",
    "theft-parent-reused.go.default.header",
    "throwing-overrides.express.throwing.cookie",
    "throwing-overrides.fastapi.throwing.cookie",
)
"""Recordings of the newest SDKs, in the framework that their profile names."""

_WRONG = ("Failed to verify access token", "Signature verification failed", "verification error")
_FAILING_CLAIM = ClaimError(
    id="lab-always-fails",
    reason={"message": "wrong value", "expectedValue": True, "actualValue": False},
)
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRequest:
    """One request of a recording, with its answer and what was known of it."""

    name: str
    request: Request
    response: Response
    label: dict[str, Any]
    app: AppConfig
    at_ms: int
    core: tuple[tuple[str, dict[str, Any] | None, str], ...]
    """Path, recorded answer (None: refused) and CDI version of each call to the core."""


@cache
def recorded(name: str) -> tuple[RecordedRequest, ...]:
    """The requests of one recording."""
    har = json.loads((_FOLDER / f"{name}.har.json").read_text(encoding="utf-8"))
    labels = json.loads((_FOLDER / f"{name}.labels.json").read_text(encoding="utf-8"))
    entries = har["log"]["entries"]
    app = _app(labels["config"], _PROFILES[name.split(".")[1]])
    return tuple(_recorded(name, entries, label, app) for label in labels["entries"])


def _app(config: dict[str, Any], profile: Profile) -> AppConfig:
    wanted = config["anti_csrf"]
    return AppConfig(
        profile=profile,
        api_domain=config["api_domain"],
        api_base_path=config["api_base_path"],
        anti_csrf=None if wanted == "default" else AntiCsrf(wanted),
        transfer_method=config["get_token_transfer_method"],
        cookie_domain=config["cookie_domain"],
        older_cookie_domain=config["older_cookie_domain"],
        session_expired_status=config["session_expired_status_code"],
        dynamic_signing_key=config["use_dynamic_access_token_signing_key"],
    )


def _recorded(
    name: str, entries: list[dict[str, Any]], label: dict[str, Any], app: AppConfig
) -> RecordedRequest:
    entry = entries[label["index"]]
    sent, got = entry["request"], entry["response"]
    started = datetime.fromisoformat(entry["startedDateTime"])
    return RecordedRequest(
        name=f"{name} {label['index']} {label['request']}",
        request=Request(
            method=sent["method"], path=urlsplit(sent["url"]).path, headers=_pairs(sent)
        ),
        response=Response(
            status=got["status"],
            headers=_pairs(got),
            body=got["content"].get("text", "").encode(),
        ),
        label=label,
        app=app,
        at_ms=int(started.timestamp() * 1000) + entry.get("time", 0).__ceil__(),
        core=tuple(_core_call(entries, call) for call in label["core_calls"]),
    )


def _pairs(message: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((header["name"], header["value"]) for header in message["headers"])


def _core_call(
    entries: list[dict[str, Any]], call: dict[str, Any]
) -> tuple[str, dict[str, Any] | None, str]:
    if call["index"] is None:
        return call["path"], None, "5.4"
    entry = entries[call["index"]]
    headers = {name.lower(): value for name, value in _pairs(entry["request"])}
    return call["path"], entry["response"], headers.get("cdi-version", "5.4")


@dataclass(slots=True)
class RecordedFacts:
    """Facts of one recorded request."""

    told: RecordedRequest
    asked_core: int = field(default=0)

    def plan_of_route(self, request: Request) -> Answer[RoutePlan]:
        step = self.told.label["step"]
        if step == "create":
            return Answer(LoginPlan(user_id="victim"))
        if step == "none":
            return Answer(OpenRoute())
        options = VerifyOptions(
            session_required="optional" not in request.path,
            check_database="db" in request.path,
            anti_csrf_check=False if "no-csrf" in request.path else None,
        )
        return Answer(options)

    def read_access_token(self, text: str, profile: Profile) -> Answer[SessionToken | None]:
        return Answer(read_session_token(text, profile))

    def now_ms(self) -> Answer[int]:
        return Answer(self.told.at_ms)

    def signature(self, token: SessionToken) -> Answer[SignatureVerdict]:
        message = self.told.label["error_message"] or ""
        expired = token.expires_at_ms <= self.told.at_ms
        is_wrong = any(wrong in message for wrong in _WRONG) and not expired
        return Answer(SignatureVerdict.WRONG if is_wrong else SignatureVerdict.HOLDS)

    def core_verify(self, question: CoreVerify) -> Answer[VerifyReply]:
        del question

        def read(node: Node) -> VerifyReply:
            if node.text("status") == "TRY_REFRESH_TOKEN":
                return wire.try_refresh_token(node)
            return wire.or_unauthorised(node) or wire.verified(node)

        return Answer(self._call("/recipe/session/verify", read))

    def core_refresh(self, question: CoreRefresh) -> Answer[RefreshReply]:
        del question

        def read(node: Node) -> RefreshReply:
            if node.text("status") == "TOKEN_THEFT_DETECTED":
                return wire.token_theft(node)
            return wire.or_unauthorised(node) or wire.new_tokens(node)

        return Answer(self._call("/recipe/session/refresh", read))

    def core_remove(self, session_handles: tuple[str, ...]) -> Answer[RemoveReply]:
        del session_handles

        def read(node: Node) -> Removed:
            return Removed(handles=tuple(node.texts("sessionHandlesRevoked")))

        return Answer(self._call("/recipe/session/remove", read))

    def core_create(self, question: CoreCreate) -> Answer[CreateReply]:
        del question
        return Answer(self._call("/recipe/session", wire.new_tokens))

    def _call(self, tail: str, read: Callable[[Node], T]) -> T | CoreTrouble:
        path, response, cdi = self.told.core[self.asked_core]
        self.asked_core += 1
        if path == "/user/id":
            return self._call(tail, read)
        assert path.endswith(tail), f"{path} was asked where the tree asks {tail}"
        if response is None:
            return CoreTrouble(kind="refused", method="POST", path=tail)
        text = response["content"].get("text", "")
        if response["status"] != 200:
            return CoreTrouble(
                kind="status", method="POST", path=path, status=response["status"], body=text
            )
        reply = Reply(call=path, address="recorded", status=200, body=text.encode())
        return read(json_of(reply, cdi))

    def failing_claims(self, session: SessionView) -> Answer[tuple[ClaimError, ...]]:
        del session
        fails = self.told.label["error"] == "INVALID_CLAIMS"
        return Answer((_FAILING_CLAIM,) if fails else ())

    def route(self, request: Request, session: SessionView | None) -> Answer[RouteEnd]:
        del session
        if self.told.label["error"] == "GENERAL_ERROR":
            return Answer(RouteThrew(failure=General(message=self.told.label["error_message"])))
        revokes = request.path == "/logout"
        return Answer(RouteAnswered(status=self.told.response.status, revokes_session=revokes))

    def is_overridden(self, handler: HandlerName) -> Answer[bool]:
        del handler
        return Answer(self.told.label["handler_kind"] == "custom")

    def custom_handler(self, question: CustomHandler) -> Answer[HandlerEnd]:
        label = self.told.label
        if label.get("handler_failed"):
            return Answer(HandlerFailed(message=label["final_error_message"]))
        got = self.told.response
        response = Response(status=got.status, headers=question.response.headers, body=got.body)
        return Answer(HandlerAnswered(response=response))

    def app_error_handler(self, question: AppErrorHandler) -> Answer[HandlerEnd | None]:
        del question
        return Answer(None)
