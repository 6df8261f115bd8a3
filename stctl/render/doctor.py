"""How the findings of an examination look."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from stctl.checks.finding import Finding, Level
from stctl.jsontypes import JsonObject, JsonValue
from stctl.redact import mask_text
from stctl.render.view import (
    Block,
    Gap,
    Heading,
    Lines,
    Note,
    Presentation,
    Span,
    Style,
    bad,
    dim,
    good,
    line,
    name,
    strong,
    warn,
)

_KINDS: dict[Level, Literal["good", "warn", "bad", "info"]] = {
    "pass": "good",
    "warn": "warn",
    "fail": "bad",
    "skip": "info",
}
_STYLES: dict[Level, Style] = {"pass": "plain", "warn": "warn", "fail": "bad", "skip": "dim"}
_LEVELS: Sequence[Level] = ("pass", "warn", "fail", "skip")


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """Everything that was found."""

    core: str | None
    app: str | None
    findings: Sequence[Finding]

    def count(self, level: Level) -> int:
        """How many checks ended so."""
        return sum(one.level == level for one in self.findings)

    @property
    def verdict(self) -> Level:
        """The worst that was found."""
        return "fail" if self.count("fail") else "warn" if self.count("warn") else "pass"


def presentation(found: Examination) -> Presentation:
    """Present an examination; `-q` prints the ids of what failed."""
    return Presentation(
        schema="stctl.doctor/1",
        view=lambda _width: _view(found),
        document=lambda: _document(found),
        rows=lambda: map(_row, found.findings),
        ids=lambda: list(dict.fromkeys(one.id for one in found.findings if one.level == "fail")),
    )


def _view(found: Examination) -> Iterator[Block]:
    for prefix, title, place in (("core.", "Core ", found.core), ("app.", "App ", found.app)):
        findings = [one for one in found.findings if one.id.startswith(prefix)]
        if findings:
            yield Gap()
            yield Heading(line(strong(title), name(place or "")))
            yield from _of_findings(findings)
    yield Gap()
    yield Note(_KINDS[found.verdict], line(*_summary(found)))


def _of_findings(findings: Sequence[Finding]) -> Iterator[Block]:
    widest = max(len(one.id) for one in findings)
    for _, group in groupby(findings, key=_alike):
        one, *more = group
        where = f"{one.subject}: " if one.subject else ""
        also = f"  (so {', '.join(other.id for other in more)})" if more else ""
        shown = Span(f"{where}{mask_text(one.detail)}{also}", _STYLES[one.level])
        yield Note(_KINDS[one.level], line(f"{one.id:<{widest}}  ", shown))
        if one.level in {"warn", "fail"}:
            told = [line(mask_text(one.hint))] if one.hint else []
            told += [line(dim(one.check.link))] if one.check.link else []
            yield Lines(told, indent=widest + 4)


def _alike(one: Finding) -> tuple[str, str | None, str]:
    """What neighbours share that are told in one line: what was skipped for one reason."""
    return "skip" if one.level == "skip" else one.id, one.subject, one.detail


def _summary(found: Examination) -> Iterator[Span]:
    texts = {"pass": "passed", "warn": "to look at", "fail": "failed", "skip": "skipped"}
    styles = {"pass": good, "warn": warn, "fail": bad, "skip": dim}
    shown = [level for level in _LEVELS if found.count(level)]
    for number, level in enumerate(shown):
        comma = ", " if number else ""
        yield styles[level](f"{comma}{found.count(level)} {texts[level]}")


def _document(found: Examination) -> JsonObject:
    return {
        "core": found.core,
        "app": found.app,
        "verdict": found.verdict,
        "counts": {level: found.count(level) for level in _LEVELS},
        "findings": [_row(one) for one in found.findings],
    }


def _row(one: Finding) -> dict[str, JsonValue]:
    return {
        "id": one.id,
        "level": one.level,
        "title": one.check.title,
        "subject": one.subject,
        "detail": mask_text(one.detail),
        "hint": mask_text(one.hint),
        "link": one.check.link,
    }
