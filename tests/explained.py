"""Explains traces in tests: recorded ones with their labels, and made-up exchanges."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from conftest import NOW_MS
from staged_facts import HOUR_MS, access_token
from stctl.exchange import Exchange, Request, Response
from stctl.render.explain.document import entry_document
from stctl.traces.explain.explanation import Explanation
from stctl.traces.explain.known_app import KnownApp, read_known_app
from stctl.traces.explain.story import TraceStory
from stctl.traces.link import link
from stctl.traces.model import Entry, Gap, Peer
from stctl.traces.readers.har_entry import read_har_entry

TRACES = Path(__file__).parent / "recorded" / "traces"
LABELLED = sorted(TRACES.glob("*.labels.json"))
SCALARS = (
    "step",
    "error",
    "handler",
    "handler_kind",
    "status",
    "clears_session",
    "handler_side_effect",
)
APP_KEYS = (
    "sdk",
    "sdk_version",
    "framework",
    "api_domain",
    "website_domain",
    "api_base_path",
    "anti_csrf",
    "session_expired_status_code",
    "frontend_session_expired_status_code",
    "invalid_claim_status_code",
    "cookie_domain",
    "older_cookie_domain",
    "get_token_transfer_method",
    "use_dynamic_access_token_signing_key",
)
"""What an operator knows of an app: never which handlers it overrides."""
Document = dict[str, Any]


def labels_of(path: Path) -> Document:
    """What really happened in a recorded trace."""
    labels: Document = json.loads(path.read_text("utf-8"))
    return labels


def entries_of(path: Path) -> list[Document]:
    """The entries of the HAR that belongs to a file of labels."""
    har = path.with_name(path.name.replace(".labels.json", ".har.json"))
    entries: list[Document] = json.loads(har.read_text("utf-8"))["log"]["entries"]
    return entries


def app_of(labels: Document, keys: Sequence[str] = APP_KEYS) -> KnownApp:
    """The `[app]` table of a recorded trace."""
    config = labels["config"]
    return read_known_app({key: config[key] for key in keys if config[key] is not None}, "test")


def explain_har(entries: Sequence[Document], known: KnownApp) -> dict[int, Document]:
    """Documents of the explained entries by their place."""
    read = [read_har_entry(entry, index, f"[{index}]") for index, entry in enumerate(entries)]
    return {told.index: entry_document(told, reveal=True) for told in explained(read, known)}


def explained(entries: Sequence[Entry], known: KnownApp | None = None) -> list[Explanation]:
    """Explanations of a whole trace."""
    told = TraceStory(known or KnownApp()).tell(link(entries))
    return [item for item in told if isinstance(item, Explanation)]


def calls(value: Sequence[Document]) -> list[tuple[object, ...]]:
    """What counts of calls to the core."""
    return [(one["method"], one["path"], one["status"], one["core_status"]) for one in value]


def request(
    path: str,
    *,
    method: str = "GET",
    cookies: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Request:
    """A request of a browser."""
    sent = dict(headers or {})
    if cookies:
        sent["cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return Request(method=method, path=path, headers=tuple(sent.items()), host="api.test")


def answer(
    status: int, body: object = None, headers: Sequence[tuple[str, str]] = (), *, text: str = ""
) -> Response:
    """An answer with a JSON body, or with the text of a page."""
    kind = "text/html" if text else "application/json"
    content = text.encode() if text else json.dumps(body).encode() if body is not None else b""
    return Response(status=status, headers=(("content-type", kind), *headers), body=content)


CLEARED = (
    ("set-cookie", "sAccessToken=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"),
    ("set-cookie", "sRefreshToken=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"),
    ("st-access-token", ""),
    ("st-refresh-token", ""),
    ("front-token", "remove"),
)
"""What the recipe writes on an answer when it clears the tokens."""


def entry(
    index: int,
    asked: Request,
    answered: Response | None,
    *,
    peer: Peer | None = None,
    initiator: int | None = None,
    gaps: frozenset[Gap] = frozenset(),
) -> Entry:
    """A recorded exchange."""
    exchange = Exchange(
        request=asked, response=answered, started_at_ms=NOW_MS + 100 * index, duration_ms=20
    )
    return Entry(
        index=index,
        position=f"[{index}]",
        exchange=exchange,
        url=f"http://{asked.host}{asked.path}",
        scheme="http",
        port=80,
        peer=peer,
        initiator=initiator,
        gaps=gaps,
    )


def explain_one(asked: Request, answered: Response | None) -> Explanation:
    """The explanation of a trace of one exchange, seen from the browser."""
    (told,) = explained([entry(0, asked, answered)])
    return told


LIVE = {"sAccessToken": access_token()}
EXPIRED = {"sAccessToken": access_token(expires_at_ms=NOW_MS - HOUR_MS)}
