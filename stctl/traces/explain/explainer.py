"""Explains the requests of a trace one after the other."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from typing import Final

from stctl.recipe.profiles.profile import Profile, SdkName
from stctl.traces.explain.book import Book
from stctl.traces.explain.evidence import Evidence
from stctl.traces.explain.keys import KeySet
from stctl.traces.explain.known_app import KnownApp
from stctl.traces.explain.learning import learn, reachability
from stctl.traces.explain.presumed import presumptions
from stctl.traces.explain.search import Candidate, find_candidates
from stctl.traces.explain.signs import sdk_shown
from stctl.traces.explain.variants import base_config, profiles_of_app, readings_of

_WINDOW: Final = 200
_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_PRICE: Final = attrgetter("price")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A request with the walks that explain it, the most plausible one first."""

    evidence: Evidence
    candidates: list[Candidate]

    @property
    def best(self) -> Candidate:
        """The explanation."""
        return self.candidates[0]


@dataclass(frozen=True, slots=True)
class _Rehearsed:
    """A first reading of a request."""

    state: tuple[object, ...]
    """What was known of the app before it."""
    candidates: list[Candidate]
    reached: bool | None
    """Whether the core was reached; None when it was not needed."""


class Explainer:
    """Knows an app, and learns about it on the way."""

    def __init__(self, known: KnownApp, keys: KeySet | None = None) -> None:
        self.known = known
        self.book = Book()
        for path in known.claim_routes:
            for method in _METHODS:
                self.book.notes.route(method, path).validates_claims = True
        self.keys = keys
        self._profiles: dict[SdkName | None, tuple[Profile, ...]] = {}

    def _profiles_of(self, shown: SdkName | None) -> tuple[Profile, ...]:
        if shown not in self._profiles:
            self._profiles[shown] = profiles_of_app(self.known, shown)
        return self._profiles[shown]

    def explain(self, requests: Iterable[Evidence]) -> Iterator[Found]:
        """Explain requests in order, looking ahead a bounded number of them.

        Each window is read twice: once to learn about the app, once to explain with what was
        learned, so that a request can be understood by what comes after it.
        """
        waiting = iter(requests)
        while window := list(islice(waiting, _WINDOW)):
            yield from self._explain_window(window)

    def _explain_window(self, window: list[Evidence]) -> Iterator[Found]:
        rehearsed = self._rehearse(window)
        settled = self.book.notes.state
        for place, evidence in enumerate(window):
            later = (one.reached for one in rehearsed[place + 1 :] if one.reached is not None)
            self.book.core_reachable_next = next(later, None)
            first = rehearsed[place]
            if first.state == settled and not self.book.is_outage:
                # Nothing was learned since that could change the explanation.
                learn(self.book, evidence, first.candidates)
                yield Found(evidence=evidence, candidates=first.candidates)
            else:
                yield self.explain_one(evidence)

    def _rehearse(self, window: list[Evidence]) -> list["_Rehearsed"]:
        """Learn from a window, as if nothing came after it."""
        scratch = Book(notes=self.book.notes, history=self.book.history.branch())
        rehearsed: list[_Rehearsed] = []
        for evidence in window:
            state = scratch.notes.state
            candidates = self._candidates(evidence, scratch)
            learn(scratch, evidence, candidates)
            reached = reachability(evidence, candidates[0])
            rehearsed.append(_Rehearsed(state, candidates, reached))
        return rehearsed

    def explain_one(self, evidence: Evidence) -> Found:
        """Explain one request by itself and by what came before it, and learn from it."""
        candidates = self._candidates(evidence, self.book)
        learn(self.book, evidence, candidates)
        return Found(evidence=evidence, candidates=candidates)

    def _candidates(self, evidence: Evidence, book: Book) -> list[Candidate]:
        profiles = self._profiles_of(book.notes.sdk or sdk_shown(evidence))
        app = base_config(evidence, self.known, profiles[0])
        found: list[Candidate] = []
        for price, presumed in presumptions(evidence, app):
            readings = readings_of(presumed, self.known, book, profiles, price)
            found.extend(find_candidates(presumed, readings, book, self.keys))
        return sorted(found, key=_PRICE)
