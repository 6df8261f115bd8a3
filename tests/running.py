"""Runs the command line inside the test process, and tells what came out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from typer.testing import CliRunner

from conftest import NOW_MS
from stctl.cli.app import app
from stctl.cli.context import Context
from stctl.clock import Clock, Entropy, FrozenClock, SeededEntropy


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run of the command line left behind."""

    exit_status: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        """Standard output, read as one JSON document."""
        return json.loads(self.stdout)

    @property
    def error(self) -> Any:
        """The last line of standard error, read as a JSON error."""
        return json.loads(self.stderr.strip().splitlines()[-1])["error"]


def run(
    *arguments: str,
    stdin: str | bytes | None = None,
    env: Mapping[str, str] | None = None,
    clock: Clock | None = None,
    entropy: Entropy | None = None,
) -> Outcome:
    """Run `stctl` with these arguments, on a frozen clock and seeded chance.

    An exception that nobody expected is raised again, so that it fails the test.
    """
    import os

    context = Context(
        environ={**os.environ, **(env or {})},
        clock=clock or FrozenClock(NOW_MS),
        entropy=entropy or SeededEntropy(1),
        arguments=arguments,
    )
    result = CliRunner().invoke(app, list(arguments), input=stdin, env=env, obj=context)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Outcome(result.exit_code, result.stdout, result.stderr)
