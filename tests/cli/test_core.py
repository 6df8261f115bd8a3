import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from running import Outcome, run
from served import ask
from stctl.cli.core.starting import _apart
from stctl.clock import FrozenClock, SystemEntropy
from stctl.core.registry import Registry, RunningCore

KEY = "a-key-of-twenty-eight-letters"
MEMORY = ("--port", "0", "--db", ":memory:")


@pytest.fixture(autouse=True)
def _no_core_is_left_running() -> Iterator[None]:
    yield
    run("core", "stop", "--all")


def start(*arguments: str) -> Outcome:
    # Each core wants an id of its own.
    outcome = run("core", "start", *arguments, entropy=SystemEntropy())
    assert outcome.exit_status == 0, outcome.stderr
    return outcome


def started(*arguments: str) -> RunningCore:
    facts = start(*arguments, "--json").json
    assert facts.pop("schema") == "stctl.core.start/1"
    del facts["url"]
    return RunningCore(**facts)


def registry() -> Registry:
    return Registry(Path(os.environ["XDG_STATE_HOME"]) / "stctl" / "cores")


def test_a_started_core_answers_when_the_command_returns() -> None:
    core = started(*MEMORY)
    assert ask(core.port, "GET", "/hello").body == b"Hello\n"
    assert core.database is None
    assert registry().get(core.instance) == core


@pytest.mark.parametrize("where", [(), ("--foreground",)])
def test_a_state_folder_that_cannot_be_used_is_told_and_nothing_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: tuple[str, ...]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    outcome = run("core", "start", *MEMORY, *where)
    assert outcome.exit_status == 21
    assert "Not a directory" in outcome.stderr


def test_the_screen_says_where_it_is_and_how_to_stop_it() -> None:
    lines = start(*MEMORY).stdout.splitlines()
    (core,) = run("core", "list", "--json").json["cores"]
    assert lines == [
        f"Core running at {core['url']}",
        f"  process    {core['pid']}",
        "  sessions   in memory, gone when it stops",
        f"  log        {core['log']}",
        f"  stop with  stctl core stop {core['port']}",
    ]


def test_quietly_the_address_is_printed_alone() -> None:
    (address,) = start(*MEMORY, "-q").stdout.splitlines()
    assert address == run("core", "list", "-q").stdout.strip()


def test_without_a_file_it_serves_the_store_of_the_other_commands() -> None:
    core = started("--port", "0")
    url = f"http://127.0.0.1:{core.port}"
    handle = run("sessions", "create", "--user", "anna", "--core", url, "-q").stdout.strip()
    assert handle
    assert run("sessions", "list", "--user", "anna", "-q").stdout.strip() == handle


def test_settings_come_from_file_environment_and_overrides(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(
        "core_config_version: 0\nbase_path: /file\nsupertokens_max_cdi_version: 5.4\n", "utf-8"
    )
    more = ("--config", str(config), "--set", "base_path=/st", "--set", f"api_keys={KEY}")
    core = started(*MEMORY, *more)
    assert core.url == f"http://127.0.0.1:{core.port}/st"
    assert ask(core.port, "GET", "/st/apiversion").status == 401
    versions = ask(core.port, "GET", "/st/apiversion", api_key=KEY).json["versions"]
    assert "5.4" in versions
    assert "5.5" not in versions


def test_a_secret_setting_is_on_nobody_s_command_line() -> None:
    shown, hidden = _apart(["port=1", f"api_keys={KEY}", "api_keys="])
    assert shown == ["port=1", "api_keys="]
    assert hidden == {"API_KEYS": KEY}


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="reads /proc")
def test_a_secret_setting_cannot_be_read_by_others() -> None:
    core = started(*MEMORY, "--set", f"api_keys={KEY}")
    assert KEY.encode() not in Path(f"/proc/{core.pid}/cmdline").read_bytes()


def test_a_port_that_one_of_ours_has_is_told_with_who_has_it() -> None:
    core = started(*MEMORY)
    outcome = run("core", "start", "--port", str(core.port), "--json")
    assert outcome.exit_status == 9
    assert outcome.error["code"] == "cannot-listen"
    assert outcome.error["message"] == (
        f"Port {core.port} is taken by an embedded core of yours: {core.url}, process {core.pid}, "
        "in memory."
    )
    assert f"stctl core stop {core.port}" in outcome.error["hint"]


