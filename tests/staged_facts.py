"""Facts for walking the recipe's trees in tests: what is not staged is never to be asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from conftest import NOW_MS
from stctl.exchange import Request
from stctl.recipe.answering import Answered, answer_request
from stctl.recipe.config import AppConfig, VerifyOptions
from stctl.recipe.core_replies import CreateReply, RefreshReply, Removed, RemoveReply, VerifyReply
from stctl.recipe.failures import ClaimError, HandlerName
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
    RouteAnswered,
    RouteEnd,
    RoutePlan,
    SessionView,
    SignatureVerdict,
)
from stctl.recipe.walk import Answer, Walked, walk
from stctl.sessions.answers import IssuedToken, NewTokens, SessionFacts
from stctl.tokens.access import AccessClaims, signing_input
from stctl.tokens.hashes import hash1

HOUR_MS = 3_600_000
HANDLE = "11111111-2222-4333-8444-555555555555"
REFRESH_TOKEN = "aGVsbG8vd29ybGQ=.0123456789abcdef.V2"


def access_token(
    *,
    version: int = 5,
    kid: str | None = "d-1",
    parent: str | None = None,
    anti_csrf: str | None = None,
    expires_at_ms: int = NOW_MS + HOUR_MS,
    issued_at_ms: int = NOW_MS,
    claims: Mapping[str, str | int] | None = None,
) -> str:
    """An access token of alice; its signature is none, since signatures are staged."""
    contents = AccessClaims(
        user_id="alice",
        recipe_user_id="alice",
        tenant_id="public",
        session_handle=HANDLE,
        issued_at_ms=issued_at_ms,
        expires_at_ms=expires_at_ms,
        refresh_token_hash1=hash1(REFRESH_TOKEN),
        parent_refresh_token_hash1=parent,
        anti_csrf_token=anti_csrf,
        user_claims=dict(claims or {}),
    )
    return f"{signing_input(version, kid, contents)}.c2lnbmF0dXJl"


def session_facts() -> SessionFacts:
    """The session of alice as a core describes it."""
    return SessionFacts(
        handle=HANDLE,
        user_id="alice",
        recipe_user_id="alice",
        tenant_id="public",
        user_data_in_jwt={"role": "admin"},
    )


def issued(token: str, valid_ms: int = HOUR_MS) -> IssuedToken:
    """A token as a core hands it out now."""
    return IssuedToken(token=token, expires_at_ms=NOW_MS + valid_ms, created_at_ms=NOW_MS)


def new_tokens(anti_csrf: str | None = None) -> NewTokens:
    """What create and refresh bring."""
    return NewTokens(
        session=session_facts(),
        access_token=issued(access_token(parent="f" * 64, anti_csrf=anti_csrf)),
        refresh_token=issued("bmV3.fedcba9876543210.V2", 100 * 24 * HOUR_MS),
        anti_csrf_token=anti_csrf,
        id_refresh_token=None,
    )


T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class StagedFacts:
    """Answers by kind of question; what was asked is kept, and what is not staged fails."""

    plan: RoutePlan = field(default_factory=VerifyOptions)
    now: int = NOW_MS
    verdict: SignatureVerdict | None = SignatureVerdict.HOLDS
    verify: VerifyReply | None = None
    refresh: RefreshReply | None = None
    remove: RemoveReply | None = None
    create: CreateReply | None = None
    claims: tuple[ClaimError, ...] = ()
    route_end: RouteEnd = field(default_factory=lambda: RouteAnswered(body={"user": "alice"}))
    handlers: Mapping[HandlerName, Callable[[CustomHandler], HandlerEnd]] = field(
        default_factory=dict
    )
    app_handler: Callable[[AppErrorHandler], HandlerEnd | None] = lambda _: None
    asked: list[object] = field(default_factory=list)

    def _staged(self, question: object, answer: T | None) -> Answer[T]:
        self.asked.append(question)
        assert answer is not None, f"{question} is not staged"
        return Answer(answer)

    def plan_of_route(self, request: Request) -> Answer[RoutePlan]:
        del request
        return Answer(self.plan)

    def read_access_token(self, text: str, profile: Profile) -> Answer[SessionToken | None]:
        return Answer(read_session_token(text, profile))

    def now_ms(self) -> Answer[int]:
        return Answer(self.now)

    def signature(self, token: SessionToken) -> Answer[SignatureVerdict]:
        return self._staged(token, self.verdict)

    def core_verify(self, question: CoreVerify) -> Answer[VerifyReply]:
        return self._staged(question, self.verify)

    def core_refresh(self, question: CoreRefresh) -> Answer[RefreshReply]:
        return self._staged(question, self.refresh)

    def core_remove(self, session_handles: tuple[str, ...]) -> Answer[RemoveReply]:
        return self._staged(session_handles, self.remove)

    def core_create(self, question: CoreCreate) -> Answer[CreateReply]:
        return self._staged(question, self.create)

    def failing_claims(self, session: SessionView) -> Answer[tuple[ClaimError, ...]]:
        del session
        return Answer(self.claims)

    def route(self, request: Request, session: SessionView | None) -> Answer[RouteEnd]:
        del request, session
        return Answer(self.route_end)

    def is_overridden(self, handler: HandlerName) -> Answer[bool]:
        return Answer(handler in self.handlers)

    def custom_handler(self, question: CustomHandler) -> Answer[HandlerEnd]:
        self.asked.append(question)
        return Answer(self.handlers[question.handler](question))

    def app_error_handler(self, question: AppErrorHandler) -> Answer[HandlerEnd | None]:
        return Answer(self.app_handler(question))

    def core_questions(self) -> list[object]:
        """What the core was asked."""
        kinds = (CoreVerify, CoreRefresh, CoreCreate, tuple)
        return [question for question in self.asked if isinstance(question, kinds)]


def request(
    method: str = "GET",
    path: str = "/protected",
    *,
    cookies: str | None = None,
    bearer: str | None = None,
    **headers: str,
) -> Request:
    """A request; underscores in names of headers stand for hyphens."""
    pairs = [(name.replace("_", "-"), value) for name, value in headers.items()]
    if bearer is not None:
        pairs.append(("Authorization", f"Bearer {bearer}"))
    if cookies is not None:
        pairs.append(("Cookie", cookies))
    return Request(method=method, path=path, headers=tuple(pairs))


def answer(
    sent: Request, facts: StagedFacts | None = None, app: AppConfig | None = None
) -> Walked[Answered]:
    """Walk a request to its answer."""
    return walk(answer_request(sent, app or AppConfig()), facts or StagedFacts())


REMOVED = Removed(handles=(HANDLE,))
