"""`stctl record` as people call it."""

import json
import sys
from pathlib import Path

import pytest

from loopback import Answer, Asked, serving
from running import Outcome, run
from stctl.cli.record_command import VARIABLES, arguments_with
from stctl.exchange import first_value
from stctl.traces.record.target import read_place, read_target
from trace_help import entries_of

ASK = """
import http.client, os, sys
from urllib.parse import urlsplit
place = urlsplit(sys.argv[1] if len(sys.argv) > 1 else os.environ["SUPERTOKENS_CONNECTION_URI"])
connection = http.client.HTTPConnection(place.netloc, timeout=10)
connection.request("GET", place.path + "/hello", headers={"api-key": "key-of-the-core-0123456789"})
print(connection.getresponse().read().decode())
"""


def hello(asked: Asked) -> Answer:
    return Answer(200, (("content-type", "text/plain"),), f"hello from {asked.path}")


def recorded(
    folder: Path, *options: str, program: str = ASK, words: tuple[str, ...] = ()
) -> Outcome:
    """Run a Python program behind a recorder of a small server."""
    with serving(hello) as port:
        return run(
            "record",
            "--to",
            f"http://127.0.0.1:{port}/base",
            "-o",
            str(folder / "t.ndjson"),
            *options,
            "--",
            sys.executable,
            "-c",
            program,
            *words,
        )