def test_a_port_that_a_stranger_has_is_told() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        outcome = run("core", "start", "--port", str(port), "--json")
    assert outcome.error["code"] == "cannot-listen"
    assert "embedded core" not in outcome.error["message"]


def test_others_may_reach_a_core_only_with_a_key() -> None:
    open_to_all = ("--host", "0.0.0.0", *MEMORY)  # noqa: S104 - what is refused
    outcome = run("core", "start", *open_to_all, "--json")
    assert outcome.exit_status == 7
    assert "API_KEYS" in outcome.error["hint"]
    assert registry().present() == []
    core = started(*open_to_all, "--set", f"api_keys={KEY}")
    assert ask(core.port, "GET", "/apiversion").status == 401


def test_a_bad_setting_is_told_before_anything_starts() -> None:
    outcome = run("core", "start", *MEMORY, "--set", "acess_token_validity=1", "--json")
    assert outcome.error["code"] == "setting-invalid"
    assert outcome.error["hint"] == "Did you mean access_token_validity?"


def test_a_file_that_cannot_be_used_is_told_by_the_command_itself(tmp_path: Path) -> None:
    outcome = run("core", "start", "--port", "0", "--db", str(tmp_path), "--json")
    assert outcome.exit_status == 8
    assert outcome.error["code"] == "store-failed"
    assert str(tmp_path) in outcome.error["message"]


def test_a_log_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    setting = f"info_log_path={tmp_path / 'file' / 'log'}"
    (tmp_path / "file").write_text("")
    outcome = run("core", "start", *MEMORY, "--set", setting, "--json")
    assert outcome.error["code"] == "setting-invalid"
    assert "info_log_path" in outcome.error["message"]


