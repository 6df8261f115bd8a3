"""Tries the walks that may have led to an answer, the most plausible ones first."""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from math import nextafter
from typing import Final, NamedTuple

from stctl.recipe.arrival import Arrived, arrive
from stctl.recipe.config import AppConfig
from stctl.recipe.failures import ErrorName, HandlerName
from stctl.recipe.situation import RoutePlan
from stctl.recipe.walk import Walked, walk
from stctl.traces.explain import plausibility
from stctl.traces.explain.book import Book
from stctl.traces.explain.choices import Choices, Script
from stctl.traces.explain.core_calls import CoreCall
from stctl.traces.explain.evidence import Evidence
from stctl.traces.explain.facts import RecordedFacts
from stctl.traces.explain.judge import disagreement
from stctl.traces.explain.keys import KeySet
from stctl.traces.explain.relevance import told_by_answer

_MOST_WALKS: Final = 400
Verdict = tuple[ErrorName | None, HandlerName | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One walk to the end, with what it takes to believe it."""

    price: float
    walked: Walked[Arrived]
    app: AppConfig
    plan: RoutePlan | None
    """How the app's route is protected; None where the SDK answers by itself."""
    concluded: tuple[CoreCall, ...]

    @property
    def arrived(self) -> Arrived:
        """Where the walk ended."""
        return self.walked.value

    @property
    def verdict(self) -> Verdict:
        """The error with its handler."""
        answered = self.arrived.answered
        error = answered.failure.error if answered.failure else None
        return error, answered.firing.handler


@dataclass(frozen=True, slots=True)
class Variant:
    """One reading of what is not known of the app, with its price."""

    app: AppConfig
    price: float = 0.0


class Reading(NamedTuple):
    """Variants that are made when it comes to them."""

    price: float
    """The lowest price that one of them has."""
    variants: Callable[[], list[Variant]]


def find_candidates(
    evidence: Evidence, readings: Sequence[Reading], book: Book, keys: KeySet | None = None
) -> list[Candidate]:
    """The walks that explain an answer, in no order; at least one.

    Walks are tried in the order of the lowest price that they can end up with, so that nothing
    cheaper is left once that passes the best one by the margin.
    """
    search = _Search(evidence, book, keys)
    for reading in readings:
        search.push(reading.price, reading, ())
    return search.run()


class _Search:
    def __init__(self, evidence: Evidence, book: Book, keys: KeySet | None) -> None:
        self._evidence = evidence
        self._book = book
        self._keys = keys
        self._margin = plausibility.MARGIN if evidence.is_trouble else plausibility.COMMON
        self._told = told_by_answer(evidence, book)
        self._limit = float("inf")
        self._order = count()
        self._waiting: list[tuple[float, int, Reading | Variant, Script]] = []
        self._found: list[Candidate] = []

    def push(self, price: float, what: Reading | Variant, script: Script) -> None:
        if price <= self._limit:
            heapq.heappush(self._waiting, (price, next(self._order), what, script))

    def run(self) -> list[Candidate]:
        while self._waiting and len(self._found) < _MOST_WALKS:
            price, _, what, script = heapq.heappop(self._waiting)
            if price > self._limit:
                break
            if isinstance(what, Reading):
                for variant in what.variants():
                    self.push(variant.price, variant, ())
            else:
                self._walk(what, script)
        return self._found

    def _walk(self, variant: Variant, script: Script) -> None:
        candidate, choices = _try(self._evidence, variant, self._book, self._keys, script)
        self._found.append(candidate)
        self._limit = min(self._limit, self._limit_behind(candidate))
        for dearer, sibling in choices.siblings():
            self.push(variant.price + dearer, variant, sibling)

    def _limit_behind(self, candidate: Candidate) -> float:
        """The most that another walk may cost to be of interest.

        Where the answer itself tells the verdict, every other one is far off, and only a cheaper
        way to the same one is of interest. Which of the eras it is may still be open then.
        """
        limit, told = candidate.price + self._margin, self._told
        if told is None or limit >= told.rival or candidate.app.profile.seed is not None:
            return limit
        _, handler = candidate.verdict
        return nextafter(candidate.price, 0.0) if handler is told.handler else limit


def _try(
    evidence: Evidence, variant: Variant, book: Book, keys: KeySet | None, script: Script
) -> tuple[Candidate, Choices]:
    choices = Choices(script)
    facts = RecordedFacts(evidence, variant.app, book, choices, keys)
    walked = walk(arrive(evidence.request, variant.app), facts)
    price = variant.price + choices.price
    price += disagreement(walked.value, evidence, facts.pending)
    candidate = Candidate(
        price=price,
        walked=walked,
        app=variant.app,
        plan=facts.plan,
        concluded=tuple(facts.pending.concluded),
    )
    return candidate, choices
