"""Calls to the core by which sessions are listed and ended."""

from collections.abc import Iterable, Iterator
from typing import ClassVar, Final

from stctl.sessions.handle import PUBLIC_TENANT, tenant_of_handle
from stctl.traces.diagnose.model import Finding, RuleInfo, Severity
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.rules.core_facts import Caller, CallRule, call_proof
from stctl.traces.diagnose.rules.sequences_tokens import seconds
from stctl.traces.diagnose.sight import Sight
from stctl.traces.diagnose.threads import thread
from stctl.traces.explain.book import Recent
from stctl.traces.explain.core_calls import CallKind, CoreCall

_MOST: Final = 1000
_SLOW_MS: Final = 2_000
_OFTEN: Final = 3
_BY_USER: Final = "/recipe/session/user"


class TenantNotAsked(CallRule):
    """Sessions of a user that a call for another tenant does not see."""

    info: ClassVar = RuleInfo(
        id="ST-031",
        name="tenant-not-asked",
        severity=Severity.WARN,
        title="sessions of the user are left out, because another tenant was asked",
        cause="Sessions belong to a tenant (their handles end in `_<tenantId>` unless it is the "
        "public one). A list or a removal by user looks at one tenant, unless it is told to look "
        "at all; linked accounts and external user ids are further ways to miss some.",
        fix="Pass the tenant, or revokeAcrossAllTenants / fetchAcrossAllTenants. `stctl sessions "
        "list --user` asks for all tenants.",
        link=thread("core#727"),
        references=("core#942", "core#727"),
        example="A session with handle `…_t1` was made for the user, and the list for tenant "
        "public is empty.",
    )

    def __init__(self) -> None:
        self._tenants: Recent[str, tuple[str, int]] = Recent(_MOST)
        """By user: tenant and time of the last session that was made outside the public one."""
        self._empty: list[tuple[str, str, int, Finding]] = []
        """Calls that saw no session: user, tenant, time, and what it comes to if there was one."""

    def of_core_call(self, call: CoreCall, caller: Caller, sight: Sight) -> Iterable[Finding]:
        """Keeps creations and empty answers: calls are not always told in their order."""
        del sight
        if call.core_status == "OK" and call.kind is CallKind.CREATE:
            self._note(call)
        user = _user_of(call)
        if user is None or call.core_status != "OK" or _handles(call) != [] or _asks_all(call):
            return ()
        if len(self._empty) < _MOST:
            asked = _tenant_of_path(call.path)
            found = self.finding(
                f"The call asks tenant {asked} for the sessions of a user who has one in another.",
                call_proof(call, caller, f"no session in {asked}"),
                subject=user,
            )
            self._empty.append((user, asked, call.started_at_ms, found))
        return ()

    def end(self, sight: Sight) -> Iterator[Finding]:
        """The empty answers for users with a session in a tenant that was not asked."""
        del sight
        for user, asked, at_ms, found in self._empty:
            tenant, made_ms = self._tenants.get(user) or (None, 0)
            if tenant not in {None, asked} and made_ms < at_ms:
                yield found

    def _note(self, call: CoreCall) -> None:
        session = call.answer.get("session")
        if isinstance(session, dict):
            handle, user = session.get("handle"), session.get("userId")
            if isinstance(handle, str) and isinstance(user, str):
                tenant = tenant_of_handle(handle)
                if tenant != PUBLIC_TENANT:
                    self._tenants.put(user, (tenant, call.started_at_ms))


def _user_of(call: CoreCall) -> str | None:
    """The user whose sessions are listed or ended."""
    if call.method == "GET" and call.path.endswith(_BY_USER):
        return next((value for name, value in call.query if name == "userId"), None)
    user = call.sent.get("userId") if call.kind is CallKind.REMOVE else None
    return user if isinstance(user, str) else None


def _handles(call: CoreCall) -> list[object] | None:
    name = "sessionHandlesRevoked" if call.kind is CallKind.REMOVE else "sessionHandles"
    handles = call.answer.get(name)
    return list(handles) if isinstance(handles, list) else None


def _asks_all(call: CoreCall) -> bool:
    asked = {name: value.lower() for name, value in call.query}
    if asked.get("fetchAcrossAllTenants") == "true":
        return True
    return call.sent.get("revokeAcrossAllTenants") is True


def _tenant_of_path(path: str) -> str:
    """The tenant in the path of a call to the core: what stands in front of `recipe`."""
    before = path.split("/recipe/", 1)[0].strip("/").split("/")
    last = before[-1]
    return PUBLIC_TENANT if not last or last.startswith("appid-") else last


class ExpiredListed(CallRule):
    """A session that has run out, and that the core still tells of."""

    info: ClassVar = RuleInfo(
        id="ST-032",
        name="expired-listed",
        severity=Severity.INFO,
        title="the core tells of a session that has expired",
        cause="Expired sessions stay in the database until they are cleaned up, and old cores list "
        "them (up to 3.13). They cannot be refreshed, and do not count as logged in.",
        fix="Upgrade the core, or leave out sessions whose `expiry` has passed. `stctl sessions "
        "list --state` tells them apart.",
        link=thread("core#1044"),
        example="`GET /recipe/session` answers OK with an `expiry` of last week.",
    )

    def of_core_call(self, call: CoreCall, caller: Caller, sight: Sight) -> Iterable[Finding]:
        """Fires on a session's facts with an expiry before the call."""
        del sight
        expiry = call.answer.get("expiry")
        is_read = call.kind is CallKind.SESSION and call.method == "GET"
        if not is_read or call.core_status != "OK" or not isinstance(expiry, int | float):
            return
        late = call.started_at_ms - expiry
        if call.started_at_ms and late > 0:
            yield self.finding(
                f"The core tells of a session that expired {seconds(late)} before.",
                call_proof(call, caller, f"OK, expired {seconds(late)} before the call"),
            )


class SlowByUser(CallRule):
    """Lists and removals by user that take long."""

    info: ClassVar = RuleInfo(
        id="ST-033",
        name="slow-by-user",
        severity=Severity.WARN,
        title="listing or revoking sessions by user is slow",
        cause="Cores before 10.x have no index on the user of a session: the database reads the "
        "whole table, and the time grows with it.",
        fix="Upgrade the core, or add an index on (app_id, user_id) to session_info.",
        link=thread("core#1099"),
        references=("core#1099", "core#97"),
        example="`GET /recipe/session/user` takes 4 s, again and again.",
    )

    def __init__(self) -> None:
        self._slow = 0

    def of_core_call(self, call: CoreCall, caller: Caller, sight: Sight) -> Iterable[Finding]:
        """Fires from the third slow call on: a single one may be slow for any reason."""
        del sight
        if _user_of(call) is None or call.took_ms is None or call.took_ms < _SLOW_MS:
            return
        self._slow += 1
        if self._slow >= _OFTEN:
            yield self.finding(
                f"{call.method} {call.path} takes {seconds(call.took_ms)}, and so did "
                f"{self._slow - 1} before it.",
                call_proof(call, caller, f"{call.took_ms:,.0f} ms"),
            )


RULES: tuple[type[Rule], ...] = (TenantNotAsked, ExpiredListed, SlowByUser)
