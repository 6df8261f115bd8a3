"""Plays scenarios in tests, on embedded cores that all tests share: keys are made once."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from weakref import finalize

from conftest import NOW_MS
from stctl.cdi.replies import Reply
from stctl.cdi.transport import InProcessTransport, Transport
from stctl.clock import Clock, FrozenClock, SystemEntropy
from stctl.core.service import CoreService, open_core
from stctl.core.settings import load_settings
from stctl.scenarios.load import load_from_library, read_scenario
from stctl.scenarios.model import Case, Scenario
from stctl.scenarios.play import Performance
from stctl.scenarios.results import CaseResult, StepResult
from stctl.scenarios.stage import Target, Wishes

CLOCK = FrozenClock(NOW_MS)


@cache
def _core(settings: tuple[str, ...]) -> CoreService:
    return open_core(None, load_settings(None, {}, settings), CLOCK, SystemEntropy())


def core_with(settings: Mapping[str, str]) -> CoreService:
    """A shared core with these settings."""
    return _core(tuple(sorted(f"{name}={value}" for name, value in settings.items())))


def transport_for(settings: Mapping[str, str]) -> Transport:
    """The way to a core with these settings."""
    return InProcessTransport(core_with(settings).answer, target="embedded core")


def fresh_transport_for(settings: Mapping[str, str]) -> Transport:
    """The way to a core that nobody else has."""
    given = [f"{name}={value}" for name, value in settings.items()]
    core = open_core(None, load_settings(None, {}, given), CLOCK, SystemEntropy())
    transport = InProcessTransport(core.answer, target="embedded core")
    finalize(transport, core.close)
    return transport


def rehearsal_target() -> Target:
    """The embedded core, whose clock may be moved."""
    return Target(
        name="embedded core",
        is_rehearsal=True,
        clock=CLOCK,
        transport_for=transport_for,
        fresh_transport_for=fresh_transport_for,
    )


class BusyClock:
    """The clock of the shared cores in the hands of somebody who really has to wait."""

    def __init__(self) -> None:
        self.waited_ms: list[int] = []
        # Tokens know whole seconds; within one, how long to wait would depend on earlier tests.
        CLOCK.wait_ms(-CLOCK.now_ms() % 1000)

    def now_ms(self) -> int:
        return CLOCK.now_ms()

    def wait_ms(self, duration_ms: int) -> None:
        self.waited_ms.append(duration_ms)
        CLOCK.wait_ms(duration_ms)


def real_target(
    clock: Clock,
    *,
    settings: Mapping[str, str] | None = None,
    api_key: str | None = None,
    offers: Callable[[str], bool] = lambda _: True,
    told: list[str] | None = None,
) -> Target:
    """A core as if it were somebody's own: nothing about it can be chosen."""
    notes = [] if told is None else told
    transport = _Choosy(transport_for(settings or {}), offers)
    return Target(
        name="http://core:3567",
        is_rehearsal=False,
        clock=clock,
        transport_for=lambda _: transport,
        api_key=api_key,
        name_user=lambda user: f"stctl-{user}",
        notify=notes.append,
    )


class _Choosy:
    """A transport that leaves versions out of what the core says that it speaks."""

    def __init__(self, inner: Transport, offers: Callable[[str], bool]) -> None:
        self._inner = inner
        self._offers = offers

    @property
    def target(self) -> str:
        return self._inner.target

    def close(self) -> None:
        self._inner.close()

    def send(self, method: str, path: str, **options: object) -> Reply:
        reply = self._inner.send(method, path, **options)  # type: ignore[arg-type] # handed on
        if path != "/apiversion" or reply.status != 200:
            return reply
        versions = [one for one in json.loads(reply.body)["versions"] if self._offers(one)]
        body = json.dumps({"versions": versions}).encode()
        return Reply(call=reply.call, address=reply.address, status=200, body=body)


def play(
    scenario: str | Scenario,
    wishes: Wishes | None = None,
    target: Target | None = None,
    chosen: Callable[[Case], bool] = lambda _: True,
) -> Performance:
    """A performance of a scenario, by its name in the library or read from a text."""
    if isinstance(scenario, str):
        scenario = load_from_library(scenario)
    return Performance(
        [scenario], target or rehearsal_target(), wishes or Wishes(cdi="5.4"), chosen
    )


def case_of(performance: Performance, name: str) -> CaseResult:
    """How a case ended."""
    return next(
        case for result in performance.results for case in result.cases if case.case.name == name
    )


def step_of(result: CaseResult, name: str) -> StepResult:
    """How a step ended."""
    return next(step for step in result.steps if step.step.name == name)


def written(text: str) -> Scenario:
    """A scenario that stands in a test."""
    return read_scenario(text, name="test", source="test.toml")
