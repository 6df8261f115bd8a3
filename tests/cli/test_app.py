"""The error boundary and the lazy commands, shown on commands made for the purpose."""

import sys
import types

import pytest
import typer

from running import run
from stctl.cli import app as root
from stctl.cli.options import takes_output
from stctl.errors import ErrorKind, StctlError
from stctl.render.printer import Printer

probe = typer.Typer()
RAISED: dict[str, BaseException] = {
    "ours": StctlError(ErrorKind.CORE_SLOW, "No answer in 10 s."),
    "bug": ZeroDivisionError("oops"),
    "full": OSError(28, "No space left on device"),
    "stop": KeyboardInterrupt(),
}


@probe.command()
@takes_output
def fall(ctx: typer.Context, how: str, *, printer: Printer) -> None:
    """Raise what is asked for."""
    del ctx, printer
    raise RAISED[how]


@pytest.fixture(autouse=True)
def _one_command(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("probe_command")
    module.app = probe  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "probe_command", module)
    monkeypatch.setattr(root, "COMMANDS", {"fall": "probe_command", "absent": "no_such_module"})


def test_an_error_of_ours_ends_with_its_exit_status_and_one_message() -> None:
    outcome = run("fall", "ours")
    assert outcome.exit_status == ErrorKind.CORE_SLOW.exit_status
    assert outcome.stdout == ""
    assert outcome.stderr.splitlines()[0] == "✗ No answer in 10 s.  [core-slow]"


def test_under_json_the_error_is_json_too() -> None:
    outcome = run("fall", "ours", "--json")
    assert outcome.error["code"] == "core-slow"
    assert outcome.error["exit_status"] == outcome.exit_status


def test_wrong_usage_under_json_is_json_and_has_status_2() -> None:
    outcome = run("fall", "ours", "--json", "--no-such-option")
    assert outcome.exit_status == 2
    assert outcome.error["code"] == "usage"
    assert "--no-such-option" in outcome.error["message"]


def test_wrong_usage_elsewhere_is_shown_by_typer() -> None:
    outcome = run("fall")
    assert outcome.exit_status == 2
    assert "Missing argument" in outcome.stderr


def test_the_unforeseen_is_called_a_bug_and_is_a_traceback_only_on_request() -> None:
    outcome = run("fall", "bug", env={"STCTL_TRACEBACK": ""})
    assert outcome.exit_status == 1
    assert "ZeroDivisionError: oops  [bug]" in outcome.stderr
    with pytest.raises(ZeroDivisionError):
        run("fall", "bug", env={"STCTL_TRACEBACK": "1"})


def test_a_full_disk_is_no_bug() -> None:
    outcome = run("fall", "full", env={"STCTL_TRACEBACK": ""})
    assert outcome.exit_status == ErrorKind.OUTPUT_FAILED.exit_status
    assert "No space left" in outcome.stderr


def test_an_interruption_ends_with_130() -> None:
    assert run("fall", "stop").exit_status == 130


def test_a_command_is_imported_only_when_it_is_named() -> None:
    assert run("fall", "--help").exit_status == 0


def test_a_near_miss_is_suggested() -> None:
    outcome = run("fal")
    assert outcome.exit_status == 2
    assert "'fall'" in outcome.stderr


def test_the_version_is_one_line() -> None:
    from stctl import __version__

    assert run("--version").stdout == f"stctl {__version__}\n"
