"""Reports in tests: case files of recorded and of made-up traces, and pages taken apart."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from hypothesis import strategies as st

from conftest import NOW_MS
from stctl.render.report.made import Made
from stctl.traces.casefile.case import MOST_STEPS, CaseFile, case_of
from stctl.traces.explain.known_app import KnownApp
from stctl.traces.explain.story import TraceStory
from stctl.traces.explain.telling import told_of
from stctl.traces.link import link
from stctl.traces.model import Entry
from stctl.traces.readers import read_trace

TRACES = Path(__file__).parent / "recorded" / "traces"
THEFT = "theft-parent-reused.express.default.cookie"
RACE = "refresh-race.express.default.cookie"
OWN_401 = "e2e-own-401-retry-limit.fastapi.default.cookie"
CORE_DOWN = "chromium-core-down.fastapi.default.cookie"
HEALTHY = "login-and-use.express.default.header"
MADE = Made(version="0.1.0", at_ms=NOW_MS)
HOSTILE = st.one_of(
    st.text(),
    st.text(alphabet="<>&\"'`=/ -!scriptonx\x00\r\n\t\u202e\u2028\ud800"),
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            '"><img src=x onerror=alert(1)>',
            "</style></script><svg onload=alert(1)>",
            "<!-- ",
            "]]>",
            "&lt;b&gt;",
            "javascript:alert(1)",
            "\u202egnp.exe",
        ]
    ),
)
"""Text of people who want to break out of a page, and of those who do so unawares."""
VOID = frozenset({"br", "meta", "wbr"})


def recorded_path(name: str) -> Path:
    """The file of a recorded trace."""
    return TRACES / f"{name}.har.json"


def recorded_case(
    name: str, *, reveal: bool = False, most_steps: int = MOST_STEPS, known: KnownApp | None = None
) -> CaseFile:
    """The case file of a recorded trace."""
    app = known or KnownApp()
    with recorded_path(name).open("rb") as file:
        told = told_of(read_trace(file), app)
        return case_of(f"{name}.har.json", told, app, reveal=reveal, most_steps=most_steps)


def made_case(
    entries: Sequence[Entry], *, reveal: bool = False, most_steps: int = MOST_STEPS
) -> CaseFile:
    """The case file of made-up exchanges."""
    told = TraceStory(KnownApp()).tell(link(entries))
    return case_of("made.har", told, KnownApp(), reveal=reveal, most_steps=most_steps)


@dataclass(slots=True)
class Element:
    """An element of a page with its attributes and all text inside."""

    tag: str
    attributes: dict[str, str | None]
    text: str = ""


@dataclass(slots=True)
class Taken(HTMLParser):
    """A page taken apart; complains about what is not closed as it was opened."""

    elements: list[Element] = field(default_factory=list)
    open_ones: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        HTMLParser.__init__(self)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        assert len(element.attributes) == len(attrs), f"an attribute of <{tag}> stands twice"
        self.elements.append(element)
        if tag not in VOID:
            self.open_ones.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open_ones[-1].tag == tag
        self.open_ones.pop()

    def handle_data(self, data: str) -> None:
        for element in self.open_ones:
            element.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")


def taken(page: str) -> list[Element]:
    """The elements of a page, in order."""
    parser = Taken()
    parser.feed(page)
    parser.close()
    assert parser.open_ones == []
    return parser.elements


def with_class(elements: Sequence[Element], name: str) -> list[Element]:
    """The elements of a class."""
    return [one for one in elements if name in (one.attributes.get("class") or "").split()]


def by_id(elements: Sequence[Element], name: str) -> Element:
    """The one element with an id."""
    (found,) = (one for one in elements if one.attributes.get("id") == name)
    return found
