"""`simulate --core`, over a real network, against a core that answers there."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from rehearsals import BusyClock, core_with
from running import Outcome, run
from stctl.clock import SystemEntropy
from stctl.core.service import CoreService
from stctl.exchange import Request

SETTINGS_NEEDED = (
    "it needs a core with the setting access_token_dynamic_signing_key_update_interval, "
    "access_token_validity, which cannot be set there"
)
KEY = "the-right-key-of-the-rehearsal"


@contextmanager
def served(core: CoreService) -> Iterator[str]:
    """The address of a core."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16  # head and body in one packet

        def answer(self) -> None:
            parts = urlsplit(self.path)
            response = core.answer(
                Request(
                    method=self.command,
                    path=unquote(parts.path),
                    query=parse_qsl(parts.query, keep_blank_values=True),
                    headers=[*self.headers.items()],
                    body=self.rfile.read(int(self.headers.get("content-length", "0"))),
                )
            )
            self.send_response(response.status)
            for name, value in response.headers:
                self.send_header(name, value)
            self.send_header("content-length", str(len(response.body)))
            self.end_headers()
            self.wfile.write(response.body)

        do_GET = do_POST = do_PUT = answer  # noqa: N815 - the names that the server calls

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def address() -> Iterator[str]:
    with served(core_with({"api_keys": KEY})) as url:
        yield url


def simulate(clock: BusyClock, *arguments: str) -> Outcome:
    return run("simulate", *arguments, clock=clock, entropy=SystemEntropy())


def test_everything_that_can_be_played_on_a_real_core_ends_as_promised(address: str) -> None:
    clock = BusyClock()
    outcome = simulate(clock, "all", "--core", address, "--api-key", KEY, "--json")
    assert outcome.exit_status == 0
    cases = outcome.json["cases"]
    skipped = {case["name"]: case["reason"] for case in cases if case["outcome"] == "skipped"}
    assert {reason.split(":")[0] for reason in skipped.values()} == {
        "it needs CDI 5.6 or newer",
        "it needs a core that can be replaced by another",
        SETTINGS_NEEDED,
        "it would really take 101 d there",
        "it would make a user there",
    }
    assert len(skipped) < len(cases) / 3
    assert outcome.json["target"] == address
    assert clock.waited_ms == [2000, 5000, 31_000, 2000]
    assert "Waiting 2 s (expired)" in outcome.stderr
    assert f"Playing at {address}: sessions of made-up users are created there" in outcome.stderr
    assert "Removed what was left of" in outcome.stderr
    assert KEY not in outcome.stdout + outcome.stderr


def test_the_users_are_made_up(address: str) -> None:
    outcome = simulate(
        BusyClock(), "unauthorised", "--case", "refresh-revoked", "--core", address,
        "--api-key", KEY, "--json",
    )  # fmt: skip
    assert '"user":"stctl-alice-' in outcome.json["steps"][0]["body"]


def test_grace_seconds_really_pass(address: str) -> None:
    clock = BusyClock()
    outcome = simulate(clock, "theft", "--cdi", "5.6", "--core", address, "--api-key", KEY)
    assert outcome.exit_status == 0
    assert clock.waited_ms == [31_000]
    assert "Waiting 31 s (recent-prev)" in outcome.stderr


def test_without_the_key_nothing_begins(address: str) -> None:
    outcome = simulate(BusyClock(), "theft", "--core", address, "--json")
    assert outcome.error["code"] == "core-key-refused"
    assert outcome.stdout == ""


def test_the_rules_of_5_6_hold_on_a_real_core_too(address: str) -> None:
    clock = BusyClock()
    outcome = simulate(clock, "all", "--cdi", "5.6", "--core", address, "--api-key", KEY, "--json")
    assert outcome.exit_status == 0
    ends = {case["name"]: case["outcome"] for case in outcome.json["cases"]}
    for case in ("recent-prev", "answers-out-of-order", "retried-too-late"):
        assert ends[case] == "as_promised"
    softened = next(one for one in outcome.json["cases"] if one["name"] == "recent-prev-softened")
    assert softened["reason"] == (
        "it needs a core with the setting recent_token_reuse_behaviour, which cannot be set there"
    )
    assert set(clock.waited_ms) == {2000, 5000, 31_000}
