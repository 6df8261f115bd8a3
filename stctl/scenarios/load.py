"""Reads scenario files, and finds those of the library."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from typing import Final

from stctl.errors import ErrorKind, StctlError
from stctl.recipe.config import AntiCsrf
from stctl.recipe.failures import ErrorName, HandlerName
from stctl.recipe.frontend import Action
from stctl.recipe.transfer import Place
from stctl.scenarios.deeds import read_deed
from stctl.scenarios.model import (
    Call,
    Case,
    CdiRange,
    Expectation,
    LogIn,
    Needs,
    Receive,
    Refresh,
    Scenario,
    SignOut,
    Step,
)
from stctl.scenarios.parameters import LARGEST_NUMBER, read_parameters
from stctl.scenarios.tables import Page, Table
from stctl.scenarios.toml_lines import TomlLines

ORDER: Final = (
    "theft",
    "unauthorised",
    "try-refresh-token",
    "general-error",
    "invalid-claim",
    "race",
    "lost-reply",
)
"""The library, in the order in which it is told; others would follow by name."""
FIELDS: Final = ("access_token", "refresh_token", "handle")
"""What `${step.field}` can name of an earlier step."""

_SUFFIX: Final = ".toml"
_NO_ERROR: Final = "none"
_NAME: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_REFERENCE: Final = re.compile(r"\$\{([^}.]*)\.([^}]*)\}")
_VERSION: Final = re.compile(r"\d+\.\d+")
_PLACES: Final[Mapping[str, Place]] = {"cookie": "cookie", "header": "header"}
_REUSES: Final = ("RECENT_PREV", "ORPHANED_BRANCH", "STALE_LINEAGE")


def library_names() -> list[str]:
    """Return the names of the scenarios that come with stctl."""
    folder = files("stctl.scenarios") / "library"
    found = {
        entry.name.removesuffix(_SUFFIX)
        for entry in folder.iterdir()
        if entry.name.endswith(_SUFFIX)
    }
    return [*(name for name in ORDER if name in found), *sorted(found - {*ORDER})]


def library_text(name: str) -> str:
    """Return the TOML of a scenario of the library; raises USAGE for a name it does not have."""
    names = library_names()
    if name not in names:
        import difflib

        near = difflib.get_close_matches(name, names, n=1)
        meant = f"Did you mean {near[0]}? " if near else ""
        raise StctlError(
            ErrorKind.USAGE,
            f"there is no scenario {name!r}",
            hint=f"{meant}Scenarios are {', '.join(names)}.",
        )
    return (files("stctl.scenarios") / "library" / f"{name}{_SUFFIX}").read_text("utf-8")


def load_from_library(name: str, chosen: Mapping[str, str] | None = None) -> Scenario:
    """Return a scenario of the library; raises USAGE for a name that it does not have."""
    return read_scenario(library_text(name), name=name, source=f"{name}{_SUFFIX}", chosen=chosen)


def read_scenario(
    text: str, *, name: str, source: str, chosen: Mapping[str, str] | None = None
) -> Scenario:
    """Return the scenario in a text of TOML, with values for some of its parameters.

    Raises INPUT_UNREADABLE with file, line and key for anything that is not understood, unknown
    keys included; SETTING_INVALID for a value that does not fit its parameter.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise StctlError(ErrorKind.INPUT_UNREADABLE, f"{source}: {problem}") from problem
    lines = TomlLines(text)
    parameters = read_parameters(Table(Page(source, lines), (), values), chosen or {})
    known = {parameter.name: parameter.value for parameter in parameters}
    root = Table(Page(source, lines, known), (), values, asked={"parameters"})
    scenario = Scenario(
        name=name,
        doc=root.needed_text("doc"),
        parameters=parameters,
        cases=tuple(_read_case(table) for table in root.tables("case")),
        source=source,
    )
    root.finish()
    _refuse_doubles(root, "case", [case.name for case in scenario.cases])
    return scenario


def _refuse_doubles(table: Table, key: str, names: Sequence[str]) -> None:
    for number, name in enumerate(names):
        if name in names[:number]:
            where = (*table.where, key, str(number), "name")
            table.page.refuse(where, f"two of them have the name {name}")


def _read_case(table: Table) -> Case:
    name, doc = _name(table), table.needed_text("doc")
    needs = _read_needs(table)
    steps: list[Step] = []
    promised: list[Step] = []
    for number, turn in enumerate(_turns(table), start=1):
        step = _read_step(turn, number)
        _check_references(turn, steps)
        steps.append(step)
        if turn.flag("promise"):
            promised.append(step)
            if step.expect is None:
                turn.refuse("promise", "needs an expect that says what is promised")
        turn.finish()
    table.finish()
    _refuse_doubles(table, "step", [step.name for step in steps])
    if len(promised) != 1:
        table.page.refuse(table.where, "exactly one step of a case has promise = true")
    return Case(name=name, doc=doc, needs=needs, steps=tuple(steps), promise=promised[0])


