"""One trace, gathered for a report in a single pass."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from stctl.recipe.failures import ErrorName
from stctl.recipe.step_end import StepName
from stctl.traces.casefile.affected import Affected, Census
from stctl.traces.casefile.keep import Keeper
from stctl.traces.casefile.seen import Setting
from stctl.traces.casefile.settings import SettingsReader
from stctl.traces.casefile.step import Step
from stctl.traces.diagnose.model import Diagnosis
from stctl.traces.diagnose.run import Diagnoser
from stctl.traces.explain.explanation import Explanation
from stctl.traces.explain.known_app import KnownApp
from stctl.traces.explain.story import Told
from stctl.traces.explain.tally import Tally
from stctl.traces.lineage import Family
from stctl.traces.link import LoneCall
from stctl.traces.model import LogEvent

MOST_STEPS: Final = 40
"""How many requests a report opens unless told otherwise."""
_MOST_FAMILIES: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """Everything that a report says of one trace."""

    trace: str
    """Its name, without folders."""
    tally: Tally
    steps: tuple[Step, ...]
    """The requests that are opened, in order."""
    started_at_ms: int
    """Of the first request, since the epoch; 0 where no time is known."""
    ended_at_ms: int
    has_logs: bool
    """Whether it is, or holds, a debug log."""
    lone_calls: int
    """Calls to the core whose requests are not in the trace."""
    core_calls: int
    """Recorded calls to the core that belong to a request."""
    affected: tuple[Affected, ...]
    settings: tuple[Setting, ...]
    diagnosis: Diagnosis
    families: tuple[Family, ...]
    """The trees that tell most: those with a theft first, then those with the most tokens."""
    more_families: int
    is_revealed: bool

    @property
    def left_out(self) -> int:
        """How many requests are not opened."""
        return self.tally.requests - len(self.steps)

    def setting(self, name: str) -> Setting:
        """One of the settings, by its name."""
        return next(
            (one for one in self.settings if one.name == name), Setting(name=name, sightings=())
        )

    def step(self, index: int) -> Step | None:
        """The opened request at a place of the trace, or the one that led to the call there."""
        return next((one for one in self.steps if one.covers(index)), None)

    @property
    def telling_refresh(self) -> Step | None:
        """The refresh that tells most: the last one with an error, else the last one.

        UNAUTHORISED counts as none: every first visit begins with a refresh that ends so.
        """
        refreshes = [one for one in self.steps if one.step is StepName.REFRESH]
        failed = [one for one in refreshes if one.error not in {None, ErrorName.UNAUTHORISED}]
        return next(reversed(failed or refreshes), None)


class CaseBuilder:
    """Takes a trace item by item."""

    def __init__(
        self, trace: str, known: KnownApp, *, reveal: bool, most_steps: int = MOST_STEPS
    ) -> None:
        self._trace = trace
        self._reveal = reveal
        self._tally = Tally()
        self._keeper = Keeper(most_steps, reveal)
        self._settings = SettingsReader(known)
        self._census = Census()
        self._diagnoser = Diagnoser(known)
        self._first_ms = self._last_ms = 0
        self._lone_calls = self._core_calls = 0
        self._has_logs = False

    def add(self, told: Told) -> None:
        """Take the next item."""
        self._diagnoser.see(told)
        match told:
            case Explanation():
                self._add_request(told)
            case LoneCall():
                self._lone_calls += 1
                self._settings.see_call(told)
            case LogEvent():
                self._has_logs = True
                self._settings.see_event(told)
            case _:
                pass

    def close(self) -> CaseFile:
        """What was gathered; to be called once, at the end."""
        diagnosis = self._diagnoser.end()
        families = sorted(self._diagnoser.families(), key=_tells)
        proofs = (proof for finding in diagnosis.findings for proof in finding.proofs)
        named = frozenset(proof.entry for proof in proofs if proof.entry is not None)
        return CaseFile(
            trace=self._trace,
            tally=self._tally,
            steps=self._keeper.steps(named),
            started_at_ms=self._first_ms,
            ended_at_ms=self._last_ms,
            has_logs=self._has_logs,
            lone_calls=self._lone_calls,
            core_calls=self._core_calls,
            affected=self._census.affected(),
            settings=self._settings.settings(),
            diagnosis=diagnosis,
            families=tuple(families[:_MOST_FAMILIES]),
            more_families=len(families[_MOST_FAMILIES:]),
            is_revealed=self._reveal,
        )

    def _add_request(self, told: Explanation) -> None:
        self._tally.count(told)
        self._keeper.add(told)
        self._settings.see_request(told)
        self._census.see(told)
        self._core_calls += sum(call.index is not None for call in told.core_calls)
        entry = told.evidence.entry
        if entry.started_at_ms:
            self._first_ms = min(self._first_ms or entry.started_at_ms, entry.started_at_ms)
            self._last_ms = max(self._last_ms, int(entry.ended_at_ms))


def _tells(family: Family) -> tuple[bool, int]:
    return family.theft is None, -len(family.generations)


def case_of(
    trace: str,
    told: Iterable[Told],
    known: KnownApp,
    *,
    reveal: bool = False,
    most_steps: int = MOST_STEPS,
) -> CaseFile:
    """Gather a whole trace."""
    builder = CaseBuilder(trace, known, reveal=reveal, most_steps=most_steps)
    for item in told:
        builder.add(item)
    return builder.close()
