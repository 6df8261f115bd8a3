import json
import os
from pathlib import Path
from threading import Thread
from xml.etree import ElementTree as ET

import pytest

from conftest import NOW_MS
from lineages import TRACES, recorded
from running import run
from stctl.clock import FrozenClock, SystemEntropy
from stctl.core.service import CoreService, open_core
from stctl.core.settings import load_settings
from stctl.exchange import Request
from stctl.traces.recording import iso_time

RACE = str(TRACES / "refresh-race.express.default.cookie.har.json")
CALM = str(TRACES / "refresh-ok.go.default.header.har.json")
LOG = str(TRACES.parent / "debug_logs" / "python.default.log.gz")
HANDLE = "3e549125-7687-4f3d-bd11-f42833103fe9"


def tokens_of_the_race() -> list[str]:
    """The first token, and the two that it was traded for, each with its access token."""
    answers = [
        json.loads(entry["response"]["content"]["text"])
        for entry in recorded("refresh-race.express.default.cookie")
        if entry["request"]["url"].endswith(":3567/recipe/session/refresh")
    ]
    given = [one for one in answers if one["status"] == "OK"]
    return [one[kind]["token"] for one in given for kind in ("accessToken", "refreshToken")]


def test_the_tree_and_its_verdict_are_on_the_screen() -> None:
    told = run("lineage", RACE, env={"COLUMNS": "100"})

    assert told.exit_status == 0
    assert told.stderr == ""
    lines = told.stdout.splitlines()
    tree = [line for line in lines if line[:1] in {"○", "├", "●"}]
    assert [line.split()[0] for line in tree] == ["○", "├─✗", "●"]
    assert "refreshed at 0 and 1 by A" in tree[0]
    assert "theft at 8" in tree[1]
    assert "current" in tree[2]
    assert "The evidence speaks for two tabs." in told.stdout
    assert "1 session, 1 with theft." in told.stdout


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_the_tree_fits_the_screen(width: int) -> None:
    told = run("lineage", RACE, CALM, env={"COLUMNS": str(width)})

    tree = [line for line in told.stdout.splitlines() if line[:1] in {"○", "├", "●", "│"}]
    assert len(tree) >= 6
    assert max(map(len, tree)) <= max(width, 70)


def test_the_json_has_hashes_and_no_token() -> None:
    told = run("lineage", RACE, "--json")

    assert told.json["schema"] == "stctl.lineage/1"
    (session,) = told.json["sessions"]
    assert session["session_handle"] == HANDLE
    assert session["theft"]["kind"] == "sibling"
    assert session["theft"]["suspect"] == "two-tabs"
    assert session["theft"]["stale_since"]["entry"] == 4
    assert [one["state"] for one in session["generations"]] == ["replaced", "current", "theft"]
    assert all(token not in told.stdout for token in tokens_of_the_race())


def test_several_traces_are_one_document_and_a_line_a_session_in_ndjson() -> None:
    many = run("lineage", RACE, CALM, "--json").json
    assert [one["trace"] for one in many["traces"]] == [RACE, CALM]
    lines = run("lineage", RACE, CALM, "-o", "ndjson").stdout.splitlines()
    assert [json.loads(line)["trace"] for line in lines] == [RACE, CALM]


def test_a_drawing_is_xml_that_needs_nothing_else() -> None:
    drawing = run("lineage", RACE, "-o", "svg").stdout

    top = ET.fromstring(drawing)  # noqa: S314 - made here
    assert top.tag == "{http://www.w3.org/2000/svg}svg"
    words = " ".join(top.itertext())
    assert "5f730449" in words
    assert "theft at 8" in words
    assert "<script" not in drawing
    assert "href" not in drawing
    assert "prefers-color-scheme" in drawing


def test_a_page_stands_alone() -> None:
    page = run("lineage", RACE, CALM, "-o", "html").stdout

    assert page.startswith("<!doctype html>")
    assert page.rstrip().endswith("</html>")
    assert page.count("<section>") == 2
    assert "The evidence speaks for two tabs." in page
    assert "<script" not in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")


def test_the_session_and_the_thefts_can_be_chosen() -> None:
    assert run("lineage", RACE, CALM, "--session", HANDLE[:6], "-q").stdout.split() == [HANDLE]
    assert run("lineage", RACE, CALM, "--only", "theft", "-q").stdout.split() == [HANDLE]
    missing = run("lineage", RACE, "--session", "ffff")
    assert missing.exit_status == 3
    assert "ffff" in missing.stderr


def test_the_grace_seconds_can_be_told() -> None:
    (session,) = run("lineage", RACE, "--grace", "0", "--json").json["sessions"]
    _, rotation = session["verdicts"]
    assert rotation["kind"] == "recent-prev"


def test_a_trace_comes_from_standard_input_too() -> None:
    told = run("lineage", "-", "-q", stdin=Path(RACE).read_bytes())
    assert told.stdout.split() == [HANDLE]


def test_a_log_tells_of_the_theft_and_says_that_it_has_no_tree() -> None:
    told = run("lineage", LOG)

    assert told.exit_status == 0
    assert "The trace shows no token of it, and so no tree." in told.stdout
    assert "a refresh token was found to be a used one" in told.stdout


