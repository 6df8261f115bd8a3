"""Facts as a trace gives them: seen where it shows them, otherwise one of the possible answers."""

from stctl.exchange import Request
from stctl.recipe.arrival import Reach
from stctl.recipe.config import AppConfig
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
from stctl.recipe.reading import SessionToken, read_session_token
from stctl.recipe.situation import HandlerEnd, RouteEnd, RoutePlan, SessionView, SignatureVerdict
from stctl.recipe.walk import Answer
from stctl.traces.explain import answering_handlers, core_options, route_options, token_options
from stctl.traces.explain.book import Book
from stctl.traces.explain.choices import Choices
from stctl.traces.explain.evidence import Evidence
from stctl.traces.explain.keys import KeySet
from stctl.traces.explain.pending import PendingCalls
from stctl.traces.explain.plans import plan_options
from stctl.traces.explain.reach import reach_options
from stctl.traces.explain.relevance import brings_token, may_fail_anti_csrf


class RecordedFacts:
    """Answers the questions of one walk; what it has to guess it takes from `choices`."""

    def __init__(
        self,
        evidence: Evidence,
        app: AppConfig,
        book: Book,
        choices: Choices,
        keys: KeySet | None = None,
    ) -> None:
        self.evidence = evidence
        self.app = app
        self.book = book
        self.choices = choices
        self.keys = keys
        self.pending = PendingCalls(evidence)
        self.plan: RoutePlan | None = None
        self.token: SessionToken | None = None
        """The access token that is being checked."""
        self.handler_end: HandlerEnd | None = None
        """How the app's handler ended when it was called the first time."""

    def reach(self, request: Request) -> Answer[Reach]:
        """How far the request came."""
        options = reach_options(self.evidence, request)
        if len(options) == 1:
            return self.choices.observed(options[0].value)
        return self.choices.inferred(options)

    def plan_of_route(self, request: Request) -> Answer[RoutePlan]:
        """How the app protects the route."""
        options = plan_options(
            self.evidence,
            self.book,
            carries_token=brings_token(request, self.app),
            is_guarded=may_fail_anti_csrf(request, self.app),
        )
        if len(options) == 1:
            answer = self.choices.observed(options[0].value)
        else:
            answer = self.choices.inferred(options)
        self.plan = answer.value
        return answer

    def read_access_token(self, text: str, profile: Profile) -> Answer[SessionToken | None]:
        """The token in a text, which the request itself shows."""
        return self.choices.observed(read_session_token(text, profile))

    def signature(self, token: SessionToken) -> Answer[SignatureVerdict]:
        """Whether the signature holds."""
        self.token = token
        return token_options.signature(self, token)

    def now_ms(self) -> Answer[int]:
        """The backend's clock."""
        return token_options.now_ms(self)

    def core_verify(self, question: CoreVerify) -> Answer[VerifyReply]:
        """The core's answer to verify."""
        return core_options.verify(self, question)

    def core_refresh(self, question: CoreRefresh) -> Answer[RefreshReply]:
        """The core's answer to refresh."""
        return core_options.refresh(self, question)

    def core_remove(self, session_handles: tuple[str, ...]) -> Answer[RemoveReply]:
        """The core's answer to remove."""
        return core_options.remove(self, session_handles)

    def core_create(self, question: CoreCreate) -> Answer[CreateReply]:
        """The core's answer to create."""
        return core_options.create(self, question)

    def failing_claims(self, session: SessionView) -> Answer[tuple[ClaimError, ...]]:
        """The validators that say no."""
        del session
        return route_options.failing_claims(self)

    def route(self, request: Request, session: SessionView | None) -> Answer[RouteEnd]:
        """How the app's code ends."""
        del request
        return route_options.route_end(self, session)

    def is_overridden(self, handler: HandlerName) -> Answer[bool]:
        """Whether the app overrides the handler."""
        return answering_handlers.is_overridden(self, handler)

    def custom_handler(self, question: CustomHandler) -> Answer[HandlerEnd]:
        """How the app's own handler ends."""
        return answering_handlers.custom_handler(self, question)

    def app_error_handler(self, question: AppErrorHandler) -> Answer[HandlerEnd | None]:
        """How the app's own error handler ends, if it has one."""
        del question
        return answering_handlers.app_error_handler(self)
