"""Requests of a page to other servers, which stand in a browser's recording as well."""

from copy import deepcopy

import pytest

from diagnosed import Entries, found, recorded
from explained import Document, explain_har
from stctl.traces.explain.known_app import KnownApp
from trace_help import har_entry

THEFT = "theft-parent-reused.fastapi.default.cookie"
NOTHING = KnownApp()


def browser_side(name: str) -> Entries:
    kept = [deepcopy(one) for one in recorded(name) if one["_peer"] != "backend-core"]
    return [{**one, "_peer": None, "_initiator": None} for one in kept]


def asked(url: str, status: int, text: str = "", agent: str = "Mozilla/5.0") -> Document:
    headers = [{"name": "User-Agent", "value": agent}] if agent else []
    return har_entry(
        url,
        startedDateTime=recorded(THEFT)[0]["startedDateTime"],
        request={"method": "GET", "url": url, "headers": headers},
        response={"status": status, "headers": [], "content": {"text": text}},
    )


OTHERS = [
    asked("https://pay.example/v1/charge", 401, '{"error":"no key"}'),
    asked("https://errors.example/envelope", 403, '{"detail":"denied"}'),
    asked("http://localhost:3000/api/flags", 500, "Internal Server Error"),
    asked("http://localhost:3000/favicon.ico", 404, "404 Not Found"),
]


def verdicts(entries: Entries) -> list[object]:
    return [one["error"] for one in explain_har(entries, NOTHING).values()]


@pytest.mark.parametrize("where", [0, 2, 5])
def test_what_other_servers_refuse_is_no_session_error(where: int) -> None:
    own = browser_side(THEFT)
    mixed = [*own[:where], *OTHERS, *own[where:]]
    told = explain_har(mixed, NOTHING)
    others = [told[place] for place in range(where, where + len(OTHERS))]
    assert {one["error"] for one in others} == {None}
    assert {one["reached"] for one in others} == {"no: it went to another server"}
    assert {one["next_frontend_action"] for one in others} == {None}
    rest = [told[place]["error"] for place in range(len(mixed)) if not 0 <= place - where < 4]
    assert rest == verdicts(own)
    assert "TOKEN_THEFT_DETECTED" in rest


def test_other_servers_are_no_business_of_rules() -> None:
    own = browser_side(THEFT)
    alone = [(one.rule.id, one.detail) for one in found(own)]
    behind = [(one.rule.id, one.detail) for one in found([*own, *OTHERS])]
    assert alone == behind


def test_where_no_sdk_is_seen_nothing_is_said_to_be_elsewhere() -> None:
    told = explain_har(OTHERS, NOTHING)
    assert not any("another server" in str(one["reached"]) for one in told.values())


def test_a_second_address_of_the_app_shows_itself_by_tokens_or_default_answers() -> None:
    own = browser_side(THEFT)
    cookie = next(pair for pair in own[0]["request"]["headers"] if pair["name"] == "Cookie")
    by_cookie = asked("https://api2.example/orders", 200)
    by_cookie["request"]["headers"].append(cookie)
    by_answer = asked("https://api3.example/me", 401, '{"message":"unauthorised"}')
    told = explain_har([*own, by_cookie, by_answer], NOTHING)
    assert told[len(own)]["reached"] == "yes"
    assert told[len(own) + 1]["error"] == "UNAUTHORISED"


def test_the_address_that_the_operator_names_is_the_apps() -> None:
    own = browser_side(THEFT)
    known = KnownApp(api_domain="https://pay.example")
    told = explain_har([*own, OTHERS[0]], known)
    assert told[len(own)]["error"] == "UNAUTHORISED"


def test_a_recording_that_names_its_peers_is_believed() -> None:
    own = browser_side(THEFT)
    told = explain_har([*own, {**OTHERS[0], "_peer": "browser-backend"}], NOTHING)
    assert told[len(own)]["error"] == "UNAUTHORISED"


def test_without_any_header_nothing_tells_where_a_request_went() -> None:
    own = browser_side(THEFT)
    told = explain_har([*own, asked("https://api2.example/me", 401, agent="")], NOTHING)
    assert told[len(own)]["reached"] == "yes"
