"""The screen of a report: for each token the verdict first, then facts, claims and remarks."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from stctl.jsontypes import JsonObject, JsonValue
from stctl.render.decode.facts import groups
from stctl.render.decode.masking import Veil
from stctl.render.decode.words import KINDS, Watch, title, verdict
from stctl.render.view import (
    Block,
    Facts,
    Gap,
    Heading,
    Line,
    Lines,
    Note,
    bad,
    dim,
    line,
    strong,
    warn,
)
from stctl.tokens.access import AccessToken
from stctl.tokens.claims import meaning_of_user_claim
from stctl.tokens.decoded import Decoded, Item, Report
from stctl.tokens.identify import Broken, Cleared, Source
from stctl.tokens.lint.remark import Remark

_LONGEST_CLAIM: Final = 300


def view(
    report: Report, veil: Veil, offset_at: Callable[[int], int], width: int
) -> Iterator[Block]:
    """The blocks of a report."""
    del width
    watch = Watch(report.now_ms, offset_at)
    is_numbered = len(report.items) > 1
    met: dict[str, int] = {}
    for number, item in enumerate(report.items, start=1):
        label = f"{number}  " if is_numbered else ""
        if isinstance(item, Decoded) and met.setdefault(item.finding.text, number) != number:
            yield from _again(label, item, met[item.finding.text])
        else:
            yield from _item(label, item, veil, watch)
        yield Gap()
    yield from _together(report)


def _item(number: str, item: Item, veil: Veil, watch: Watch) -> Iterator[Block]:
    match item:
        case Decoded():
            yield from _token(number, item, veil, watch)
        case Broken():
            yield from _broken(number, item)
        case Cleared():
            what = KINDS[item.expected]
            yield _heading(line(f"{number}{what} taken away"), item.source)
            yield Lines([line("the browser is told to forget it")], indent=2)


def _again(number: str, item: Decoded, first: int) -> Iterator[Block]:
    yield _heading(line(f"{number}{title(item)}"), item.finding.source)
    yield Lines([line(f"the same as {first}")], indent=2)
    yield from _remarks(item.remarks)


def _heading(title: Line, source: Source) -> Heading:
    is_obvious = source.place == "whole" and not source.paste
    return Heading(title if is_obvious else line(title, dim(f"  {source}")))


def _token(number: str, item: Decoded, veil: Veil, watch: Watch) -> Iterator[Block]:
    yield _heading(line(f"{number}{title(item)}"), item.finding.source)
    yield Lines([verdict(item)], indent=2)
    yield Gap()
    rows: list[tuple[str, Line]] = []
    for group in groups(item, veil, watch):
        if rows and group:
            rows.append(("", ()))
        rows.extend(group)
    yield Facts(rows)
    yield from _claims(item, veil, watch)
    yield from _remarks(item.remarks)


def _claims(item: Decoded, veil: Veil, watch: Watch) -> Iterator[Block]:
    body = item.finding.body
    claims: JsonObject | None
    if isinstance(body, AccessToken):
        heading, claims = "User claims", body.user_claims
    else:
        heading, claims = "Claims", getattr(body, "payload", None)
    if claims is None:
        return
    yield Gap()
    yield Heading(line(heading) if claims else line(heading, dim("  none")))
    if claims:
        yield Facts(_claim_rows(veil.claims(claims), watch))


def _claim_rows(claims: JsonObject, watch: Watch) -> Sequence[tuple[str, Line]]:
    return [
        (claim, _with_meaning(_value(value), meaning_of_user_claim(claim, value, watch.now_ms)))
        for claim, value in claims.items()
    ]


def _with_meaning(value: str, meaning: str) -> Line:
    return line(value, dim(f"  {meaning}")) if meaning else line(value)


def _value(value: JsonValue) -> str:
    """A claim as JSON, cut where it would fill the screen; `--json` has the whole."""
    text = json.dumps(value, ensure_ascii=False)
    if len(text) <= _LONGEST_CLAIM:
        return text
    return f"{text[:_LONGEST_CLAIM]}… and {len(text) - _LONGEST_CLAIM:,} characters more"


def _remarks(remarks: Sequence[Remark]) -> Iterator[Block]:
    if not remarks:
        return
    yield Gap()
    for remark in remarks:
        told = line(strong(remark.id), f"  {remark.text} ", dim(remark.rule.meaning))
        yield Note(remark.severity, told)


def _broken(number: str, item: Broken) -> Iterator[Block]:
    wanted = KINDS[item.expected].lower() if item.expected else "token"
    yield _heading(line(bad(f"{number}Not a {wanted}")), item.source)
    problem = item.problem
    rows = [("part", line(problem.part)), ("reason", line(bad(problem.reason)))]
    if problem.position is not None:
        rows.insert(1, ("byte", line(str(problem.position))))
    rows.append(("length", line(f"{len(item.text):,} characters")))
    yield Facts(rows)


def _together(report: Report) -> Iterator[Block]:
    if report.kin:
        from stctl.render.decode.relations import relations

        yield from relations(report)
        yield Gap()
    yield from _remarks(report.remarks)
    if report.is_cut:
        yield Note("warn", line(warn("There is more: only the beginning was looked at.")))
