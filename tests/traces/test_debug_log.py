import json

import pytest

from stctl.traces.model import Damage, LogEvent, Logger, Topic, TraceFormat
from trace_help import SAMPLES, items_of


def events_of(data: bytes | str, at_once: int = 1 << 30) -> list[LogEvent]:
    items = items_of(data, TraceFormat.DEBUG_LOG, at_once)
    assert [item for item in items if not isinstance(item, LogEvent)] == []
    return [item for item in items if isinstance(item, LogEvent)]


def recorded(name: str) -> list[LogEvent]:
    return events_of((SAMPLES / f"debug_{name}.log").read_bytes())


def told(events: list[LogEvent]) -> list[tuple[Topic, dict[str, str]]]:
    quiet = {Topic.OTHER, Topic.INIT, Topic.OPTION, Topic.LOOKED_AT}
    return [(event.topic, dict(event.facts)) for event in events if event.topic not in quiet]


@pytest.mark.parametrize(
    ("name", "logger", "version"),
    [
        ("node", Logger.NODE, "24.0.3"),
        ("python", Logger.PYTHON, "0.31.4"),
        ("go", Logger.GO, "0.25.2"),
    ],
)
def test_the_sdk_of_a_log_is_known(name: str, logger: Logger, version: str) -> None:
    events = recorded(name)
    assert {event.logger for event in events} == {logger}
    assert {event.sdk_version for event in events} == {version}
    assert all(event.at_ms and event.at_ms > 1_795_545_900_000 for event in events)
    assert [event.index for event in events] == list(range(len(events)))


NO_TOKEN = "Session does not exist. Are you sending the session tokens in the request with the "


@pytest.mark.parametrize("name", ["node", "python", "go"])
def test_sdks_tell_of_a_refused_request_in_one_vocabulary(name: str) -> None:
    lines = told(recorded(name))
    start = next(place for place, (topic, _) in enumerate(lines) if topic is Topic.NOT_MINE)
    topics = [topic for topic, _ in lines[start : start + 10]]
    assert lines[start][1] == {"path": "/protected"}
    assert (Topic.STEP, {"step": "verify"}) in lines[start : start + 4]
    raised = lines[start + topics.index(Topic.RAISED)][1]
    assert (raised["step"], raised["error"]) == ("verify", "UNAUTHORISED")
    assert raised["reason"].startswith("accessToken in request is ")
    messages = [facts["message"] for topic, facts in lines if "message" in facts]
    assert messages[0].startswith(NO_TOKEN)
    assert lines[start + topics.index(Topic.HANDLER)][1] == {"error": "UNAUTHORISED"}
    assert lines[start + topics.index(Topic.ANSWER)][1] == {"status": "401"}


@pytest.mark.parametrize("name", ["node", "python", "go"])
def test_sdks_tell_of_a_refresh_without_a_token_in_one_vocabulary(name: str) -> None:
    lines = told(recorded(name))
    start = lines.index((Topic.ROUTE, {"route": "/session/refresh"}))
    refused = lines[start : start + 11]
    assert refused[1] == (Topic.STEP, {"step": "refresh"})
    assert (Topic.CLEARED, {"error": "UNAUTHORISED"}) in refused
    assert (Topic.SET, {"token": "refresh", "transfer": "header"}) in refused
    assert refused[-1] == (Topic.ANSWER, {"status": "401"})


@pytest.mark.parametrize("name", ["node", "python", "go"])
def test_why_a_token_does_not_hold_is_kept(name: str) -> None:
    (raised,) = [
        facts
        for topic, facts in told(recorded(name))
        if topic is Topic.RAISED and facts["error"] == "TRY_REFRESH_TOKEN"
    ]
    assert "9" in raised["reason"]
    assert (Topic.FOUND, {"step": "verify", "token": "access", "transfer": "header"}) in told(
        recorded(name)
    )


def test_messages_over_several_lines_are_one_event() -> None:
    info = next(event for event in recorded("python") if event.facts.get("setting") == "app_info")
    assert json.loads(info.facts["value"])["api_domain"] == "http://localhost:3002"
    late = next(event for event in recorded("python") if event.message.startswith("Error response"))
    assert late.message == 'Error response: {"a":"b\nc"}'


@pytest.mark.parametrize("name", ["node", "python", "go"])
@pytest.mark.parametrize("at_once", [1, 97])
def test_how_the_bytes_arrive_makes_no_difference(name: str, at_once: int) -> None:
    raw = (SAMPLES / f"debug_{name}.log").read_bytes()
    assert events_of(raw, at_once) == events_of(raw)


LINE = (
    'com.supertokens {t: "2026-11-24T18:45:40.042Z", message: "getSession: Success!", '
    'file: "/a/b.js:1:2" sdkVer: "24.0.3"}'
)


