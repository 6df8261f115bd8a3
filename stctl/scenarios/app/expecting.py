"""Compares how an app ended a step with what the scenario promises.

What a rehearsed backend answers is known to the letter. An app may answer what it likes: a status
of its own, a body of its own, once a handler of its own fires. What it may not do is raise another
error, keep the tokens of a session that is over, or let a stolen session live.
"""

from collections.abc import Iterator
from typing import Final

from stctl.scenarios.model import Call, Expectation, LogIn, Step
from stctl.scenarios.results import Asked, must_be_gone
from stctl.scenarios.stage import Wishes

STILL_ALIVE: Final = "the session is still alive"
_FIRST_GOOD: Final = 200
_FIRST_OTHER: Final = 300
_EXPIRED: Final = 401


def app_deviations(
    step: Step, asked: Asked, wishes: Wishes, expired_status: int | None
) -> tuple[str, ...]:
    """What is otherwise than promised, a phrase each; with another error, that alone.

    `expired_status` is what the app answers to session errors; None where nobody said.
    """
    expected = step.expect or Expectation()
    error, firing = asked.error, asked.answered.firing
    if asked.unreached is not None and asked.response is not None:
        return (f"{asked.unreached}: HTTP {asked.response.status}",)
    if expected.no_error and error is not None:
        return (f"it raised {error}",)
    if expected.no_error:
        return tuple(_of_good_end(step, asked))
    if expected.error is not None and error != expected.error:
        return (f"it raised {_raised(asked)}, not {expected.error}{_hint(step, asked)}",)
    if expected.handler is not None and firing.handler != expected.handler:
        return (f"{firing.handler or 'no handler'} fired, not {expected.handler}",)
    return tuple(_of_answer(expected, asked, wishes, expired_status))


def _raised(asked: Asked) -> str:
    """The error; without one the status, where it is one of a failure."""
    if asked.error is not None:
        return str(asked.error)
    status = None if asked.response is None else asked.response.status
    return "no error" if status is None or status < _FIRST_OTHER else f"no error (HTTP {status})"


def _hint(step: Step, asked: Asked) -> str:
    """What an app may be missing that answers as if no session were asked for."""
    status = 0 if asked.response is None else asked.response.status
    is_open = asked.error is None and _FIRST_GOOD <= status < _FIRST_OTHER
    if not is_open or not isinstance(step.deed, Call):
        return ""
    return f"; does {asked.request.method} {asked.request.path} ask for a session at all?"


def _of_good_end(step: Step, asked: Asked) -> Iterator[str]:
    status = None if asked.response is None else asked.response.status
    is_good = status is not None and _FIRST_GOOD <= status < _FIRST_OTHER
    if not is_good and not isinstance(step.deed, LogIn):
        yield f"it answered {status or 'nothing'}"
    if step.expect is not None and step.expect.clears_session and not asked.marks.clears_session:
        yield _NOT_CLEARED
    if asked.in_core == "alive" and must_be_gone(asked):
        yield f"{STILL_ALIVE} in the core: signing out did not end it"


_NOT_CLEARED: Final = "it did not clear the tokens"


def _of_answer(
    expected: Expectation, asked: Asked, wishes: Wishes, expired_status: int | None
) -> Iterator[str]:
    is_default = asked.answered.firing.kind == "default"
    if expected.clears_session and not asked.marks.clears_session:
        yield _NOT_CLEARED
    if asked.in_core == "alive" and must_be_gone(asked):
        yield f"{STILL_ALIVE} in the core: {asked.answered.firing.handler} did not revoke it"
    if not is_default:
        return
    if expected.clears_session is False and asked.marks.clears_session:
        yield "it cleared the session"
    status = None if asked.response is None else asked.response.status
    wanted = expired_status if expected.status == _EXPIRED else expected.status
    if wishes.status is None and wanted is not None and status != wanted:
        yield f"it answered {status or 'nothing'}, not {wanted}"
    action = None if asked.next_action is None else asked.next_action.action
    if expected.next is not None and action is not None and action != expected.next:
        yield f"the frontend goes on with {action}, not {expected.next}"
