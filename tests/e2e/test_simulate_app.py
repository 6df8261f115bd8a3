"""`simulate --app` against a backend with an official SDK: what a team sees in its tests."""

import json
from pathlib import Path
from typing import Any

import pytest

from app_stand import PROTECTED, ROUTES, HastyClock, names_of
from running import Outcome, run
from sdk_apps import FASTAPI, Backend, Backends, Fired
from stctl.clock import SystemEntropy

LOGIN = ("--login", "POST /login?user={user}")


def simulate(backend: Backend, *arguments: str) -> Outcome:
    outcome = run(
        "simulate", *arguments, "--app", backend.url, *PROTECTED, *ROUTES,
        clock=HastyClock(), entropy=SystemEntropy(),
    )  # fmt: skip
    assert outcome.stdout, outcome.stderr
    return outcome


def raised(outcome: Outcome) -> list[Fired]:
    """What the run says was raised and who answered, in order."""
    return [
        Fired(
            error=step["error"],
            handler=step["handler"],
            kind=step["handler_kind"],
            path=step["request"].partition(" ")[2],
        )
        for step in outcome.json["steps"]
        if step.get("error") is not None
    ]


def promised(outcome: Outcome) -> dict[str, Any]:
    """The promised step of each case that was played."""
    wanted = {(case["name"], case["promise"]["step"]) for case in outcome.json["cases"]}
    steps = [step for step in outcome.json["steps"] if (step["case"], step["name"]) in wanted]
    return {step["case"]: step for step in steps}


def test_default_handlers_end_the_stolen_session(backends: Backends, framework: str) -> None:
    backend = backends(framework, "default")
    outcome = simulate(backend, "theft", "--core", backend.core, "--json")
    assert outcome.exit_status == 0, outcome.stdout
    for case, step in promised(outcome).items():
        assert step["error"] == "TOKEN_THEFT_DETECTED", case
        assert (step["handler_kind"], step["status"]) == ("default", 401), case
        assert step["session_in_core"] == "gone", case


def test_an_own_handler_that_revokes_nothing_is_found_out(
    backends: Backends, framework: str
) -> None:
    backend = backends(framework, "forgetful")
    case = "thief-comes-late"
    outcome = simulate(backend, "theft", "--case", case, "--core", backend.core, "--json")
    assert outcome.exit_status == 3
    assert names_of(outcome.json["cases"], "otherwise") == {case}
    for case, step in promised(outcome).items():
        assert (step["handler"], step["handler_kind"]) == ("onTokenTheftDetected", "custom"), case
        assert (step["status"], step["session_in_core"]) == (423, "alive"), case
        assert step["deviations"] == [
            "the session is still alive in the core: onTokenTheftDetected did not revoke it"
        ]


@pytest.mark.parametrize("framework", FASTAPI)
def test_with_a_login_and_no_core_the_verdicts_are_what_the_app_wrote_down(
    backends: Backends, framework: str
) -> None:
    backend = backends(framework, "custom")
    before = len(backend.fired())
    outcome = simulate(backend, "all", *LOGIN, "--json")
    assert raised(outcome) == backend.fired()[before:]
    assert len(names_of(outcome.json["cases"], "as_promised")) >= 15


@pytest.mark.parametrize("framework", FASTAPI)
def test_sessions_of_the_run_are_removed_at_the_end(backends: Backends, framework: str) -> None:
    backend = backends(framework, "default")
    outcome = simulate(
        backend, "race", "--case", "under-a-lock", "--core", backend.core, "--user", "tidy"
    )
    assert outcome.exit_status == 0
    assert "Removed what was left of 2 sessions" in outcome.stderr
    left = backend.core_says("GET", "/recipe/session/user", userId="tidy")
    assert left["sessionHandles"] == []


@pytest.mark.parametrize("framework", FASTAPI)
def test_a_report_for_a_ci_server_names_app_and_core(
    backends: Backends, framework: str, tmp_path: Path
) -> None:
    backend, report = backends(framework, "custom"), tmp_path / "report.xml"
    outcome = simulate(
        backend, "unauthorised", "--core", backend.core, "--junit", str(report),
        "--expect-status", "419", "--expect-body", json.dumps({"app": "please sign in"}),
    )  # fmt: skip
    assert outcome.exit_status == 0, outcome.stdout
    told = report.read_text("utf-8")
    assert 'failures="0"' in told
    assert backend.url in told
    assert backend.core in told
