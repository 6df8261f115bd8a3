import json
from pathlib import Path

import pytest

from running import run

RECORDED = Path(__file__).parents[1] / "recorded" / "traces"
DOUBLED = str(RECORDED / "duplicate-access-cookies.go.default.cookie.har.json")
LEGACY = str(RECORDED / "legacy-id-refresh-cookie.fastapi.default.cookie.har.json")
TWO_WAYS = str(RECORDED / "header-and-cookie.fastapi.default.cookie.har.json")
HEALTHY = str(RECORDED / "login-and-use.express.default.header.har.json")
OF_COOKIES = ("--only", "ST-003", "--only", "two-transports", "--only", "29")


def test_a_finding_is_shown_with_its_proof_cause_fix_and_link() -> None:
    told = run("diagnose", DOUBLED, *OF_COOKIES)
    assert told.exit_status == 3
    first, detail, *rest = told.stdout.splitlines()
    assert first == "✗ ST-003  The browser sends two session cookies of one name  (2 times)"
    assert detail == "  One request carries sAccessToken 2 times."
    assert rest[0].startswith("  entry 0  GET /protected, request header Cookie: it holds")
    labels = [line.split()[0] for line in rest[2:5]]
    assert labels == ["why", "fix", "read"]
    assert rest[-1] == "✗ 1 error. Looked at 2 requests by 3 rules."


def test_what_to_do_is_told_once_for_all_cases_of_a_rule(tmp_path: Path) -> None:
    har = tmp_path / "theft.har"
    run("simulate", "theft", "--har", str(har))
    told = run("diagnose", str(har), "--only", "ST-103").stdout
    assert told.count("✗ ST-103") > 1
    assert told.count("\n  fix ") == 1
    assert told.count("\n  entry ") > 2


def test_a_healthy_trace_says_what_was_looked_at() -> None:
    told = run("diagnose", HEALTHY, "--fail-on", "info")
    assert told.exit_status == 0
    assert told.stdout.startswith(
        "✓ Nothing found. Looked at 4 requests and 3 calls to the core by"
    )
    assert len(told.stdout.splitlines()) == 1


def test_a_trace_without_requests_is_not_called_healthy(tmp_path: Path) -> None:
    file = tmp_path / "empty.har"
    file.write_text('{"log":{"version":"1.2","entries":[]}}', encoding="utf-8")
    told = run("diagnose", str(file))
    assert told.stdout == "! There is nothing to look at: the trace holds no request.\n"


@pytest.mark.parametrize(
    ("trace", "fail_on", "status"),
    [
        (DOUBLED, "error", 3),
        (DOUBLED, "never", 0),
        (TWO_WAYS, "error", 0),
        (TWO_WAYS, "warn", 3),
        (LEGACY, "warn", 0),
        (LEGACY, "info", 3),
    ],
)
def test_the_exit_status_follows_the_severity_that_is_asked_for(
    trace: str, fail_on: str, status: int
) -> None:
    assert run("diagnose", trace, *OF_COOKIES, "--fail-on", fail_on).exit_status == status


def test_rules_can_be_ignored_by_id_name_and_severity() -> None:
    for name in ("ST-003", "st-003", "3", "doubled-cookies", "error"):
        told = run("diagnose", DOUBLED, *OF_COOKIES, "--ignore", name, "-q")
        assert (told.exit_status, told.stdout) == (0, "")
    assert run("diagnose", DOUBLED, *OF_COOKIES, "-q").stdout == "ST-003\n"


@pytest.mark.parametrize("option", ["--only", "--ignore", "--explain"])
def test_a_rule_that_does_not_exist_is_an_error_of_usage(option: str) -> None:
    told = run("diagnose", DOUBLED, option, "ST-999")
    assert told.exit_status == 2
    assert "There is no rule 'ST-999'." in told.stderr


def test_without_a_trace_it_says_what_to_give() -> None:
    told = run("diagnose")
    assert told.exit_status == 2
    assert "--list for the rules" in told.stderr


def test_json_holds_the_traces_in_their_order_with_counts_and_the_worst() -> None:
    told = run("diagnose", LEGACY, DOUBLED, *OF_COOKIES, "--json").json
    assert told["schema"] == "stctl.diagnose/1"
    assert (told["worst"], told["counts"]) == ("error", {"error": 1, "warn": 0, "info": 1})
    assert [one["trace"] for one in told["traces"]] == [LEGACY, DOUBLED]
    (finding,) = told["traces"][1]["findings"]
    assert (finding["id"], finding["count"]) == ("ST-003", 2)
    assert finding["proofs"][0]["entry"] == 0
    assert finding["proofs"][0]["position"] == "log.entries[0]"


