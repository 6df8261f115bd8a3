"""Several browsers in one trace are not taken for one."""

import pytest

from explained import CLEARED, answer, entry, explained, request
from stctl.exchange import Request
from stctl.recipe.frontend import FrontendConfig, LocalState
from stctl.traces.explain.browser import Browsers
from stctl.traces.explain.explanation import Explanation

FRONT = (("front-token", "eyJ1aWQiOiJhbGljZSIsImF0ZSI6OTk5OTk5OTk5OTk5OSwidXAiOnt9fQ=="),)
ALICE = {"user-agent": "Firefox"}
BOB = {"user-agent": "Safari"}


def of_two(first: Request, second: Request) -> list[Explanation]:
    """One request is answered with a front token, the other asks for a protected route."""
    refused = answer(401, {"message": "unauthorised"})
    return explained(
        [entry(0, first, answer(200, {}, FRONT)), entry(1, second, refused)],
    )


def test_a_session_of_one_browser_is_none_of_another() -> None:
    _, bob = of_two(request("/me", headers=ALICE), request("/me", headers=BOB))
    assert bob.state_before is LocalState.NOT_EXISTS


def test_a_browser_remembers_its_own_session_whoever_comes_between() -> None:
    refused = answer(401, {"message": "unauthorised"}, CLEARED)
    trace = [
        entry(0, request("/me", headers=ALICE), answer(200, {}, FRONT)),
        entry(1, request("/me", headers=BOB), refused),
        entry(2, request("/me", headers=ALICE), refused),
    ]
    alice = explained(trace)[2]
    assert alice.state_before is LocalState.EXISTS


@pytest.mark.parametrize("headers", [{}, ALICE], ids=["nothing shown", "the same user agent"])
def test_what_nothing_tells_apart_is_one_browser(headers: dict[str, str]) -> None:
    _, again = of_two(request("/me", headers=headers), request("/me", headers=headers))
    assert again.state_before is LocalState.EXISTS


def test_two_addresses_behind_a_proxy_are_two_browsers() -> None:
    here = request("/me", headers=ALICE | {"x-forwarded-for": "192.0.2.1"})
    there = request("/me", headers=ALICE | {"x-forwarded-for": "192.0.2.2"})
    assert of_two(here, there)[1].state_before is LocalState.NOT_EXISTS


def test_of_very_many_browsers_the_oldest_are_forgotten() -> None:
    browsers = Browsers(FrontendConfig())
    first = browsers.behind((None, "first"))
    assert browsers.behind((None, "first")) is first
    for number in range(2_000):
        browsers.behind((None, str(number)))
    assert browsers.behind((None, "first")) is not first