@pytest.mark.parametrize(
    ("line", "source"),
    [
        (LINE, ""),
        (f"2026-11-24T18:45:40.042Z {LINE}", ""),
        (f"backend-1  | 2026-11-24T18:45:40.042Z {LINE}", "backend-1 |"),
        (
            f"  \x1b[38;5;45;1m{LINE.replace(' ', chr(27) + '[0m ', 1)} \x1b[38;5;45m+12ms\x1b[0m",
            "",
        ),
        (json.dumps({"log": LINE + "\n", "stream": "stderr", "time": "x"}), ""),
        (
            f"2026-11-24T18:45:40.042123456Z stderr F {LINE}",
            "stderr F",
        ),
    ],
    ids=["bare", "not a terminal", "compose", "terminal", "docker", "kubernetes"],
)
def test_whatever_stands_around_it_a_line_is_found(line: str, source: str) -> None:
    (event,) = events_of(f"some line of the app\n{line}\nanother\n")
    assert (event.topic, event.facts) == (Topic.DONE, {"step": "verify"})
    assert event.position == "line 2"
    assert event.source == source
    assert event.file == "/a/b.js:1:2"


def test_the_browser_sdk_is_known_by_its_version_member() -> None:
    line = (
        'logger.js:42 com.supertokens {t: "2026-11-24T18:45:40.042Z", message: '
        '"onUnauthorisedResponse: Refresh status code is: 401", supertokens-website-ver: "20.1.6"}'
    )
    (event,) = events_of(line)
    assert (event.logger, event.sdk_version, event.file) == (Logger.FRONTEND, "20.1.6", None)
    assert event.topic is Topic.FRONTEND
    assert event.facts == {"call": "onUnauthorisedResponse", "did": "Refresh status code is: 401"}


@pytest.mark.parametrize(
    ("message", "topic", "facts"),
    [
        (
            "refreshSession: Returning TOKEN_THEFT_DETECTED because of core response",
            Topic.RAISED,
            {"step": "refresh", "error": "TOKEN_THEFT_DETECTED", "reason": "of core response"},
        ),
        (
            "GetSessionFromRequest: Returning TryRefreshTokenError because the request is legacy",
            Topic.RAISED,
            {"step": "verify", "error": "TRY_REFRESH_TOKEN", "reason": "the request is legacy"},
        ),
        (
            "getSession: returning undefined because accessToken is undefined and so on",
            Topic.DONE,
            {"step": "verify", "session": "no"},
        ),
        (
            "core-call: POST http://c:3567/recipe/x",
            Topic.CORE_CALL,
            {"method": "POST", "url": "http://c:3567/recipe/x"},
        ),
        (
            "createNewSession: using transfer method header",
            Topic.TRANSFER,
            {"step": "create", "transfer": "header"},
        ),
        ("errorHandler: returning INVALID_CLAIMS", Topic.HANDLER, {"error": "INVALID_CLAIMS"}),
        (
            "session init: antiCsrf: VIA_TOKEN",
            Topic.INIT,
            {"setting": "antiCsrf", "value": "VIA_TOKEN"},
        ),
        ("Setting access token as cookie", Topic.SET, {"token": "access", "transfer": "cookie"}),
        (
            'validateClaimsInPayload st-ev validation res {"isValid":false}',
            Topic.CLAIM,
            {"validator": "st-ev", "result": '{"isValid":false}'},
        ),
        (
            "getSession: Value of doAntiCsrfCheck is: True",
            Topic.OPTION,
            {"anti_csrf_check": "true"},
        ),
        ("something new", Topic.OTHER, {}),
    ],
)
def test_the_words_of_sdks(message: str, topic: Topic, facts: dict[str, str]) -> None:
    (event,) = events_of(LINE.replace("getSession: Success!", message))
    assert (event.topic, event.facts) == (topic, facts)
    assert event.message == message


def test_quotes_and_braces_in_a_message_do_not_end_it() -> None:
    message = 'core said "{"a": "b"}", and then\nmore "}'
    (event,) = events_of(LINE.replace("getSession: Success!", message))
    assert event.message == message


def test_an_event_without_its_end_is_damage_and_the_next_one_is_read() -> None:
    items = items_of(f"{LINE[:60]}\napp\n{LINE}\n{LINE[:70]}", TraceFormat.DEBUG_LOG)
    assert [type(item) for item in items] == [Damage, LogEvent, Damage]
    first, event, last = items
    assert isinstance(first, Damage)
    assert isinstance(last, Damage)
    assert (first.position, first.offset) == ("line 1", 0)
    assert event.position == "line 3"
    assert "file ends" in last.reason


def test_an_event_that_never_ends_does_not_swallow_the_file() -> None:
    items = items_of(LINE[:60] + "\nx" * 5_000, TraceFormat.DEBUG_LOG)
    assert [type(item) for item in items] == [Damage]


def test_local_times_are_brought_to_utc() -> None:
    go = LINE.replace("2026-11-24T18:45:40.042Z", "2026-11-24T20:15:40+01:30")
    python = LINE.replace("2026-11-24T18:45:40.042Z", "2026-11-24T18:45:40.000318+00Z")
    assert events_of(go)[0].at_ms == events_of(python)[0].at_ms == 1_795_545_940_000
