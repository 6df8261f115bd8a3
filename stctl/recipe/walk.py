"""How a decision tree is written and walked.

A tree is a generator. It yields questions about the world and receives their answers, and it
yields remarks about what it has ruled out on the way. It never acts: whoever walks it supplies the
answers, from a live backend, from a recorded trace, or by inference. So the rules stand in one
place, and each walk leaves the list of reasons that led to its end.
"""

from abc import ABC, abstractmethod
from collections.abc import Generator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Generic, NamedTuple, TypeAlias, TypeVar, cast

if TYPE_CHECKING:
    from stctl.recipe.facts import Facts

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Source(StrEnum):
    """Where an answer comes from."""

    OBSERVED = "observed"
    INFERRED = "inferred"


class Answer(NamedTuple, Generic[T_co]):
    """The answer to a question, and whether it was seen or concluded."""

    value: T_co
    source: Source = Source.OBSERVED


class Question(ABC, Generic[T_co]):
    """Something that a tree wants to know; subclasses are frozen and hold its circumstances."""

    name: ClassVar[str]
    """Stable name, as it stands in the reasons of JSON documents."""

    @abstractmethod
    def put_to(self, facts: "Facts") -> Answer[T_co]:
        """Ask `facts`, and give back what it says."""

    @abstractmethod
    def wording(self) -> str:
        """The question in plain words; holds no secret."""

    @abstractmethod
    def told(self, value: object) -> str:
        """Say in plain words what an answer means; holds no secret."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One question of a walk with the answer that it got, in words."""

    name: str
    wording: str
    answer: str
    source: Source


@dataclass(frozen=True, slots=True)
class Saw:
    """A remark: something that the request itself shows, with no need to ask anybody."""

    name: str
    wording: str
    answer: str

    def reason(self) -> Reason:
        """The remark in words."""
        return Reason(self.name, self.wording, self.answer, Source.OBSERVED)


class Asked(NamedTuple):
    """A question of a walk with the answer that it got."""

    question: Question[object]
    answer: Answer[object]

    def reason(self) -> Reason:
        """The question and its answer in words."""
        question, answer = self.question, self.answer
        told = question.told(answer.value)
        return Reason(question.name, question.wording(), told, answer.source)


@dataclass(frozen=True, slots=True)
class RuledOut:
    """A remark: from here on this error cannot be raised for this reason."""

    error: str
    because: str


Remark: TypeAlias = Saw | RuledOut
Tree: TypeAlias = Generator[Question[object] | Remark, object, T]


def ask(question: Question[T]) -> Tree[T]:
    """Put a question from inside a tree, with `yield from`; returns its answer."""
    value = yield question
    # The walker sends what `question.put_to` gave, which is a T.
    return cast("T", value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked(Generic[T_co]):
    """The end of a walk, with the way that led there."""

    value: T_co
    steps: tuple[Asked | Saw, ...]
    ruled_out: tuple[RuledOut, ...]

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The way in words, which are made when somebody wants to read them."""
        return tuple(step.reason() for step in self.steps)


def walk(tree: Tree[T], facts: "Facts") -> Walked[T]:
    """Walk a tree to its end, putting its questions to `facts` one after the other.

    An exception of `facts` goes through the tree, so that it may close what it holds, and on.
    """
    steps: list[Asked | Saw] = []
    ruled_out: list[RuledOut] = []
    value: object = None
    while True:
        try:
            item = tree.send(value)
        except StopIteration as end:
            return Walked(
                value=cast("T", end.value), steps=tuple(steps), ruled_out=tuple(ruled_out)
            )
        value = None
        if isinstance(item, RuledOut):
            ruled_out.append(item)
        elif isinstance(item, Saw):
            steps.append(item)
        else:
            answer = item.put_to(facts)
            steps.append(Asked(item, answer))
            value = answer.value
