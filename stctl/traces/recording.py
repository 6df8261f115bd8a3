"""stctl's own recording: NDJSON, one exchange a line, written as it ends.

A first line `{"schema": "stctl.recording/1"}` may say what it is; a recorder adds to it what it was
told: `recorded_by`, `started_at`, `secrets` (`raw`, or `stand-ins`, see `stctl.traces.record`) and
`servers`, each with its `to`, its `listen` and its `side`. Every other line is an object:

| member | meaning |
|---|---|
| `started_at` | ISO 8601 with milliseconds, or milliseconds since the epoch |
| `duration_ms` | from the request's start to the answer's end |
| `request` | `method`, `url` (whole), `headers` (`[[name, value], …]`, in order), `body` |
| `response` | `status`, `headers`, `body`; null when none arrived |
| `peer` | `browser-backend` or `backend-core`; left out where unknown |
| `client` | the address that the request came from; left out where unknown, and for 127.0.0.1 |
| `initiator` | 0-based number of the exchange that caused this one; left out where unknown |
| `connection` | what happened when the answer did not arrive; left out otherwise |
| `gaps` | parts that were not recorded; left out when all were |

A body is text under `body`, or base64 under `body_base64` where it is not UTF-8; left out when it
is empty. Lines are in the order in which exchanges end, so a call to the core usually stands before
the browser's exchange that caused it.
"""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Final

from stctl.exchange import Pairs, Request
from stctl.jsontypes import JsonObject, JsonValue
from stctl.traces.model import Entry, Timing

SCHEMA: Final = "stctl.recording/1"
THIS_MACHINE: Final = Request(method="", path="").remote_address
"""The address of a client of which a recording tells nothing."""


def header_line(facts: JsonObject | None = None) -> str:
    """The line that a recording begins with, without a line feed; `facts` are told in it."""
    return json.dumps({"schema": SCHEMA, **(facts or {})}, ensure_ascii=False)


def entry_line(entry: Entry) -> str:
    """One exchange as a line of a recording, without a line feed. Secrets are in it as they are."""
    return json.dumps(_document(entry), ensure_ascii=False, separators=(",", ":"))


def _document(entry: Entry) -> dict[str, JsonValue]:
    exchange = entry.exchange
    request, response = exchange.request, exchange.response
    document: dict[str, JsonValue] = {}
    if entry.timing is Timing.MEASURED:
        document |= {
            "started_at": iso_time(exchange.started_at_ms),
            "duration_ms": exchange.duration_ms,
        }
    document["request"] = {
        "method": request.method,
        "url": entry.url,
        **_message(request.headers, request.body),
    }
    document["response"] = None
    if response is not None:
        message = _message(response.headers, response.body)
        document["response"] = {"status": response.status, **message}
    remarks: dict[str, JsonValue] = {
        "peer": entry.peer,
        "client": None if request.remote_address == THIS_MACHINE else request.remote_address,
        "initiator": entry.initiator,
        "connection": entry.connection,
        "gaps": [gap.value for gap in sorted(entry.gaps)] or None,
    }
    document.update((name, value) for name, value in remarks.items() if value is not None)
    return document


def _message(headers: Pairs, body: bytes) -> dict[str, JsonValue]:
    message: dict[str, JsonValue] = {"headers": [[name, value] for name, value in headers]}
    if body:
        try:
            message["body"] = body.decode("utf-8")
        except UnicodeDecodeError:
            message["body_base64"] = b64encode(body).decode("ascii")
    return message


def iso_time(at_ms: int) -> str:
    """Milliseconds since the epoch as ISO 8601 in UTC, always with three digits of milliseconds.

    >>> iso_time(1_795_000_000_007)
    '2026-11-18T11:06:40.007Z'
    """
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at_ms)
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