def test_tokens_are_put_into_a_tree_and_stay_masked() -> None:
    tokens = tokens_of_the_race()
    told = run("lineage", *tokens)

    assert told.exit_status == 0
    assert "was refreshed 2 times" in told.stdout
    assert told.stdout.splitlines()[1].startswith("◌ e10c8924  not pasted")
    assert all(token not in told.stdout for token in tokens)
    shown = run("lineage", *tokens, "--reveal").stdout
    assert all(token in shown for token in tokens)


@pytest.mark.parametrize("what", ["a trace", "tokens"])
def test_what_comes_through_a_named_pipe_is_read_once(tmp_path: Path, what: str) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    written = Path(RACE).read_bytes() if what == "a trace" else tokens_of_the_race()[1].encode()
    writer = Thread(target=pipe.write_bytes, args=(written,))
    writer.start()
    told = run("lineage", str(pipe), "-q")
    writer.join()
    assert told.exit_status == 0
    assert told.stderr == ""
    assert (told.stdout == f"{HANDLE}\n") == (what == "a trace")


@pytest.mark.parametrize("by", ["stdin", "file", "@file"])
def test_tokens_come_from_wherever_they_are(by: str, tmp_path: Path) -> None:
    text = "\n".join(tokens_of_the_race())
    file = tmp_path / "tokens.txt"
    file.write_text(text, encoding="utf-8")
    word = {"stdin": "-", "file": str(file), "@file": f"@{file}"}[by]

    told = run("lineage", word, "--json", stdin=text).json

    assert told["trace"] is None
    assert len(told["tokens"]) == 4
    (session,) = told["sessions"]
    assert len(session["generations"]) == 3


def test_two_tokens_alone_are_told_with_the_proof() -> None:
    told = run("lineage", *tokens_of_the_race()[:2])
    assert "#0 to #1: same generation. Both belong to one refresh token" in told.stdout


@pytest.mark.parametrize("words", [["nonsense"], ["-"], [RACE, "eyJx.y.z", "nonsense"]])
def test_what_is_neither_a_trace_nor_a_token_is_refused(words: list[str]) -> None:
    told = run("lineage", *words, stdin="nonsense")
    assert told.exit_status == 4
    assert told.stdout == ""


def test_traces_and_tokens_do_not_go_together() -> None:
    told = run("lineage", RACE, tokens_of_the_race()[0])
    assert told.exit_status == 2
    assert "cannot be told together" in told.stderr


def test_a_choice_among_sessions_is_refused_for_tokens() -> None:
    told = run("lineage", tokens_of_the_race()[0], "--only", "theft")
    assert told.exit_status == 2


class Witness:
    """Asks a core over a file, and keeps what was said as a recording."""

    def __init__(self, database: Path) -> None:
        settings = load_settings(None, {}, ())
        self.core: CoreService = open_core(database, settings, FrozenClock(NOW_MS), SystemEntropy())
        self.lines: list[str] = []

    def post(self, path: str, body: dict[str, object]) -> dict[str, dict[str, str]]:
        """The answer of the core at CDI 5.6."""
        headers = (("cdi-version", "5.6"), ("content-type", "application/json"))
        raw = json.dumps(body).encode()
        answer = self.core.answer(Request(method="POST", path=path, headers=headers, body=raw))
        url = f"http://localhost:3567{path}"
        line = {
            "started_at": iso_time(NOW_MS + len(self.lines)),
            "request": {
                "method": "POST",
                "url": url,
                "headers": [[*pair] for pair in headers],
                "body": raw.decode(),
            },
            "response": {"status": answer.status, "headers": [], "body": answer.body.decode()},
        }
        self.lines.append(json.dumps(line))
        said: dict[str, dict[str, str]] = json.loads(answer.body)
        return said


def test_a_core_is_asked_which_tokens_it_takes_and_nothing_changes_there(tmp_path: Path) -> None:
    database, trace = tmp_path / "core.sqlite3", tmp_path / "trace.ndjson"
    witness = Witness(database)
    user = {"userId": "u", "userDataInJWT": {}, "userDataInDatabase": {}, "enableAntiCsrf": False}
    token = witness.post("/recipe/session", user)["refreshToken"]["token"]
    for _ in range(3):
        body = {"refreshToken": token, "enableAntiCsrf": False, "useDynamicSigningKey": True}
        token = witness.post("/recipe/session/refresh", body)["refreshToken"]["token"]
    witness.core.close()
    trace.write_text("\n".join(witness.lines) + "\n", encoding="utf-8")
    before = database.read_bytes()

    (session,) = run("lineage", str(trace), "--db", str(database), "--json").json["sessions"]

    assert session["core"]["lives"] is True
    assert [one["core_says"] for one in session["generations"]] == [
        "replaced",
        "replaced",
        "current-or-previous",
        "current-or-previous",
    ]
    assert database.read_bytes() == before
    shown = run("lineage", str(trace), "--db", str(database)).stdout
    assert shown.count("the core takes it") == 2
    assert shown.count("the core refuses it") == 2


def test_a_session_that_is_gone_from_the_core_is_called_so(tmp_path: Path) -> None:
    told = run("lineage", RACE, "--db", str(tmp_path / "empty.sqlite3"))
    assert "the session is gone from the core" in told.stdout


def test_without_a_core_being_named_none_is_asked(tmp_path: Path) -> None:
    told = run("lineage", RACE, "--json", env={"STCTL_CORE": "http://127.0.0.1:9"})
    assert told.exit_status == 0
    assert told.json["sessions"][0]["core"] is None
    del tmp_path
