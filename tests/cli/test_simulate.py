import csv
import io
import re
from pathlib import Path

import pytest

from running import Outcome, run
from stctl.clock import SystemEntropy

STEP_KEYS = {
    "scenario",
    "case",
    "index",
    "name",
    "who",
    "does",
    "says",
}
ASKED_KEYS = STEP_KEYS | {
    "request",
    "reply",
    "carried",
    "step",
    "error",
    "error_message",
    "error_asks_to_clear",
    "handler",
    "handler_kind",
    "handler_side_effect",
    "handler_failed",
    "handler_failure",
    "handler_failure_place",
    "final_handler",
    "final_handler_kind",
    "status",
    "body",
    "clears_session",
    "cleared",
    "set",
    "core_calls",
    "reuse",
    "session_in_core",
    "alternatives",
    "session_handle",
    "refresh_tokens_made",
    "frontend_state_before",
    "next_frontend_action",
    "reasons",
    "why_not",
    "as_expected",
    "deviations",
}
OTHER_KEYS = STEP_KEYS | {"told", "waited_ms", "core_calls"}
SECRET = re.compile(r"eyJ[\w-]{20,}|[A-Za-z0-9+/=]{40,}\.[0-9a-f]{64}")


def simulate(*arguments: str, **options: object) -> Outcome:
    """Run with keys that are made fast."""
    return run("simulate", *arguments, entropy=SystemEntropy(), **options)  # type: ignore[arg-type]


def test_theft_is_shown_from_the_log_in_to_the_end() -> None:
    outcome = simulate("theft", "--case", "thief-comes-late")
    assert outcome.exit_status == 0
    assert outcome.stderr == ""
    screen = outcome.stdout
    for told in (
        "theft · thief-comes-late",
        "1 browser signs in as alice",
        "POST /auth/session/refresh",
        "5 thief refreshes",
        "● TOKEN_THEFT_DETECTED raised",
        "◆ onTokenTheftDetected (default) fires",
        "POST /recipe/session/remove",
        "401 token theft detected",
        "✓ as promised: TOKEN_THEFT_DETECTED raised by the refresh API in step 5",
        "onTokenTheftDetected (default) revoked the session ",
        '401 {"message":"token theft detected"}',
        "sAccessToken, sRefreshToken, st-access-token, st-refresh-token, front-token",
        "why not UNAUTHORISED",
        "└─ R1 ",
        "child of R0 (named by its access token)",
    ):
        assert told in screen
    assert "A thief copies everything" in screen
    assert not SECRET.search(screen)


@pytest.mark.parametrize("width", ["40", "64", "80", "140", "300"])
def test_the_ladder_keeps_to_its_width(width: str) -> None:
    outcome = simulate("theft", "--case", "thief-comes-late", env={"COLUMNS": width})
    drawn = [row for row in outcome.stdout.splitlines() if row.startswith("  │")]
    assert len(drawn) > 40
    assert max(map(len, drawn)) <= int(width)
    rails = {tuple(match.start() for match in re.finditer("│", row)) for row in drawn}
    columns = {column for row in rails for column in row}
    assert len(columns) == 3


@pytest.mark.parametrize(
    ("scenario", "case", "question", "reply"),
    [
        (
            "try-refresh-token",
            "expired",
            "Is the access token still valid",
            "No, it expired 1 s ago",
        ),
        (
            "try-refresh-token",
            "bad-signature",
            "Does the signature hold",
            "It does not hold for the",
        ),
        ("unauthorised", "no-token", "Is there an access token in the cookie", "No"),
        ("general-error", "app-exception", "How does the app's own code end?", "It throws GENERAL"),
    ],
)
def test_where_no_core_decides_the_deciding_question_is_shown(
    scenario: str, case: str, question: str, reply: str
) -> None:
    screen = simulate(scenario, "--case", case).stdout
    before = screen.partition("●")[0]
    assert f"│ {question}" in before
    assert f"│ {reply}" in before
    assert "Is the access token" not in simulate("theft", "--case", "thief-comes-late").stdout


def test_without_narration_the_ladder_stands_alone() -> None:
    told = simulate("unauthorised", "--case", "no-token", "--no-narrate").stdout
    assert "Somebody who never signed in" not in told
    assert "401 unauthorised" in told


def test_all_is_a_table_unless_it_is_told_to_narrate() -> None:
    table = simulate("all")
    assert table.exit_status == 0
    rows = [row for row in table.stdout.splitlines() if "✓" in row]
    assert len(rows) > 50
    assert "│" not in table.stdout
    assert (
        "not played: theft recent-prev, theft orphaned-branch, theft stale-lineage" in table.stdout
    )
    assert re.search(r"✓ thief-comes-late +TOKEN_THEFT_DETECTED +onTokenTheft", table.stdout)
    narrow = simulate("all", env={"COLUMNS": "80"}).stdout
    assert max(len(row) for row in narrow.splitlines() if "✓" in row) <= 80
    full = simulate("all", "--narrate", "--case", "no-token").stdout
    assert "│" in full


