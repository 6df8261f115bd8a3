from dataclasses import replace
from pathlib import Path

import pytest

from stctl.traces.link import Peers
from stctl.traces.model import Entry, Peer
from trace_help import TRACES, exchange, recorded_entries

CORE = "http://core.internal"
FOOD = "https://food.example"
BROWSER = ("user-agent", "Mozilla/5.0")


def peer_of(entry: Entry) -> Peer:
    return Peers().of(entry)


@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.name)
def test_recordings_without_their_hints_are_told_as_recorded(path: Path) -> None:
    peers = Peers()
    for entry in recorded_entries(path):
        assert peers.of(replace(entry, peer=None)) == entry.peer


@pytest.mark.parametrize(
    "entry",
    [
        exchange(0, f"{CORE}/recipe/session/verify", headers=[("cdi-version", "5.4")]),
        exchange(0, f"{CORE}/appid-a/tenant/recipe/session", headers=[("cdi-version", "5.4")]),
        exchange(0, f"{CORE}/base/path/recipe/session/refresh"),
        exchange(0, f"{CORE}/apiversion", headers=[("api-key", "k")]),
        exchange(0, f"{CORE}/.well-known/jwks.json", headers=[("user-agent", "python-requests/2")]),
        exchange(0, "http://localhost:3567/.well-known/jwks.json"),
        exchange(0, f"{CORE}/users/count", headers=[("cdi-version", "5.4"), ("api-key", "k")]),
    ],
    ids=lambda entry: entry.url,
)
def test_calls_to_a_core_are_known(entry: Entry) -> None:
    assert peer_of(entry) is Peer.BACKEND_CORE


@pytest.mark.parametrize(
    "entry",
    [
        exchange(0),
        exchange(0, "http://localhost:3001/auth/session/refresh", headers=[("rid", "session")]),
        exchange(0, "http://localhost:3001/auth/jwt/jwks.json"),
        exchange(0, f"{FOOD}/recipe/17", headers=[BROWSER]),
        exchange(0, f"{FOOD}/recipe/user/1", headers=[("origin", "https://a"), ("cookie", "a=b")]),
        exchange(0, f"{FOOD}/.well-known/jwks.json", headers=[BROWSER, ("referer", "https://a")]),
        exchange(0, f"{FOOD}/recipe/session", answer_headers=[("front-token", "x")]),
    ],
    ids=lambda entry: entry.url,
)
def test_what_a_browser_asks_is_known(entry: Entry) -> None:
    assert peer_of(entry) is Peer.BROWSER_BACKEND


def test_an_address_that_was_a_core_is_one_for_other_paths_too() -> None:
    unknown = exchange(1, "http://core.internal/telemetry")
    assert peer_of(unknown) is Peer.BROWSER_BACKEND
    peers = Peers()
    peers.of(exchange(0, f"{CORE}/apiversion", headers=[("api-key", "k")]))
    assert peers.of(unknown) is Peer.BACKEND_CORE
    assert peers.of(exchange(2, "http://core.internal:8080/telemetry")) is Peer.BROWSER_BACKEND


def test_what_the_recording_says_is_believed() -> None:
    entry = exchange(0, f"{CORE}/apiversion", peer=Peer.BROWSER_BACKEND)
    assert peer_of(entry) is Peer.BROWSER_BACKEND
    assert peer_of(exchange(0, peer=Peer.OTHER)) is Peer.OTHER
