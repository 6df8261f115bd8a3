"""A core made of canned answers, for tests of the client: it notes what it was asked."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from stctl.cdi.replies import Reply
from stctl.cdi.retries import Repeat
from stctl.exchange import Pairs, first_value

Answer = Mapping[str, Any] | Reply | Exception


@dataclass(frozen=True, slots=True)
class Asked:
    """One call as the transport was given it."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Pairs
    body: Any
    repeat: Repeat

    def header(self, name: str) -> str | None:
        """The value of a header."""
        return first_value(self.headers, name)


@dataclass(slots=True)
class FakeCore:
    """A transport whose answers come from a table of `METHOD /path`, or from a function."""

    answers: Mapping[str, Answer | Callable[[Asked], Answer]]
    asked: list[Asked] = field(default_factory=list)
    target: str = "http://fake:3567"
    is_closed: bool = False

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Pairs = (),
        headers: Pairs = (),
        body: bytes = b"",
        timeout_s: float | None = None,
        repeat: Repeat = Repeat.SAFE,
    ) -> Reply:
        del timeout_s
        content = json.loads(body) if body else None
        call = Asked(method, path, dict(query), headers, content, repeat)
        self.asked.append(call)
        answer = self.answers[f"{method} {path}"]
        if callable(answer):
            answer = answer(call)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, Reply):
            return answer
        return reply(json.dumps(answer), call=f"{method} {path}")

    def close(self) -> None:
        self.is_closed = True


def reply(
    body: str | bytes = "",
    *,
    status: int = 200,
    headers: Pairs = (),
    call: str = "GET /x",
    secrets: tuple[str, ...] = (),
) -> Reply:
    """A reply of the fake core."""
    content = body.encode() if isinstance(body, str) else body
    return Reply(
        call=call,
        address="http://fake:3567",
        status=status,
        headers=headers,
        body=content,
        secrets=secrets,
    )


VERSIONS = {"versions": ["5.6", "2.21", "5.4", "2.7", "3.0", "4.0"]}
HANDLE = "6f0d9f4e-7c5b-4f59-9e8e-0d0c2b1a0f11"
TOKEN = {"token": "t", "expiry": 1_795_003_600_000, "createdTime": 1_795_000_000_000}
SESSION = {
    "handle": HANDLE,
    "userId": "u1",
    "recipeUserId": "r1",
    "tenantId": "public",
    "userDataInJWT": {"role": "admin", "none": None},
}
NEW_TOKENS = {"status": "OK", "session": SESSION, "accessToken": TOKEN, "refreshToken": TOKEN}
UNAUTHORISED = {"status": "UNAUTHORISED", "message": "no such session"}
