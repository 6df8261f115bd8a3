from typing import TypeAlias

import pytest

from explained import explained
from stctl.recipe.failures import ErrorName
from stctl.recipe.walk import Source
from stctl.traces.explain.explanation import Explanation
from stctl.traces.explain.known_app import KnownApp
from stctl.traces.explain.logged import explain_log
from stctl.traces.model import Damage, TraceFormat
from trace_help import RECORDED, entries_of, items_of

LOGS = RECORDED / "debug_logs"
NAMES = [f"{sdk}.{handlers}" for sdk in ("node", "python") for handlers in ("default", "custom")]
Verdict: TypeAlias = tuple[str | None, str | None, str]

WHAT_HAPPENED = """
POST /login/alice
GET /me
GET /me-in-database
GET /plain
GET /me                     UNAUTHORISED
GET /optional
GET /me                     UNAUTHORISED
POST /auth/session/refresh  UNAUTHORISED
POST /auth/session/refresh  UNAUTHORISED
POST /auth/session/refresh
GET /me
POST /auth/session/refresh  TOKEN_THEFT_DETECTED
POST /login/bob
GET /me
GET /me-in-database         UNAUTHORISED
POST /auth/session/refresh  UNAUTHORISED
POST /login/carol
POST /auth/signout
GET /me-in-database         UNAUTHORISED
POST /auth/signout          UNAUTHORISED
POST /login/dave
GET /boom                   GENERAL_ERROR
GET /forbidden
GET /throws                 UNAUTHORISED
POST /login/gina
GET /admin                  INVALID_CLAIMS
POST /login/henry
GET /me
POST /auth/session/refresh
GET /me
POST /auth/session/refresh  TOKEN_THEFT_DETECTED
POST /login/erin
GET /me                     TRY_REFRESH_TOKEN
POST /auth/signout          TRY_REFRESH_TOKEN
GET /optional               TRY_REFRESH_TOKEN
POST /auth/session/refresh
GET /me
GET /me
GET /me-in-database         GENERAL_ERROR
POST /login/frank           GENERAL_ERROR
POST /auth/session/refresh  GENERAL_ERROR
POST /auth/signout          GENERAL_ERROR
"""
RUN = [line.split() for line in WHAT_HAPPENED.strip().splitlines()]
ERRORS = [line[2] if len(line) > 2 else None for line in RUN]
HANDLERS = {
    "UNAUTHORISED": "onUnauthorised",
    "TRY_REFRESH_TOKEN": "onTryRefreshToken",
    "TOKEN_THEFT_DETECTED": "onTokenTheftDetected",
    "INVALID_CLAIMS": "onInvalidClaim",
}
NOT_LOGGED = {"python": {"GET /boom", "POST /login/frank"}, "node": set[str]()}
"""Exceptions that pass the SDK by: of the app's route, and of a login before its first line."""


def verdict(one: Explanation) -> Verdict:
    return one.error, one.answered.firing.handler, one.answered.firing.kind


def open_verdicts(one: Explanation) -> list[Verdict]:
    return [(other.error, other.handler, other.handler_kind) for other in one.alternatives]


def from_log(name: str) -> list[Explanation]:
    """Explanations of a log in the order in which its requests began."""
    items = items_of((LOGS / f"{name}.log.gz").read_bytes(), TraceFormat.DEBUG_LOG)
    told = list(explain_log(items, KnownApp()))
    found = [one for one in told if isinstance(one, Explanation)]
    assert not any(isinstance(one, Damage) for one in told)
    return sorted(found, key=lambda one: int(one.evidence.entry.position.removeprefix("line ")))


def from_exchanges(name: str) -> list[Explanation]:
    return explained(entries_of((LOGS / f"{name}.ndjson.gz").read_bytes()))


def truth(name: str) -> list[Verdict]:
    """Error, handler and its kind of each request of a run."""
    sdk, handlers = name.split(".")
    # The Express app answers exceptions itself, the other one leaves them to FastAPI.
    for_exceptions = ("app_error_handler", "custom")
    if sdk == "python":
        for_exceptions = ("framework_error_response", "framework")
    return [_truth(error, handlers, for_exceptions) for error in ERRORS]


def _truth(error: str | None, handlers: str, for_exceptions: tuple[str, str]) -> Verdict:
    if error is None:
        return None, None, "none"
    if error == "GENERAL_ERROR":
        return (error, *for_exceptions)
    return error, HANDLERS[error], handlers


@pytest.mark.parametrize("name", NAMES)
def test_a_log_gives_the_verdicts_that_the_exchanges_of_the_same_run_give(name: str) -> None:
    logged, recorded = from_log(name), from_exchanges(name)
    assert len(logged) == len(recorded) == len(RUN)
    for log, trace in zip(logged, recorded, strict=True):
        # Where one side leaves something open, the verdict of the other is among what it leaves.
        left_open = {*open_verdicts(log), *open_verdicts(trace)}
        assert verdict(log) == verdict(trace) or {verdict(log), verdict(trace)} & left_open


@pytest.mark.parametrize("name", NAMES)
def test_a_log_tells_what_happened_or_marks_what_it_does_not_show(name: str) -> None:
    for one, true, line in zip(from_log(name), truth(name), RUN, strict=True):
        if verdict(one) == true:
            continue
        assert true[0] == ErrorName.GENERAL_ERROR, line
        assert true in open_verdicts(one), line
        assert one.reasons[-1].source is Source.INFERRED


@pytest.mark.parametrize("name", NAMES)
def test_only_exceptions_that_pass_the_sdk_by_are_not_in_a_log(name: str) -> None:
    missed = {
        " ".join(line[:2])
        for one, error, line in zip(from_log(name), ERRORS, RUN, strict=True)
        if one.error != error
    }
    assert missed == NOT_LOGGED[name.partition(".")[0]]


@pytest.mark.parametrize("name", NAMES)
def test_the_exchanges_of_a_run_tell_what_happened(name: str) -> None:
    """An app's own answer to a failed claim may as well be any refusal of its own."""
    for one, true, line in zip(from_exchanges(name), truth(name), RUN, strict=True):
        is_open = line[1] == "/admin" and true in open_verdicts(one)
        assert verdict(one) == true or is_open, line


@pytest.mark.parametrize("name", NAMES)
def test_a_log_names_the_path_of_a_request_and_the_status_that_the_sdk_sent(name: str) -> None:
    for log, trace in zip(from_log(name), from_exchanges(name), strict=True):
        assert log.evidence.request.path == trace.evidence.request.path
        assert log.evidence.status in {0, trace.evidence.status}
        is_default = trace.answered.firing.kind == "default"
        assert (log.evidence.status == trace.evidence.status) or not is_default


def test_a_custom_handler_that_answers_by_the_sdks_own_helper_is_known_by_its_status() -> None:
    thefts = [one for one in from_log("python.custom") if "THEFT" in str(one.error)]
    assert [(one.evidence.status, one.answered.firing.kind) for one in thefts] == [
        (409, "custom"),
        (409, "custom"),
    ]
    assert {one.answered.firing.side_effect for one in thefts} == {None}


def test_the_recorded_logs_hold_every_error_that_a_handler_can_be_written_for() -> None:
    assert {error for error in ERRORS if error} == {*HANDLERS, "GENERAL_ERROR"}
