"""Plain words for what a scenario does."""

from collections.abc import Iterable
from typing import Final

from stctl.recipe.frontend import Action
from stctl.scenarios.durations import show_duration
from stctl.scenarios.model import (
    Call,
    Change,
    CoreIs,
    Deed,
    LogIn,
    Refresh,
    Revoke,
    SignOut,
    Steal,
    Wait,
)

NEXT: Final = {
    Action.RETURN_RESPONSE: "hands the answer to the page",
    Action.CALL_REFRESH: "next: refreshes by itself",
    Action.RETRY_ORIGINAL_REQUEST: "next: sends the call once more",
    Action.SEND_ORIGINAL_REQUEST: "next: sends the call",
    Action.STOP_SESSION_GONE: "drops the session: signed out",
    Action.REFRESH_DONE: "goes on with the new tokens",
    Action.THROW_REFRESH_ERROR_TO_CALLER: "tells the page, keeps the tokens",
    Action.WAIT_FOR_REFRESH_THEN_RETRY: "waits for another call's refresh",
    Action.RETURN_REFRESH_RESPONSE_AS_RESULT: "hands this answer to the page",
    Action.THROW_ERROR_TO_CALLER: "tells the page, keeps the tokens",
    Action.SDK_CALL_RETURNS_FALSE: "says that there is no session",
    Action.NETWORK_ERROR_TO_CALLER: "tells the page, keeps the tokens",
}
"""What the frontend SDK does next."""

_PLACES: Final = {"cookie": "in cookies", "header": "in headers"}


def doer(deed: Deed) -> str:
    """Who does it."""
    match deed:
        case Wait():
            return "time"
        case Revoke():
            return "operator"
        case CoreIs():
            return "network"
        case _:
            return deed.who


def done(deed: Deed) -> str:
    """What is done, as what follows its doer in a sentence."""
    match deed:
        case LogIn() | Call() | Refresh() | SignOut():
            return _requested(deed)
        case Steal(victim=victim):
            return f"copies what {victim} holds"
        case Change(lose=lost, spoil=spoiled):
            return " and ".join([*_changes("loses", lost), *_changes("spoils", spoiled)])
        case Wait(duration_ms=duration_ms):
            return _waited(duration_ms)
        case Revoke(user=user):
            return f"ends every session of {user}" if user else "ends the session"
        case CoreIs(state=state):
            return _CORE[state]


def _requested(deed: LogIn | Call | Refresh | SignOut) -> str:
    match deed:
        case LogIn(user=user):
            return f"signs in as {user}"
        case Call(method=method, path=path):
            return f"calls {method} {path}"
        case Refresh():
            return "refreshes"
        case SignOut():
            return "signs out"


def _waited(duration_ms: int | None) -> str:
    if duration_ms is None:
        return "passes until the access token has expired"
    return f"passes: {show_duration(duration_ms)}"


_CORE: Final = {
    "up": "works again",
    "down": "breaks between backend and core",
    "wrong-key": "is whole, but the backend's API key is wrong",
    "500": "lets stctl answer for the core: HTTP 500",
    "html": "lets stctl answer for the core: a web page",
}


def _changes(verb: str, things: Iterable[str]) -> list[str]:
    return [f"{verb} its {_THINGS[thing]}" for thing in things]


_THINGS: Final = {
    "access_token": "access token",
    "refresh_token": "refresh token",
    "anti_csrf": "anti-CSRF value",
    "rid": "header rid",
}


def in_place(place: str) -> str:
    """How tokens travel."""
    return _PLACES[place]


def marks_in_words(marks: Iterable[str]) -> str:
    """Cookies and headers by their names alone: `sAccessToken, front-token`."""
    return ", ".join(mark.partition(":")[2] for mark in marks)
