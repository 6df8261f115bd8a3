"""The library as a list, scenarios of one's own, and what a test of handlers wants to know."""

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from running import Outcome, run
from stctl.clock import SystemEntropy

OWN = """
doc = "A visit of ${gap}."

[parameters.gap]
kind = "duration"
default = "5s"
doc = "How long the visit lasts."

[parameters.tabs]
kind = "number"
default = "2"
doc = "How many tabs there are."

[[case]]
name = "visit"
doc = "Tabs come and go."

[[case.step]]
name = "login"
does = "log-in"
says = "Alice signs in."

[[case.step]]
name = "copy-${n}"
does = "copy"
who = "tab-${n}"
times = "${tabs}"
says = "Tab ${n} has the same tokens."

[[case.step]]
does = "wait"
for = "${gap}"
says = "Time passes."

[[case.step]]
name = "call"
does = "call"
says = "It is still good."
expect = { error = "none", status = 200 }
promise = true
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    file = tmp_path / "own.toml"
    file.write_text(OWN, encoding="utf-8")
    return file


def simulate(*arguments: str) -> Outcome:
    return run("simulate", *arguments, entropy=SystemEntropy())


def names(outcome: Outcome) -> Sequence[str]:
    return [step["name"] for step in outcome.json["steps"]]


def test_a_shown_scenario_is_one_that_can_be_run(tmp_path: Path) -> None:
    shown = simulate("show", "theft")
    assert shown.exit_status == 0
    assert shown.stdout.startswith('doc = "')
    copy = tmp_path / "mine.toml"
    copy.write_text(shown.stdout, encoding="utf-8")
    outcome = simulate("run", str(copy), "--case", "thief-comes-late", "--json")
    assert outcome.exit_status == 0
    assert outcome.json["cases"][0]["scenario"] == "mine"


def test_a_shown_scenario_is_a_document_too() -> None:
    document = simulate("show", "theft", "--json").json
    assert document["schema"] == "stctl.scenario/1"
    assert [one["name"] for one in document["parameters"]] == ["gap"]
    assert document["toml"] == simulate("show", "theft").stdout
    assert simulate("show", "thefts").exit_status == 2


def test_a_scenario_of_ones_own_is_played_with_its_parameters(own: Path) -> None:
    outcome = simulate("run", str(own), "--json")
    assert names(outcome) == ["login", "copy-1", "copy-2", "step-4", "call"]
    assert outcome.json["cases"][0]["parameters"] == {"gap": "5s", "tabs": "2"}
    chosen = simulate("run", str(own), "--set", "tabs=3", "--set", "gap=1min", "--json")
    assert names(chosen) == ["login", "copy-1", "copy-2", "copy-3", "step-5", "call"]
    assert chosen.json["steps"][4]["waited_ms"] == 60_000


def test_a_parameter_can_break_the_promise(own: Path) -> None:
    outcome = simulate("run", str(own), "--set", "gap=2h", "--json")
    assert outcome.exit_status == 3
    assert "it raised TRY_REFRESH_TOKEN" in outcome.json["cases"][0]["reason"]


def test_parameters_and_settings_of_the_core_stand_side_by_side() -> None:
    arguments = ("theft", "--cdi", "5.6", "--case", "recent-prev", "--json", "--set", "gap=59s")
    assert simulate(*arguments).exit_status == 0
    grace = "refresh_token_rotation_grace_period=60"
    assert simulate(*arguments, "--set", grace).exit_status == 3


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("gab=31s", "Did you mean gap? Parameters here are gap, tabs."),
        ("access_token_validit=5", "Did you mean access_token_validity?"),
        ("gap=soon", "--set gap: 'soon' is no duration"),
        ("tabs=51", "--set tabs: '51' is no whole number from 1 to 50"),
        ("tabs=0", "--set tabs: '0' is no whole number from 1 to 50"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(own: Path, setting: str, told: str) -> None:
    outcome = simulate("run", str(own), "--set", setting, "--json")
    assert outcome.error["code"] == "setting-invalid"
    assert told in outcome.error["message"] + outcome.error["hint"]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('for = "${gap}"', 'for = "${gab}"', "line 32: for names the parameter 'gab'"),
        ('does = "wait"', 'does = "sleep"', "line 31: does cannot be 'sleep'"),
        ('default = "5s"', 'default = "five"', "line 6: default 'five' is no duration"),
        ('times = "${tabs}"', "times = 51", "line 27: times must be from 1 to 50"),
        ('doc = "How long the visit lasts."', "dog = 1", "line 4: doc is missing"),
        ("[parameters.gap]", "[parameters.n]", "line 4: n cannot be the name of a parameter"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(own: Path, before: str, after: str, told: str) -> None:
    own.write_text(OWN.replace(before, after), encoding="utf-8")
    outcome = simulate("run", str(own), "--json")
    assert outcome.exit_status == 4
    assert f"{own}, {told}" in outcome.error["message"]


def test_a_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    outcome = simulate("run", str(tmp_path / "none.toml"), "--json")
    assert outcome.error["code"] == "input-unreadable"


@pytest.fixture
def handlers(tmp_path: Path) -> str:
    file = tmp_path / "handlers.py"
    file.write_text(
        "def on_token_theft_detected(response):\n"
        "    response.status, response.body = 423, {'code': 'stolen', 'again': True}\n",
        encoding="utf-8",
    )
    return str(file)


@pytest.mark.parametrize(
    ("wishes", "exit_status"),
    [
        (("--expect-status", "423"), 0),
        (("--expect-status", "401"), 3),
        (("--expect-body", "stolen"), 0),
        (("--expect-body", '{"code": "stolen"}'), 0),
        (("--expect-body", '{"code": "lost"}'), 3),
        (("--expect-body", '{"more": 1}'), 3),
        (("--expect-status", "423", "--expect-body", "unauthorised"), 3),
    ],
)
def test_what_a_handler_answers_can_be_asserted(
    handlers: str, wishes: tuple[str, ...], exit_status: int
) -> None:
    case = ("theft", "--case", "thief-comes-late", "--handlers", handlers)
    assert simulate(*case, *wishes, "--json").exit_status == exit_status


def test_a_wish_that_is_not_fulfilled_is_told() -> None:
    outcome = simulate("theft", "--case", "thief-comes-late", "--expect-status", "423", "--json")
    assert outcome.json["cases"][0]["reason"] == (
        "in step 5 (replay) it answered 401, not 423, which is wished for"
    )


def test_a_junit_report_counts_what_was_played(tmp_path: Path) -> None:
    file = tmp_path / "report.xml"
    outcome = simulate("theft", "--expect-body", "<gone> & more", "--junit", str(file))
    assert outcome.exit_status == 3
    report = ET.parse(file).getroot()  # noqa: S314 - it was written a line above
    assert report.get("failures") == str(len([*report.iter("failure")])) == "4"
    assert report.get("tests") == str(len([*report.iter("testcase")]))
    assert report.get("skipped") == str(len([*report.iter("skipped")]))
    (suite,) = report
    assert suite.get("name") == "theft"
    properties = {one.get("name"): one.get("value") for one in suite.iter("property")}
    assert properties["cdi"] == "5.4"
    assert properties["gap"] == "31s"
    late = next(suite.iter("testcase"))
    assert (late.get("classname"), late.get("name")) == ("stctl.theft", "thief-comes-late")
    (failure,) = late
    assert "its body does not hold what is wished for" in (failure.get("message") or "")
    assert "5 replay: 401" in (failure.text or "")


def test_a_report_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    outcome = simulate("theft", "--junit", str(tmp_path / "no" / "report.xml"), "--json")
    assert '"output-failed"' in outcome.stderr


def test_options_may_stand_before_the_name() -> None:
    outcome = simulate("--case", "no-token", "unauthorised", "--json")
    assert outcome.exit_status == 0


def test_the_group_shows_its_commands() -> None:
    outcome = simulate("--help")
    assert outcome.exit_status == 0
    for command in ("play", "list", "show", "run"):
        assert command in outcome.stdout


def test_what_happened_can_be_explained(tmp_path: Path) -> None:
    file = tmp_path / "theft.har"
    outcome = simulate("theft", "--case", "thief-comes-late", "--har", str(file), "--json")
    assert f"{file} holds tokens in full" in outcome.stderr
    assert file.stat().st_mode & 0o777 == 0o600
    explained = run("explain", str(file), "--json").json["entries"]
    simulated = [step for step in outcome.json["steps"] if "request" in step]
    assert [one["error"] for one in explained] == [one["error"] for one in simulated]
    assert "TOKEN_THEFT_DETECTED" in [one["error"] for one in explained]
    handlers = [one["handler"] for one in explained]
    assert handlers == [one["handler"] for one in simulated]


def test_the_list_names_every_case() -> None:
    listed = run("simulate", "list", "--json").json
    assert listed["schema"] == "stctl.scenarios/1"
    assert len({(case["scenario"], case["case"]) for case in listed["cases"]}) == 67
    assert listed["cases"][0] == {
        "scenario": "theft",
        "case": "thief-comes-late",
        "error": "TOKEN_THEFT_DETECTED",
        "needs": "CDI 5.5 or older",
        "parameters": [
            {
                "name": "gap",
                "kind": "duration",
                "default": "31s",
                "doc": "How long the thief waits, where the grace seconds matter.",
            }
        ],
        "doc": "The thief uses the copy after the owner's browser has moved on to the next token.",
    }
    assert run("simulate", "list", "-q").stdout.split()[:5] == [
        "theft",
        "unauthorised",
        "try-refresh-token",
        "general-error",
        "invalid-claim",
    ]
    assert "RECENT_PREV" in run("simulate", "list").stdout


def test_names_are_completed() -> None:
    from stctl.cli.simulate.playing import complete_names

    assert complete_names("t") == ["theft", "try-refresh-token"]
    assert complete_names("al") == ["all"]
