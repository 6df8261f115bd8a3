"""Plain words for what a scenario does."""

from collections.abc import Iterable
from typing import Final

from stctl.recipe.frontend import Action
from stctl.scenarios.durations import show_duration
from stctl.scenarios.model import (
    AppIs,
    AtTheCore,
    Call,
    Change,
    CoreIs,
    Deed,
    DeleteUser,
    LogIn,
    Receive,
    Refresh,
    Revoke,
    SetPayload,
    SignOut,
    SignUp,
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
        case Revoke() | SetPayload() | SignUp() | DeleteUser():
            return "operator"
        case CoreIs(state=state):
            return "core" if state in {"restarted", "other-app"} else "network"
        case AppIs():
            return "backend"
        case _:
            return deed.who


def done(deed: Deed) -> str:
    """What is done, as what follows its doer in a sentence."""
    match deed:
        case LogIn() | Call() | Refresh() | SignOut():
            return _requested(deed)
        case Change():
            return _changed(deed)
        case Wait(duration_ms=duration_ms):
            return _waited(duration_ms)
        case Receive(reply_of=reply_of):
            return f"gets the answer to {reply_of} at last"
        case Steal(victim=victim):
            return f"copies what {victim} holds"
        case _:
            return _behind_the_scenes(deed)


def _behind_the_scenes(deed: AtTheCore | CoreIs | AppIs) -> str:
    match deed:
        case SignUp(user=user):
            return f"makes an account for {user}"
        case DeleteUser(user=user):
            return f"deletes {user}"
        case Revoke(user=user):
            return f"ends every session of {user}" if user else "ends the session"
        case SetPayload():
            return "writes other claims"
        case CoreIs(state=state):
            return _CORE[state]
        case AppIs(dynamic_signing_key=dynamic):
            kind = "" if dynamic is None else f", for {'dynamic' if dynamic else 'static'} keys"
            return f"is started again{kind}"


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
    "hanging": "lets connections hang between backend and core",
    "too-old": "lets stctl answer for the core: versions of long ago",
    "restarted": "is started anew and has forgotten everything",
    "other-app": "gives way to another app, with keys of its own",
}


def _changed(deed: Change) -> str:
    changes = [*_changes("loses", deed.lose), *_changes("spoils", deed.spoil)]
    found = [f"holds {_RELICS[relic]} as well" for relic in deed.relics]
    return " and ".join([*changes, *found])


def _changes(verb: str, things: Iterable[str]) -> list[str]:
    return [f"{verb} its {_THINGS[thing]}" for thing in things]


_THINGS: Final = {
    "access_token": "access token",
    "refresh_token": "refresh token",
    "anti_csrf": "anti-CSRF value",
    "rid": "header rid",
}
_RELICS: Final = {
    "access_token": "a second sAccessToken cookie",
    "refresh_token": "a second sRefreshToken cookie",
    "legacy_cookie": "an old sIdRefreshToken cookie",
}


def in_place(place: str) -> str:
    """How tokens travel."""
    return _PLACES[place]


def marks_in_words(marks: Iterable[str]) -> str:
    """Cookies and headers by their names alone: `sAccessToken, front-token`."""
    return ", ".join(mark.partition(":")[2] for mark in marks)
