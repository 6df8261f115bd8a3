"""What people ask about whole sessions: theft by both families of rules, and revoking."""

from pathlib import Path

import pytest

from acceptance_stand import diagnosed, explained, finding, trace_of, written
from diagnosed import played, recorded
from har_edits import browser_only
from running import run
from stctl.clock import SystemEntropy

RACE = "refresh-race.express.default.cookie"


def test_6_theft_by_a_sibling_up_to_cdi_5_5() -> None:
    """Of two children the second one looks stolen; most likely two tabs."""
    theft = explained(trace_of(RACE))[8]
    assert (theft["error"], theft["handler"]) == ("TOKEN_THEFT_DETECTED", "onTokenTheftDetected")
    assert theft["handler_side_effect"] == "revoke_session"
    signature = run("handlers", "TOKEN_THEFT_DETECTED", "--sdk", "node").stdout
    for name in ("sessionHandle", "userId", "recipeUserId"):
        assert name in signature
    tree = run("lineage", trace_of(RACE)).stdout
    assert "session 3e549125-7687-4f3d-bd11-f42833103fe9  user user-1" in tree
    assert "a sibling of the token that had gone into use" in tree
    assert "The evidence speaks for two tabs." in tree
    found = finding(diagnosed(trace_of(RACE)), "ST-002")
    assert "sibling" in found["detail"]
    assert "race or a lost answer" in found["title"]


def test_7_the_same_trace_by_the_rules_of_cdi_5_6(tmp_path: Path) -> None:
    """Both verdicts where the trace does not tell the CDI."""
    file = written(browser_only(recorded(RACE)), tmp_path)
    tree = " ".join(run("lineage", file).stdout.split())
    assert "within the grace of 30 s and no theft" in tree
    assert "is ORPHANED_BRANCH" in tree
    assert (
        "reported as theft, or as UNAUTHORISED where recent_token_reuse_behaviour says so" in tree
    )
    assert "the core ends the session either way" in tree
    assert "sibling" in tree


def test_7_both_families_are_really_so_on_a_core() -> None:
    """The embedded core plays what the tree says."""
    for case, error in (
        ("orphaned-branch", "TOKEN_THEFT_DETECTED"),
        ("orphaned-branch-softened", "UNAUTHORISED"),
    ):
        told = run("simulate", "play", "theft", "--case", case, "--cdi", "5.6", "--json").json
        assert told["as_promised"]
        assert told["cases"][0]["promise"]["error"] == error


@pytest.mark.parametrize(("gap", "error"), [("31s", "TOKEN_THEFT_DETECTED"), ("29s", None)])
def test_8_the_old_parent_after_its_grace(gap: str, error: str | None, tmp_path: Path) -> None:
    """31 s after the rotation the session is revoked, at 29 s all is well."""
    file = str(tmp_path / "grace.har")
    arguments = ["--case", "retried-too-late", "--cdi", "5.6", "--set", f"gap={gap}"]
    run("simulate", "play", "lost-reply", *arguments, "--har", file)
    refreshes = [one for one in explained(file).values() if one["step"] == "refresh"]
    assert [one["error"] for one in refreshes][1] == error
    tree = run("lineage", file, "--json").json
    theft = tree["sessions"][0]["theft"]
    assert (theft and theft["kind"]) == (error and "recent-prev")


def test_13_revoking_is_honest_about_tokens_that_are_out() -> None:
    """What the core revoked, and until when the tokens hold."""
    environ = {"ACCESS_TOKEN_VALIDITY": str(42 * 60)}

    def sessions(*arguments: str) -> str:
        return run("sessions", *arguments, env=environ, entropy=SystemEntropy()).stdout

    for _ in range(3):
        sessions("create", "--user", "u1", "-q")
    told = sessions("revoke", "--user", "u1", "--yes")
    assert told.startswith("✓ Revoked 3 sessions at the embedded core")
    assert "Access tokens already issued stay valid until" in told
    assert "in 42 min, for verifiers that do not ask the database" in told


def test_13_a_trace_of_such_a_token_says_how_long_it_holds(tmp_path: Path) -> None:
    file = written(played("revoked-but-valid", "without-a-look"), tmp_path)
    outcome = diagnosed(file)
    found = finding(outcome, "ST-015")
    assert "accepts a token whose session is gone, and will for" in found["detail"]
    assert "checkDatabase" in found["fix"]
