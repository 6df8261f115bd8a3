"""Reads what a step does: one verb, and the keys that belong to it."""

from collections.abc import Callable, Mapping
from typing import Final, get_args

from stctl.scenarios.durations import read_duration_ms
from stctl.scenarios.model import (
    Call,
    Change,
    CoreIs,
    CoreState,
    Deed,
    LogIn,
    Refresh,
    Revoke,
    SignOut,
    Steal,
    Thing,
    Wait,
    WaitFor,
)
from stctl.scenarios.tables import Table

_METHODS: Final = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD")


def read_deed(table: Table) -> Deed:
    """Return the deed that a step's table describes."""
    verb = table.choice("does", _VERBS)
    if verb is None:
        table.page.refuse(table.where, "does is missing", f"It is one of {', '.join(_VERBS)}.")
    return _VERBS[verb](table)


def _who(table: Table, otherwise: str = "browser") -> str:
    return table.text("who") or otherwise


def _log_in(table: Table) -> Deed:
    return LogIn(
        who=_who(table),
        user=table.text("user") or "alice",
        short_lived=table.flag("short_lived") or False,
    )


def _call(table: Table) -> Deed:
    path = table.text("path") or "/protected"
    if not path.startswith("/"):
        table.refuse("path", "must begin with a slash")
    return Call(
        who=_who(table),
        method=table.choice("method", _METHODS) or "GET",
        path=path,
        access_token=table.text("access_token"),
    )


def _refresh(table: Table) -> Deed:
    return Refresh(who=_who(table), refresh_token=table.text("refresh_token"))


def _sign_out(table: Table) -> Deed:
    return SignOut(who=_who(table))


def _steal(table: Table) -> Deed:
    return Steal(who=_who(table, "thief"), victim=table.text("from") or "browser")


def _change(table: Table) -> Deed:
    things: tuple[Thing, ...] = get_args(Thing)
    known: Mapping[str, Thing] = {thing: thing for thing in things}
    lose = tuple(known[name] for name in table.choices("lose", known))
    spoil = tuple(known[name] for name in table.choices("spoil", known))
    if not lose and not spoil:
        table.page.refuse(table.where, "a change says what to lose or what to spoil")
    return Change(who=_who(table), lose=lose, spoil=spoil)


def _wait(table: Table) -> Deed:
    waits: tuple[WaitFor, ...] = get_args(WaitFor)
    text = table.text("for")
    until = table.choice("until", waits)
    if (text is None) == (until is None):
        table.page.refuse(table.where, "a wait says either for how long, or until what")
    if text is None:
        return Wait(until=waits[0], who=_who(table))
    try:
        return Wait(duration_ms=read_duration_ms(text))
    except ValueError as problem:
        table.refuse("for", f"is not understood: {problem}")


def _revoke(table: Table) -> Deed:
    handle, user = table.text("handle"), table.text("user")
    if (handle is None) == (user is None):
        table.page.refuse(table.where, "a revocation names either a handle or a user")
    return Revoke(handle=handle, user=user)


def _core(table: Table) -> Deed:
    states: tuple[CoreState, ...] = get_args(CoreState)
    known: Mapping[str, CoreState] = {state: state for state in states}
    state = table.choice("is", known)
    if state is None:
        table.page.refuse(table.where, "is is missing", f"It is one of {', '.join(known)}.")
    return CoreIs(state=known[state])


_VERBS: Final[Mapping[str, Callable[[Table], Deed]]] = {
    "log-in": _log_in,
    "call": _call,
    "refresh": _refresh,
    "sign-out": _sign_out,
    "steal": _steal,
    "change": _change,
    "wait": _wait,
    "revoke": _revoke,
    "core": _core,
}
