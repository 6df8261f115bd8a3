"""Where the sections of a trace stand on a page, and how requests are pointed at from there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from stctl.render.report.elements import Content, Html, el
from stctl.traces.casefile.case import CaseFile

_NAMED: Final = re.compile(r"\bentr(?:y|ies) \d{1,9}(?:(?:, | and | to )\d{1,9})*")
_NUMBER: Final = re.compile(r"\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the sections of a trace stand on the page."""

    prefix: str
    """Before each id; empty with one trace."""
    level: int
    """Of the headings of sections."""

    def section(self, name: str, title: str, *content: Content) -> Html:
        """A section with its heading."""
        anchor = f"{self.prefix}{name}"
        heading = el(f"h{self.level}", title, id=f"{anchor}-title")
        return el(
            "section", heading, *content, id=anchor, class_=name, aria_labelledby=f"{anchor}-title"
        )

    def entry(self, case: CaseFile, index: int | None) -> Content:
        """A mention of a request, as a link where it is opened."""
        if index is None:
            return None
        step = case.step(index)
        if step is None:
            return el("span", f"#{index}", class_="entry")
        return el("a", f"#{index}", href=f"#{self.prefix}e{step.index}", class_="entry")

    def linked(self, case: CaseFile, text: str) -> Iterator[Content]:
        """A sentence in which the entries that it names are links to what is opened."""
        reached = 0
        for found in _NAMED.finditer(text):
            for number in _NUMBER.finditer(text, found.start(), found.end()):
                step = case.step(int(number[0]))
                if step is not None:
                    yield text[reached : number.start()]
                    yield el("a", number[0], href=f"#{self.prefix}e{step.index}")
                    reached = number.end()
        yield text[reached:]
