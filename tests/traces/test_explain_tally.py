from explained import CLEARED, LIVE, answer, entry, explained, request
from stctl.recipe.failures import ErrorName, HandlerName
from stctl.traces.explain.tally import Tally


def test_a_trace_is_counted_while_it_passes_by() -> None:
    refresh = request(
        "/auth/session/refresh", method="POST", cookies={"sRefreshToken": "r"}, headers={"rid": "x"}
    )
    told = explained(
        [
            entry(0, request("/me"), answer(401, {"message": "unauthorised"})),
            entry(1, request("/me", cookies=LIVE), answer(401, {"error": "not your document"})),
            entry(2, refresh, answer(418, {"error": "please log in"}, CLEARED)),
        ]
    )
    tally = Tally()
    assert list(tally.watch(told)) == told
    assert (tally.requests, tally.own_refusals) == (3, 1)
    assert tally.errors == {ErrorName.UNAUTHORISED: 2}
    assert tally.handlers == {HandlerName.ON_UNAUTHORISED: "both"}


def test_an_answer_that_looks_like_an_error_says_why_it_is_none() -> None:
    (told,) = explained([entry(0, request("/me", cookies=LIVE), answer(403, {"no": "entry"}))])
    assert told.error is None
    assert "passed every check" in told.why_not[ErrorName.UNAUTHORISED]
    assert told.why_not[ErrorName.TOKEN_THEFT_DETECTED] == "only the refresh API raises it"


def test_an_answer_that_went_well_has_nothing_to_rule_out() -> None:
    (told,) = explained([entry(0, request("/me", cookies=LIVE), answer(200, {"me": 1}))])
    assert told.why_not == {}
