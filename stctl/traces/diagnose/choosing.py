"""Chooses rules by what people call them: id, name, or severity."""

from collections.abc import Sequence

from stctl.errors import ErrorKind, StctlError
from stctl.traces.diagnose.model import RuleInfo, Severity
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.rules import RULES

_SEVERITIES = frozenset(Severity)


def choose(only: Sequence[str] = (), ignored: Sequence[str] = ()) -> list[type[Rule]]:
    """The rules that `only` names, all where it is empty, without those that `ignored` names.

    Raises USAGE for a name that no rule has.
    """
    wanted = {info.id for name in only for info in rules_named(name)}
    unwanted = {info.id for name in ignored for info in rules_named(name)}
    return [
        rule
        for rule in RULES
        if rule.info.id not in unwanted and (not only or rule.info.id in wanted)
    ]


def rules_named(name: str) -> list[RuleInfo]:
    """The rules of an id, a name or a severity; never empty.

    Raises USAGE where there are none. `12` is short for `ST-012`.
    """
    infos = [rule.info for rule in RULES]
    if name in _SEVERITIES:
        return [info for info in infos if info.severity == name]
    wanted = f"ST-{int(name):03}" if name.isascii() and name.isdecimal() else name.upper()
    found = [info for info in infos if wanted == info.id or name.lower() == info.name]
    if not found:
        raise StctlError(
            ErrorKind.USAGE,
            f"There is no rule {name!r}.",
            hint="`stctl diagnose --list` shows them all; error, warn and info name a severity.",
        )
    return found
