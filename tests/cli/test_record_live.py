"""The lines that a recorder shows: made in another process, and never waited for."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from stctl.cli import record_show
from stctl.cli.record_show import LiveLines, Settings
from stctl.traces.recording import entry_line
from trace_help import TRACES, recorded_entries

THEFT = next(path for path in TRACES if "theft" in path.name)
SETTINGS = Settings(
    sdk="python", app_config=None, only_errors=False, both_sides=True, on_stderr=False
)


def shown(settings: Settings, lines: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """What the showing process prints of these lines."""
    return subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-P", "-m", "stctl.cli.record_live", json.dumps(settings)],
        input=lines,
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )


def lines_of(path: Path) -> str:
    return "".join(f"{entry_line(entry)}\n" for entry in recorded_entries(path))


def test_what_passes_is_explained_and_summed_up(tmp_path: Path) -> None:
    said = shown(SETTINGS, lines_of(THEFT), tmp_path).stdout
    assert "POST /auth/session/refresh" in said
    assert "TOKEN_THEFT_DETECTED → onTokenTheftDetected (default)" in said
    assert "core     " in said
    assert "1 TOKEN_THEFT_DETECTED" in said.splitlines()[-1]


def test_errors_alone_can_be_shown_where_a_command_has_standard_output(tmp_path: Path) -> None:
    settings = SETTINGS._replace(only_errors=True, on_stderr=True)
    done = shown(settings, lines_of(THEFT), tmp_path)
    assert done.stdout == ""
    assert "TOKEN_THEFT_DETECTED" in done.stderr
    assert "  200  verify" not in done.stderr


def test_calls_alone_are_shown_as_calls(tmp_path: Path) -> None:
    entries = [entry for entry in recorded_entries(THEFT) if "/recipe/" in entry.url]
    lines = "".join(f"{entry_line(entry)}\n" for entry in entries)
    said = shown(SETTINGS._replace(both_sides=False), lines, tmp_path).stdout
    assert len(said.splitlines()) >= len(entries) > 0


def test_no_token_is_shown(tmp_path: Path) -> None:
    said = shown(SETTINGS, lines_of(THEFT), tmp_path).stdout
    assert "eyJ" not in said


def test_lines_that_nobody_takes_are_left_out_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleeper = tmp_path / "sleeper"
    sleeper.write_text("#!/bin/sh\nexec sleep 60\n")
    sleeper.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(sleeper))
    monkeypatch.setattr(record_show, "_FAREWELL_S", 0.05)

    async def run() -> int:
        lines = LiveLines()
        await lines.start(SETTINGS)
        for _ in range(20):
            lines.show("x" * (1 << 20))
        await lines.end()
        return lines.not_shown

    assert 10 < asyncio.run(run()) < 20


def test_a_showing_process_that_died_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead = tmp_path / "dead"
    dead.write_text("#!/bin/sh\nexit 1\n")
    dead.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(dead))

    async def run() -> None:
        lines = LiveLines()
        await lines.start(SETTINGS)
        assert lines._process is not None
        await lines._process.wait()
        for _ in range(5):
            lines.show("x" * (1 << 18))
            await asyncio.sleep(0)
        await lines.end()

    asyncio.run(run())
