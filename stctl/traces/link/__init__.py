"""Which exchanges are whose: browser and backend, backend and core, and which call is for which.

`link` takes the items of a trace as they are read and gives them on, each browser's request with
the calls to the core that it led to. What the recording itself says is believed; the rest is
concluded from tokens, sessions, paths and times. Only a bounded window is held.

`requests_in_log` does the same for the events of a debug log.
"""

from stctl.traces.link.linked import Evidence, LinkedCall, LinkedItem, LinkedRequest, LoneCall
from stctl.traces.link.linker import Linker, link
from stctl.traces.link.logged import LoggedRequest, requests_in_log
from stctl.traces.link.peers import Peers

__all__ = [
    "Evidence",
    "LinkedCall",
    "LinkedItem",
    "LinkedRequest",
    "Linker",
    "LoggedRequest",
    "LoneCall",
    "Peers",
    "link",
    "requests_in_log",
]
