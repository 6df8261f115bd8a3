"""Answers that are still open while a walk is tried: options with a price, picked by a script."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Final, Generic, NamedTuple, TypeVar

from stctl.recipe.walk import Answer, Source

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Option(NamedTuple, Generic[T_co]):
    """One possible answer with its price; see `plausibility`."""

    value: T_co
    price: float = 0.0


Script = tuple[int, ...]
"""Which option to take at each question; behind its end the cheapest one is taken."""


class Choices:
    """Takes one option per question, and keeps what the others would have cost."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._taken: list[int] = []
        self._menus: list[list[Option[object]]] = []
        self.price = 0.0
        """The sum of everything that was taken."""

    def observed(self, value: T) -> Answer[T]:
        """An answer that the recording shows."""
        return Answer(value, Source.OBSERVED)

    def inferred(self, options: Sequence[Option[T]]) -> Answer[T]:
        """Take the option that the script names, else the cheapest one."""
        menu = sorted(options, key=_PRICE)
        place = len(self._taken)
        index = self._script[place] if place < len(self._script) else 0
        chosen = menu[index]
        self._taken.append(index)
        self._menus.append([*menu])
        self.price += chosen.price
        return Answer(chosen.value, Source.INFERRED)

    def siblings(self) -> list[tuple[float, Script]]:
        """The scripts that differ from this walk in one later answer, with their lowest price."""
        found: list[tuple[float, Script]] = []
        before = 0.0
        for place, menu in enumerate(self._menus):
            if place >= len(self._script):
                start = tuple(self._taken[:place])
                found.extend((before + menu[at].price, (*start, at)) for at in range(1, len(menu)))
            before += menu[self._taken[place]].price
        return found


_PRICE: Final = attrgetter("price")