def test_the_document_has_every_step_in_the_words_of_traces() -> None:
    outcome = simulate("theft", "--json")
    document = outcome.json
    assert document["schema"] == "stctl.simulate/1"
    assert set(document) == {
        "schema",
        "as_promised",
        "target",
        "core",
        "cdi",
        "sdk",
        "sdk_version",
        "handlers",
        "cases",
        "steps",
    }
    assert document["as_promised"] is True
    assert document["core"] is None
    assert (document["cdi"], document["sdk"]) == ("5.4", "supertokens-node")
    for step in document["steps"]:
        assert set(step) == (ASKED_KEYS if "request" in step else OTHER_KEYS), step["name"]
    theft = next(step for step in document["steps"] if step.get("error") == "TOKEN_THEFT_DETECTED")
    assert {
        name: theft[name]
        for name in ("step", "handler", "handler_kind", "handler_side_effect", "status")
    } == {
        "step": "refresh",
        "handler": "onTokenTheftDetected",
        "handler_kind": "default",
        "handler_side_effect": "revoke_session",
        "status": 401,
    }
    assert theft["clears_session"] is True
    assert theft["cleared"] == [
        "cookie:sAccessToken",
        "cookie:sRefreshToken",
        "header:st-access-token",
        "header:st-refresh-token",
        "header:front-token",
    ]
    assert [(call["path"], call["core_status"]) for call in theft["core_calls"]] == [
        ("/recipe/session/refresh", "TOKEN_THEFT_DETECTED"),
        ("/recipe/session/remove", "OK"),
    ]
    assert set(theft["core_calls"][0]) == {
        "method",
        "path",
        "status",
        "core_status",
        "failure",
        "played",
    }
    assert set(theft["reasons"][0]) == {"question", "wording", "answer", "source"}
    assert not SECRET.search(outcome.stdout)


def test_the_cases_of_the_document_say_what_was_promised() -> None:
    cases = simulate("theft", "--json").json["cases"]
    played = {case["name"]: case["outcome"] for case in cases}
    assert played["thief-comes-late"] == played["sibling"] == "as_promised"
    assert played["recent-prev"] == "skipped"
    assert set(cases[0]) == {
        "scenario",
        "name",
        "doc",
        "outcome",
        "reason",
        "anti_csrf",
        "transfer",
        "settings",
        "promise",
        "parameters",
        "refresh_tokens",
    }
    assert cases[0]["promise"] == {
        "step": "replay",
        "error": "TOKEN_THEFT_DETECTED",
        "handler": "onTokenTheftDetected",
        "status": 401,
        "clears_session": True,
        "handler_side_effect": "revoke_session",
        "reuse": None,
    }
    first, second = cases[0]["refresh_tokens"]
    assert (first["parent"], second["parent"]) == (None, first["name"])
    assert set(first) == {
        "name",
        "hash1",
        "parent",
        "parent_known",
        "session_handle",
        "made_in_step",
        "refreshed",
    }


def test_a_frontend_action_is_told_in_full() -> None:
    steps = simulate("try-refresh-token", "--case", "expired", "--json").json["steps"]
    call = next(step for step in steps if step.get("error"))
    assert call["next_frontend_action"] == {
        "action": "call_refresh",
        "events": [],
        "local_session_after": "EXISTS",
        "detail": None,
    }
    assert call["frontend_state_before"] == "EXISTS"
    assert call["why_not"]["UNAUTHORISED"].startswith("an access token of a session came along")


def test_steps_are_rows() -> None:
    lines = simulate("unauthorised", "--case", "revoked", "-o", "ndjson").stdout.splitlines()
    assert len(lines) == 4
    rows = [*csv.DictReader(io.StringIO(simulate("theft", "-o", "csv").stdout))]
    assert {"thief-comes-late", "thief-comes-first"} < {row["case"] for row in rows}


def test_quietly_the_cases_that_were_played_are_named() -> None:
    named = simulate("theft", "-q").stdout.split()
    assert named[:2] == ["theft/thief-comes-late", "theft/thief-comes-first"]
    assert "theft/recent-prev" not in named


def test_a_broken_promise_has_its_own_exit_status() -> None:
    outcome = simulate(
        "theft", "--cdi", "5.6", "--set", "refresh_token_rotation_grace_period=300", "--json"
    )
    assert outcome.exit_status == 3
    assert outcome.json["as_promised"] is False
    ends = {case["name"]: case["reason"] for case in outcome.json["cases"]}
    assert ends["recent-prev"] == (
        "in step 5 (replay) it raised no error, not TOKEN_THEFT_DETECTED"
    )
    assert ends["stale-lineage"] is None
    screen = simulate("theft", "--cdi", "5.6", "--set", "refresh_token_rotation_grace_period=300")
    assert "✗ not as promised: in step 5 (replay) it raised no error" in screen.stdout


