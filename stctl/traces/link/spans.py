"""Knows when two spans tell of one exchange, and when a span is of no interest.

A distributed trace has an exchange twice if both of its parties are instrumented: the asking one's
span is the parent of the answering one's. And a backend's spans tell of all that it calls.
"""

from collections import OrderedDict
from typing import Final

from stctl.traces.model import Entry, Span

_MOST: Final = 8192


class Spans:
    """Remembers the latest spans, as far as exchanges may have to be told apart by them."""

    def __init__(self) -> None:
        self._asked = _Recent()
        self._answered_parents = _Recent()
        self._answered_traces = _Recent()

    def watch(self, entry: Entry) -> None:
        """Take note of an exchange."""
        span = entry.span
        if span is None:
            return
        if span.is_server:
            self._answered_parents.add(_key(span, span.parent_id))
            self._answered_traces.add(span.trace_id)
        else:
            self._asked.add(_key(span, span.span_id))

    def is_request(self, entry: Entry) -> bool:
        """Whether a span that is no call to a core tells of a browser's exchange, and is the one.

        It is not when the backend has told of the same exchange, or when the backend itself asked.
        """
        span = entry.span
        if span is None or span.is_server:
            return True
        is_told_twice = _key(span, span.span_id) in self._answered_parents
        return not is_told_twice and span.trace_id not in self._answered_traces

    def is_call(self, entry: Entry) -> bool:
        """Whether a span of a call to a core is the one to take: the backend's, if it is there."""
        span = entry.span
        return span is None or not span.is_server or _key(span, span.parent_id) not in self._asked


def _key(span: Span, span_id: str | None) -> str:
    return f"{span.trace_id}/{span_id}" if span_id else ""


class _Recent:
    """A set of the latest texts; the empty one is never in it."""

    def __init__(self) -> None:
        self._texts: OrderedDict[str, None] = OrderedDict()

    def add(self, text: str) -> None:
        if text:
            self._texts[text] = None
            self._texts.move_to_end(text)
        if len(self._texts) > _MOST:
            self._texts.popitem(last=False)

    def __contains__(self, text: str) -> bool:
        return text in self._texts
