"""An embedded core with users, whose calls are counted, and that can be made to fail or stop."""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conftest import NOW_MS
from stctl.cdi.client import CdiClient
from stctl.cdi.fleet.ending import Ending
from stctl.cdi.fleet.finding import Finder, Scope
from stctl.cdi.fleet.pace import Pace, Stop
from stctl.cdi.fleet.planning import make_plan
from stctl.cdi.fleet.sources import AllUsers, Source
from stctl.cdi.transport import InProcessTransport
from stctl.clock import FrozenClock, SystemEntropy
from stctl.core.service import CoreService, open_core
from stctl.core.settings import load_settings
from stctl.exchange import Request, Response
from stctl.sessions.fleet import FleetPlan, FleetReport

Fault = Callable[[Request], Response | None]


@dataclass(slots=True)
class Stand:
    """Users by tenant over a real embedded core."""

    folder: Path
    users: dict[str, list[str]] = field(default_factory=lambda: {"public": []})
    asked: list[str] = field(default_factory=list)
    fault: Fault = lambda _: None
    core: CoreService = field(init=False)
    clock: FrozenClock = field(default_factory=lambda: FrozenClock(NOW_MS))

    def __post_init__(self) -> None:
        settings = load_settings(None, {}, ())
        self.core = open_core(None, settings, self.clock, SystemEntropy())

    def client(self, cdi: str = "5.4") -> CdiClient:
        return CdiClient(InProcessTransport(self.answer), cdi=cdi)

    def answer(self, request: Request) -> Response:
        """Answer as a core with these users."""
        fault = self.fault(request)
        if fault is not None:
            return fault
        query = dict(request.query)
        parts = request.path.strip("/").split("/")
        tenant = parts[0] if parts[0] in self.users else "public"
        if request.path == "/recipe/session/user":
            self.asked.append(query["userId"])
        if request.path == "/recipe/session/remove":
            self.asked += json.loads(request.body).get("sessionHandles", [])
        if request.path.endswith("/users"):
            return _json(self._page(tenant, int(query["limit"]), query.get("paginationToken")))
        if request.path.endswith("/users/count"):
            return _json({"status": "OK", "count": sum(map(len, self.users.values()))})
        if request.path == "/recipe/multitenancy/tenant/list/v2":
            return _json({"status": "OK", "tenants": [_tenant(one) for one in self.users]})
        return self.core.answer(request)

    def _page(self, tenant: str, limit: int, token: str | None) -> dict[str, Any]:
        ids = self.users[tenant]
        start = 0
        if token is not None:
            joined = int(base64.b64decode(token).decode().split(";")[1])
            start = joined
        page = ids[start : start + limit]
        more: dict[str, Any] = {}
        if start + limit < len(ids):
            text = f"{ids[start + limit]};{start + limit}"
            more = {"nextPaginationToken": base64.b64encode(text.encode()).decode()}
        users = [self._user(one, start + number) for number, one in enumerate(page)]
        return {"status": "OK", "users": users, **more}

    def _user(self, user_id: str, joined: int) -> dict[str, Any]:
        return {
            "id": user_id,
            "isPrimaryUser": False,
            "tenantIds": [tenant for tenant, ids in self.users.items() if user_id in ids],
            "timeJoined": joined,
            "emails": [],
            "phoneNumbers": [],
            "thirdParty": [],
            "loginMethods": [],
        }

    def populate(self, count: int, sessions: int = 2, **payload: Any) -> list[str]:
        """Make users with sessions; return the handles in the order of the users."""
        client = self.client()
        handles = []
        for number in range(count):
            user = f"user-{number:05d}"
            self.users["public"].append(user)
            for _ in range(sessions):
                made = client.create_session(user, user_data_in_jwt=payload)
                handles.append(made.session.handle)
        return handles

    def finder(self, *tenants: str, source: Source | None = None, **scope: Any) -> Finder:
        client = self.client()
        pace = Pace(self.clock)
        everybody = AllUsers(client, sorted(tenants or self.users), pace)
        return Finder(source or everybody, Scope(**scope), pace)

    def plan(self, *, workers: int = 1, stop: Stop | None = None, **finder: Any) -> FleetPlan:
        return make_plan(
            self.folder / "found.ndjson",
            self.finder(**finder),
            clock=self.clock,
            workers=workers,
            stop=stop or Stop(),
            advance=lambda _: None,
        )

    def ending(self) -> Ending:
        folder = self.folder
        return Ending(
            folder / "found.ndjson",
            folder / "done.ndjson",
            self.client(),
            Pace(self.clock),
            self.clock,
        )

    def end(self, *, workers: int = 1, stop: Stop | None = None) -> FleetReport:
        return self.ending().run(workers=workers, stop=stop or Stop(), advance=lambda _: None)

    def live(self) -> Iterator[str]:
        """Every handle that is still there, users or not."""
        rows = self.core.parts.database.read("SELECT session_handle FROM session_info")
        yield from (row[0] for row in rows)


def failing(status: int, path: str, *, after: int = 0, times: int = 10**9) -> Fault:
    """A fault for calls to `path`, after some good ones, for some of them."""
    seen = iter(range(10**9))

    def fault(request: Request) -> Response | None:
        if request.path != path:
            return None
        number = next(seen)
        is_bad = after <= number < after + times
        return Response(status=status, body=b"no\n") if is_bad else None

    return fault


def _tenant(tenant_id: str) -> dict[str, Any]:
    return {"tenantId": tenant_id, "thirdParty": {"providers": []}, "coreConfig": {}}


def _json(document: dict[str, Any]) -> Response:
    return Response(
        status=200,
        headers=[("content-type", "application/json;charset=UTF-8")],
        body=json.dumps(document).encode(),
    )
