"""Tells the values of `--set` apart: parameters of a scenario, and settings of the core."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from stctl.errors import ErrorKind, StctlError
from stctl.scenarios.model import Scenario

_NEAR = 0.5


class Values(NamedTuple):
    """What was set, by name."""

    parameters: Mapping[str, str]
    settings: Mapping[str, str]
    """Of the core; their values are not checked here."""


def told_apart(given: Sequence[str], scenarios: Sequence[Scenario]) -> Values:
    """Return what `NAME=VALUE` texts set; a parameter goes before a setting of its name.

    Raises USAGE for a text without an equals sign, and SETTING_INVALID for a name that is neither.
    """
    from stctl.core.settings.table import BY_NAME

    own = list(dict.fromkeys(one.name for known in scenarios for one in known.parameters))
    parameters: dict[str, str] = {}
    settings: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        name = name.strip()
        if not equals:
            raise StctlError(
                ErrorKind.USAGE, f"--set takes name=value, and {text!r} has no equals sign."
            )
        if name in own:
            parameters[name] = value
        elif name in BY_NAME:
            settings[name] = value
        else:
            raise _unknown(name, own, BY_NAME)
    return Values(parameters, settings)


def _unknown(name: str, own: Sequence[str], settings: Mapping[str, object]) -> StctlError:
    import difflib

    near = difflib.get_close_matches(name.lower(), [*own, *settings], n=1, cutoff=_NEAR)
    meant = f"Did you mean {near[0]}? " if near else ""
    told = f"Parameters here are {', '.join(own)}." if own else "There are no parameters here."
    return StctlError(
        ErrorKind.SETTING_INVALID,
        f"There is no setting {name!r} (--set), neither of the scenario nor of the core.",
        hint=meant + told,
    )
