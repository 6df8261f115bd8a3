import json
from pathlib import Path

import pytest

from running import run
from stctl.clock import FrozenClock

RECORDED = Path(__file__).parents[1] / "recorded" / "traces"
THEFT = str(RECORDED / "theft-parent-reused.go.custom.cookie.har.json")
OWN_401 = str(RECORDED / "e2e-own-401-retry-limit.fastapi.default.cookie.har.json")
LINE = {
    "request": {"method": "GET", "url": "http://localhost:3001/me", "headers": []},
    "response": {"status": 401, "headers": [], "body": '{"message":"unauthorised"}'},
}


def write_app(folder: Path, text: str) -> str:
    file = folder / "app.toml"
    file.write_text(f"[app]\n{text}\n", encoding="utf-8")
    return str(file)


def test_that_tokens_were_taken_out_of_a_trace_is_told_once_beside_it(tmp_path: Path) -> None:
    whole = RECORDED / "theft-parent-reused.fastapi.default.cookie.har.json"
    har = json.loads(whole.read_text("utf-8"))
    har["log"]["entries"] = [one for one in har["log"]["entries"] if one["_peer"] != "backend-core"]
    for entry in har["log"]["entries"]:
        for side in (entry["request"], entry["response"]):
            side["cookies"] = []
            kept = [one for one in side["headers"] if "cookie" not in one["name"].lower()]
            side["headers"] = kept
    cut = tmp_path / "cut.har"
    cut.write_text(json.dumps(har), encoding="utf-8")
    told = run("explain", str(cut), "--json")
    assert told.stderr.count("were taken out of this trace") == 1
    assert "TOKEN_THEFT_DETECTED" in [one["error"] for one in told.json["entries"]]
    assert run("explain", str(whole)).stderr == ""


def test_a_theft_is_opened_up_and_other_requests_take_a_line() -> None:
    told = run("explain", THEFT, "--sdk", "go")
    assert told.exit_status == 0
    assert "TOKEN_THEFT_DETECTED → onTokenTheftDetected (custom)" in told.stdout
    assert "the app's own handler" in told.stdout
    assert "UNAUTHORISED: the core could read the refresh token" in told.stdout
    assert "drops its session" in told.stdout
    assert told.stderr == ""


@pytest.mark.parametrize("width", [66, 80, 100, 140])
def test_the_line_of_a_request_fits_the_screen_and_names_the_handler_where_there_is_room(
    width: int,
) -> None:
    lines = run("explain", THEFT, "--sdk", "go", env={"COLUMNS": str(width)}).stdout.splitlines()
    requests = [line for line in lines if line[:5].strip().isdigit()]
    assert len(requests) > 1
    assert max(map(len, requests)) <= width
    opened = next(line for line in requests if "TOKEN_THEFT_DETECTED" in line)
    assert ("onTokenTheftDetected (custom)" in opened) is (width >= 100)


def test_several_traces_are_one_document_a_line_in_their_order() -> None:
    told = run("explain", THEFT, OWN_401, "-o", "ndjson")
    documents = [json.loads(line) for line in told.stdout.splitlines()]
    assert [one["trace"] for one in documents] == [THEFT, OWN_401]
    assert {one["schema"] for one in documents} == {"stctl.explain/1"}
    assert all(one["entries"] for one in documents)


def test_json_of_one_trace_is_one_document_and_of_several_one_too() -> None:
    one = run("explain", THEFT, "--json").json
    assert (one["trace"], one["schema"]) == (THEFT, "stctl.explain/1")
    many = run("explain", THEFT, OWN_401, "--json").json
    assert [document["trace"] for document in many["traces"]] == [THEFT, OWN_401]


def test_csv_has_a_row_for_each_request_and_yaml_is_the_document() -> None:
    rows = run("explain", THEFT, "-o", "csv").stdout.splitlines()
    assert rows[0].startswith("trace,index,")
    assert "schema: stctl.explain/1" in run("explain", THEFT, "-o", "yaml").stdout


def test_only_errors_leaves_out_what_went_well() -> None:
    entries = run("explain", THEFT, "--only", "errors", "--json").json["entries"]
    assert [one["error"] for one in entries] == ["TOKEN_THEFT_DETECTED"]
    own = run("explain", OWN_401, "--only", "errors", "--json").json["entries"]
    assert [one["status"] for one in own if one["error"] is None] == [401, 401, 401]


def test_one_entry_is_opened_although_nothing_went_wrong() -> None:
    told = run("explain", THEFT, "--entry", "0")
    assert "because" in told.stdout
    assert "TOKEN_THEFT" not in told.stdout


def test_an_entry_that_is_not_there_is_said_so() -> None:
    told = run("explain", THEFT, "--entry", "99")
    assert told.exit_status == 3
    assert "no request at place 99" in told.stderr


def test_quiet_prints_the_places() -> None:
    assert run("explain", THEFT, "--only", "errors", "-q").stdout.split() == ["4"]


def test_tokens_are_masked_unless_they_are_to_be_revealed(tmp_path: Path) -> None:
    secret = "sekret-" * 8
    line = json.loads(json.dumps(LINE))
    line["request"]["headers"] = [["cookie", f"sAccessToken={secret}"]]
    line["response"]["body"] = json.dumps({"error": f"bad token {secret}"})
    trace = tmp_path / "trace.ndjson"
    trace.write_text(json.dumps(line) + "\n", encoding="utf-8")
    assert secret not in run("explain", str(trace)).stdout
    assert secret not in run("explain", str(trace), "--json").stdout
    assert secret in run("explain", str(trace), "--reveal").stdout


