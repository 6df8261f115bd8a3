"""The sections of a report, in the order of the page."""

from collections.abc import Iterator
from typing import Final

from stctl.render.report.diagram import diagram
from stctl.render.report.elements import Content, Html, el
from stctl.render.report.place import Place
from stctl.render.report.questions import Piece, questions
from stctl.render.report.words import Moment, affected, counts, in_the_end, moments
from stctl.render.wording import count_of, listed
from stctl.traces.casefile.case import CaseFile
from stctl.traces.casefile.seen import Origin, Setting

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
            yield el("dd", f"and {count_of(len(people) - _MOST_AFFECTED, 'session')} more")
    end = in_the_end(case)
    if end:
        yield el("dt", "In the end")
        yield el("dd", f"{end}.")
    custom = [name.value for name, kind in case.tally.handlers.items() if kind != "default"]
    if custom:
        yield el("dt", "Overridden")
        yield el("dd", f"The app overrides {listed(custom)}.")


def sequence(case: CaseFile, place: Place) -> Html:
    """The requests, side by side with the calls to the core."""
    left_out = (
        f" {count_of(case.left_out, 'request')} that tell least are left out."
        if case.left_out
        else ""
    )
    lone = (
        f" {count_of(case.lone_calls, 'call')} to the core belong to no request of the trace."
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
        yield _row("", f"and {count_of(setting.more, 'more value')}", None)


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
