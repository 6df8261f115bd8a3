from collections.abc import Iterator

import pytest

from conftest import NOW_MS
from explained import LIVE, answer, entry, explained, request
from staged_facts import HOUR_MS, access_token
from stctl.errors import ErrorKind, StctlError
from stctl.exchange import Request, Response
from stctl.recipe.failures import ErrorName
from stctl.recipe.frontend import Action, LocalState
from stctl.recipe.step_end import StepName
from stctl.recipe.walk import Source
from stctl.tokens.access import AccessToken
from stctl.tokens.signature import Signature
from stctl.traces.explain.book import Book, Recent
from stctl.traces.explain.choices import Choices, Option
from stctl.traces.explain.explanation import Explanation
from stctl.traces.explain.keys import KeySet
from stctl.traces.explain.known_app import read_known_app
from stctl.traces.explain.story import TraceStory
from stctl.traces.explain.wording import price_of_words
from stctl.traces.link import LinkedItem, LinkedRequest, link
from stctl.traces.model import Peer

VERIFY = "/recipe/session/verify"


def core_call(index: int, initiator: int, path: str, response: Response | None) -> object:
    asked = Request(method="POST", path=path, host="core.test", body=b"{}")
    return entry(index, asked, response, peer=Peer.BACKEND_CORE, initiator=initiator)


def test_the_cheapest_answer_is_taken_unless_the_script_says_otherwise() -> None:
    options = [Option("dear", 3.0), Option("cheap", 1.0)]
    assert Choices(()).inferred(options).value == "cheap"
    assert Choices((1,)).inferred(options).value == "dear"


def test_an_answer_that_was_picked_is_marked_as_inferred() -> None:
    assert Choices(()).inferred([Option("one"), Option("two", 1.0)]).source is Source.INFERRED


def test_siblings_differ_in_one_later_answer_and_know_their_lowest_price() -> None:
    choices = Choices((1,))
    choices.inferred([Option("a"), Option("b", 2.0)])
    choices.inferred([Option("c"), Option("d", 3.0)])
    assert choices.price == 2.0
    assert choices.siblings() == [(5.0, (1, 1))]


def test_a_branch_knows_what_was_known_and_keeps_to_itself_what_it_learns() -> None:
    kept: Recent[str, int] = Recent()
    kept.put("a", 1)
    branch = kept.branch()
    branch.put("b", 2)
    branch.put("a", 3)
    assert (branch.get("a"), branch.get("b"), "a" in branch) == (3, 2, True)
    assert (kept.get("a"), "b" in kept) == (1, False)


def test_what_was_not_looked_at_for_the_longest_time_is_forgotten() -> None:
    kept: Recent[str, int] = Recent(longest=2)
    kept.put("a", 1)
    kept.put("b", 2)
    assert kept.get("a") == 1
    kept.put("c", 3)
    assert ("a" in kept, "b" in kept, "c" in kept) == (True, False, True)


def test_a_refresh_token_is_replaced_once_a_child_of_it_was_used() -> None:
    history = Book().history
    history.add_child("old", "new")
    assert not history.was_replaced("old")
    history.used.put(next(iter(history.children.get(_hash("old")) or ())), True)
    assert history.was_replaced("old")


def test_of_two_children_the_first_one_used_replaces_the_other() -> None:
    history = Book().history
    history.add_child("old", "one")
    history.add_child("old", "two")
    assert not history.was_replaced("two")
    history.used.put(_hash("one"), True)
    assert history.was_replaced("two")
    assert not history.was_replaced("one")


def _hash(text: str) -> str:
    from stctl.tokens.hashes import hash1

    return hash1(text)


def test_words_make_an_error_likelier_and_never_certain() -> None:
    words = '{"error": "please log in"}'
    assert price_of_words(words, ErrorName.UNAUTHORISED) == 0
    assert 0 < price_of_words("{}", ErrorName.UNAUTHORISED) < 2
    assert price_of_words(words, ErrorName.TOKEN_THEFT_DETECTED) == 2


