"""From the items of a trace, as they are read, to what is said of each request."""

from collections.abc import Iterator

from stctl.traces.explain.keys import KeySet
from stctl.traces.explain.known_app import KnownApp
from stctl.traces.explain.logged import explain_log
from stctl.traces.explain.story import Told, TraceStory
from stctl.traces.link import link
from stctl.traces.model import TraceFormat
from stctl.traces.readers import Trace


def told_of(trace: Trace, known: KnownApp, keys: KeySet | None = None) -> Iterator[Told]:
    """Link and explain a trace of any format, in memory that does not grow with it.

    `keys` are what signatures are checked with; a debug log holds no tokens to check.
    """
    if trace.form is TraceFormat.DEBUG_LOG:
        return explain_log(trace, known)
    return TraceStory(known, keys).tell(link(trace))
