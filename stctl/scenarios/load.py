"""Reads scenario files, and finds those of the library."""

import re
import tomllib
from collections.abc import Mapping, Sequence
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
    Refresh,
    Scenario,
    SignOut,
    Step,
)
from stctl.scenarios.tables import Page, Table
from stctl.scenarios.toml_lines import TomlLines

ORDER: Final = ("theft", "unauthorised", "try-refresh-token", "general-error")
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


def load_from_library(name: str) -> Scenario:
    """Return a scenario of the library; raises USAGE for a name that it does not have."""
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
    text = (files("stctl.scenarios") / "library" / f"{name}{_SUFFIX}").read_text("utf-8")
    return read_scenario(text, name=name, source=f"{name}{_SUFFIX}")


def read_scenario(text: str, *, name: str, source: str) -> Scenario:
    """Return the scenario in a text of TOML.

    Raises INPUT_UNREADABLE with file, line and key for anything that is not understood, unknown
    keys included.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise StctlError(ErrorKind.INPUT_UNREADABLE, f"{source}: {problem}") from problem
    root = Table(Page(source, TomlLines(text)), (), values)
    scenario = Scenario(
        name=name,
        doc=root.needed_text("doc"),
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
    for number, inner in enumerate(table.tables("step"), start=1):
        step = _read_step(inner, number)
        _check_references(inner, steps)
        steps.append(step)
        if inner.flag("promise"):
            promised.append(step)
            if step.expect is None:
                inner.refuse("promise", "needs an expect that says what is promised")
        inner.finish()
    table.finish()
    _refuse_doubles(table, "step", [step.name for step in steps])
    if len(promised) != 1:
        table.page.refuse(table.where, "exactly one step of a case has promise = true")
    return Case(name=name, doc=doc, needs=needs, steps=tuple(steps), promise=promised[0])


def _name(table: Table, otherwise: str | None = None) -> str:
    name = table.text("name") or otherwise or table.needed_text("name")
    if not _NAME.fullmatch(name):
        table.refuse("name", "may hold lower-case letters, digits and single hyphens")
    return name


def _read_needs(table: Table) -> Needs:
    anti_csrf = table.choice("anti_csrf", AntiCsrf)
    transfer = table.choice("transfer", _PLACES)
    settings = table.get("settings")
    if settings is not None and not isinstance(settings, Mapping):
        table.refuse("settings", "must be a table of names and values")
    return Needs(
        cdi=_read_range(table),
        anti_csrf=None if anti_csrf is None else AntiCsrf(anti_csrf),
        transfer=None if transfer is None else _PLACES[transfer],
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
    for key in ("access_token", "refresh_token", "handle"):
        for name, field in _REFERENCE.findall(str(table.values.get(key, ""))):
            if name not in known:
                table.refuse(key, f"names {name!r}, which is no earlier request of this case")
            if field not in FIELDS:
                table.refuse(key, f"asks for {field!r}", f"Fields are {', '.join(FIELDS)}.")


def resolve(text: str, found: Mapping[str, Mapping[str, str | None]]) -> str:
    """Return `text` with every `${step.field}` replaced; a field that is empty becomes empty."""
    return _REFERENCE.sub(lambda match: found[match[1]].get(match[2]) or "", text)
