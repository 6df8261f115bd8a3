"""Tries the walks that may have led to an answer, the most plausible ones first."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final

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


def find_candidates(
    evidence: Evidence, variants: Sequence[Variant], book: Book, keys: KeySet | None = None
) -> list[Candidate]:
    """The walks that explain an answer, in no order; at least one.

    Walks are tried in the order of the lowest price that they can end up with, so that nothing
    cheaper is left once that passes the best one by the margin.
    """
    order = count()
    margin = plausibility.MARGIN if evidence.is_trouble else plausibility.COMMON
    waiting: list[tuple[float, int, Variant, Script]] = [
        (variant.price, next(order), variant, ()) for variant in variants
    ]
    heapq.heapify(waiting)
    found: list[Candidate] = []
    best = float("inf")
    for _ in range(_MOST_WALKS):
        if not waiting or waiting[0][0] > best + margin:
            break
        _, _, variant, script = heapq.heappop(waiting)
        candidate, choices = _try(evidence, variant, book, keys, script)
        found.append(candidate)
        best = min(best, candidate.price)
        for dearer, sibling in choices.siblings():
            price = variant.price + dearer
            if price <= best + margin:
                heapq.heappush(waiting, (price, next(order), variant, sibling))
    return found


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