def test_requests_are_logged_where_the_settings_say(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "info.log"
    core = started(*MEMORY, "--set", "log_level=debug", "--set", f"info_log_path={log}")
    ask(core.port, "GET", "/recipe/session?sessionHandle=abc")
    run("core", "stop")
    text = log.read_text("utf-8")
    assert f"ready at {core.url}, process {core.pid}" in text
    assert "DEBUG   GET '/recipe/session?sessionHandle=abc' -> 200" in text


def test_a_list_of_none_says_how_to_start_one() -> None:
    assert "stctl core start" in run("core", "list").stdout
    assert run("core", "list", "--json").json == {"schema": "stctl.core.list/1", "cores": []}
    assert run("core", "list", "-q").stdout == ""


def test_the_list_fits_a_wide_and_a_narrow_screen() -> None:
    core = started(*MEMORY)
    clock = FrozenClock(core.started_at_ms + 61_000)
    wide = run("core", "list", clock=clock).stdout.splitlines()
    assert wide[0].split() == ["URL", "PROCESS", "RUNNING", "FOR", "SESSIONS"]
    assert wide[1].split() == [core.url, str(core.pid), "1", "min", "1", "s", "in", "memory"]
    narrow = run("core", "list", env={"COLUMNS": "60"}, clock=clock).stdout
    assert narrow.splitlines() == [
        core.url,
        f"  process      {core.pid}",
        "  running for  1 min 1 s",
        "  sessions     in memory",
    ]


def test_the_only_core_is_stopped_without_naming_it() -> None:
    core = started(*MEMORY)
    outcome = run("core", "stop")
    assert outcome.exit_status == 0
    assert outcome.stdout == f"✓ Stopped {core.url}, process {core.pid}\n"
    assert registry().get(core.instance) is None
    with pytest.raises(ConnectionRefusedError):
        ask(core.port, "GET", "/hello")


def test_of_several_the_named_ones_are_stopped() -> None:
    one, two, three = started(*MEMORY), started(*MEMORY), started(*MEMORY)
    vague = run("core", "stop", "--json")
    assert vague.exit_status == 2
    assert all(core.url in vague.error["message"] for core in (one, two, three))
    stopped = run("core", "stop", str(one.port), str(two.pid), f"{two.url}/", "--json").json
    assert [(core["port"], core["ended"]) for core in stopped["cores"]] == [
        (one.port, True),
        (two.port, True),
    ]
    assert run("core", "list", "-q").stdout.split() == [three.url]
    run("core", "stop", "--all")
    assert run("core", "list", "-q").stdout == ""


def test_stopping_nothing_is_no_fault_and_stopping_a_stranger_is() -> None:
    assert run("core", "stop").exit_status == 0
    assert run("core", "stop", "--all").exit_status == 0
    outcome = run("core", "stop", "1", "--json")
    assert outcome.exit_status == 10
    assert "stctl core list" in outcome.error["hint"]


def test_a_core_that_was_killed_is_forgotten() -> None:
    core = started(*MEMORY)
    registry().add(
        RunningCore(
            instance="gone",
            pid=core.pid,
            address="127.0.0.1",
            port=core.port,
            base_path="",
            database=None,
            started_at_ms=0,
            version=core.version,
        )
    )
    assert run("core", "list", "-q").stdout.split() == [core.url]
    assert registry().get("gone") is None


def test_the_status_of_the_only_core_tells_versions_and_keys() -> None:
    core = started(*MEMORY)
    found = run("core", "status", "--json").json
    assert found["core"] == core.url
    assert found["needs_key"] is False
    assert (found["versions"][0], found["versions"][-1]) == ("2.7", "5.6")
    assert found["spoken"] == "5.4"
    assert found["keys"] == {"dynamic": 1, "static": 1}
    assert found["embedded"]["instance"] == core.instance
    assert found["latency_ms"] > 0


def test_the_status_says_whether_a_key_is_asked_for_and_given() -> None:
    core = started(*MEMORY, "--set", f"api_keys={KEY}")
    without = run("core", "status", core.url)
    assert "asked for, and none was given" in without.stdout
    assert run("core", "status", core.url, "--json").json["versions"] is None
    right = run("core", "status", core.url, "--api-key", KEY)
    assert "asked for, and the given one is right" in right.stdout
    wrong = run("core", "status", core.url, "--api-key", KEY + "x", "--json")
    assert wrong.error["code"] == "core-key-refused"


def test_the_status_of_several_asks_which() -> None:
    one, two = started(*MEMORY), started(*MEMORY)
    outcome = run("core", "status", "--json")
    assert outcome.exit_status == 2
    assert one.url in outcome.error["message"]
    localhost = two.url.replace("127.0.0.1", "localhost")
    found = run("core", "status", localhost, "--json").json
    assert found["embedded"]["pid"] == two.pid


def test_the_status_of_nothing_running_is_that_of_the_own_store() -> None:
    found = run("core", "status", "--json").json
    assert "core.sqlite3" in found["core"]
    assert found["embedded"] is None


def test_the_status_of_a_dead_address_is_an_error() -> None:
    outcome = run("core", "status", "http://127.0.0.1:9", "--json")
    assert outcome.exit_status == 10


def test_in_the_foreground_the_address_stands_in_redirected_output(tmp_path: Path) -> None:
    output = tmp_path / "out"
    with output.open("wb") as stream:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "stctl", "core", "start", "--foreground", *MEMORY],
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    try:
        (core,) = _once_one_runs()
        # It stands in the registry a moment before it is told.
        while "Ctrl-C" not in output.read_text("utf-8") and process.poll() is None:
            pass
        process.terminate()
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.wait()
    text = output.read_text("utf-8")
    assert text.startswith(f"Core running at {core.url}\n")
    assert "Ctrl-C, or stctl core stop" in text
    assert "\x1b" not in text


def _once_one_runs() -> list[RunningCore]:
    while not (found := [one.core for one in registry().present()]):
        pass
    return found


def test_names_of_settings_complete() -> None:
    from stctl.cli.core.starting import _setting_names

    assert _setting_names("access_token_validity") == [
        "access_token_validity=",
        "access_token_validity_jitter=",
    ]


def test_what_a_failing_core_said_is_told_when_it_is_no_error_of_ours(tmp_path: Path) -> None:
    from stctl.core.background import start_in_background
    from stctl.errors import StctlError

    command = [sys.executable, "-c", "print('one'); print('two'); raise SystemExit(3)"]
    with pytest.raises(StctlError, match="status 3; it said: one / two"):
        start_in_background(
            command, instance="x", registry=registry(), log=tmp_path / "log", environ=os.environ
        )


def test_json_of_the_list_is_one_object_a_line_in_ndjson() -> None:
    core = started(*MEMORY)
    (line,) = run("core", "list", "-o", "ndjson").stdout.splitlines()
    assert json.loads(line)["url"] == core.url
