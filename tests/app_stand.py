"""An app to play against, without an SDK of other people: the rehearsed backend, really served."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from loopback import Answer, Asked, serving
from rehearsals import CLOCK, BusyClock, core_with, transport_for
from running import Outcome, run
from stctl.clock import SystemClock, SystemEntropy
from stctl.exchange import Request, Response
from stctl.recipe.config import AppConfig
from stctl.recipe.failures import HandlerName
from stctl.recipe.overrides import Overrides
from stctl.scenarios.backend import Backend
from stctl.scenarios.stage import Target, open_core

Handler = Callable[[Any], None]
"""Writes on the response that it is given."""
GOOD_LOGIN = ("--login", "POST /login", "--login-body", '{"user": "{user}"}')
ROUTES = tuple(
    f"--route={name}"
    for name in (
        "protected-db=/protected-db",
        "admin=/admin",
        "payload=POST /payload",
        "crash=/crash",
    )
)
_LONGEST_WAIT_MS = 2000
PROTECTED = ("--protected=GET /protected", "--protected=POST /protected")


class HastyClock(SystemClock):
    """The real time, in the hands of somebody who waits for tokens to expire and for no more."""

    def wait_ms(self, duration_ms: int) -> None:
        """Wait two seconds at most: access tokens of a second then have expired."""
        super().wait_ms(min(duration_ms, _LONGEST_WAIT_MS))


@dataclass(slots=True)
class StandIn:
    """An app and its core, both on this machine."""

    url: str
    core: str
    asked: list[Asked] = field(default_factory=list)
    """Every request that the app was sent."""

    def simulate(self, *arguments: str, clock: BusyClock | None = None) -> Outcome:
        """Run `stctl simulate … --app` against it."""
        return run(
            "simulate", *arguments, "--app", self.url, clock=clock or BusyClock(),
            entropy=SystemEntropy(),
        )  # fmt: skip

    def with_core(self, *arguments: str, clock: BusyClock | None = None) -> Outcome:
        """The same with its core, and with its routes named."""
        return self.simulate(*arguments, "--core", self.core, *PROTECTED, *ROUTES, clock=clock)


@contextmanager
def app_on_core(
    handlers: Mapping[HandlerName, Callable[..., object]] | None = None,
    *,
    config: AppConfig | None = None,
    spoil: Callable[[Asked, Answer], Answer] = lambda _, answer: answer,
) -> Iterator[StandIn]:
    """Serve an app; `spoil` stands between it and whoever asks."""
    backend = _backend(handlers or {}, config or AppConfig())
    stand_in = StandIn(url="", core="")

    def of_app(asked: Asked) -> Answer:
        stand_in.asked.append(asked)
        response = backend.serve(_request(asked)).walked.value.response
        return spoil(asked, Answer(status=500) if response is None else _answer(response))

    def of_core(asked: Asked) -> Answer:
        return _answer(core_with({}).answer(_request(asked)))

    with serving(of_core) as core, serving(of_app) as port:
        stand_in.url, stand_in.core = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{core}"
        yield stand_in


def _backend(handlers: Mapping[HandlerName, Callable[..., object]], config: AppConfig) -> Backend:
    target = Target(name="core", is_rehearsal=False, clock=CLOCK, transport_for=transport_for)
    overrides = Overrides(source="test", functions=handlers)
    return Backend(config, open_core(target, {}, "5.4"), CLOCK, overrides)


def _request(asked: Asked) -> Request:
    parts = urlsplit(asked.path)
    return Request(
        method=asked.method,
        path=unquote(parts.path),
        query=parse_qsl(parts.query),
        headers=[*asked.headers.items()],
        body=asked.body,
    )


def _answer(response: Response) -> Answer:
    return Answer(status=response.status, headers=response.headers, body=response.body)


def names_of(cases: Sequence[Mapping[str, Any]], outcome: str) -> set[str]:
    """The cases that ended so."""
    return {case["name"] for case in cases if case["outcome"] == outcome}
