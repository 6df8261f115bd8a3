"""The registry of running cores: what it believes, and what it never does."""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from served import core_in_foreground, ended, kill_9, wait_until_free
from stctl.core import probe
from stctl.core.probe import NoAnswerError, identity_at
from stctl.core.registry import Registry, RunningCore, state_of
from stctl.errors import ErrorKind, StctlError

CORE = RunningCore(
    instance="11111111-2222-4333-8444-555555555555",
    pid=os.getpid(),
    address="127.0.0.1",
    port=1,
    base_path="/st",
    database=None,
    started_at_ms=1000,
    version="9.9",
)


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "cores")


@contextmanager
def listening(answer: bytes | None) -> Iterator[int]:
    """A port where everybody is answered so; None never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        kept = []

        def serve() -> None:
            while True:
                try:
                    connection = listener.accept()[0]
                except OSError:
                    return
                kept.append(connection)
                if answer is not None:
                    connection.recv(65_536)
                    connection.sendall(answer)
                    connection.close()

        Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    for connection in kept:
        connection.close()


def saying(identity: str) -> bytes:
    return f"HTTP/1.1 404 Not Found\r\nServer: {identity}\r\nContent-Length: 0\r\n\r\n".encode()


def test_what_was_added_is_read_back_and_is_private(registry: Registry, tmp_path: Path) -> None:
    registry.add(CORE)
    assert registry.get(CORE.instance) == CORE
    file = tmp_path / "cores" / f"{CORE.instance}.json"
    if os.name == "posix":
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.parent.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_made_is_told_before_a_core_serves(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StctlError, match="Not a directory") as told:
        Registry(tmp_path / "file" / "cores").prepare()
    assert told.value.kind is ErrorKind.OUTPUT_FAILED


def test_the_address_of_a_core_has_its_base_path_and_brackets() -> None:
    assert CORE.url == "http://127.0.0.1:1/st"
    assert replace(CORE, address="::1").url == "http://[::1]:1/st"


def test_a_core_that_says_the_id_of_its_file_is_running(registry: Registry) -> None:
    with listening(saying(CORE.identity)) as port:
        registry.add(replace(CORE, port=port))
        assert [one.state for one in registry.present()] == ["running"]


def test_a_file_that_a_killed_core_left_is_cleared_away(registry: Registry, tmp_path: Path) -> None:
    registry.add(CORE)
    assert registry.present() == []
    assert list((tmp_path / "cores").iterdir()) == []


def test_another_server_at_the_port_is_not_the_core(registry: Registry) -> None:
    with listening(saying("stctl/9.9 (somebody-else)")) as port:
        registry.add(replace(CORE, port=port))
        assert registry.present() == []


def test_a_stranger_is_never_asked_to_end(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(os, "kill", lambda pid, number: asked.append((pid, number)))
    with listening(saying("nginx")) as port:
        core = replace(CORE, port=port)
        registry.add(core)
        assert registry.stop(core)
    assert [number for _, number in asked if number != 0] == []
    assert registry.get(core.instance) is None


def test_a_core_that_keeps_silent_is_shown_and_left_alone(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe.identity_at, "__defaults__", (0.05,))
    with listening(None) as port:
        core = replace(CORE, port=port)
        registry.add(core)
        assert [one.state for one in registry.present()] == ["silent"]
        assert registry.stop(core, patience_s=0.1) is False
        assert registry.get(core.instance) == core


def test_a_silent_port_of_a_process_that_is_gone_is_no_core(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(probe.identity_at, "__defaults__", (0.05,))
    monkeypatch.setattr("stctl.core.registry._may_exist", lambda _pid: False)
    with listening(None) as port:
        assert state_of(replace(CORE, port=port)) is None


def test_files_that_are_no_cores_are_passed_over(registry: Registry, tmp_path: Path) -> None:
    registry.add(CORE)
    folder = tmp_path / "cores"
    (folder / "half.json").write_text('{"instance": "x"', "utf-8")
    (folder / "other.json").write_text(json.dumps({"a": 1}), "utf-8")
    assert registry.present() == []
    assert registry.get("half") is None
    assert registry.get("other") is None


def test_without_a_folder_no_core_runs(tmp_path: Path) -> None:
    assert Registry(tmp_path / "none").present() == []


def test_several_cores_are_listed_oldest_first(registry: Registry) -> None:
    with (
        listening(saying(replace(CORE, instance="a").identity)) as one,
        listening(saying(replace(CORE, instance="b").identity)) as two,
    ):
        registry.add(replace(CORE, instance="a", port=one, started_at_ms=2000))
        registry.add(replace(CORE, instance="b", port=two, started_at_ms=1000))
        assert [seen.core.instance for seen in registry.present()] == ["b", "a"]


@pytest.mark.parametrize(
    ("answer", "identity"),
    [
        (saying("me"), "me"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ""),
        (b"SSH-2.0-OpenSSH\r\n", None),
        (b"", None),
    ],
)
def test_what_stands_at_a_port_is_told_by_its_server_header(
    answer: bytes, identity: str | None
) -> None:
    with listening(answer) as port:
        assert identity_at("127.0.0.1", port) == identity
        assert identity_at("0.0.0.0", port) == identity  # noqa: S104 - this machine, when asked


def test_who_does_not_answer_in_time_is_told_from_nobody() -> None:
    with listening(None) as port, pytest.raises(NoAnswerError):
        identity_at("127.0.0.1", port, timeout_s=0.05)


def registry_of(home: str) -> Registry:
    return Registry(Path(home) / "stctl" / "cores")


def test_a_running_core_is_found_stopped_and_forgotten() -> None:
    registry = registry_of(os.environ["XDG_STATE_HOME"])
    with core_in_foreground() as started:
        (seen,) = registry.present()
        assert (seen.core.port, seen.core.pid) == (started.port, started.process.pid)
        assert registry.stop(seen.core)
        assert ended(started.process) == 0
        assert registry.present() == []


def test_a_core_that_was_killed_takes_its_server_along_and_is_forgotten() -> None:
    registry = registry_of(os.environ["XDG_STATE_HOME"])
    with core_in_foreground() as started:
        kill_9(started.process)
        wait_until_free(started.port)
        assert registry.get(str(started.facts["instance"])) is not None
        assert registry.present() == []
        assert registry.get(str(started.facts["instance"])) is None
