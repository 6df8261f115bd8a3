"""A report as a text for a bug tracker: GitHub's Markdown, no longer than such a text may be.

What a trace holds is text of other people. It must not be taken for markup, call somebody by an
`@`, or point to a ticket by a `#`: short pieces stand in code spans, where none of that happens.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from stctl.render.report.elements import shown
from stctl.render.report.findings import by_rule
from stctl.render.report.made import Made, is_revealed
from stctl.render.report.questions import questions
from stctl.render.report.words import Moment, affected, counts, headline, in_the_end, moments
from stctl.render.wording import count_of, sentence_case
from stctl.traces.casefile.case import CaseFile
from stctl.traces.casefile.seen import Origin, Setting
from stctl.traces.casefile.step import Step
from stctl.traces.diagnose.model import Finding

LONGEST: Final = 4000
"""Characters of a report on one trace, and of all of them together."""
_GENEROUS: Final = (40, 30, 20, 14, 10, 7, 5, 3, 2, 1, 0)
_LONGEST_CELL: Final = 60
_MOST_MENTIONS: Final = 4
_LONGEST_SENTENCE: Final = 400
_MARKUP: Final = re.compile(r"[\\`*{}\[\]<>|~]|(?<!\w)_|_(?!\w)")
"""An underscore inside a word is none."""
_CALLS: Final = re.compile(r"([@#])(?=\w)")
_TICKS: Final = re.compile(r"`+")
_WORD_JOINER: Final = "\u2060"


def markdown(cases: Sequence[CaseFile], made: Made, longest: int = LONGEST) -> str:
    """The report on one or more traces; what tells least is left out until it is short enough."""
    texts = []
    for number in _GENEROUS:
        text = "\n".join(_lines(cases, made, number))
        texts.append(text)
        if len(text) < longest:
            return text
    return f"{texts[-1][: longest - 2]}…\n"


def _lines(cases: Sequence[CaseFile], made: Made, most: int) -> Iterator[str]:
    if is_revealed(cases):
        yield "> **Nothing is masked here.** Do not pass it on."
        yield ""
    for case in cases:
        yield from _case(case, most)
    masked = "unmasked" if is_revealed(cases) else "tokens, cookies and keys are masked"
    yield f"<sub>`stctl report` {made.version}; {masked}.</sub>"
    yield ""


def _case(case: CaseFile, most: int) -> Iterator[str]:
    yield f"## {_plain(headline(case))}"
    yield ""
    yield f"{_code(case.trace)}: {_plain(counts(case))}"
    yield ""
    told = moments(case)[: max(most, 1)]
    yield from (f"- {_mentions(one)} {_plain(one.text)}" for one in told)
    yield from _around(case)
    yield from _findings(case, most)
    yield from _settings(case, most)
    yield from _questions(case, most)
    yield from _requests(case, most)


def _mentions(moment: Moment) -> str:
    first = [_entry(step.index) for step in moment.steps[:_MOST_MENTIONS]]
    more = len(moment.steps) - len(first)
    return " ".join([*first, *([f"and {more:,} more:"] if more else [])])


def _around(case: CaseFile) -> Iterator[str]:
    people = [*affected(case)]
    if people:
        user, handle = people[0]
        more = f", and {count_of(len(people) - 1, 'session')} more" if len(people) > 1 else ""
        yield f"- Affected: user {_code(user)}, session {_code(handle)}{more}"
    end = in_the_end(case)
    if end:
        yield f"- In the end: {_plain(end)}."
    yield ""


def _findings(case: CaseFile, most: int) -> Iterator[str]:
    groups = by_rule(case.diagnosis.findings)
    if not groups:
        return
    yield "### Findings"
    yield ""
    few = groups[: max(most // 2, 1)]
    yield from map(_group, few)
    if len(groups) > len(few):
        yield f"- and {len(groups) - len(few)} more"
    yield ""


def _group(group: list[Finding]) -> str:
    """One rule, with the first of its cases."""
    first = group[0]
    entries = [one.entry for one in first.proofs if one.entry is not None]
    where = " ".join(_entry(one) for one in dict.fromkeys(entries[:3]))
    more = f"; {count_of(len(group) - 1, 'case')} more" if len(group) > 1 else ""
    title, detail = _plain(sentence_case(first.rule.title)), _plain(sentence_case(first.detail))
    rule = f"**{first.rule.id}** ({first.rule.severity.value})"
    return f"- {rule} {title}. {detail} {where}".rstrip() + more


def _settings(case: CaseFile, most: int) -> Iterator[str]:
    known = [one for one in case.settings if one.sightings][: max(most, 3)]
    if not known:
        return
    yield "| version or setting | |"
    yield "|---|---|"
    yield from (f"| {one.name} | {_values(one)} |" for one in known)
    yield ""


def _values(setting: Setting) -> str:
    told = [
        _cell(one.value) + (" (assumed)" if one.origin is Origin.ASSUMED else "")
        for one in setting.sightings[:2]
    ]
    return ", ".join(told)


def _questions(case: CaseFile, most: int) -> Iterator[str]:
    """Those that the settings do not answer."""
    if not most:
        return
    every = [*questions(case)]
    for question in (every[0], every[1], every[-1]):
        told = " ".join(_code(one.text, _LONGEST_SENTENCE) for one in question.answers[:1])
        asked = question.asked.partition(":")[0].rstrip("?")
        yield f"- {asked}: {told or _plain(question.hint)}"
    yield ""


def _requests(case: CaseFile, most: int) -> Iterator[str]:
    steps = _most_telling(case, most)
    if not steps:
        return
    left_out = case.tally.requests - len(steps)
    more = f", {left_out:,} more left out" if left_out else ""
    yield f"<details><summary>{count_of(len(steps), 'request')}{more}</summary>"
    yield ""
    yield "| # | request | status | error, handler | core said |"
    yield "|---|---|---|---|---|"
    yield from map(_row, steps)
    yield ""
    yield "</details>"
    yield ""


def _most_telling(case: CaseFile, most: int) -> list[Step]:
    ranked = sorted(case.steps, key=lambda step: (not step.is_trouble, step.ordinal))
    return sorted(ranked[:most], key=lambda step: step.ordinal)


def _row(step: Step) -> str:
    error = "" if step.error is None else f"{step.error}, {step.handler} ({step.firing.kind})"
    if step.is_own_refusal:
        error = "the app's own"
    said = [one.core_status or str(one.status or one.failure or "?") for one in step.calls]
    cells = (
        str(step.index),
        _cell(f"{step.method} {step.path}".strip()),
        str(step.status or "none"),
        _plain(error),
        _plain(", ".join(said)),
    )
    return f"| {' | '.join(cells)} |"


def _entry(index: int) -> str:
    """A place in the trace; in a code span, for `#4` alone would point to a ticket."""
    return f"`#{index}`"


def _cell(text: str) -> str:
    """A code span in a table, where a bar would end the cell."""
    return _code(text, _LONGEST_CELL).replace("|", r"\|")


def _code(text: str, longest: int = _LONGEST_SENTENCE) -> str:
    r"""A code span of whatever text.

    >>> print(_code("a`b"), _code(" "))
    `` a`b `` `(empty)`
    """
    flat = " ".join(shown(text).split())
    cut = flat if len(flat) <= longest else f"{flat[: longest - 1]}…"
    runs = [len(run) for run in _TICKS.findall(cut)]
    fence = "`" * (max(runs, default=0) + 1)
    pad = " " if runs else ""
    return f"{fence}{pad}{cut or '(empty)'}{pad}{fence}"


def _plain(text: str) -> str:
    """A sentence of which nothing is taken for markup."""
    flat = " ".join(shown(text).split())
    cut = flat if len(flat) <= _LONGEST_SENTENCE else f"{flat[: _LONGEST_SENTENCE - 1]}…"
    return _CALLS.sub(rf"\1{_WORD_JOINER}", _MARKUP.sub(r"\\\g<0>", cut))
