"""What linking gives on."""

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from stctl.traces.model import Damage, Entry, LogEvent


class Evidence(Enum):
    """How well it is known that a call belongs to a request, from best to weakest."""

    RECORDED = "recorded"
    """The recording says so."""
    TRACE = "trace"
    """Both are spans of one distributed trace."""
    ANSWER = "answer"
    """Tokens of the core's answer are in the backend's answer."""
    TOKEN = "token"  # noqa: S105 - a kind of evidence
    """The call carries a token of the request."""
    SESSION = "session"
    """The call is about the session or the user of the request."""
    TIME = "time"
    """The call began while the request was open, and nothing speaks against it."""


@dataclass(frozen=True, slots=True)
class LinkedCall:
    """A call to the core, and why it belongs where it is."""

    entry: Entry
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class LinkedRequest:
    """An exchange of browser and backend with the calls to the core that it led to."""

    entry: Entry
    calls: tuple[LinkedCall, ...]
    """In the order of the recording."""


@dataclass(frozen=True, slots=True)
class LoneCall:
    """A call to the core whose request is not in the recording."""

    entry: Entry


LinkedItem: TypeAlias = LinkedRequest | LoneCall | LogEvent | Damage
