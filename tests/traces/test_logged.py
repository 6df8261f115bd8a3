import pytest

from stctl.traces.link import LoggedRequest, requests_in_log
from stctl.traces.model import LogEvent, Topic, TraceFormat
from trace_help import SAMPLES, items_of

LINE = (
    'com.supertokens {{t: "2026-11-24T18:{:02.0f}:{:06.3f}Z", message: "{}", '
    'file: "a.js:1:2" sdkVer: "1"}}'
)


def requests_of(*messages: str, step_s: float = 0.001) -> list[LoggedRequest]:
    """Requests of a log with these messages; `|` in front of one parts a container's name off."""
    lines = []
    for place, message in enumerate(messages):
        source, _, text = message.rpartition("|")
        lines.append(source + " " + LINE.format(*divmod(place * step_s, 60), text))
    return grouped("\n".join(lines).encode())


def grouped(data: bytes) -> list[LoggedRequest]:
    items = items_of(data, TraceFormat.DEBUG_LOG)
    return list(requests_in_log(item for item in items if isinstance(item, LogEvent)))


def recorded(name: str) -> list[LoggedRequest]:
    return grouped((SAMPLES / f"debug_{name}.log").read_bytes())


@pytest.mark.parametrize("name", ["node", "python", "go"])
def test_a_recorded_log_comes_to_its_five_requests(name: str) -> None:
    requests = recorded(name)
    assert [request.index for request in requests] == [0, 1, 2, 3, 4]
    assert not any(request.is_mixed for request in requests[:3])
    assert [request.path for request in requests if request.index in {0, 1, 3}] == [
        "/protected"
    ] * 3
    steps = [request.facts(Topic.STEP, "step")[0] for request in requests]
    assert steps == ["verify", "verify", "refresh", "verify", "refresh"]
    assert [request.facts(Topic.ROUTE, "route") for request in requests[2:]] == [
        ["/session/refresh"],
        [],
        ["/session/refresh"],
    ]
    handled = [request.facts(Topic.HANDLER, "error") for request in requests[:3]]
    assert handled == [["UNAUTHORISED"]] * 3
    assert [request.facts(Topic.ANSWER, "status") for request in requests[:3]] == [["401"]] * 3
    assert requests[3].facts(Topic.RAISED, "error") == ["TRY_REFRESH_TOKEN"]
    assert requests[4].facts(Topic.HANDLER, "error") == []


def test_what_was_told_before_any_request_belongs_to_none() -> None:
    assert requests_of("framework: express", "querier initialized", "Error fetching: x") == []


def test_a_settled_request_ends_where_the_next_one_begins() -> None:
    first, second = requests_of(
        "middleware: Started",
        "getSession: Started",
        "getSession: Success!",
        "middleware: Started",
        "getSession: Started",
        "getSession: Success!",
    )
    assert (len(first.events), len(second.events)) == (3, 3)
    assert not first.is_mixed
    assert (first.position, second.position) == ("line 1", "line 4")


VERIFY = "getSession: Started"
REFRESH = "refreshSession: Started"


def test_requests_that_overlap_are_told_apart_by_their_steps_and_marked() -> None:
    first, second = requests_of(
        "middleware: Started",
        VERIFY,
        "middleware: Started",
        REFRESH,
        "getSession: Returning UNAUTHORISED because of core response",
        "errorHandler: Started",
        "errorHandler: returning UNAUTHORISED",
        "Sending response to client with status code: 401",
        "refreshSession: Success!",
        "Sending response to client with status code: 200",
    )
    assert first.is_mixed
    assert second.is_mixed
    assert first.facts(Topic.RAISED, "error") == ["UNAUTHORISED"]
    assert first.facts(Topic.ANSWER, "status") == ["401"]
    assert second.facts(Topic.DONE, "step") == ["refresh"]
    assert second.facts(Topic.ANSWER, "status") == ["200"]


def test_a_theft_waits_for_the_core_before_its_answer() -> None:
    first, second = requests_of(
        "middleware: Started",
        REFRESH,
        "refreshSession: Returning TOKEN_THEFT_DETECTED because of core response",
        "errorHandler: returning TOKEN_THEFT_DETECTED",
        "middleware: Started",
        VERIFY,
        "getSession: Success!",
        "Sending response to client with status code: 401",
    )
    assert second.facts(Topic.DONE, "step") == ["verify"]
    assert first.facts(Topic.HANDLER, "error") == ["TOKEN_THEFT_DETECTED"]


def test_processes_that_share_a_file_are_kept_apart() -> None:
    requests = requests_of(
        "web-1 |middleware: Started",
        "web-2 |middleware: Started",
        "web-1 |getSession: Started",
        "web-2 |refreshSession: Started",
        "web-1 |getSession: Success!",
        "web-2 |refreshSession: Success!",
    )
    assert [request.facts(Topic.DONE, "step") for request in requests] == [["verify"], ["refresh"]]
    assert not any(request.is_mixed for request in requests)


def test_a_request_that_never_ends_is_given_up_after_a_minute() -> None:
    first, second = requests_of(
        "middleware: Started", VERIFY, "middleware: Started", VERIFY, step_s=31.0
    )[:2]
    assert first.facts(Topic.STEP, "step") == ["verify"]
    assert not second.is_mixed


def test_no_more_than_a_few_requests_are_held_open() -> None:
    messages = ["middleware: Started", VERIFY] * 200
    requests = requests_of(*messages, step_s=0.0001)
    assert len(requests) == 200
    assert [request.index for request in requests] == list(range(200))
