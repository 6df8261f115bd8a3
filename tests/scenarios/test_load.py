import pytest

from rehearsals import written
from stctl.errors import ErrorKind, StctlError
from stctl.recipe.config import AntiCsrf
from stctl.scenarios.load import load_from_library, resolve
from stctl.scenarios.model import (
    Call,
    CdiRange,
    Change,
    CoreIs,
    LogIn,
    Refresh,
    Revoke,
    Steal,
    Wait,
)

HEAD = 'doc = "A test."\n\n[[case]]\nname = "one"\ndoc = "A case."\n'
STEP = '\n[[case.step]]\nname = "login"\ndoes = "log-in"\nsays = "Hello."\n'
PROMISE = (
    '\n[[case.step]]\ndoes = "call"\nsays = "And."\nexpect = { error = "none" }\npromise = true\n'
)
GOOD = HEAD + STEP + PROMISE


def refusal(text: str) -> StctlError:
    with pytest.raises(StctlError) as caught:
        written(text)
    assert caught.value.kind is ErrorKind.INPUT_UNREADABLE
    return caught.value


def test_a_small_scenario_is_read() -> None:
    scenario = written(GOOD)
    (case,) = scenario.cases
    assert (scenario.doc, case.name, case.doc) == ("A test.", "one", "A case.")
    assert [step.name for step in case.steps] == ["login", "step-2"]
    assert [step.deed for step in case.steps] == [LogIn(), Call()]
    assert [step.line for step in case.steps] == [7, 12]
    assert case.promise is case.steps[1]
    assert str(case.needs.cdi) == "any CDI"


def test_every_deed_is_read_with_its_keys() -> None:
    steps = [
        'does = "log-in"\nuser = "bob"\nwho = "laptop"\nshort_lived = true',
        'does = "steal"\nfrom = "laptop"',
        'does = "change"\nwho = "laptop"\nlose = ["rid", "anti_csrf"]\nspoil = "refresh_token"',
        'does = "wait"\nfor = "1.5 h"',
        'does = "wait"\nuntil = "access-token-expiry"',
        'does = "revoke"\nuser = "bob"',
        'does = "core"\nis = "500"',
        'does = "refresh"\nrefresh_token = "${first.refresh_token}"',
    ]
    names = ["first", *(f"s{number}" for number in range(1, len(steps)))]
    text = "".join(
        f'\n[[case.step]]\nname = "{name}"\nsays = "x"\n{step}\n'
        for name, step in zip(names, steps, strict=True)
    )
    deeds = [step.deed for step in written(HEAD + text + PROMISE).cases[0].steps]
    assert deeds[:-1] == [
        LogIn(who="laptop", user="bob", short_lived=True),
        Steal(victim="laptop"),
        Change(who="laptop", lose=("rid", "anti_csrf"), spoil=("refresh_token",)),
        Wait(duration_ms=5_400_000),
        Wait(until="access-token-expiry"),
        Revoke(user="bob"),
        CoreIs(state="500"),
        Refresh(refresh_token="${first.refresh_token}"),
    ]


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("5.6..", ["5.6", "5.10"], ["5.5", "2.7"]),
        ("..5.5", ["2.7", "5.5"], ["5.6"]),
        ("2.21..5.0", ["2.21", "3.0", "5.0"], ["2.9", "5.1"]),
        ("5.4", ["5.4"], ["5.3", "5.5"]),
    ],
)
def test_a_range_of_versions_includes_its_ends(
    text: str, inside: list[str], outside: list[str]
) -> None:
    cdi = written(GOOD.replace("[[case]]", f'[[case]]\ncdi = "{text}"')).cases[0].needs.cdi
    assert all(cdi.holds(version) for version in inside)
    assert not any(cdi.holds(version) for version in outside)
    assert CdiRange().holds("2.7")


def test_the_needs_of_a_case_are_read() -> None:
    needs = 'anti_csrf = "VIA_TOKEN"\ntransfer = "header"\nsettings = { access_token_validity = 5 }'
    read = written(GOOD.replace("[[case]]", f"[[case]]\n{needs}")).cases[0].needs
    assert read.anti_csrf is AntiCsrf.VIA_TOKEN
    assert read.transfer == "header"
    assert read.settings == {"access_token_validity": "5"}


