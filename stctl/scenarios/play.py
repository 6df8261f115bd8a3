"""Plays scenarios, step by step."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from stctl.errors import ErrorKind, StctlError
from stctl.scenarios.model import Case, Scenario
from stctl.scenarios.rehearsal import CannotPlay, Rehearsal
from stctl.scenarios.results import CaseResult, ScenarioResult, StepResult
from stctl.scenarios.stage import Target, Wishes, open_core, why_not_played

Started: TypeAlias = "Scenario | Case"
Event: TypeAlias = "Scenario | Case | StepResult | CaseResult"
"""What happens, in order: a scenario begins, a case begins, steps, the case ends."""


class Performance:
    """Some scenarios, played once, while somebody watches or not; what came of them is kept."""

    def __init__(
        self,
        scenarios: Sequence[Scenario],
        target: Target,
        wishes: Wishes,
        chosen: Callable[[Case], bool] = lambda _: True,
    ) -> None:
        """`chosen` picks the cases that are to be played; others are left out altogether."""
        self.target = target
        self.wishes = wishes
        self._scenarios = scenarios
        self._chosen = chosen
        self._results: list[ScenarioResult] = []
        self._played: Iterator[Event] | None = None
        self._versions: frozenset[str] | None = None
        self._removed = 0

    @property
    def results(self) -> Sequence[ScenarioResult]:
        """What came of it; plays what has not been played yet."""
        for _ in self.watch():
            pass
        return self._results

    @property
    def is_as_promised(self) -> bool:
        """Whether every case that could be played ended as promised, and at least one could."""
        outcomes = {case.outcome for result in self.results for case in result.cases}
        return outcomes <= {"as_promised", "skipped"} and "as_promised" in outcomes

    def watch(self) -> Iterator[Event]:
        """Play, and tell each thing as it happens."""
        if self._played is None:
            self._played = self._play()
        return self._played

    def why_not_played(self, case: Case) -> str | None:
        """Return why a case is left out; None when it is played."""
        return why_not_played(case, self.wishes, self.target, self._offered())

    def _play(self) -> Iterator[Event]:
        for scenario in self._scenarios:
            yield scenario
            cases: list[CaseResult] = []
            for case in filter(self._chosen, scenario.cases):
                for event in self._play_case(case):
                    yield event
                    if isinstance(event, CaseResult):
                        cases.append(event)
            self._results.append(ScenarioResult(scenario=scenario, cases=tuple(cases)))
        if self._removed:
            sessions = "one session" if self._removed == 1 else f"{self._removed} sessions"
            self.target.notify(f"Removed what was left of {sessions}")

    def _offered(self) -> frozenset[str]:
        """The versions that the core speaks; asking also finds out whether it is there at all."""
        if self._versions is None:
            self._versions = frozenset()
            if self.target.has_core and not self.target.is_rehearsal:
                self._versions = frozenset(self._ask_for_versions())
        return self._versions

    def _ask_for_versions(self) -> Sequence[str]:
        core = open_core(self.target, self.wishes.settings, self.wishes.cdi)
        offered = core.client.api_versions()
        if self.wishes.cdi not in offered:
            raise StctlError(
                ErrorKind.CORE_VERSION,
                f"{self.target.core_name or self.target.name} does not speak CDI {self.wishes.cdi}",
                hint=f"It offers {', '.join(offered)}.",
            )
        return offered

    def _play_case(self, case: Case) -> Iterator[Event]:
        yield case
        reason = self.why_not_played(case)
        if reason is not None:
            yield _skipped(case, reason)
            return
        rehearsal = self._rehearsal(case)
        steps: list[StepResult] = []
        try:
            for step in rehearsal.play():
                steps.append(step)
                yield step
                if step.counts and step.deviations:
                    break  # what follows would rest on something that did not happen
        except CannotPlay as problem:
            yield replace(_skipped(case, problem.reason), steps=tuple(steps))
            return
        finally:
            self._tidy_up(rehearsal)
        yield _ended(case, steps, rehearsal)

    def _rehearsal(self, case: Case) -> Rehearsal:
        if self.target.app is None:
            return Rehearsal(case, self.target, self.wishes)
        from stctl.scenarios.app.rehearsal import AppRehearsal

        return AppRehearsal(case, self.target, self.wishes, self.target.app)

    def _tidy_up(self, rehearsal: Rehearsal) -> None:
        """Remove what was made on a core that is in use."""
        if self.target.is_rehearsal:
            return
        try:
            self._removed += rehearsal.remove_sessions()
        except StctlError as error:
            self.target.notify(f"Sessions of the scenario may be left behind: {error.detail}")


def _skipped(case: Case, reason: str) -> CaseResult:
    return CaseResult(case=case, outcome="skipped", reason=reason, steps=(), generations=())


def _ended(case: Case, steps: Sequence[StepResult], rehearsal: Rehearsal) -> CaseResult:
    broken = next((step for step in steps if step.counts and step.deviations), None)
    return CaseResult(
        case=case,
        outcome="as_promised" if broken is None else "otherwise",
        reason=None if broken is None else _reason(broken),
        steps=tuple(steps),
        generations=rehearsal.generations.listed(),
    )


def _reason(step: StepResult) -> str:
    return f"in step {step.number} ({step.step.name}) {', and '.join(step.deviations)}"


def cases_by_name(scenarios: Sequence[Scenario]) -> Mapping[str, Case]:
    """Every case of some scenarios, by its name."""
    return {case.name: case for scenario in scenarios for case in scenario.cases}