@pytest.mark.parametrize(
    ("table", "wrong"),
    [
        ({"sdk": "supertokens-java"}, "no SDK"),
        ({"sdk": "node", "sdk_version": "newest"}, "no version"),
        ({"anti_csrf": "SOMETIMES"}, "anti_csrf must be"),
        ({"session_expired_status_code": "401"}, "must be a status"),
        ({"session_expired_status_code": 99}, "must be a status"),
        ({"get_token_transfer_method": "pigeon"}, "any, cookie or header"),
        ({"use_dynamic_access_token_signing_key": "yes"}, "true or false"),
        ({"api_domain": 3}, "a string"),
        ({"handlers": "custom"}, "has no setting handlers"),
    ],
)
def test_settings_of_an_app_that_cannot_be_are_refused(
    table: dict[str, str | int], wrong: str
) -> None:
    with pytest.raises(StctlError) as caught:
        read_known_app(dict(table), "stctl.toml")
    assert caught.value.kind is ErrorKind.SETTING_INVALID
    assert wrong in caught.value.detail


def test_cookies_of_another_site_are_cross_site_by_default() -> None:
    domains = {"api_domain": "https://api.a.com", "website_domain": "https://b.com"}
    assert read_known_app(dict(domains), "x").cookie_same_site == "none"
    domains["website_domain"] = "https://www.a.com"
    assert read_known_app(dict(domains), "x").cookie_same_site == "lax"


def test_a_call_that_must_have_been_made_and_is_not_recorded_was_refused() -> None:
    page = answer(500, text="Internal Server Error")
    refresh = request(
        "/auth/session/refresh", method="POST", cookies={"sRefreshToken": "r"}, headers={"rid": "x"}
    )
    (told,) = explained([entry(0, refresh, page, peer=Peer.BROWSER_BACKEND)])
    assert told.error is ErrorName.GENERAL_ERROR
    (call,) = told.core_calls
    assert (call.index, call.path, call.failure) == (
        None,
        "/recipe/session/refresh",
        "connection refused",
    )


def test_what_the_core_said_is_observed() -> None:
    asked = request("/me", cookies={"sAccessToken": access_token()})
    gone = answer(200, {"status": "UNAUTHORISED", "message": "gone"})
    from explained import CLEARED

    told = explained(
        [
            entry(0, asked, answer(401, {"x": 1}, CLEARED), peer=Peer.BROWSER_BACKEND),
            core_call(1, 0, VERIFY, gone),  # type: ignore[list-item]
        ]
    )[0]
    assert told.error is ErrorName.UNAUTHORISED
    assert told.error_message == "gone"
    (reason,) = [one for one in told.reasons if one.name == "core_verify"]
    assert reason.source is Source.OBSERVED


def test_a_later_request_tells_how_a_route_is_protected() -> None:
    told = explained(
        [
            entry(0, request("/report"), answer(200, {"rows": []})),
            entry(1, request("/orders"), answer(500, text="Internal Server Error")),
            entry(2, request("/orders"), answer(401, {"message": "unauthorised"})),
        ]
    )
    assert told[0].answered.step is StepName.NONE
    assert told[2].error is ErrorName.UNAUTHORISED
    assert told[1].answered.step is StepName.VERIFY


def test_a_signature_that_does_not_hold_settles_what_the_answer_leaves_open() -> None:
    def refuse(token: AccessToken) -> Signature:
        return Signature(verdict="does-not-hold", kid=token.kid, reason="no")

    item = entry(0, request("/me", cookies=LIVE), answer(401, {"oops": 1}))
    told = [
        one
        for one in TraceStory(read_known_app({}, "x"), KeySet(refuse)).tell(link([item]))
        if isinstance(one, Explanation)
    ]
    assert told[0].error is ErrorName.TRY_REFRESH_TOKEN
    (reason,) = [one for one in told[0].reasons if one.name == "signature"]
    assert reason.source is Source.OBSERVED


