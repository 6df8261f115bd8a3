"""What released SDKs did, request by request, against what the tree says they do."""

import json
import re
from base64 import b64decode

import pytest

from recorded_walks import NAMES, RecordedFacts, recorded
from stctl.exchange import Pairs, Response
from stctl.recipe.answering import Answered, answer_request
from stctl.recipe.frontend import FrontendConfig, LocalState, Seen, next_action
from stctl.recipe.marks import read_marks
from stctl.recipe.walk import walk

# The cookie of an access token lives a year from the SDK's own clock, a second beside the core's.
_TIME_OF_DAY = re.compile(r"(?<=2027 )\d\d:\d\d:\d\d")
_WRITTEN = ("set-cookie", "st-access-token", "st-refresh-token", "anti-csrf")


def written(headers: Pairs) -> dict[str, list[str]]:
    """What a response says of tokens, by header; the order of cookies does not count."""
    found: dict[str, list[str]] = {}
    for name, value in headers:
        if name.lower() in _WRITTEN:
            found.setdefault(name.lower(), []).append(_TIME_OF_DAY.sub("", value))
    return {name: sorted(values) for name, values in found.items()}


def front_tokens(headers: Pairs) -> list[object]:
    """Front tokens, read: the order of their members does not count."""
    return [
        value if value == "remove" else json.loads(b64decode(value))
        for name, value in headers
        if name.lower() == "front-token"
    ]


def response_of(answered: Answered) -> Response:
    assert answered.response is not None
    return answered.response


@pytest.mark.parametrize("name", NAMES)
def test_the_tree_does_what_the_sdk_did(name: str) -> None:
    for told in recorded(name):
        label, facts = told.label, RecordedFacts(told)
        answered = walk(answer_request(told.request, told.app), facts).value
        response, firing = response_of(answered), answered.firing
        failure = answered.failure
        assert (
            str(answered.step),
            failure.error if failure else None,
            failure.message.strip() if failure else None,
            firing.handler,
            firing.kind,
            firing.side_effect,
            firing.final_handler,
            response.status,
        ) == (
            label["step"],
            label["error"],
            label["error_message"].strip() if label["error_message"] else None,
            label["handler"],
            label["handler_kind"],
            label.get("handler_side_effect"),
            label.get("final_handler"),
            label["status"],
        ), told.name
        marks = read_marks(response.headers)
        assert set(marks.cleared) == set(label["cleared"]), told.name
        assert set(marks.set) == set(label["set"]), told.name
        assert marks.clears_session is label["clears_session"], told.name
        assert facts.asked_core == len(told.core), told.name


@pytest.mark.parametrize("name", NAMES)
def test_the_tree_writes_the_answer_that_the_sdk_wrote(name: str) -> None:
    for told in recorded(name):
        walked = walk(answer_request(told.request, told.app), RecordedFacts(told))
        response = response_of(walked.value)
        if walked.value.failure is not None:
            assert response.body == told.response.body, told.name
        assert written(response.headers) == written(told.response.headers), told.name
        assert front_tokens(response.headers) == front_tokens(told.response.headers), told.name


@pytest.mark.parametrize("name", NAMES)
def test_the_frontend_does_with_a_recorded_answer_what_it_did(name: str) -> None:
    for told in recorded(name):
        wanted = told.label["next_frontend_action"]
        is_refresh = told.label["step"] == "refresh"
        seen = Seen(
            purpose="refresh" if is_refresh else "call",
            before=LocalState(told.label["frontend_state_before"]),
            front_token_before=None,
            response=told.response,
        )
        action = next_action(seen, FrontendConfig())
        assert (action.action, list(action.events), action.local_session_after) == (
            wanted["action"],
            wanted["events"],
            wanted["local_session_after"],
        ), told.name


@pytest.mark.parametrize("name", NAMES)
def test_the_marks_of_a_recorded_answer_are_read_as_they_were_labelled(name: str) -> None:
    for told in recorded(name):
        marks = read_marks(told.response.headers)
        assert list(marks.cleared) or not told.label["cleared"]
        assert set(marks.cleared) == set(told.label["cleared"]), told.name
        assert set(marks.set) == set(told.label["set"]), told.name
        assert marks.clears_session is told.label["clears_session"], told.name
