"""What a played scenario leaves behind, as values."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from stctl.exchange import Request, Response
from stctl.recipe.answering import Answered
from stctl.recipe.failures import ErrorName
from stctl.recipe.frontend import LocalState, NextAction
from stctl.recipe.marks import Marks
from stctl.recipe.step_end import StepName
from stctl.recipe.walk import Reason, Walked
from stctl.scenarios.core_link import CoreCall
from stctl.scenarios.generations import Generation
from stctl.scenarios.model import Case, Reply, Scenario, Step
from stctl.sessions.answers import ReuseSubtype

if TYPE_CHECKING:
    from stctl.traces.explain.explanation import Alternative

TokenKind = Literal["access_token", "refresh_token", "anti_csrf"]
Outcome = Literal["as_promised", "otherwise", "skipped"]
Standing = Literal["alive", "gone"]
"""Whether a core still has a session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A token that a request carried."""

    kind: TokenKind
    place: str
    """`cookie sAccessToken`, `Authorization`, …"""
    name: str | None
    """`A0`, `R1`, …; None for one that no core issued in this case."""
    text: str
    """In full: mask it before it is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request to the backend with all that came of it."""

    who: str
    request: Request
    started_at_ms: int
    reply: Reply
    """Whether the answer arrives at once, later, or never."""
    carried: tuple[Carried, ...]
    walked: Walked[Answered]
    why_not: dict[ErrorName, str]
    calls: tuple[CoreCall, ...]
    handler_calls: int
    """How many of the calls, the last ones, the handler made."""
    marks: Marks
    born: tuple[Generation, ...]
    reuse: ReuseSubtype | None
    """How the core classified the reuse of a refresh token, where it did."""
    state_before: LocalState | None
    """None for somebody without the frontend SDK."""
    next_action: NextAction | None
    concluded: tuple[Reason, ...] | None = None
    """What an app must have asked itself; None of the rehearsed backend, which really did."""
    alternatives: "tuple[Alternative, ...]" = ()
    """What else an app's answer leaves possible; nothing of the rehearsed backend."""
    unreached: str | None = None
    """Why the request never came to an app's own code; None where it did."""
    in_core: Standing | None = None
    """Whether the core still has the session of the request; None where it was not asked."""

    @property
    def answered(self) -> Answered:
        """What the recipe made of the request."""
        return self.walked.value

    @property
    def is_app(self) -> bool:
        """Whether a real app answered, so that its errors are concluded from the answer."""
        return self.concluded is not None

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The questions that led to it, with their answers."""
        return self.walked.reasons if self.concluded is None else self.concluded

    @property
    def response(self) -> Response | None:
        """The answer; None when the connection broke without one."""
        return self.walked.value.response

    @property
    def error(self) -> ErrorName | None:
        """The error that was raised, if any."""
        failure = self.walked.value.failure
        return None if failure is None else failure.error


def must_be_gone(asked: Asked) -> bool:
    """Whether a request has to leave no session in the core: a theft, and a sign-out that worked.

    Source: SDKs, behaviour notes 4 and 7.
    """
    if asked.error is None:
        return asked.answered.step is StepName.SIGN_OUT
    return asked.error is ErrorName.TOKEN_THEFT_DETECTED


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """One step, played."""

    number: int
    step: Step
    asked: Asked | None = None
    """For steps that send a request to the backend."""
    calls: tuple[CoreCall, ...] = ()
    """What an operator asked of the core."""
    waited_ms: int | None = None
    told: str | None = None
    """What came of a step that sends no request, in words."""
    deviations: tuple[str, ...] = ()
    """How it ended otherwise than expected."""
    counts: bool = True
    """Whether deviations break the promise; not after a person's own handler has fired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """One case, played to its end or not at all."""

    case: Case
    outcome: Outcome
    reason: str | None
    """Why it was skipped, or in which step it went otherwise."""
    steps: tuple[StepResult, ...]
    generations: tuple[Generation, ...]

    @property
    def promised(self) -> StepResult | None:
        """The step that the case is about; None when it was not reached."""
        return next((result for result in self.steps if result.step is self.case.promise), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioResult:
    """One scenario, all its cases played."""

    scenario: Scenario
    cases: tuple[CaseResult, ...]
