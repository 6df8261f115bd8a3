"""What is said of one request: the contract behind `stctl explain`."""

from collections.abc import Mapping
from dataclasses import dataclass

from stctl.recipe.answering import Answered
from stctl.recipe.arrival import Reach
from stctl.recipe.config import AppConfig
from stctl.recipe.failures import ErrorName, HandlerName
from stctl.recipe.frontend import LocalState, NextAction
from stctl.recipe.handlers import HandlerKind
from stctl.recipe.situation import RoutePlan
from stctl.recipe.walk import Reason
from stctl.traces.explain.core_calls import CoreCall
from stctl.traces.explain.evidence import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """Another verdict that the evidence leaves open."""

    error: ErrorName | None
    handler: HandlerName | None
    handler_kind: HandlerKind
    because: str
    """The answer in which it differs from the explanation, as a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One request of a browser, explained."""

    evidence: Evidence
    reach: Reach
    answered: Answered
    reasons: tuple[Reason, ...]
    why_not: Mapping[ErrorName, str]
    alternatives: tuple[Alternative, ...]
    core_calls: tuple[CoreCall, ...]
    """Recorded ones in their order, then those that must have been made."""
    state_before: LocalState | None
    """What the frontend SDK believed; None for a preflight."""
    next: NextAction | None
    app: AppConfig
    """The set-up of the app that the explanation rests on."""
    plan: RoutePlan | None
    """How the route asks for a session; None where the SDK answers itself, and in debug logs."""

    @property
    def index(self) -> int:
        """Place of the request in the trace."""
        return self.evidence.entry.index

    @property
    def error(self) -> ErrorName | None:
        """The error that was raised."""
        return self.answered.failure.error if self.answered.failure else None

    @property
    def error_message(self) -> str | None:
        """The error's own text; None where nothing tells it."""
        return (self.answered.failure.message or None) if self.answered.failure else None

    @property
    def is_own_refusal(self) -> bool:
        """Whether the app itself answered with an error, without any handler of the SDK."""
        is_error = self.evidence.status >= 400  # noqa: PLR2004 - the first error
        return self.answered.failure is None and is_error and not self.evidence.is_elsewhere
