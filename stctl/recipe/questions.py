# ruff: noqa: D102 - what the three methods of a question are is said once, in its base class
"""The questions that the trees of the session recipe ask."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from stctl.exchange import Request, Response
from stctl.recipe.config import VerifyOptions
from stctl.recipe.core_replies import (
    CoreTrouble,
    CreateReply,
    RefreshReply,
    Removed,
    RemoveReply,
    VerifyReply,
    describe_trouble,
)
from stctl.recipe.failures import ClaimError, HandlerName, SessionFailure
from stctl.recipe.profiles.profile import Profile
from stctl.recipe.reading import SessionToken
from stctl.recipe.situation import (
    HandlerAnswered,
    HandlerEnd,
    HandlerFailed,
    LoginPlan,
    RouteAnswered,
    RouteEnd,
    RoutePlan,
    RouteThrew,
    SessionView,
    SignatureVerdict,
)
from stctl.recipe.walk import Answer, Question
from stctl.sessions.answers import (
    NewTokens,
    TokenTheftDetected,
    TryRefreshToken,
    Unauthorised,
    Verified,
)

if TYPE_CHECKING:
    from stctl.recipe.facts import Facts


def told_by_core(value: object) -> str:
    """What the core said, in its own status words where it has them."""
    match value:
        case CoreTrouble():
            return describe_trouble(value)
        case NewTokens() | Verified():
            return "OK"
        case Unauthorised(reuse_subtype=subtype):
            return "UNAUTHORISED" + (f" ({subtype})" if subtype else "")
        case TokenTheftDetected(reuse_subtype=subtype):
            return "TOKEN_THEFT_DETECTED" + (f" ({subtype})" if subtype else "")
        case TryRefreshToken():
            return "TRY_REFRESH_TOKEN"
        case _:
            return str(value)


@dataclass(frozen=True, slots=True)
class PlanOfRoute(Question[RoutePlan]):
    """How the app protects the route of a request."""

    request: Request
    name: ClassVar = "route"

    def put_to(self, facts: "Facts") -> Answer[RoutePlan]:
        return facts.plan_of_route(self.request)

    def wording(self) -> str:
        return f"what does the app's route {self.request.method} {self.request.path} ask for?"

    def told(self, value: object) -> str:
        match value:
            case VerifyOptions(session_required=False):
                return "a session, if there is one"
            case VerifyOptions(check_database=True):
                return "a session, checked in the database"
            case VerifyOptions():
                return "a session"
            case LoginPlan(user_id=user):
                return f"a new session for {user}"
            case _:
                return "no session"


@dataclass(frozen=True, slots=True)
class ReadAccessToken(Question[SessionToken | None]):
    """What the SDK can make of a text that should be an access token."""

    text: str
    place: str
    """`the Authorization header` or `the cookie sAccessToken`."""
    profile: Profile
    name: ClassVar = "access_token_form"

    def put_to(self, facts: "Facts") -> Answer[SessionToken | None]:
        return facts.read_access_token(self.text, self.profile)

    def wording(self) -> str:
        return f"does {self.place} hold the access token of a session?"

    def told(self, value: object) -> str:
        if isinstance(value, SessionToken):
            return f"yes, version {value.version}"
        return "no, so it counts as absent"


@dataclass(frozen=True, slots=True)
class Now(Question[int]):
    """The time at the backend, in milliseconds since the epoch, beside a token's expiry."""

    expires_at_ms: int
    name: ClassVar = "expiry"

    def put_to(self, facts: "Facts") -> Answer[int]:
        return facts.now_ms()

    def wording(self) -> str:
        return "is the access token still valid by the backend's clock?"

    def told(self, value: object) -> str:
        left_s = (self.expires_at_ms - int(str(value))) / 1000
        if left_s > 0:
            return f"yes, for {left_s:,.0f} s more"
        return f"no, it expired {-left_s:,.0f} s ago"


