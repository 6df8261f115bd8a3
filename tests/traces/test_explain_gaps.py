from explained import answer, entry, explained, request
from stctl.exchange import Request, Response
from stctl.recipe.failures import ErrorName
from stctl.recipe.step_end import StepName
from stctl.recipe.walk import Source
from stctl.traces.explain.explanation import Explanation
from stctl.traces.model import Entry, Gap, Peer

EVERYTHING = frozenset(Gap)


def span(index: int, asked: Request, status: int) -> Entry:
    """A span of a backend: method, path and status, no headers and no bodies."""
    peer = Peer.BROWSER_BACKEND
    return entry(index, asked, Response(status=status), peer=peer, gaps=EVERYTHING)


def core_span(index: int, initiator: int, path: str, status: int = 200) -> Entry:
    asked = Request(method="POST", path=path, host="core.test")
    answered = Response(status=status)
    return entry(
        index,
        asked,
        answered,
        peer=Peer.BACKEND_CORE,
        initiator=initiator,
        gaps=EVERYTHING,
    )


def told_of(*entries: Entry) -> Explanation:
    return explained(entries)[0]


REFRESH = request("/auth/session/refresh", method="POST")


def test_without_headers_a_request_is_presumed_to_carry_tokens() -> None:
    told = told_of(span(0, request("/me"), 200), core_span(1, 0, "/recipe/session/verify"))
    assert told.answered.step is StepName.VERIFY
    assert told.error is None
    sources = {one.name: one.source for one in told.reasons}
    assert sources["signature"] is Source.INFERRED


def test_a_refused_refresh_without_bodies_leaves_two_errors_open() -> None:
    told = told_of(span(0, REFRESH, 401), core_span(1, 0, "/recipe/session/refresh"))
    others = {one.error for one in told.alternatives}
    assert {told.error, *others} >= {ErrorName.UNAUTHORISED, ErrorName.TOKEN_THEFT_DETECTED}


def test_a_removal_after_the_refresh_tells_that_it_was_theft() -> None:
    told = told_of(
        span(0, REFRESH, 401),
        core_span(1, 0, "/recipe/session/refresh"),
        core_span(2, 0, "/recipe/session/remove"),
    )
    assert told.error is ErrorName.TOKEN_THEFT_DETECTED
    assert told.answered.firing.kind == "default"


def test_a_core_that_failed_is_seen_by_its_status_alone() -> None:
    told = told_of(span(0, REFRESH, 500), core_span(1, 0, "/recipe/session/refresh", 500))
    assert told.error is ErrorName.GENERAL_ERROR
    (reason,) = [one for one in told.reasons if one.name == "core_refresh"]
    assert (reason.source, reason.answer) == (Source.OBSERVED, "HTTP 500")


def test_a_401_without_a_call_to_the_core_is_not_called_the_apps_own() -> None:
    told = told_of(span(0, request("/me"), 401))
    assert told.error in {ErrorName.UNAUTHORISED, ErrorName.TRY_REFRESH_TOKEN}
    assert told.alternatives


def test_a_body_that_is_known_is_believed_although_headers_are_not() -> None:
    gaps = frozenset({Gap.REQUEST_HEADERS, Gap.RESPONSE_HEADERS})
    body = answer(401, {"message": "try refresh token"})
    (told,) = explained([entry(0, request("/me"), body, gaps=gaps)])
    assert told.error is ErrorName.TRY_REFRESH_TOKEN
    assert told.answered.firing.kind == "default"


def lone(index: int, path: str, sent: str, said: str) -> Entry:
    asked = Request(method="POST", path=path, host="core.test", body=sent.encode())
    answered = Response(status=200, body=said.encode())
    return entry(index, asked, answered, peer=Peer.BACKEND_CORE)


THEFT = '{"status": "TOKEN_THEFT_DETECTED", "session": {"handle": "h", "userId": "u"}}'
GONE = '{"status": "UNAUTHORISED", "message": "gone"}'
REMOVED = '{"status": "OK", "sessionHandlesRevoked": ["h"]}'


def test_a_trace_of_the_core_alone_tells_the_errors_that_it_led_to() -> None:
    verify = lone(0, "/recipe/session/verify", '{"checkDatabase": true}', GONE)
    refresh = lone(1, "/recipe/session/refresh", "{}", GONE)
    told = explained([verify, refresh])
    assert [one.answered.step for one in told] == ["verify", "refresh"]
    assert {one.error for one in told} == {ErrorName.UNAUTHORISED}
    assert all(one.evidence.is_unseen and one.next is None for one in told)


def test_a_theft_that_is_followed_by_the_removal_had_its_default_handler() -> None:
    theft = lone(0, "/recipe/session/refresh", "{}", THEFT)
    removal = lone(1, "/recipe/session/remove", '{"sessionHandles": ["h"]}', REMOVED)
    other = lone(1, "/recipe/session/remove", '{"sessionHandles": ["x"]}', REMOVED)
    by_default, custom = explained([theft, removal])[0], explained([theft, other])[0]
    assert by_default.error is ErrorName.TOKEN_THEFT_DETECTED
    assert by_default.answered.firing.kind == "default"
    assert custom.answered.firing.kind == "custom"