def test_the_same_answer_is_the_apps_own_once_the_signature_is_known_to_hold() -> None:
    def hold(token: AccessToken) -> Signature:
        return Signature(verdict="holds", kid=token.kid, reason="yes")

    known = read_known_app({"use_dynamic_access_token_signing_key": True}, "x")
    item = entry(0, request("/me", cookies=LIVE), answer(401, {"oops": 1}))
    told = [
        one
        for one in TraceStory(known, KeySet(hold)).tell(link([item]))
        if isinstance(one, Explanation)
    ]
    assert told[0].error is None


def test_the_clock_of_the_backend_is_the_one_that_its_answer_tells() -> None:
    token = access_token(expires_at_ms=NOW_MS + HOUR_MS)
    ahead = ("date", "Tue, 01 Jan 2030 00:00:00 GMT")
    told = explained(
        [
            entry(
                0,
                request("/me", cookies={"sAccessToken": token}),
                answer(401, {"message": "try refresh token"}, (ahead,)),
            )
        ]
    )[0]
    (reason,) = [one for one in told.reasons if one.name == "expiry"]
    assert reason.answer.startswith("no, it expired")


def test_a_fresh_page_asks_for_a_session_first() -> None:
    probe = request("/auth/session/refresh", method="POST")
    from explained import CLEARED

    gone = answer(401, {"message": "unauthorised"}, CLEARED)
    (told,) = explained([entry(0, probe, gone)])
    assert told.state_before is LocalState.MAY_EXIST
    assert told.next is not None
    assert told.next.action is Action.STOP_SESSION_GONE


def test_a_long_trace_is_explained_window_by_window_in_order() -> None:
    entries = [
        entry(place, request("/me"), answer(401, {"message": "unauthorised"}))
        for place in range(450)
    ]
    told = explained(entries)
    assert [one.index for one in told] == list(range(450))
    assert {one.error for one in told} == {ErrorName.UNAUTHORISED}


def test_a_claim_may_have_been_fetched_anew_before_its_validator_said_no() -> None:
    fresh = (("set-cookie", f"sAccessToken={access_token()}"), ("front-token", "e30="))
    regenerated = answer(200, {"status": "OK", "session": {}})
    told = explained(
        [
            entry(
                0,
                request("/admin", cookies=LIVE),
                answer(403, {"error": "claim failed"}, fresh),
                peer=Peer.BROWSER_BACKEND,
            ),
            core_call(1, 0, "/recipe/session/regenerate", regenerated),  # type: ignore[list-item]
        ]
    )[0]
    assert told.error is ErrorName.INVALID_CLAIMS
    assert told.answered.firing.kind == "custom"


def test_no_more_of_a_trace_is_held_than_a_window() -> None:
    read = 0

    def endless() -> Iterator[LinkedItem]:
        nonlocal read
        while True:
            item = entry(read, request("/me"), answer(401, {"message": "unauthorised"}))
            read += 1
            yield LinkedRequest(entry=item, calls=())

    told = TraceStory(read_known_app({}, "x")).tell(endless())
    for place in range(1000):
        one = next(told)
        assert isinstance(one, Explanation)
        assert one.index == place
        assert read - place < 500


def test_a_token_that_seems_to_be_of_the_future_and_opened_a_route_was_good() -> None:
    token = access_token(issued_at_ms=NOW_MS)
    headers = [("date", "Wed, 18 Nov 2026 11:06:37 GMT"), ("server", "uvicorn")]
    fresh = [("front-token", "e30="), ("set-cookie", f"sAccessToken={token}; Path=/")]
    known = read_known_app({"sdk": "python"}, "x")
    asked = request("/me", cookies={"sAccessToken": token})
    opened, refused = explained(
        [
            entry(0, asked, answer(200, {"user": "alice"}, [*headers, *fresh])),
            entry(1, asked, answer(401, {"message": "try refresh token"}, headers)),
        ],
        known,
    )
    assert opened.error is None
    assert refused.error is ErrorName.TRY_REFRESH_TOKEN
