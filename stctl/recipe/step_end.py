"""How a step of the session recipe ends."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from stctl.recipe.failures import Failure
from stctl.recipe.response import Change
from stctl.recipe.situation import SessionView


class StepName(StrEnum):
    """The step of the SDK that a request ran through."""

    VERIFY = "verify"
    REFRESH = "refresh"
    SIGN_OUT = "signout"
    CREATE = "create"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """The step went well; `session` is None where none is needed and none came."""

    session: SessionView | None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The step raised an error; `changes` were on the answer before it."""

    failure: Failure
    changes: tuple[Change, ...] = ()


StepEnd: TypeAlias = Passed | Failed