@pytest.mark.parametrize(
    ("before", "after", "detail", "hint"),
    [
        ('name = "one"', 'nam = "one"', "line 3: name is missing", ""),
        ('doc = "A case."', 'doc = "A case."\nneed = 1', "line 6: the key need is unknown", ""),
        ('does = "call"', 'does = "cal"', "line 13: does cannot be 'cal'", "log-in, call"),
        ('does = "call"\n', "", "line 12: does is missing", "log-in, call"),
        ('does = "call"', 'does = "call"\npth = "/x"', "line 14: the key pth is unknown", "path"),
        ('does = "call"', 'does = "call"\npath = "x"', "line 14: path must begin with", ""),
        ('does = "call"', 'does = "call"\nmethod = "get"', "method cannot be 'get'", "GET, POST"),
        ('says = "And."', "says = 7", "line 14: says must be a text", ""),
        ('says = "And."', 'says = " "', "line 14: says must be a text", ""),
        ("promise = true", 'promise = "yes"', "promise must be true or false", ""),
        ("promise = true", "", "line 3: exactly one step of a case has promise = true", ""),
        ('expect = { error = "none" }\n', "", "line 15: promise needs an expect", ""),
        ('error = "none"', 'error = "NONE"', "line 15: error cannot be 'NONE'", "UNAUTHORISED"),
        (
            'error = "none"',
            'eror = "none"',
            "line 15: the key eror is unknown",
            "Did you mean error?",
        ),
        ('error = "none"', 'status = "401"', "status must be a whole number", ""),
        ('error = "none"', 'handler = "onTheft"', "handler cannot be 'onTheft'", "onTokenTheft"),
        ('expect = { error = "none" }', "expect = 7", "expect must be a table", ""),
        ("[[case]]", '[[case]]\ncdi = "new"', "line 4: cdi is not understood", "5.6.."),
        ("[[case]]", "[[case]]\nsettings = 7", "line 4: settings must be a table", ""),
        ('name = "login"', 'name = "Log In"', "line 8: name may hold lower-case", ""),
        ('does = "log-in"', 'does = "wait"', "a wait says either for how long", ""),
        ('does = "log-in"', 'does = "wait"\nfor = "31"', "line 10: for is not understood", ""),
        ('does = "log-in"', 'does = "change"', "a change says what to lose", ""),
        ('does = "log-in"', 'does = "change"\nlose = "shoes"', "lose is not understood", "rid"),
        ('does = "log-in"', 'does = "revoke"', "names either a handle or a user", ""),
        ('does = "log-in"', 'does = "core"', "is is missing", "down"),
        ('does = "log-in"', 'does = "core"\nis = "off"', "is cannot be 'off'", "down"),
        (
            'does = "call"',
            'does = "call"\naccess_token = "${nobody.access_token}"',
            "line 14: access_token names 'nobody', which is no earlier request",
            "",
        ),
        (
            'does = "call"',
            'does = "call"\naccess_token = "${login.token}"',
            "access_token asks for 'token'",
            "refresh_token",
        ),
        ('doc = "A test."', 'doc = "A test."\nx = 1', "line 2: the key x is unknown", "case, doc"),
        ('doc = "A test."', "", "line 1: doc is missing", ""),
        ('doc = "A test."', "doc = ", "(at line 1, column 7)", ""),
    ],
)
def test_a_mistake_is_named_with_its_line_and_key(
    before: str, after: str, detail: str, hint: str
) -> None:
    assert before in GOOD
    error = refusal(GOOD.replace(before, after, 1))
    assert error.detail.startswith("test.toml")
    assert detail in error.detail
    assert hint in error.hint


def test_names_of_cases_and_steps_are_one_of_a_kind() -> None:
    assert "two of them have the name login" in refusal(HEAD + STEP + STEP + PROMISE).detail
    twice = refusal(GOOD + GOOD.partition("\n\n")[2])
    assert twice.detail.endswith("two of them have the name one")


def test_a_scenario_without_cases_or_steps_is_none() -> None:
    assert "there is no [[case]]" in refusal('doc = "A test."\n').detail
    assert "there is no [[case.step]]" in refusal(HEAD).detail


def test_a_name_that_the_library_lacks_gets_its_nearest() -> None:
    with pytest.raises(StctlError) as caught:
        load_from_library("thefts")
    assert caught.value.kind is ErrorKind.USAGE
    assert caught.value.hint.startswith("Did you mean theft? Scenarios are theft, ")


def test_references_are_filled_in() -> None:
    found = {"login": {"handle": "h1", "access_token": None}}
    assert resolve("${login.handle}", found) == "h1"
    assert resolve("x${login.access_token}y", found) == "xy"
    assert resolve("plain", found) == "plain"
