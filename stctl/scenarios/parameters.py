"""What people may choose about a scenario: read from its file, and checked when chosen."""

import re
from collections.abc import Mapping
from typing import Final

from stctl.errors import ErrorKind, StctlError
from stctl.scenarios.durations import read_duration_ms
from stctl.scenarios.model import Parameter, ParameterKind
from stctl.scenarios.tables import Table

LARGEST_NUMBER: Final = 50
"""Of a parameter that counts something, and of the turns of a step."""

_KINDS: Final[Mapping[str, ParameterKind]] = {
    "duration": "duration",
    "number": "number",
    "text": "text",
}
_NAME: Final = re.compile(r"[a-z][a-z0-9_-]*")
_TAKEN: Final = "n"
"""What a step that is repeated calls the number of its turn."""


def read_parameters(root: Table, chosen: Mapping[str, str]) -> tuple[Parameter, ...]:
    """Return the parameters of a file, with what was chosen for them.

    Raises SETTING_INVALID for a value that does not fit. Names that the file does not have are
    passed over.
    """
    declared = root.table("parameters")
    if declared is None:
        return ()
    found = tuple(_read_parameter(declared, name, chosen) for name in declared.values)
    declared.finish()
    return found


def _read_parameter(declared: Table, name: str, chosen: Mapping[str, str]) -> Parameter:
    table = declared.table(name)
    if table is None or not _NAME.fullmatch(name) or name == _TAKEN:
        declared.refuse(name, "cannot be the name of a parameter")
    kind = _KINDS[table.choice("kind", _KINDS) or "text"]
    default = table.needed_text("default")
    parameter = Parameter(
        name=name,
        kind=kind,
        doc=table.needed_text("doc"),
        default=default,
        value=chosen.get(name, default).strip(),
    )
    if (problem := _problem(kind, default)) is not None:
        table.refuse("default", problem)
    table.finish()
    if (problem := _problem(kind, parameter.value)) is not None:
        raise StctlError(ErrorKind.SETTING_INVALID, f"--set {name}: {problem}", hint=parameter.doc)
    return parameter


def _problem(kind: ParameterKind, value: str) -> str | None:
    if kind == "duration":
        try:
            read_duration_ms(value)
        except ValueError as problem:
            return str(problem)
    elif kind == "number" and not (value.isdecimal() and 1 <= int(value) <= LARGEST_NUMBER):
        return f"{value!r} is no whole number from 1 to {LARGEST_NUMBER}"
    return None