@dataclass(frozen=True, slots=True)
class Signature(Question[SignatureVerdict]):
    """Whether the signature of an access token holds, by the core's published keys."""

    token: SessionToken
    name: ClassVar = "signature"

    def put_to(self, facts: "Facts") -> Answer[SignatureVerdict]:
        return facts.signature(self.token)

    def wording(self) -> str:
        return "does the signature hold, by the core's published keys?"

    def told(self, value: object) -> str:
        return value.value if isinstance(value, SignatureVerdict) else str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreVerify(Question[VerifyReply]):
    """What the core says of an access token."""

    access_token: str
    anti_csrf_token: str | None
    do_anti_csrf_check: bool
    enable_anti_csrf: bool
    check_database: bool
    name: ClassVar = "core_verify"

    def put_to(self, facts: "Facts") -> Answer[VerifyReply]:
        return facts.core_verify(self)

    def wording(self) -> str:
        database = ", with a look into the database" if self.check_database else ""
        return f"what does the core say of the access token{database}?"

    def told(self, value: object) -> str:
        return told_by_core(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreRefresh(Question[RefreshReply]):
    """What the core makes of a refresh token."""

    refresh_token: str
    anti_csrf_token: str | None
    enable_anti_csrf: bool
    name: ClassVar = "core_refresh"

    def put_to(self, facts: "Facts") -> Answer[RefreshReply]:
        return facts.core_refresh(self)

    def wording(self) -> str:
        return "what does the core make of the refresh token?"

    def told(self, value: object) -> str:
        return told_by_core(value)


@dataclass(frozen=True, slots=True)
class CoreRemove(Question[RemoveReply]):
    """Ending sessions at the core."""

    session_handles: tuple[str, ...]
    name: ClassVar = "core_remove"

    def put_to(self, facts: "Facts") -> Answer[RemoveReply]:
        return facts.core_remove(self.session_handles)

    def wording(self) -> str:
        return "does the core remove the session?"

    def told(self, value: object) -> str:
        if isinstance(value, Removed):
            return "yes" if value.handles else "there was nothing left to remove"
        return told_by_core(value)


@dataclass(frozen=True, slots=True)
class CoreCreate(Question[CreateReply]):
    """A new session at the core."""

    plan: LoginPlan
    enable_anti_csrf: bool
    name: ClassVar = "core_create"

    def put_to(self, facts: "Facts") -> Answer[CreateReply]:
        return facts.core_create(self)

    def wording(self) -> str:
        return "does the core make the session?"

    def told(self, value: object) -> str:
        return told_by_core(value)


@dataclass(frozen=True, slots=True)
class Claims(Question[tuple[ClaimError, ...]]):
    """The claim validators of the route that say no."""

    session: SessionView
    name: ClassVar = "claims"

    def put_to(self, facts: "Facts") -> Answer[tuple[ClaimError, ...]]:
        return facts.failing_claims(self.session)

    def wording(self) -> str:
        return "does any claim validator of the route say no?"

    def told(self, value: object) -> str:
        return "yes" if value else "no"


@dataclass(frozen=True, slots=True)
class Route(Question[RouteEnd]):
    """How the app's own code ends for a request, with its session or without."""

    request: Request
    session: SessionView | None
    name: ClassVar = "route_end"

    def put_to(self, facts: "Facts") -> Answer[RouteEnd]:
        return facts.route(self.request, self.session)

    def wording(self) -> str:
        return "how does the app's own code end?"

    def told(self, value: object) -> str:
        match value:
            case RouteThrew(failure=failure):
                return f"it throws {failure.error}"
            case RouteAnswered(status=status):
                return f"it answers {status}"
            case _:
                return str(value)


@dataclass(frozen=True, slots=True)
class Overridden(Question[bool]):
    """Whether the app overrides a handler."""

    handler: HandlerName
    name: ClassVar = "overridden"

    def put_to(self, facts: "Facts") -> Answer[bool]:
        return facts.is_overridden(self.handler)

    def wording(self) -> str:
        return f"does the app override {self.handler}?"

    def told(self, value: object) -> str:
        return "yes" if value else "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomHandler(Question[HandlerEnd]):
    """What a person's own handler does with an error."""

    handler: HandlerName
    failure: SessionFailure
    request: Request
    response: Response
    """The answer so far: whatever was cleared is on it already."""
    name: ClassVar = "custom_handler"

    def put_to(self, facts: "Facts") -> Answer[HandlerEnd]:
        return facts.custom_handler(self)

    def wording(self) -> str:
        return f"what does the app's own {self.handler} answer?"

    def told(self, value: object) -> str:
        match value:
            case HandlerAnswered(response=response):
                return f"{response.status}"
            case HandlerFailed(message=message):
                return f"nothing, it fails: {message}"
            case _:
                return str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppErrorHandler(Question[HandlerEnd | None]):
    """What the app's own error handler answers to a general error; None: it has none."""

    message: str
    request: Request
    response: Response
    name: ClassVar = "app_error_handler"

    def put_to(self, facts: "Facts") -> Answer[HandlerEnd | None]:
        return facts.app_error_handler(self)

    def wording(self) -> str:
        return "does the app have an error handler of its own?"

    def told(self, value: object) -> str:
        match value:
            case HandlerAnswered(response=response):
                return f"yes, it answers {response.status}"
            case HandlerFailed(message=message):
                return f"yes, and it fails: {message}"
            case _:
                return "no"
