"""Reads what a step does: one verb, and the keys that belong to it."""

from collections.abc import Callable, Mapping
from typing import Final, get_args

from stctl.scenarios.durations import read_duration_ms
from stctl.scenarios.model import (
    AppIs,
    Call,
    Change,
    CoreIs,
    CoreState,
    Deed,
    DeleteUser,
    LogIn,
    Receive,
    Refresh,
    Relic,
    Reply,
    Revoke,
    SetPayload,
    SignOut,
    SignUp,
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
        payload=table.mapping("payload") or {},
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
        reply=_reply(table),
    )


def _refresh(table: Table) -> Deed:
    return Refresh(who=_who(table), refresh_token=table.text("refresh_token"), reply=_reply(table))


def _reply(table: Table) -> Reply:
    replies: tuple[Reply, ...] = get_args(Reply)
    known: Mapping[str, Reply] = {reply: reply for reply in replies}
    return known[table.choice("reply", known) or "arrives"]


def _receive(table: Table) -> Deed:
    return Receive(reply_of=table.needed_text("reply_of"), who=_who(table))


def _sign_out(table: Table) -> Deed:
    return SignOut(who=_who(table))


def _steal(table: Table) -> Deed:
    return Steal(who=_who(table, "thief"), victim=table.text("from") or "browser")


def _change(table: Table) -> Deed:
    things: tuple[Thing, ...] = get_args(Thing)
    known: Mapping[str, Thing] = {thing: thing for thing in things}
    lose = tuple(known[name] for name in table.choices("lose", known))
    spoil = tuple(known[name] for name in table.choices("spoil", known))
    relics: tuple[Relic, ...] = get_args(Relic)
    old: Mapping[str, Relic] = {relic: relic for relic in relics}
    kept = tuple(old[name] for name in table.choices("relics", old))
    if not lose and not spoil and not kept:
        table.page.refuse(
            table.where, "a change says what to lose, what to spoil, or which relics are there"
        )
    return Change(who=_who(table), lose=lose, spoil=spoil, relics=kept)


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


def _set_payload(table: Table) -> Deed:
    payload = table.mapping("payload")
    if payload is None:
        table.page.refuse(table.where, "payload is missing")
    return SetPayload(handle=table.needed_text("handle"), payload=payload)


def _sign_up(table: Table) -> Deed:
    return SignUp(user=table.needed_text("user"))


def _delete_user(table: Table) -> Deed:
    return DeleteUser(user=table.needed_text("user"))


def _app(table: Table) -> Deed:
    table.choice("is", ("restarted",))
    return AppIs(dynamic_signing_key=table.flag("dynamic_signing_key"))


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
    "receive": _receive,
    "steal": _steal,
    "copy": _steal,
    "change": _change,
    "wait": _wait,
    "revoke": _revoke,
    "set-payload": _set_payload,
    "sign-up": _sign_up,
    "delete-user": _delete_user,
    "core": _core,
    "app": _app,
}
