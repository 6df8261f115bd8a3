"""An embedded core on a frozen clock, and short ways to ask it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from stctl.clock import Entropy, FrozenClock, SystemEntropy
from stctl.core.keys import generate_material
from stctl.core.service import CoreService, open_core
from stctl.core.settings import CoreSettings
from stctl.core.store import signing_keys
from stctl.core.store.signing_keys import DynamicKeyRow, StaticKeyRow
from stctl.exchange import Request, Response

START_MS = 1_795_000_000_000
Body = dict[str, Any]  # JSON of a core; tests look into it

JSON_TYPE = ("content-type", "application/json; charset=utf-8")


@lru_cache(maxsize=4)
def material(number: int) -> str:
    """Key material that tests share: making a key takes a noticeable moment."""
    del number
    return generate_material()


@dataclass(frozen=True, kw_only=True)
class Stand:
    """A core, its clock, and the version of the interface that it is asked in."""

    core: CoreService
    clock: FrozenClock
    cdi: str = "5.6"

    def speaking(self, cdi: str) -> "Stand":
        """The same core, asked in another version."""
        return replace(self, cdi=cdi)

    def ask(self, method: str, path: str, body: Body | None = None, **query: str) -> Response:
        """The answer to a request with a JSON body."""
        return self.core.answer(
            Request(
                method=method,
                path=path,
                query=list(query.items()),
                headers=[("cdi-version", self.cdi), JSON_TYPE],
                body=b"" if body is None else json.dumps(body).encode(),
            )
        )

    def post(self, path: str, body: Body) -> Body:
        """The JSON that a POST is answered with; the status must be 200."""
        return read(self.ask("POST", path, body))

    def get(self, path: str, **query: str) -> Body:
        """The JSON that a GET is answered with; the status must be 200."""
        return read(self.ask("GET", path, None, **query))

    def create(self, user_id: str = "u1", **more: Any) -> Body:
        """A new session."""
        body = {"userId": user_id, "userDataInJWT": {}, "userDataInDatabase": {}}
        return self.post("/recipe/session", {**body, "enableAntiCsrf": False, **more})

    def refresh(self, tokens: Body, **more: Any) -> Body:
        """The answer to a refresh with the refresh token of an earlier answer."""
        body = {"refreshToken": tokens["refreshToken"]["token"], "enableAntiCsrf": False}
        return self.post("/recipe/session/refresh", {**body, "useDynamicSigningKey": True, **more})

    def verify(self, tokens: Body, *, database: bool = False, **more: Any) -> Body:
        """The answer to a verify with the access token of an earlier answer."""
        body = {"accessToken": tokens["accessToken"]["token"], "checkDatabase": database}
        flags = {"enableAntiCsrf": False, "doAntiCsrfCheck": False}
        return self.post("/recipe/session/verify", {**body, **flags, **more})

    def look_up(self, tokens: Body) -> Body:
        """What the core says of the session of an earlier answer."""
        return self.get("/recipe/session", sessionHandle=tokens["session"]["handle"])

    def handles_of(self, user_id: str = "u1") -> list[str]:
        """Handles of the live sessions of a user."""
        handles: list[str] = self.get("/recipe/session/user", userId=user_id)["sessionHandles"]
        return handles


def read(response: Response) -> Body:
    """The JSON of an answer with status 200."""
    assert response.status == 200, response.body.decode()
    body: Body = json.loads(response.body)
    return body


@contextmanager
def open_stand(
    db: Path | None = None,
    *,
    clock: FrozenClock | None = None,
    entropy: Entropy | None = None,
    **settings: Any,
) -> Iterator[Stand]:
    """A core with ready keys, in memory unless a file is given."""
    clock = clock or FrozenClock(START_MS)
    with open_core(db, CoreSettings(**settings), clock, entropy or SystemEntropy()) as core:
        _give_keys(core, clock.now_ms())
        yield Stand(core=core, clock=clock)


def _give_keys(core: CoreService, now_ms: int) -> None:
    with core.parts.database.transaction() as sql:
        if signing_keys.dynamic_since(sql, "public", 0):
            return
        dynamic = DynamicKeyRow(created_at_ms=now_ms, material=material(1))
        static = StaticKeyRow(kid="s-of-tests", created_at_ms=now_ms, material=material(2))
        signing_keys.add_dynamic(sql, "public", dynamic)
        signing_keys.add_static(sql, "public", static)
