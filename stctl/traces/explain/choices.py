"""Answers that are still open while a walk is tried: options with a price, picked by a script."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from stctl.recipe.walk import Answer, Source

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Option(Generic[T_co]):
    """One possible answer with its price; see `plausibility`."""

    value: T_co
    price: float = 0.0


Script = tuple[int, ...]
"""Which option to take at each question; behind its end the cheapest one is taken."""


class Choices:
    """Takes one option per question, and keeps what the others would have cost."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.taken: list[int] = []
        self.prices: list[tuple[float, ...]] = []
        self.extra = 0.0
        """What was found on the way that speaks against this walk, whatever is chosen."""

    @property
    def price(self) -> float:
        """The sum of everything that was taken."""
        chosen = zip(self.taken, self.prices, strict=True)
        return self.extra + sum(prices[index] for index, prices in chosen)

    def observed(self, value: T) -> Answer[T]:
        """An answer that the recording shows."""
        return Answer(value, Source.OBSERVED)

    def inferred(self, options: Sequence[Option[T]]) -> Answer[T]:
        """Take the option that the script names, else the cheapest one."""
        ordered = sorted(options, key=_price_of)
        place = len(self.taken)
        index = self._script[place] if place < len(self._script) else 0
        self.taken.append(index)
        self.prices.append(tuple(option.price for option in ordered))
        others = tuple(option.value for at, option in enumerate(ordered) if at != index)
        return Answer(ordered[index].value, Source.INFERRED, others)

    def siblings(self) -> list[tuple[float, Script]]:
        """The scripts that differ from this walk in one later answer, with their lowest price."""
        found: list[tuple[float, Script]] = []
        before = 0.0
        for place, prices in enumerate(self.prices):
            if place >= len(self._script):
                start = tuple(self.taken[:place])
                found.extend((before + prices[at], (*start, at)) for at in range(1, len(prices)))
            before += prices[self.taken[place]]
        return found


def _price_of(option: Option[object]) -> float:
    return option.price