def test_json_of_a_healthy_trace_has_no_worst() -> None:
    told = run("diagnose", HEALTHY, "--json").json
    assert told["worst"] is None
    assert told["traces"][0]["findings"] == []
    assert told["traces"][0]["looked_at"]["requests"] == 4


@pytest.mark.parametrize("form", ["ndjson", "csv", "yaml", "sarif", "table"])
def test_every_form_names_the_finding(form: str) -> None:
    told = run("diagnose", DOUBLED, *OF_COOKIES, "-o", form)
    assert told.exit_status == 3
    assert "ST-003" in told.stdout


def test_a_line_of_ndjson_is_a_finding_with_its_trace() -> None:
    told = run("diagnose", LEGACY, DOUBLED, *OF_COOKIES, "-o", "ndjson")
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    assert [(one["trace"], one["id"]) for one in lines] == [(LEGACY, "ST-029"), (DOUBLED, "ST-003")]
    assert {one["schema"] for one in lines} == {"stctl.diagnose/1"}


def test_all_rules_are_listed_in_the_order_of_their_ids() -> None:
    ids = run("diagnose", "--list", "-q").stdout.split()
    assert ids == sorted(ids)
    assert len(ids) == len(set(ids)) > 20
    listed = run("diagnose", "--list", "--json").json
    assert listed["schema"] == "stctl.diagnose.rules/1"
    assert [one["id"] for one in listed["rules"]] == ids


@pytest.mark.parametrize(("width", "has_names"), [(80, False), (100, True)])
def test_names_of_rules_are_listed_where_there_is_room(width: int, *, has_names: bool) -> None:
    told = run("diagnose", "--list", env={"COLUMNS": str(width)})
    assert ("doubled-cookies" in told.stdout) is has_names


def test_a_rule_is_explained_with_its_example_and_every_thread() -> None:
    told = run("diagnose", "--explain", "ST-012").stdout
    assert "  example   The refresh carries the access token in Authorization" in told
    assert "https://github.com/supertokens/supertokens-node/issues/1038" in told
    assert "https://github.com/supertokens/supertokens-flutter/issues/42" in told


def test_tokens_in_a_proof_are_masked_unless_asked_for(tmp_path: Path) -> None:
    refresh = json.loads((RECORDED / "refresh-ok.go.default.header.har.json").read_text("utf-8"))
    login = json.loads(Path(HEALTHY).read_text("utf-8"))["log"]["entries"][0]
    token = next(
        one["value"] for one in login["response"]["headers"] if one["name"] == "st-access-token"
    )
    entry, *_ = [
        one
        for one in refresh["log"]["entries"]
        if one["_peer"] == "browser-backend" and one["request"]["url"].endswith("/refresh")
    ]
    kept = [one for one in entry["request"]["headers"] if one["name"] != "Authorization"]
    kept.append({"name": "Authorization", "value": f"Bearer {token}"})
    entry["request"]["headers"] = kept
    body = '{"message":"unauthorised"}'
    entry["response"].update(status=401, headers=[], content={"size": 26, "text": body})
    refresh["log"]["entries"] = [entry]
    file = tmp_path / "wrong.har"
    file.write_text(json.dumps(refresh), encoding="utf-8")
    for form in ("table", "json", "sarif", "csv"):
        hidden = run("diagnose", str(file), "--only", "ST-012", "-o", form)
        assert hidden.exit_status == 3
        assert token not in hidden.stdout
        assert token in run("diagnose", str(file), "--only", "12", "-o", form, "--reveal").stdout


def test_unreadable_parts_end_with_6_and_a_finding_wins(tmp_path: Path) -> None:
    line = {
        "request": {"method": "GET", "url": "http://localhost:3001/me", "headers": []},
        "response": {"status": 200, "headers": [], "body": "{}"},
    }
    file = tmp_path / "broken.ndjson"
    file.write_text(f"{json.dumps(line)}\n{{\n{json.dumps(line)}\n", encoding="utf-8")
    told = run("diagnose", str(file))
    assert told.exit_status == 6
    assert "Unreadable: line 2" in told.stderr
    both = run("diagnose", str(file), DOUBLED)
    assert both.exit_status == 3
    assert "Unreadable: line 2" in both.stderr
