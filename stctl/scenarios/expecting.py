"""Compares how a step ended with what was expected of it."""

import json
from collections.abc import Iterator

from stctl.scenarios.model import Expectation
from stctl.scenarios.results import Asked
from stctl.scenarios.stage import Wishes


def deviations(expected: Expectation, asked: Asked, wishes: Wishes) -> tuple[str, ...]:
    """What is otherwise, a phrase each; with another error, that alone.

    Status, side effect and the like are what the default handlers answer. Where a person's own
    handler answered, or the person has wishes of their own about the answer, only the error and
    the handler's name are compared.
    """
    error = asked.error
    if expected.no_error and error is not None:
        return (f"it raised {error}",)
    if expected.error is not None and error != expected.error:
        return (f"it raised {error or 'no error'}, not {expected.error}",)
    firing = asked.answered.firing
    if expected.handler is not None and firing.handler != expected.handler:
        return (f"{firing.handler or 'no handler'} fired, not {expected.handler}",)
    if firing.kind == "custom" or wishes.status is not None:
        return ()
    return tuple(_answer_deviations(expected, asked))


def unfulfilled(wishes: Wishes, asked: Asked) -> tuple[str, ...]:
    """What a person wished of the promised answer and did not get, a phrase each."""
    return tuple(_unfulfilled(wishes, asked))


def _unfulfilled(wishes: Wishes, asked: Asked) -> Iterator[str]:
    response = asked.response
    status = None if response is None else response.status
    if wishes.status is not None and status != wishes.status:
        yield f"it answered {status or 'nothing'}, not {wishes.status}, which is wished for"
    body = "" if response is None else response.body.decode("utf-8", "replace")
    if wishes.body is not None and not _holds(body, wishes.body):
        yield "its body does not hold what is wished for"


def _holds(body: str, wanted: str) -> bool:
    """Whether the text is in the body; of two JSON objects, whether its members are."""
    try:
        found, members = json.loads(body), json.loads(wanted)
    except ValueError:
        return wanted in body
    if isinstance(found, dict) and isinstance(members, dict):
        return all(name in found and found[name] == value for name, value in members.items())
    return wanted in body


def _answer_deviations(expected: Expectation, asked: Asked) -> Iterator[str]:
    response, firing = asked.response, asked.answered.firing
    status = None if response is None else response.status
    if expected.status is not None and status != expected.status:
        yield f"it answered {status or 'nothing'}, not {expected.status}"
    clears = asked.marks.clears_session
    if expected.clears_session is not None and clears != expected.clears_session:
        yield "it cleared the session" if clears else "it did not clear the session"
    if expected.side_effect is not None and firing.side_effect != expected.side_effect:
        yield f"the handler did not {expected.side_effect.replace('_', ' ')}"
    action = None if asked.next_action is None else asked.next_action.action
    if expected.next is not None and action is not None and action != expected.next:
        yield f"the frontend goes on with {action}, not {expected.next}"
    if expected.reuse is not None and asked.reuse != expected.reuse:
        yield f"the core called the reuse {asked.reuse or 'nothing'}, not {expected.reuse}"
