from typing import get_args

from stctl.recipe.frontend import Action
from stctl.render.simulate.words import NEXT, doer, done
from stctl.scenarios.model import (
    Call,
    Change,
    CoreIs,
    CoreState,
    LogIn,
    Refresh,
    Revoke,
    SignOut,
    Steal,
    Thing,
    Wait,
)


def test_whatever_the_frontend_does_next_has_words_that_fit_a_narrow_ladder() -> None:
    assert set(NEXT) == set(Action)
    assert max(map(len, NEXT.values())) <= 32


def test_every_deed_is_told_as_a_sentence() -> None:
    told = {
        f"{doer(deed)} {done(deed)}"
        for deed in (
            LogIn(user="bob"),
            Call(who="tab", method="POST", path="/x"),
            Refresh(who="thief"),
            SignOut(),
            Steal(),
            Change(lose=("rid",), spoil=("access_token",)),
            Wait(duration_ms=31_000),
            Wait(until="access-token-expiry"),
            Revoke(user="bob"),
            Revoke(handle="${login.handle}"),
            CoreIs(state="down"),
        )
    }
    assert told == {
        "browser signs in as bob",
        "tab calls POST /x",
        "thief refreshes",
        "browser signs out",
        "thief copies what browser holds",
        "browser loses its header rid and spoils its access token",
        "time passes: 31 s",
        "time passes until the access token has expired",
        "operator ends every session of bob",
        "operator ends the session",
        "network breaks between backend and core",
    }


def test_no_state_of_the_core_and_no_thing_to_lose_is_left_without_words() -> None:
    states: tuple[CoreState, ...] = get_args(CoreState)
    things: tuple[Thing, ...] = get_args(Thing)
    assert all(done(CoreIs(state=state)) for state in states)
    assert all(done(Change(lose=(thing,))) for thing in things)