def test_a_case_that_cannot_be_played_is_no_success() -> None:
    outcome = simulate("theft", "--case", "recent-prev")
    assert outcome.exit_status == 3
    assert "needs CDI 5.6 or newer: --cdi 5.6" in outcome.stdout


@pytest.mark.parametrize(("sdk", "cdi"), [("node", "5.4"), ("python", "5.4"), ("go", "3.1")])
def test_a_backend_speaks_what_its_sdk_speaks(sdk: str, cdi: str) -> None:
    assert simulate("theft", "--sdk", sdk, "--json").json["cdi"] == cdi


def test_options_reach_the_backend() -> None:
    outcome = simulate(
        "theft", "--transfer", "header", "--anti-csrf", "VIA_TOKEN", "--cdi", "2.7", "--json"
    )
    assert outcome.exit_status == 0
    case = outcome.json["cases"][0]
    assert (case["transfer"], case["anti_csrf"]) == ("header", "VIA_TOKEN")
    assert any("Authorization" in str(step.get("carried")) for step in outcome.json["steps"])


def test_a_persons_own_handlers_are_called(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(
        "def on_token_theft_detected(session_handle, user_id, request, response):\n"
        "    print('called for', user_id)\n"
        "    response.status = 423\n"
        "    response.body = {'message': 'stolen', 'who': user_id}\n",
        encoding="utf-8",
    )
    arguments = ("theft", "--case", "thief-comes-late", "--handlers", str(file))
    outcome = simulate(*arguments, "--json")
    assert outcome.exit_status == 0
    assert outcome.json["handlers"] == str(file)
    assert "called for alice" in outcome.stderr
    theft = next(step for step in outcome.json["steps"] if step.get("handler_kind") == "custom")
    assert theft["status"] == 423
    assert theft["body"] == '{"message":"stolen","who":"alice"}'
    assert theft["handler_side_effect"] is None
    screen = simulate(*arguments).stdout
    assert "◆ onTokenTheftDetected (custom) fires" in screen
    assert "lives on: the handler did not revoke it" in screen
    assert "! step 7 (logged-out) went otherwise than after the default handlers" in screen


def test_a_handler_that_fails_is_shown_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("def on_unauthorised():\n    raise RuntimeError('no log')\n", encoding="utf-8")
    outcome = simulate("unauthorised", "--case", "no-token", "--handlers", str(file))
    assert "it fails: no log" in outcome.stdout
    assert "the framework answers" in outcome.stdout
    step = simulate("unauthorised", "--case", "no-token", "--handlers", str(file), "--json").json[
        "steps"
    ][0]
    assert step["handler_failed"] is True
    assert step["handler_failure_place"] == f"{file}, line 2"
    assert step["final_handler"] == "framework_error_response"
    assert step["status"] == 500


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("thefts",), "usage", "Did you mean theft?"),
        (("theft", "--case", "nope"), "usage", "Its cases are thief-comes-late"),
        (("theft", "--cdi", "9.9"), "usage", "'9.9' is not a version"),
        (("theft", "--set", "x"), "usage", "--set takes name=value"),
        (("theft", "--set", "accesstoken=1"), "setting-invalid", "no setting 'accesstoken'"),
        (("theft", "--set", "access_token_validity=0"), "setting-invalid", "access_token_validity"),
        (("theft", "--handlers", "nowhere.py"), "input-unreadable", "nowhere.py"),
        (
            ("theft", "--core", "http://localhost:1", "--set", "access_token_validity=5"),
            "usage",
            "is a setting of the embedded core",
        ),
        (("theft", "--core", "ftp://x"), "setting-invalid", "ftp://x"),
        (("theft", "--core", "http://127.0.0.1:9"), "core-down", "127.0.0.1:9"),
    ],
)
def test_what_cannot_be_done_is_one_clear_error(
    arguments: tuple[str, ...], code: str, told: str
) -> None:
    outcome = run("simulate", *arguments, "--json")
    assert outcome.stdout == ""
    assert outcome.error["code"] == code
    assert told in outcome.error["message"] + outcome.error["hint"]
    assert outcome.exit_status == outcome.error["exit_status"]


def test_the_environments_core_is_never_played_on() -> None:
    outcome = simulate(
        "unauthorised", "--case", "no-token", env={"STCTL_CORE": "http://127.0.0.1:9"}
    )
    assert outcome.exit_status == 0
    assert "embedded core" in outcome.stdout
