"""Collects what a trace shows of versions and settings, value by value."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

_MOST_VALUES: Final = 6


class Origin(StrEnum):
    """How a value is known."""

    TOLD = "told"
    """By the person, in the `[app]` table or with `--sdk`."""
    SEEN = "seen"
    """In the trace."""
    ASSUMED = "assumed"
    """Nothing tells it: the SDK's default, on which the explanations rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One value of a setting."""

    value: str
    origin: Origin
    entry: int | None = None
    """The first exchange that shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting with every value that it was seen to have."""

    name: str
    sightings: tuple[Sighting, ...]
    """Empty where nothing tells it."""
    more: int = 0
    """How many values beyond these there were, at least."""
    hint: str = ""
    """How to find it out, where nothing tells it."""


@dataclass(slots=True)
class Notebook:
    """Values by the name of their setting, in the order in which they were first seen."""

    _values: dict[str, dict[str, Sighting]] = field(default_factory=dict)
    _more: dict[str, int] = field(default_factory=dict)

    def note(
        self,
        name: str,
        value: str | None,
        *,
        entry: int | None = None,
        origin: Origin = Origin.SEEN,
    ) -> None:
        """Note a value; None and what is known already add nothing."""
        if not value:
            return
        known = self._values.setdefault(name, {})
        if value in known:
            return
        if len(known) >= _MOST_VALUES:
            self._more[name] = self._more.get(name, 0) + 1
            return
        known[value] = Sighting(value=value, origin=origin, entry=entry)

    def has(self, name: str) -> bool:
        """Whether anything is known of a setting."""
        return name in self._values

    def setting(self, name: str, hint: str = "") -> Setting:
        """What is known of one setting."""
        return Setting(
            name=name,
            sightings=tuple(self._values.get(name, {}).values()),
            more=self._more.get(name, 0),
            hint=hint,
        )
