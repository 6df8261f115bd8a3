"""What an operator says of the routes of an app helps to tell who refused a request."""

import pytest

from explained import LIVE, answer, entry, explained, request
from stctl.errors import StctlError
from stctl.recipe.failures import ErrorName
from stctl.traces.explain.explanation import Explanation
from stctl.traces.explain.known_app import KnownApp, read_known_app


def refused(known: KnownApp) -> Explanation:
    asked = request("/invoices", cookies=LIVE)
    (told,) = explained([entry(0, asked, answer(402, {"app": "not for you"}))], known)
    return told


def test_a_refusal_that_may_be_a_route_s_own_is_a_handler_s_where_the_route_has_validators() -> (
    None
):
    plain = refused(KnownApp())
    assert plain.error is None
    assert ErrorName.INVALID_CLAIMS in {other.error for other in plain.alternatives}
    told = refused(KnownApp(claim_routes=("/invoices",)))
    assert told.error is ErrorName.INVALID_CLAIMS
    assert told.answered.firing.kind == "custom"
    assert refused(KnownApp(claim_routes=("/other",))).error is None


def test_the_routes_are_read_from_the_settings_of_the_app() -> None:
    known = read_known_app({"claim_routes": ["/admin", "/invoices"]}, "stctl.toml")
    assert known.claim_routes == ("/admin", "/invoices")


@pytest.mark.parametrize("value", ["/admin", [1], {"a": 1}])
def test_anything_but_a_list_of_texts_is_refused(value: object) -> None:
    with pytest.raises(StctlError, match=r"claim_routes must be a list of strings"):
        read_known_app({"claim_routes": value}, "stctl.toml")  # type: ignore[dict-item] # wrong on purpose
