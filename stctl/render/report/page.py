"""The whole page: one file that needs nothing else, and from which nothing leaves."""

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from stctl.render.report import sections
from stctl.render.report.elements import Content, Html, el, prose, trusted
from stctl.render.report.findings import findings
from stctl.render.report.lineage import lineage
from stctl.render.report.made import MASKED, REVEALED, Made, is_revealed
from stctl.render.report.place import Place
from stctl.render.report.words import headline
from stctl.render.wording import count_of
from stctl.traces.casefile.case import CaseFile
from stctl.traces.recording import iso_time


def page(cases: Sequence[CaseFile], made: Made) -> str:
    """The report on one or more traces, as the text of an HTML file."""
    script = trusted(_resource("page.js"))
    title = headline(cases[0]) if len(cases) == 1 else f"Report on {count_of(len(cases), 'trace')}"
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=_policy(script)),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("meta", name="referrer", content="no-referrer"),
        el("meta", name="generator", content=f"stctl {made.version}"),
        el("title", f"{title.replace('`', '')} · stctl report"),
        el("style", trusted(_resource("page.css"))),
    )
    body = el("body", *_body(cases, title, made), el("script", script))
    return f"<!doctype html>\n{el('html', head, body, lang='en').text}\n"


def _policy(script: Html) -> str:
    """Nothing may be loaded, and no script may run but the page's own, by its hash."""
    digest = b64encode(hashlib.sha256(script.text.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _body(cases: Sequence[CaseFile], title: str, made: Made) -> list[Content]:
    banner = el("p", el("b", "Nothing is masked. "), REVEALED, class_="banner", role="alert")
    return [
        el("a", "Skip to the summary", href="#main", class_="skip"),
        banner if is_revealed(cases) else None,
        el(
            "main",
            *(_single(cases[0], title) if len(cases) == 1 else _several(cases, title)),
            id="main",
        ),
        el("footer", *_about(cases, made)),
    ]


def _single(case: CaseFile, title: str) -> list[Content]:
    place = Place(prefix="", level=2)
    header = el("header", _eyebrow(case), el("h1", *prose(title)), _contents(place))
    return [header, *_sections(case, place)]


def _several(cases: Sequence[CaseFile], title: str) -> list[Content]:
    listed = [
        el(
            "li",
            el("a", *prose(headline(case)), href=f"#t{number}"),
            " ",
            el("span", case.trace, class_="dim"),
        )
        for number, case in enumerate(cases, 1)
    ]
    header = el(
        "header",
        el("p", "stctl report", class_="eyebrow"),
        el("h1", *prose(title)),
        el("ol", *listed),
    )
    articles = [
        el(
            "article",
            el("header", _eyebrow(case), el("h2", *prose(headline(case))), _contents(place)),
            *_sections(case, place),
            id=f"t{number}",
        )
        for number, case in enumerate(cases, 1)
        for place in [Place(prefix=f"t{number}-", level=3)]
    ]
    return [header, *articles]


def _eyebrow(case: CaseFile) -> Html:
    when = f" · {iso_time(case.started_at_ms)}" if case.started_at_ms else ""
    return el("p", f"stctl report · {case.trace}{when}", class_="eyebrow")


def _contents(place: Place) -> Html:
    links = (
        ("summary", "Summary"),
        ("findings", "Findings"),
        ("sequence-section", "Step by step"),
        ("lineage", "Family"),
        ("settings", "Settings"),
        ("questions", "Questions"),
    )
    return el(
        "nav",
        *(el("a", title, href=f"#{place.prefix}{name}") for name, title in links),
        aria_label="Sections",
    )


def _sections(case: CaseFile, place: Place) -> list[Content]:
    return [
        sections.summary(case, place),
        findings(case, place),
        sections.sequence(case, place),
        lineage(case, place),
        sections.settings(case, place),
        sections.maintainers(case, place),
    ]


def _about(cases: Sequence[CaseFile], made: Made) -> list[Content]:
    return [
        el("h2", "How this was made"),
        el(
            "p",
            f"stctl {made.version} made it on {iso_time(made.at_ms)} from the recorded trace "
            "alone. What the trace does not show was concluded from the answers, and is marked as "
            "inferred.",
        ),
        el("p", REVEALED if is_revealed(cases) else MASKED),
        el("p", "The page loads nothing and sends nothing."),
    ]


@cache
def _resource(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")
