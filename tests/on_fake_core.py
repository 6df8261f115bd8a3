"""Runs the command line with a core of canned answers in place of the one it would open."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from typer.testing import CliRunner

from conftest import NOW_MS
from fake_core import FakeCore
from running import Outcome
from stctl.cdi.client import CdiClient
from stctl.cli.app import app
from stctl.cli.context import Context
from stctl.cli.settings import CoreTarget
from stctl.clock import FrozenClock, SeededEntropy


def run_on(core: FakeCore, *arguments: str, stdin: str | None = None) -> Outcome:
    """Run `stctl` with these arguments against the core."""

    class FakeContext(Context):
        @contextmanager
        def open_core(self, target: CoreTarget) -> Iterator[CdiClient]:
            yield CdiClient(core, cdi=target.cdi or "5.4", tenant_id=target.tenant_id)

    context = FakeContext(environ={}, clock=FrozenClock(NOW_MS), entropy=SeededEntropy(1))
    context.arguments = arguments
    result = CliRunner().invoke(app, list(arguments), input=stdin, obj=context)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Outcome(result.exit_code, result.stdout, result.stderr)


def core_with(answers: Mapping[str, Mapping[str, Any] | Callable[..., Any]]) -> FakeCore:
    """A fake core that answers `status: OK` along with what is given."""
    whole: dict[str, Any] = {
        call: answer if callable(answer) else {"status": "OK", **answer}
        for call, answer in answers.items()
    }
    return FakeCore(whole)
