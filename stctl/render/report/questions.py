"""The questions that maintainers ask first, answered from the trace."""

from collections.abc import Iterator
from typing import NamedTuple

from stctl.recipe.arrival import Reach
from stctl.recipe.step_end import StepName
from stctl.recipe.transfer import ACCESS_COOKIE, REFRESH_COOKIE
from stctl.traces.casefile import settings
from stctl.traces.casefile.case import CaseFile
from stctl.traces.casefile.seen import Origin, Setting
from stctl.traces.casefile.step import Step

_LONGEST_BODY = 120


class Piece(NamedTuple):
    """One answer, with the request that shows it."""

    text: str
    entry: int | None = None


class Question(NamedTuple):
    """A question with what the trace says to it; without answers, `hint` says how to find out."""

    asked: str
    answers: tuple[Piece, ...]
    hint: str = ""


def questions(case: CaseFile) -> Iterator[Question]:
    """Every question, in the order in which they are asked."""
    yield Question(
        "The API that failed: request, answer, status",
        (*map(_exchange, _failed(case)),),
        "none failed, but for refreshes",
    )
    refresh = case.telling_refresh
    yield Question(
        "The refresh: request, answer, status",
        (_exchange(refresh),) if refresh else (),
        "there is no refresh among the requests shown",
    )
    yield _of_settings(case, "Cookies or headers?", settings.TRANSFER, settings.SENDS)
    yield _of_settings(case, "Which backend SDK?", settings.SDK, settings.FRAMEWORK)
    yield _of_settings(case, "Which frontend SDK?", settings.FRONTEND, settings.FDI)
    yield _of_settings(case, "Which core?", settings.CORE, settings.CDI)
    yield _of_settings(
        case, "Which domains and paths?", settings.API, settings.WEBSITE, settings.BASE_PATH
    )
    yield _of_settings(case, "How are the cookies set?", ACCESS_COOKIE, REFRESH_COOKIE)
    yield Question("Debug logs?", tuple(_logs(case)), _LOGS_HINT)


_LOGS_HINT = "none in the trace: switch debug on in the SDK, and report its log with the trace"


def _failed(case: CaseFile) -> list[Step]:
    """The first failed request of an API; an SDK's error comes before the app's own refusal."""
    asked = [step for step in case.steps if step.is_trouble and step.step is not StepName.REFRESH]
    asked = [step for step in asked if step.reach is Reach.SDK] or asked
    raised = [step for step in asked if step.error is not None]
    return (raised or asked)[:1]


def _exchange(step: Step) -> Piece:
    body = " ".join(step.response.body.split())[:_LONGEST_BODY] if step.response else ""
    status = step.status or step.connection or "no answer"
    return Piece(f"{step.method} {step.path} → {status} {body}".strip(), step.index)


def _of_settings(case: CaseFile, asked: str, *names: str) -> Question:
    found = [case.setting(name) for name in names]
    pieces = [piece for setting in found for piece in _pieces(setting, of_many=len(names) > 1)]
    hint = next((setting.hint for setting in found if setting.hint), "the trace does not show it")
    return Question(asked, tuple(pieces), hint)


def _pieces(setting: Setting, *, of_many: bool) -> Iterator[Piece]:
    label = f"{setting.name}: " if of_many else ""
    for one in setting.sightings:
        assumed = " (the default, assumed)" if one.origin is Origin.ASSUMED else ""
        yield Piece(f"{label}{one.value}{assumed}", one.entry)


def _logs(case: CaseFile) -> Iterator[Piece]:
    if case.has_logs:
        yield Piece("in this trace")
