from dataclasses import dataclass
from typing import cast

import pytest

from stctl.recipe.facts import Facts
from stctl.recipe.walk import Answer, Question, Reason, RuledOut, Saw, Source, Tree, ask, walk


@dataclass(frozen=True)
class Colour(Question[str]):
    thing: str
    name = "colour"

    def put_to(self, facts: Facts) -> Answer[str]:
        return cast("dict[str, Answer[str]]", facts)[self.thing]

    def wording(self) -> str:
        return f"what colour is the {self.thing}?"

    def told(self, value: object) -> str:
        return f"it is {value}"


def tree() -> Tree[str]:
    yield Saw("size", "is it big?", "no")
    sky = yield from ask(Colour("sky"))
    yield RuledOut("NIGHT", "the sky has a colour")
    sea = yield from ask(Colour("sea"))
    return f"{sky} and {sea}"


FACTS = {"sky": Answer("blue"), "sea": Answer("green", Source.INFERRED)}


def test_a_walk_leaves_its_end_and_the_reasons_that_led_there() -> None:
    walked = walk(tree(), cast("Facts", FACTS))
    assert walked.value == "blue and green"
    assert walked.reasons == (
        Reason("size", "is it big?", "no", Source.OBSERVED),
        Reason("colour", "what colour is the sky?", "it is blue", Source.OBSERVED),
        Reason("colour", "what colour is the sea?", "it is green", Source.INFERRED),
    )
    assert walked.ruled_out == (RuledOut("NIGHT", "the sky has a colour"),)


def test_what_the_facts_raise_ends_the_walk() -> None:
    with pytest.raises(KeyError, match="sky"):
        walk(tree(), cast("Facts", {}))
