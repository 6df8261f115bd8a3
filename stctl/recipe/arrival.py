"""Seen from outside: whether a request reached the SDK at all, and what the SDK did with it."""

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar, Protocol, cast

from stctl.exchange import Request
from stctl.recipe.answering import Answered, answer_request, is_sign_out_path
from stctl.recipe.config import AppConfig
from stctl.recipe.facts import Facts
from stctl.recipe.handlers import NOBODY
from stctl.recipe.step_end import StepName
from stctl.recipe.walk import Answer, Question, Tree, ask


class Reach(Enum):
    """How far a request came."""

    SDK = "yes"
    NO_ROUTE = "no: the app has no such route"
    GATEWAY = "no: something in front of the backend answered"
    PREFLIGHT = "no: it is a preflight, which the CORS layer answered"
    ELSEWHERE = "no: it went to another server"


class ArrivalFacts(Facts, Protocol):
    """Facts of somebody who sees requests from outside."""

    def reach(self, request: Request) -> Answer[Reach]:
        """How far the request came."""
        ...


@dataclass(frozen=True, slots=True)
class Reached(Question[Reach]):
    """Whether a request came to the SDK or to a route of the app."""

    request: Request
    name: ClassVar = "reach"

    def put_to(self, facts: Facts) -> Answer[Reach]:
        """Ask `facts`, which must be those of an observer."""
        return cast("ArrivalFacts", facts).reach(self.request)

    def wording(self) -> str:
        """The question in plain words."""
        return "does the request reach the backend's own code?"

    def told(self, value: object) -> str:
        """The answer in plain words."""
        return value.value if isinstance(value, Reach) else str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """What became of a request; `answered.response` is None where the SDK was not reached."""

    reach: Reach
    answered: Answered


def arrive(request: Request, app: AppConfig) -> Tree[Arrived]:
    """Walk a request from the network to its answer."""
    reach = yield from ask(Reached(request))
    if reach is Reach.SDK:
        answered = yield from answer_request(request, app)
        return Arrived(reach=reach, answered=answered)
    # Recordings count the preflight of the sign-out API to that step, and no other preflight.
    of_sign_out = reach is Reach.PREFLIGHT and is_sign_out_path(request.path, app)
    step = StepName.SIGN_OUT if of_sign_out else StepName.NONE
    nothing = Answered(step=step, session=None, failure=None, firing=NOBODY, response=None)
    return Arrived(reach=reach, answered=nothing)
