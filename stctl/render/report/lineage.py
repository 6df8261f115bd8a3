"""The family trees of the sessions of a trace, and what became theft in them."""

from collections.abc import Iterator
from typing import Final

from stctl.render.lineage.svg import family_svg
from stctl.render.lineage.words import SUSPECTS, client_text, ended_text, rules_text
from stctl.render.report.elements import Content, Html, el, shown, trusted
from stctl.render.report.place import Place
from stctl.render.wording import count_of
from stctl.traces.casefile.case import CaseFile
from stctl.traces.lineage import Family, Rules
from stctl.traces.lineage.wording import theft_says

_CDI_OPEN: Final = "The trace does not tell the CDI, and the verdict depends on it:"


def lineage(case: CaseFile, place: Place) -> Html:
    """The section with the trees that tell most."""
    drawn = [one for one in case.families if one.generations]
    if not drawn:
        nothing = "No refresh token, and no access token that names one, is in the trace."
        return place.section("lineage", "Family of the tokens", el("p", nothing))
    more = case.more_families
    lead = (
        "Each dot is a refresh token, under the one that it replaced; access tokens name both by "
        "their hashes. A side branch begins where a token was refreshed more than once."
    )
    return place.section(
        "lineage",
        "Family of the tokens",
        el("p", lead, class_="lead dim"),
        *(_family(one, case, place) for one in drawn),
        el("p", f"{count_of(more, 'session')} more with less to tell.") if more else None,
    )


def _family(family: Family, case: CaseFile, place: Place) -> Html:
    def link_of(entry: int) -> str:
        step = case.step(entry)
        return f"#{place.prefix}{f'e{step.index}' if step else 'lineage'}"

    # The drawing escapes what it holds; what is left are characters that no page should obey.
    drawing = trusted(shown(family_svg(family, link_of)))
    handle = family.session_handle or "of which the trace does not show the handle"
    return el(
        "div",
        el(f"h{place.level + 1}", "Session ", el("code", handle)),
        el("dl", *_facts(family), class_="around"),
        el("div", drawing, class_="tree", tabindex="0", role="group", aria_label="Family tree"),
        *_verdict(family, case, place),
        class_="family",
    )


def _facts(family: Family) -> Iterator[Html]:
    facts = [("User", family.user_id), ("Rules", rules_text(family)), ("Ended", ended_text(family))]
    facts += [
        (f"Client {client.label}", client_text(client.address, client.user_agent))
        for client in family.clients
    ]
    for name, text in facts:
        if text:
            yield el("dt", name)
            yield el("dd", text)


def _verdict(family: Family, case: CaseFile, place: Place) -> Iterator[Content]:
    theft = family.theft
    if theft is not None:
        yield el(
            "p",
            el("b", SUSPECTS[theft.suspect]),
            " ",
            *place.linked(case, theft_says(family, theft)),
        )
        yield el(
            "ul",
            *(el("li", *place.linked(case, piece)) for piece in theft.because),
            class_="because",
        )
    others = [
        verdict
        for verdict in family.verdicts
        if family.rules is Rules.UNKNOWN or (theft and verdict.rules is not family.rules)
    ]
    if others:
        is_open = family.rules is Rules.UNKNOWN
        yield el("p", _CDI_OPEN if is_open else "By other rules:")
        told = (el("li", *place.linked(case, verdict.says)) for verdict in others)
        yield el("ul", *told, class_="because")
