"""The one interface through which a walk learns what the request itself does not say."""

from typing import Protocol

from stctl.exchange import Request
from stctl.recipe.core_replies import CreateReply, RefreshReply, RemoveReply, VerifyReply
from stctl.recipe.failures import ClaimError, HandlerName
from stctl.recipe.profiles.profile import Profile
from stctl.recipe.questions import (
    AppErrorHandler,
    CoreCreate,
    CoreRefresh,
    CoreVerify,
    CustomHandler,
)
from stctl.recipe.reading import SessionToken
from stctl.recipe.situation import HandlerEnd, RouteEnd, RoutePlan, SessionView, SignatureVerdict
from stctl.recipe.walk import Answer


class Facts(Protocol):
    """What a walk needs to know and the request does not say."""

    def plan_of_route(self, request: Request) -> Answer[RoutePlan]:
        """How the app protects the route."""
        ...

    def read_access_token(self, text: str, profile: Profile) -> Answer[SessionToken | None]:
        """The token in a text; None when the SDK cannot read it as one."""
        ...

    def now_ms(self) -> Answer[int]:
        """The backend's clock, in milliseconds since the epoch."""
        ...

    def signature(self, token: SessionToken) -> Answer[SignatureVerdict]:
        """Whether the signature holds."""
        ...

    def core_verify(self, question: CoreVerify) -> Answer[VerifyReply]:
        """The core's answer to verify."""
        ...

    def core_refresh(self, question: CoreRefresh) -> Answer[RefreshReply]:
        """The core's answer to refresh."""
        ...

    def core_remove(self, session_handles: tuple[str, ...]) -> Answer[RemoveReply]:
        """The core's answer to remove."""
        ...

    def core_create(self, question: CoreCreate) -> Answer[CreateReply]:
        """The core's answer to create."""
        ...

    def failing_claims(self, session: SessionView) -> Answer[tuple[ClaimError, ...]]:
        """The validators that say no."""
        ...

    def route(self, request: Request, session: SessionView | None) -> Answer[RouteEnd]:
        """How the app's code ends."""
        ...

    def is_overridden(self, handler: HandlerName) -> Answer[bool]:
        """Whether the app overrides the handler."""
        ...

    def custom_handler(self, question: CustomHandler) -> Answer[HandlerEnd]:
        """How the app's own handler ends."""
        ...

    def app_error_handler(self, question: AppErrorHandler) -> Answer[HandlerEnd | None]:
        """How the app's own error handler ends, if it has one."""
        ...