def test_a_command_finds_the_recorder_in_its_environment(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert recorded(tmp_path, "-q").exit_status == 0
    assert capfd.readouterr().out == "hello from /base/hello\n"
    (entry,) = entries_of((tmp_path / "t.ndjson").read_bytes())
    assert entry.exchange.request.path == "/base/hello"
    assert first_value(entry.exchange.request.headers, "api-key") != "key-of-the-core-0123456789"


def test_a_command_is_given_the_recorder_in_its_arguments(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert recorded(tmp_path, "-q", "--raw", words=("{recorder}",)).exit_status == 0
    assert "hello" in capfd.readouterr().out
    text = (tmp_path / "t.ndjson").read_text("utf-8")
    assert "key-of-the-core-0123456789" in text
    assert json.loads(text.splitlines()[0])["secrets"] == "raw"


def test_variables_of_another_name_can_be_chosen(tmp_path: Path) -> None:
    program = f"import os, sys; sys.exit(len({{'MY_CORE', *{VARIABLES!r}}} & {{*os.environ}}))"
    assert recorded(tmp_path, "-q", program=program).exit_status == len(VARIABLES)
    options = ("-q", "--force", "--env", "MY_CORE")
    assert recorded(tmp_path, *options, program=program).exit_status == 1


def test_the_exit_status_is_that_of_the_command(tmp_path: Path) -> None:
    assert recorded(tmp_path, "-q", program="raise SystemExit(42)").exit_status == 42
    by_signal = "import os; os.kill(os.getpid(), 9)"
    assert recorded(tmp_path, "-q", "--force", program=by_signal).exit_status == 128 + 9


def test_start_and_end_are_told_as_json(tmp_path: Path) -> None:
    outcome = recorded(tmp_path, "--json")
    start, end = (json.loads(line) for line in outcome.stderr.splitlines())
    assert start["schema"] == end["schema"] == "stctl.record/1"
    assert start["recorders"][0]["target"].endswith("/base")
    assert (end["exchanges"], end["lost"], end["unanswered"]) == (1, 0, 0)
    assert outcome.stdout == ""


def test_without_a_name_the_file_is_called_by_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        assert run("record", "--to", "localhost:1", "-q", "--", "true").exit_status == 0
    names = sorted(path.name for path in tmp_path.glob("record-*"))
    assert len(names) == 2
    assert names[0].startswith("record-20")
    assert names[0].endswith("-2.ndjson")


def test_a_file_that_is_there_is_kept_unless_told_otherwise(tmp_path: Path) -> None:
    assert recorded(tmp_path, "-q").exit_status == 0
    first = (tmp_path / "t.ndjson").read_bytes()
    refused = recorded(tmp_path, "-q")
    assert refused.exit_status == 21
    assert "--append" in refused.stderr
    assert (tmp_path / "t.ndjson").read_bytes() == first
    assert recorded(tmp_path, "-q", "--append").exit_status == 0
    assert len(entries_of((tmp_path / "t.ndjson").read_bytes())) == 2
    assert recorded(tmp_path, "-q", "--force").exit_status == 0
    assert len(entries_of((tmp_path / "t.ndjson").read_bytes())) == 1


@pytest.mark.parametrize(
    ("options", "status", "word"),
    [
        ((), 2, "--to"),
        (("--to", "ftp://x"), 7, "ftp"),
        (("--to", "http://me:hunter2@x"), 7, "user"),
        (("--to", "http://x?y"), 7, "query"),
        (("--to", "x", "--listen", "1", "--listen", "2"), 2, "--listen"),
        (("--to", "x", "--listen", "127.0.0.1:99999"), 7, "99999"),
        (("--to", "x", "--listen", "nowhere.invalid:0"), 9, "nowhere.invalid"),
        (("--to", "x", "--sdk", "cobol"), 7, "cobol"),
        (("--to", "x", "--append", "-o", "x.har"), 2, "HAR"),
        (("--to", "x", "-o", "/nowhere/x.ndjson"), 21, "/nowhere"),
        (("--to", "x", "--", "/no/such/program"), 2, "/no/such/program"),
    ],
)
def test_what_cannot_be_done_is_said(
    options: tuple[str, ...],
    status: int,
    word: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = run("record", *options)
    assert (outcome.exit_status, word in outcome.stderr) == (status, True), outcome.stderr
    assert "hunter2" not in outcome.stderr


def test_a_recorder_of_itself_is_refused(tmp_path: Path) -> None:
    with serving(hello) as port:
        pass
    outcome = run(
        *("record", "--to", f"localhost:{port}", "--listen", str(port)),
        *("-o", str(tmp_path / "t"), "--", "true"),
    )
    assert outcome.exit_status == 2
    assert "itself" in outcome.stderr


def test_listening_beyond_this_machine_is_warned_of(tmp_path: Path) -> None:
    outcome = run(
        *("record", "--to", "core:3567", "--listen", "0.0.0.0:0"),
        *("-o", str(tmp_path / "t"), "-q", "--", "true"),
    )
    assert outcome.exit_status == 0
    assert "can be reached by others" in outcome.stderr


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("8080", "127.0.0.1", 8080),
        (":8080", "127.0.0.1", 8080),
        ("10.0.0.1:0", "10.0.0.1", 0),
        ("localhost", "localhost", 0),
        ("[::1]:80", "::1", 80),
        ("::1", "::1", 0),
    ],
)
def test_places_are_written_in_several_ways(text: str, host: str, port: int) -> None:
    place = read_place(text)
    assert (place.host, place.port) == (host, port)


def test_a_target_is_read_with_its_path_and_the_port_of_its_scheme() -> None:
    target = read_target("https://core.example.com/appid-x/")
    assert (target.origin, target.authority) == ("https://core.example.com", "core.example.com")
    assert (target.port, target.path, target.is_tls) == (443, "/appid-x", True)
    assert read_target("localhost:3567").origin == "http://localhost:3567"
    assert read_target("http://[::1]:80").authority == "[::1]"


def test_each_recorder_has_a_place_in_the_arguments() -> None:
    words = ["{recorder}", "a={recorder1}/x", "{recorder2}", "{recorder3}"]
    assert arguments_with(words, ["http://one", "http://two"], "http://two") == [
        "http://two",
        "a=http://one/x",
        "http://two",
        "{recorder3}",
    ]


def test_the_command_keeps_its_own_options(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    outcome = run(
        *("record", "--to", "x", "-q", "-o", str(tmp_path / "t")), "echo", "-n", "--to", "y"
    )
    assert outcome.exit_status == 0
    assert capfd.readouterr().out == "--to y"
    assert (tmp_path / "t").exists()
