"""A core that answers what a real one was recorded to answer about users, roles and tenants."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fake_core import Asked, FakeCore, reply
from stctl.cdi.client import CdiClient
from stctl.cdi.replies import Reply

FILE = Path(__file__).parent / "recorded/client/people.json"
DAYS: Mapping[str, list[dict[str, Any]]] = json.loads(FILE.read_text("utf-8"))
_DEFAULTS = {"limit": "100", "timeJoinedOrder": "ASC"}


class _Recorded(dict[str, Any]):
    """Answers for every path: the next recorded exchange whose request is the one that is made."""

    def __init__(self, day: list[dict[str, Any]]) -> None:
        super().__init__()
        self._left = list(day)

    def __getitem__(self, key: str) -> Any:
        return {"versions": ["4.0", "5.4"]} if key == "GET /apiversion" else self._answer

    def _answer(self, call: Asked) -> Reply:
        for number, row in enumerate(self._left):
            if _is_same(row, call):
                # In order, but for those that the test has no use for.
                del self._left[: number + 1]
                return _reply(row)
        raise AssertionError(f"nobody recorded {call.method} {call.path} {call.query} {call.body}")


def client_of(day: str, **options: Any) -> tuple[CdiClient, FakeCore]:
    """A client of the core of that recording, in its version."""
    core = FakeCore(_Recorded(DAYS[day]))
    return CdiClient(core, cdi=DAYS[day][0]["cdi"], **options), core


def _is_same(row: dict[str, Any], call: Asked) -> bool:
    query = row.get("query", {})
    if call.path.endswith("/users") and "/role/" not in call.path:
        query = {**_DEFAULTS, **query}
    return (row["method"], row["path"], row.get("body")) == (
        call.method,
        call.path,
        call.body,
    ) and dict(call.query) == query


def _reply(row: dict[str, Any]) -> Reply:
    text = row["answer_text"] if "answer_text" in row else json.dumps(row["answer"])
    return reply(text, status=row["status"])
