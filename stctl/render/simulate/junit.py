"""A performance as a JUnit report, the form of results that CI servers read.

Control characters, which XML cannot hold, are written out.
"""

import html
from collections.abc import Iterator

from stctl.redact import mask_text
from stctl.render.simulate.setting import knows_sdk
from stctl.render.view import visible
from stctl.scenarios.play import Performance
from stctl.scenarios.results import CaseResult, ScenarioResult


def junit_report(performance: Performance) -> str:
    """Return the report: a suite a scenario, a test a case; plays what has not been played."""
    return "\n".join(_report(performance)) + "\n"


def _report(performance: Performance) -> Iterator[str]:
    results = performance.results
    cases = [case for result in results for case in result.cases]
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<testsuites name="stctl simulate" {_counts(cases)}>'
    for result in results:
        yield from _suite(result, performance)
    yield "</testsuites>"


def _counts(cases: list[CaseResult]) -> str:
    ends = [case.outcome for case in cases]
    failed, skipped = ends.count("otherwise"), ends.count("skipped")
    return f'tests="{len(cases)}" failures="{failed}" errors="0" skipped="{skipped}"'


def _suite(result: ScenarioResult, performance: Performance) -> Iterator[str]:
    wishes, target = performance.wishes, performance.target
    sdk = f"{wishes.profile.sdk} {wishes.profile.version}"
    yield f'  <testsuite name={_quoted(result.scenario.name)} {_counts([*result.cases])} time="0">'
    yield "    <properties>"
    for name, value in (
        ("target", target.name),
        *((("core", target.core_name),) if target.core_name else ()),
        ("cdi", wishes.cdi),
        *((("sdk", sdk),) if knows_sdk(performance) else ()),
        *((one.name, one.value) for one in result.scenario.parameters),
    ):
        yield f"      <property name={_quoted(name)} value={_quoted(value)}/>"
    yield "    </properties>"
    for case in result.cases:
        yield from _case(result.scenario.name, case)
    yield "  </testsuite>"


def _case(scenario: str, result: CaseResult) -> Iterator[str]:
    head = f"<testcase classname={_quoted(f'stctl.{scenario}')} name={_quoted(result.case.name)}"
    reason = _quoted(mask_text(result.reason or ""))
    match result.outcome:
        case "as_promised":
            yield f'    {head} time="0"/>'
        case "skipped":
            yield f'    {head} time="0"><skipped message={reason}/></testcase>'
        case "otherwise":
            yield f'    {head} time="0">'
            yield f"      <failure message={reason}>{_text(_steps(result))}</failure>"
            yield "    </testcase>"


def _steps(result: CaseResult) -> str:
    """What happened up to the broken promise, a step after another."""
    told = []
    for step in result.steps:
        response = None if step.asked is None else step.asked.response
        status = "" if response is None else f": {response.status}"
        told.append(f"{step.number} {step.step.name}{status}")
    return "; ".join(told)


def _text(text: str) -> str:
    return html.escape(visible(text), quote=True)


def _quoted(text: str) -> str:
    return f'"{_text(text)}"'