def _turns(table: Table) -> Iterator[Table]:
    """The steps of a case, each as often as it says."""
    for inner in table.tables("step"):
        times = inner.number("times")
        if times is None:
            yield inner
        elif not 1 <= times <= LARGEST_NUMBER:
            inner.refuse("times", f"must be from 1 to {LARGEST_NUMBER}")
        else:
            for number in range(1, times + 1):
                yield inner.repeated(number)


def _name(table: Table, otherwise: str | None = None) -> str:
    name = table.text("name") or otherwise or table.needed_text("name")
    if not _NAME.fullmatch(name):
        table.refuse("name", "may hold lower-case letters, digits and single hyphens")
    return name


def _read_needs(table: Table) -> Needs:
    anti_csrf = table.choice("anti_csrf", AntiCsrf)
    transfer = table.choice("transfer", _PLACES)
    settings = table.mapping("settings")
    domain = table.get("older_cookie_domain")
    if domain is not None and not isinstance(domain, str):
        table.refuse("older_cookie_domain", "must be a text; it may be empty")
    return Needs(
        cdi=_read_range(table),
        anti_csrf=None if anti_csrf is None else AntiCsrf(anti_csrf),
        transfer=None if transfer is None else _PLACES[transfer],
        older_cookie_domain=domain,
        settings={name: str(value) for name, value in (settings or {}).items()},
    )


def _read_range(table: Table) -> CdiRange:
    text = table.text("cdi")
    if text is None:
        return CdiRange()
    first, dots, last = text.partition("..")
    if any(part and not _VERSION.fullmatch(part) for part in (first, last)):
        table.refuse("cdi", "is not understood", 'Write "..5.5", "5.6.." or "2.21..5.5".')
    return CdiRange(first=first or None, last=(last or None) if dots else first)


def _read_step(table: Table, number: int) -> Step:
    expect = table.table("expect")
    table.asked.add("times")
    return Step(
        name=_name(table, f"step-{number}"),
        deed=read_deed(table),
        says=table.needed_text("says"),
        expect=None if expect is None else _read_expectation(expect),
        line=table.page.lines.of(*table.where),
    )


def _read_expectation(table: Table) -> Expectation:
    error = table.choice("error", (_NO_ERROR, *ErrorName))
    expectation = Expectation(
        error=None if error in {None, _NO_ERROR} else ErrorName(str(error)),
        no_error=error == _NO_ERROR,
        handler=table.choice("handler", HandlerName),
        status=table.number("status"),
        clears_session=table.flag("clears_session"),
        side_effect=table.choice("side_effect", ("revoke_session",)),
        reuse=table.choice("reuse", _REUSES),
        next=table.choice("next", Action),
    )
    table.finish()
    return expectation


def _check_references(table: Table, earlier: Sequence[Step]) -> None:
    """Refuse a reference to a step that has not been played by then, or does not have the field."""
    asking = (LogIn, Call, Refresh, SignOut)
    known = {step.name for step in earlier if isinstance(step.deed, asking)}
    if table.values.get("does") == "receive":
        _check_waiting(table, earlier)
    for key in FIELDS:
        for name, field in _REFERENCE.findall(str(table.get(key) or "")):
            if name not in known:
                table.refuse(key, f"names {name!r}, which is no earlier request of this case")
            if field not in FIELDS:
                table.refuse(key, f"asks for {field!r}", f"Fields are {', '.join(FIELDS)}.")


def _check_waiting(table: Table, earlier: Sequence[Step]) -> None:
    """Refuse to receive what does not wait, or has been received."""
    named = table.text("reply_of")
    sent = {step.name: step.deed for step in earlier if isinstance(step.deed, Call | Refresh)}
    received = {step.deed.reply_of for step in earlier if isinstance(step.deed, Receive)}
    deed = sent.get(named or "")
    if deed is None or deed.reply != "waits" or named in received:
        table.refuse("reply_of", f'names {named!r}, which is no earlier step with reply = "waits"')


def resolve(text: str, found: Mapping[str, Mapping[str, str | None]]) -> str:
    """Return `text` with every `${step.field}` replaced; a field that is empty becomes empty."""
    return _REFERENCE.sub(lambda match: found[match[1]].get(match[2]) or "", text)