def test_the_app_is_described_by_a_file(tmp_path: Path) -> None:
    trace = tmp_path / "trace.ndjson"
    line = json.loads(json.dumps(LINE))
    line["response"]["status"] = 440
    trace.write_text(json.dumps(line) + "\n", encoding="utf-8")
    file = write_app(tmp_path, 'sdk = "supertokens-go"')
    assert run("explain", str(trace), "--app-config", file).exit_status == 7
    file = write_app(tmp_path, 'sdk = "supertokens-golang"\nsession_expired_status_code = 440')
    document = run("explain", str(trace), "--app-config", file, "--json").json
    assert document["app"] == {"sdk": "go", "session_expired_status_code": 440}
    (entry,) = document["entries"]
    assert (entry["error"], entry["handler_kind"]) == ("UNAUTHORISED", "default")


def test_the_version_on_the_command_line_is_the_stronger(tmp_path: Path) -> None:
    trace = tmp_path / "trace.ndjson"
    trace.write_text(json.dumps(LINE) + "\n", encoding="utf-8")
    file = write_app(tmp_path, 'sdk = "supertokens-python"')
    told = run("explain", str(trace), "--app-config", file, "--sdk", "node@9.3.1", "--json").json
    assert told["app"] == {"sdk": "node", "sdk_version": "9.3.1"}
    assert "id_refresh_cookie" in [one["name"] for one in told["entries"][0]["reasons"]]


def test_a_file_of_settings_that_is_no_toml_is_said_so(tmp_path: Path) -> None:
    file = tmp_path / "app.toml"
    file.write_text("app = [", encoding="utf-8")
    told = run("explain", THEFT, "--app-config", str(file))
    assert told.exit_status == 4
    assert str(file) in told.stderr


def test_a_trace_is_read_from_standard_input() -> None:
    told = run("explain", "-", "--json", stdin=json.dumps(LINE) + "\n")
    assert told.json["trace"] == "-"
    assert told.json["entries"][0]["error"] == "UNAUTHORISED"


def test_a_broken_trace_is_explained_as_far_as_it_goes(tmp_path: Path) -> None:
    trace = tmp_path / "trace.ndjson"
    good = json.dumps(LINE)
    trace.write_text(f'{good}\n{{"request": 3, "response": broken\n{good}\n', encoding="utf-8")
    told = run("explain", str(trace), "-q")
    assert told.exit_status == 6
    assert len(told.stdout.split()) == 2
    assert "line 2" in told.stderr


def test_a_trace_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    told = run("explain", str(tmp_path / "nothing.har"))
    assert told.exit_status == 4
    assert "nothing.har" in told.stderr


def test_signatures_are_checked_by_a_key_set_that_is_given(tmp_path: Path) -> None:
    entries = json.loads(Path(THEFT).read_text("utf-8"))["log"]["entries"]
    strangers = tmp_path / "keys.json"
    key = {"kty": "RSA", "kid": "d-1", "e": "AQAB", "n": "x" * 342}
    strangers.write_text(json.dumps({"keys": [key]}), encoding="utf-8")
    told = run("explain", THEFT, "--jwks", str(strangers), "--json", "--sdk", "go")
    reasons = [
        reason
        for entry in told.json["entries"]
        for reason in entry["reasons"]
        if reason["name"] == "signature"
    ]
    assert entries
    assert {one["source"] for one in reasons} == {"observed"}


class Closing(FrozenClock):
    """A clock on which somebody presses Ctrl-C after a few waits, writing to a file before."""

    def __init__(self, file: Path, lines: list[str]) -> None:
        super().__init__(1_900_000_000_000)
        self._file = file
        self._lines = lines

    def wait_ms(self, duration_ms: int) -> None:
        super().wait_ms(60_000 + duration_ms)
        if not self._lines:
            raise KeyboardInterrupt
        with self._file.open("a", encoding="utf-8") as file:
            file.write(self._lines.pop(0))


def test_a_growing_recording_is_explained_as_it_grows(tmp_path: Path) -> None:
    trace = tmp_path / "trace.ndjson"
    first = {"started_at": 1_800_000_000_000, "duration_ms": 5, **LINE}
    second = {**first, "started_at": 1_800_000_001_000}
    trace.write_text(json.dumps(first) + "\n", encoding="utf-8")
    clock = Closing(trace, ["", json.dumps(second) + "\n", ""])
    told = run("explain", str(trace), "--follow", "-o", "ndjson", clock=clock)
    assert told.exit_status == 130
    documents = [json.loads(line) for line in told.stdout.splitlines()]
    assert [entry["index"] for one in documents for entry in one["entries"]] == [0, 1]


@pytest.mark.parametrize("names", [["-"], [THEFT, OWN_401]])
def test_only_one_file_can_be_followed(names: list[str]) -> None:
    assert run("explain", *names, "--follow", stdin="").exit_status == 2


def test_a_token_that_the_end_of_an_answer_cuts_through_is_masked() -> None:
    tokens = ["mOHPmZZhdG/tk2xBuWc8+vnivcxVHa" * 18, "bQx1/Zuuvwk3d+abcdefghijklmnop" * 18]
    line = {
        "request": {
            "method": "GET",
            "url": "http://localhost:3001/me",
            "headers": [["cookie", f"sRefreshToken={tokens[0]}; other={tokens[1]}"]],
        },
        "response": {"status": 401, "headers": [], "body": json.dumps({"saw": tokens})},
    }
    told = run("explain", "-", stdin=json.dumps(line)).stdout
    assert "saw" in told
    assert [token for token in tokens if token[:12] in told] == []
