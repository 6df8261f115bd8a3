"""The sections of a report, in the order of the page."""

from collections.abc import Iterator
from typing import Final

from stctl.render.report.diagram import diagram
from stctl.render.report.elements import Content, Html, el, prose
from stctl.render.report.place import Place
from stctl.render.report.questions import Piece, questions
from stctl.render.report.words import (
    Moment,
    affected,
    count,
    counts,
    in_the_end,
    listed,
    moments,
    sentence_case,
)
from stctl.traces.casefile.case import CaseFile
from stctl.traces.casefile.seen import Origin, Setting
from stctl.traces.diagnose.model import Finding, Proof, RuleInfo
from stctl.traces.diagnose.threads import thread

_MOST_AFFECTED: Final = 6
_MOST_MENTIONS: Final = 4
_ORIGINS: Final = {
    Origin.TOLD: "told with --sdk or [app]",
    Origin.SEEN: "seen",
    Origin.ASSUMED: "assumed, nothing tells it",
}


def summary(case: CaseFile, place: Place) -> Html:
    """What happened, and whom it concerns."""
    told = [el("li", *_mentions(moment, case, place), moment.text) for moment in moments(case)]
    return place.section(
        "summary",
        "What happened",
        el("p", counts(case), class_="lead"),
        el("ol", *told, class_="moments") if told else None,
        el("dl", *_around(case), class_="around"),
    )


def _mentions(moment: Moment, case: CaseFile, place: Place) -> Iterator[Content]:
    for step in moment.steps[:_MOST_MENTIONS]:
        yield place.entry(case, step.index)
        yield " "
    more = len(moment.steps) - _MOST_MENTIONS
    if more > 0:
        yield el("span", f"and {more:,} more below: ", class_="dim")


def _around(case: CaseFile) -> Iterator[Html]:
    people = [*affected(case)]
    if people:
        hit = any(one.errors for one in case.affected)
        yield el("dt", "Affected" if hit else "Sessions")
        for user, handle in people[:_MOST_AFFECTED]:
            yield el("dd", "user ", el("b", user), ", session ", el("code", handle))
        if len(people) > _MOST_AFFECTED:
            yield el("dd", f"and {count(len(people) - _MOST_AFFECTED, 'session')} more")
    end = in_the_end(case)
    if end:
        yield el("dt", "In the end")
        yield el("dd", f"{end}.")
    custom = [name.value for name, kind in case.tally.handlers.items() if kind != "default"]
    if custom:
        yield el("dt", "Overridden")
        yield el("dd", f"The app overrides {listed(custom)}.")


def findings(case: CaseFile, place: Place) -> Html:
    """What the rules of `stctl diagnose` found."""
    found = case.diagnosis.findings
    if not found:
        rules = count(len(case.diagnosis.rules), "rule")
        return place.section("findings", "Findings", el("p", f"None: {rules} looked at the trace."))
    cards = [_finding(one, case, place) for one in found]
    return place.section("findings", "Findings", el("ol", *cards, class_="cards"))


def _finding(finding: Finding, case: CaseFile, place: Place) -> Html:
    rule = finding.rule
    times = f" {finding.count:,} times" if finding.count > 1 else None
    return el(
        "li",
        el(
            f"h{place.level + 1}",
            el("span", rule.severity.value, class_=f"badge {rule.severity.value}"),
            " ",
            sentence_case(rule.title),
            el("small", times),
        ),
        el("p", *place.linked(case, finding.detail), class_="lead"),
        el("p", el("b", "Why. "), *prose(rule.cause)),
        el("p", el("b", "What to do. "), *prose(rule.fix)),
        el("ul", *(_proof(one, case, place) for one in finding.proofs), class_="proofs"),
        el(
            "p",
            el("code", rule.id),
            f" {rule.name} ",
            *_links(rule),
            class_="dim",
        ),
        id=f"{place.prefix}{rule.id}",
        class_=f"card {rule.severity.value}",
    )


def _links(rule: RuleInfo) -> Iterator[Content]:
    named = [("read more", rule.link), *((one, thread(one)) for one in rule.references)]
    for place, (name, address) in enumerate(named):
        if address != rule.link or place == 0:
            yield ", " if place else None
            yield el("a", name, href=address, rel="noreferrer noopener")


def _proof(proof: Proof, case: CaseFile, place: Place) -> Html:
    reveal = case.is_revealed
    mention = place.entry(case, proof.entry) or el("span", proof.position or "", class_="entry")
    return el(
        "li",
        mention,
        " ",
        el("code", proof.asked(reveal=reveal)),
        " ",
        el("span", f"{proof.field}: ", class_="dim"),
        proof.seen(reveal=reveal),
    )


def sequence(case: CaseFile, place: Place) -> Html:
    """The requests, side by side with the calls to the core."""
    left_out = (
        f" {count(case.left_out, 'request')} that tell least are left out." if case.left_out else ""
    )
    lone = (
        f" {count(case.lone_calls, 'call')} to the core belong to no request of the trace."
        if case.lone_calls
        else ""
    )
    return place.section(
        "sequence-section",
        "Step by step",
        el("p", f"Open a request for its headers and its reasons.{left_out}{lone}", class_="dim"),
        diagram(case, place.prefix) if case.steps else el("p", "There is no request to show."),
    )


def settings(case: CaseFile, place: Place) -> Html:
    """Versions and settings, and how each of them is known."""
    rows = [row for setting in case.settings for row in _setting(setting, case, place)]
    return place.section(
        "settings", "Versions and settings", el("table", el("tbody", *rows), class_="facts")
    )


def _setting(setting: Setting, case: CaseFile, place: Place) -> Iterator[Html]:
    name: str | None = setting.name
    if not setting.sightings:
        yield _row(name or "", el("span", "not known", class_="dim"), setting.hint)
    for one in setting.sightings:
        where: Content = _ORIGINS[one.origin]
        if one.entry is not None:
            where = ("seen in ", place.entry(case, one.entry))
        yield _row(name or "", one.value, where)
        name = None
    if setting.more:
        yield _row("", f"and {count(setting.more, 'more value')}", None)


def _row(name: str, value: Content, where: Content) -> Html:
    heading = el("th", name, scope="row") if name else el("td")
    return el("tr", heading, el("td", value), el("td", where, class_="dim"))


def maintainers(case: CaseFile, place: Place) -> Html:
    """The maintainers' questions with their answers."""
    rows = []
    for question in questions(case):
        answers = [_answer(piece, case, place) for piece in question.answers]
        told = answers or [el("p", question.hint, class_="dim")]
        rows.append((el("dt", question.asked), el("dd", *told)))
    return place.section(
        "questions", "What maintainers will ask", el("dl", *rows, class_="questions-list")
    )


def _answer(piece: Piece, case: CaseFile, place: Place) -> Html:
    mention = place.entry(case, piece.entry)
    return el("p", piece.text, (" ", mention) if mention else None)
