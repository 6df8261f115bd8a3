import json
from pathlib import Path

import pytest

from running import run

TESTS = Path(__file__).parents[1]
THEFT = str(TESTS / "recorded" / "traces" / "theft-parent-reused.express.default.cookie.har.json")
SIXTY = ("--cdi", "5.6", "--set", "refresh_token_rotation_grace_period=60")


def test_a_theft_that_is_none_under_other_rules_is_told_in_a_sentence() -> None:
    told = run("replay", THEFT, *SIXTY)
    assert told.exit_status == 0
    assert "1 of 1 TOKEN_THEFT_DETECTED is none under these rules" in told.stdout
    rows = [line for line in told.stdout.splitlines() if "/session/refresh" in line]
    assert len(rows) == 1
    assert rows[0].split()[-3:] == ["TOKEN_THEFT_DETECTED", "goes", "well"]


def test_without_other_rules_nothing_differs_and_the_trace_is_reproduced() -> None:
    told = run("replay", THEFT)
    assert "nothing differs in 5 reproduced requests" in told.stdout
    everything = run("replay", THEFT, "--all").stdout
    assert everything.count("the same") == 5


def test_the_document_names_both_rules_and_each_change() -> None:
    document = run("replay", THEFT, *SIXTY, "--json").json
    assert document["schema"] == "stctl.replay/1"
    assert document["recorded_rules"]["cdi"] == "5.4"
    assert document["rules"]["settings"]["refresh_token_rotation_grace_period"] == "60"
    assert [one["index"] for one in document["requests"]] == [4]
    assert document["changes"][0] == {
        "recorded": "TOKEN_THEFT_DETECTED",
        "instead": None,
        "count": 1,
    }
    assert (document["played"], document["not_reproduced"], document["never_sent"]) == (5, 0, 0)


def test_lines_and_ids_are_those_of_the_requests_that_differ() -> None:
    lines = [
        json.loads(line)
        for line in run("replay", THEFT, *SIXTY, "-o", "ndjson").stdout.split("\n")
        if line
    ]
    assert [one["index"] for one in lines] == [4]
    assert run("replay", THEFT, *SIXTY, "-q").stdout == "4\n"


def test_no_token_is_in_the_output() -> None:
    assert "eyJ" not in run("replay", THEFT, *SIXTY, "--all", "--json").stdout


def test_a_trace_without_tokens_ends_with_3_and_says_what_is_missing(tmp_path: Path) -> None:
    log = tmp_path / "debug.log"
    log.write_text(
        'com.supertokens {t: "2026-11-24T10:00:00.000Z", message: "middleware: Started", '
        'file: "x.js:1:1" sdkVer: "24.0.3"}\n',
        encoding="utf-8",
    )
    told = run("replay", str(log), "--json")
    assert told.exit_status == 3
    assert "debug logs" in told.error["hint"]


def test_a_damaged_trace_with_nothing_to_play_is_answered_with_no_all_the_same(
    tmp_path: Path,
) -> None:
    har = tmp_path / "t.har"
    har.write_text('{"log": {"entries": [{"request": {}}]}}', encoding="utf-8")
    told = run("replay", str(har))
    assert told.exit_status == 3
    assert "Unreadable: log.entries[0]" in told.stderr
    assert "no request that could be played" in told.stderr


def test_yaml_says_the_same_as_json() -> None:
    import yaml

    told = run("replay", THEFT, *SIXTY, "--all", "-o", "yaml")
    assert yaml.safe_load(told.stdout) == run("replay", THEFT, *SIXTY, "--all", "--json").json


@pytest.mark.parametrize("name", ["node.custom", "node.default", "python.default"])
def test_of_a_log_which_shows_no_token_nothing_is_said_of_other_rules(name: str) -> None:
    told = run("replay", str(TESTS / "recorded" / "debug_logs" / f"{name}.log.gz"), *SIXTY)
    assert told.exit_status == 3
    assert "nothing differs" not in told.stdout
    assert "no request that could be played" in told.stderr


def test_rules_that_cannot_be_are_refused_before_anything_is_played() -> None:
    assert run("replay", THEFT, "--cdi", "9.9").exit_status == 2
    unknown = run("replay", THEFT, "--set", "refresh_token_rotation_grace=5", "--json")
    assert unknown.exit_status == 7
    assert "refresh_token_rotation_grace_period" in unknown.error["hint"]
    wrong = run("replay", THEFT, "--set", "refresh_token_rotation_grace_period=soon")
    assert wrong.exit_status == 7
