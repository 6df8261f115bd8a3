"""A request of a trace, as replaying needs it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Final

from stctl.exchange import Request
from stctl.jsontypes import JsonObject, JsonValue
from stctl.recipe.arrival import Reach
from stctl.recipe.config import VerifyOptions
from stctl.recipe.failures import ErrorName
from stctl.recipe.handed_out import HandedOut, handed_out
from stctl.recipe.profiles.profile import Profile
from stctl.recipe.questions import Route
from stctl.recipe.reading import SessionToken, read_session_token
from stctl.recipe.situation import LoginPlan, RoutePlan
from stctl.recipe.step_end import StepName
from stctl.recipe.transfer import ACCESS_COOKIE, REFRESH_COOKIE, read_transfer
from stctl.tokens.access import PROTECTED_CLAIMS
from stctl.traces.explain.core_calls import CallKind, CoreCall
from stctl.traces.explain.explanation import Explanation
from stctl.traces.explain.presumed import is_presumed
from stctl.traces.model import Gap

_NEWEST_VERSION: Final = 5
_UNAUTHORISED: Final = "UNAUTHORISED"
_FIRST_ERROR: Final = 400
_ALL_GAPS: Final = frozenset(Gap)
_NOTHING: Final = HandedOut(access=(), refresh=(), anti_csrf=None)


@dataclass(frozen=True)
class Recorded:
    """A view of an explained request that fills in what only its calls to the core show."""

    told: Explanation

    @property
    def at_ms(self) -> int:
        """When it began, in milliseconds since the epoch; 0 where that is unknown."""
        return self.told.evidence.entry.started_at_ms

    @property
    def profile(self) -> Profile:
        """The SDK that answered."""
        return self.told.app.profile

    @property
    def is_playable(self) -> bool:
        """Whether the session recipe had a hand in it, and the trace shows what it was given."""
        if self.told.reach is not Reach.SDK or self.told.answered.step is StepName.NONE:
            return False
        if self.is_lone:
            return bool(self.told.evidence.calls)
        return not is_presumed(self.told.evidence, self.told.app)

    @property
    def is_lone(self) -> bool:
        """Whether nothing but the call to the core was recorded."""
        return self.told.evidence.is_unseen and self.told.evidence.entry.gaps >= _ALL_GAPS

    @cached_property
    def request(self) -> Request:
        """The request; one that carries the tokens of its call where only that was recorded."""
        request = self.told.evidence.request
        token = self._sent("refreshToken") or self._sent("accessToken") if self.is_lone else None
        if token is None:
            return request
        anti_csrf = self._sent("antiCsrfToken")
        headers = [("authorization", f"Bearer {token}"), ("st-auth-mode", "header")]
        if anti_csrf:
            headers.append(("anti-csrf", anti_csrf))
        return replace(request, headers=tuple(headers))

    @property
    def plan(self) -> RoutePlan | None:
        """How the route was protected, with the user that a new session was for."""
        plan = self.told.plan
        if isinstance(plan, LoginPlan):
            return self._login(plan)
        if isinstance(plan, VerifyOptions) and self.is_lone:
            return replace(plan, anti_csrf_check=False)
        return plan

    def _login(self, plan: LoginPlan) -> LoginPlan:
        for call in self.calls(CallKind.CREATE):
            return LoginPlan(
                user_id=str(call.sent.get("userId", plan.user_id)),
                user_data_in_jwt=_own_claims(_object(call.sent.get("userDataInJWT"))),
                user_data_in_database=_object(call.sent.get("userDataInDatabase")),
            )
        for token in self.issued_access:
            return LoginPlan(user_id=token.user_id, user_data_in_jwt=_own_claims(token.payload))
        return plan

    @cached_property
    def issued(self) -> HandedOut:
        """The tokens that the answer, or else the core, handed out."""
        response = self.told.evidence.response
        found = _NOTHING if response is None else handed_out(response.headers)
        if found.access or found.refresh:
            # Of two refreshes at once the calls may be taken for each other; answers may not.
            return found
        answers = [call.answer for call in self.told.evidence.calls]
        told = [answer.get("antiCsrfToken") for answer in answers]
        return HandedOut(
            access=tuple(chain.from_iterable(_token(one.get("accessToken")) for one in answers)),
            refresh=tuple(chain.from_iterable(_token(one.get("refreshToken")) for one in answers)),
            anti_csrf=next((text for text in told if isinstance(text, str)), found.anti_csrf),
        )

    @cached_property
    def issued_access(self) -> list[SessionToken]:
        """The access tokens among them that can be read."""
        return [*self._readable(self.issued.access)]

    @cached_property
    def presented_access(self) -> list[SessionToken]:
        """The access tokens that came with the request, the header's first."""
        transfer = read_transfer(self.request, self.profile)
        texts = (transfer.bearer, transfer.cookie(ACCESS_COOKIE))
        return [*self._readable(text for text in texts if text)]

    @cached_property
    def presented_refresh(self) -> str | None:
        """The refresh token that a refresh came with."""
        if self.told.answered.step is not StepName.REFRESH:
            return None
        transfer = read_transfer(self.request, self.profile)
        return transfer.bearer or transfer.cookie(REFRESH_COOKIE) or None

    @property
    def decisive_token(self) -> str | None:
        """The token on which its outcome hangs; None where it came without any."""
        if self.presented_refresh is not None:
            return self.presented_refresh
        return self.presented_access[0].text if self.presented_access else None

    def _readable(self, texts: "Sequence[str] | Iterator[str]") -> Iterator[SessionToken]:
        for text in texts:
            token = read_session_token(text, self.profile)
            if token is not None:
                yield token

    @property
    def ran_app_code(self) -> bool:
        """Whether the app's own code for the route was run."""
        return any(reason.name == Route.name for reason in self.told.reasons)

    @property
    def is_refused(self) -> bool:
        """Whether its answer is an error of any kind."""
        return self.told.error is not None or self.told.evidence.status >= _FIRST_ERROR

    @property
    def found_no_session(self) -> bool:
        """Whether it was refused because the core, or so it seems, knew no such session."""
        if self.told.error is not ErrorName.UNAUTHORISED:
            return False
        calls = self.calls(CallKind.VERIFY, CallKind.REFRESH, CallKind.SESSION)
        return any(call.core_status == _UNAUTHORISED for call in calls)

    def calls(self, *kinds: CallKind) -> list[CoreCall]:
        """The calls to the core for certain purposes, inferred ones included."""
        return [call for call in self.told.core_calls if call.kind in kinds]

    def _sent(self, name: str) -> str | None:
        for call in self.told.evidence.calls:
            value = call.sent.get(name)
            if isinstance(value, str):
                return value
        return None


def _token(value: JsonValue) -> Iterator[str]:
    token = value.get("token") if isinstance(value, dict) else None
    if isinstance(token, str) and token:
        yield token


def _object(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _own_claims(payload: JsonObject) -> JsonObject:
    """Claims without those that a core sets itself and refuses to be given."""
    kept = PROTECTED_CLAIMS[_NEWEST_VERSION]
    return {name: value for name, value in payload.items() if name not in kept}
