"""Small edits of recorded exchanges, for cases that were not recorded themselves.

Each changes what its name says and leaves the rest of the exchange as it was.
"""

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from datetime import datetime, timedelta
from urllib.parse import quote

from diagnosed import Entries, with_header, without_header
from explained import Document


def is_browser(entry: Document) -> bool:
    """Whether it is an exchange between browser and backend."""
    return bool(entry["_peer"] == "browser-backend")


def browser_only(entries: Sequence[Document]) -> Entries:
    """The browser's side, as another recorder would have it."""
    kept = [deepcopy(entry) for entry in entries if is_browser(entry)]
    for entry in kept:
        del entry["_peer"], entry["_initiator"]
    return kept


def later(entries: Iterable[Document], ms: float) -> Entries:
    """The same exchanges at another time of the recorder's clock."""
    moved = deepcopy(list(entries))
    for entry in moved:
        started = datetime.fromisoformat(entry["startedDateTime"])
        shifted = started + timedelta(milliseconds=ms)
        entry["startedDateTime"] = shifted.isoformat(timespec="milliseconds")
    return moved


def without_date(entries: Entries) -> Entries:
    """Exchanges without the answers' Date, for those that are moved in time."""
    for entry in entries:
        without_header(entry, "response", "date")
    return entries


def joined(*traces: Sequence[Document]) -> Entries:
    """Several traces in one, in order of time, with the causes of calls kept."""
    every: Entries = []
    for trace in traces:
        offset = len(every)
        for entry in deepcopy(list(trace)):
            if entry.get("_initiator") is not None:
                entry["_initiator"] += offset
            every.append(entry)
    order = sorted(range(len(every)), key=lambda place: _started(every[place]))
    places = {old: new for new, old in enumerate(order)}
    for entry in every:
        if entry.get("_initiator") is not None:
            entry["_initiator"] = places[entry["_initiator"]]
    return [every[old] for old in order]


def _started(entry: Document) -> datetime:
    return datetime.fromisoformat(entry["startedDateTime"])


def takes(entry: Document, ms: float) -> None:
    """Let an exchange take longer."""
    entry["time"] = ms


def answers(entry: Document, status: int, body: str | Mapping[str, object]) -> None:
    """Give an exchange another status and body."""
    text = body if isinstance(body, str) else json.dumps(body)
    entry["response"]["status"] = status
    entry["response"]["content"] = {"size": len(text), "mimeType": "application/json", "text": text}


def told_by_core(entry: Document) -> dict[str, object]:
    """What a call to the core was answered."""
    told: dict[str, object] = json.loads(entry["response"]["content"]["text"])
    return told


def core_call(entries: Sequence[Document], tail: str, number: int = 0) -> Document:
    """The `number`th call to the core whose URL ends so."""
    matching = [
        entry
        for entry in entries
        if not is_browser(entry) and entry["request"]["url"].partition("?")[0].endswith(tail)
    ]
    return matching[number]


def without_calls(entries: Sequence[Document], tail: str) -> Entries:
    """A trace without the calls to the core whose URL ends so."""
    kept: Entries = []
    places: dict[int, int] = {}
    for place, entry in enumerate(entries):
        if not is_browser(entry) and entry["request"]["url"].partition("?")[0].endswith(tail):
            continue
        places[place] = len(kept)
        kept.append(deepcopy(entry))
    for entry in kept:
        if entry["_initiator"] is not None:
            entry["_initiator"] = places[entry["_initiator"]]
    return kept


def sent_by(entries: Iterable[Document], agent: str) -> None:
    """Let the requests of browsers come from another program."""
    for entry in entries:
        if is_browser(entry):
            with_header(entry, "request", "User-Agent", agent)


def without_tokens(entry: Document) -> None:
    """Take everything of the session off an answer."""
    entry["response"]["cookies"] = []
    without_header(
        entry,
        "response",
        "set-cookie",
        "front-token",
        "st-access-token",
        "st-refresh-token",
    )


def cookie_of(entry: Document, name: str) -> str:
    """The raw value of a cookie of a request."""
    for header in entry["request"]["headers"]:
        if header["name"].lower() == "cookie":
            for pair in header["value"].split(";"):
                key, _, value = pair.strip().partition("=")
                if key == name:
                    return str(value)
    raise LookupError(name)


def send_cookies(entry: Document, cookies: Mapping[str, str]) -> None:
    """Let a request carry these cookies and no others."""
    entry["request"]["cookies"] = []
    text = "; ".join(f"{name}={value}" for name, value in cookies.items())
    if text:
        with_header(entry, "request", "Cookie", text)
    else:
        without_header(entry, "request", "cookie")


def resigned(token: str, *, kid: str, expires_in_s: int = 0) -> str:
    """An access token of another key: its signature does not fit any more."""
    head, body, signature = token.split(".")
    header, payload = _decoded(head), _decoded(body)
    header["kid"] = kid
    payload["exp"] = int(str(payload["exp"])) + expires_in_s
    return quote(f"{_encoded(header)}.{_encoded(payload)}.{signature}", safe="")


def _decoded(part: str) -> dict[str, object]:
    text = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    members: dict[str, object] = json.loads(text)
    return members


def _encoded(members: Mapping[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(members).encode()).decode().rstrip("=")
