"""What a recording comes to, whatever its format: entries, log events, and damage.

Nothing here is masked: the analysis compares tokens. Whatever shows an item to people, or writes it
to a file, goes through `stctl.traces.secrets` first, unless they asked for `--reveal`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import TypeAlias

from stctl.exchange import Exchange


class TraceFormat(StrEnum):
    """The formats that can be read, by the names that `--format` takes."""

    HAR = "har"
    NDJSON = "ndjson"
    OTLP = "otlp"
    DEBUG_LOG = "debug-log"
    CURL = "curl"


class Peer(StrEnum):
    """Which two parties an exchange is between."""

    BROWSER_BACKEND = "browser-backend"
    """A client and a backend, or anything else that is not a core's or a backend's own call."""
    BACKEND_CORE = "backend-core"
    OTHER = "other"
    """A backend's call to something that is no core."""


class Timing(Enum):
    """How well the start of an exchange is known."""

    MEASURED = "measured"
    """To the millisecond, by the recorder."""
    DATE_HEADER = "date-header"
    """To the second, by the answer's `Date`; the duration is unknown."""
    UNKNOWN = "unknown"
    """Not at all; `started_at_ms` is 0."""


class Gap(StrEnum):
    """A part of an exchange that the recording leaves out, so that its emptiness says nothing."""

    REQUEST_HEADERS = "request headers"
    REQUEST_BODY = "request body"
    RESPONSE_HEADERS = "response headers"
    RESPONSE_BODY = "response body"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The place of an exchange in a distributed trace; identifiers as recorded, in lower case."""

    trace_id: str
    span_id: str
    parent_id: str | None
    is_server: bool
    """Recorded by the party that answered, not by the one that asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One recorded exchange."""

    index: int
    """0-based place among the exchanges of the source; what could not be read counts too."""
    position: str
    """Where it stands, for people: `line 12`, `log.entries[3]`."""
    exchange: Exchange
    url: str
    """As recorded, with its query; put together where the recording has it in parts."""
    scheme: str
    """`http` or `https`; `http` where nothing tells."""
    port: int
    """The scheme's own where the URL names none."""
    peer: Peer | None = None
    """What the recording itself says; None is usual."""
    initiator: int | None = None
    """Index of the browser's exchange that led to this one, where the recording says so."""
    connection: str | None = None
    """What happened to the connection when the answer did not arrive where it should."""
    timing: Timing = Timing.MEASURED
    gaps: frozenset[Gap] = frozenset()
    span: Span | None = None

    @property
    def host(self) -> str:
        """Host name of the server, in lower case, without port."""
        return self.exchange.request.host

    @property
    def started_at_ms(self) -> int:
        """Milliseconds since the epoch; 0 where unknown."""
        return self.exchange.started_at_ms

    @property
    def ended_at_ms(self) -> float:
        """When the answer was complete, in milliseconds since the epoch."""
        return self.exchange.started_at_ms + self.exchange.duration_ms

    @property
    def size(self) -> int:
        """About how many bytes its text and bodies take."""
        request, response = self.exchange.request, self.exchange.response
        answered = len(response.body) if response else 0
        return 2048 + len(self.url) + len(request.body) + answered


class Logger(StrEnum):
    """Whose debug log a line is from."""

    NODE = "node"
    PYTHON = "python"
    GO = "go"
    FRONTEND = "frontend"
    """One of the browser SDKs."""


class Topic(StrEnum):
    """What a line of a debug log speaks of, in one vocabulary for all SDKs."""

    INIT = "init"
    """A setting at start. Facts: `setting`, `value`."""
    REQUEST = "request"
    """The middleware was given a request; Go says so once for all of them."""
    LOOKED_AT = "looked-at"
    """The middleware looks at a request. Facts: `path`, `method`, `rid`, as the line has them."""
    ROUTE = "route"
    """The SDK answers the request itself. Facts: `route`."""
    NOT_MINE = "not-mine"
    """The middleware leaves the request to the app. Facts: `path`, where the line has it."""
    MIDDLEWARE_END = "middleware-end"
    STEP = "step"
    """A step of the session recipe begins, its outer or its inner half. Facts: `step` (verify,
    refresh, create)."""
    OPTION = "option"
    """How verify is done. Facts: `optional` or `anti_csrf_check`, each `true` or `false`."""
    FOUND = "found"
    """A token is there. Facts: `token` (access, refresh), `transfer` (cookie, header)."""
    IGNORED = "ignored"
    """A token is not one of the recipe's and counts as absent. Facts: `token`, `transfer`."""
    TRANSFER = "transfer"
    """The way that tokens travel is decided. Facts: `step`, `transfer`."""
    CORE_CALL = "core-call"
    """Facts: `method`, `url`."""
    CORE_ANSWER = "core-answer"
    """What went wrong with a call. Facts: `status` or `problem`."""
    RAISED = "raised"
    """A session error is raised. Facts: `error`, `reason`, `step` where the line has them."""
    CLEARED = "cleared"
    """Tokens are cleared. Facts: `error` or `what`."""
    SET = "set"
    """A token is put on the answer. Facts: `token`, `transfer`."""
    CLAIM = "claim"
    """A claim validator was asked. Facts: `validator`, `result`."""
    DONE = "done"
    """A step ended well. Facts: `step`; `session` is `no` for an optional one without a session."""
    ERROR = "error"
    """The SDK's error handler was given an error. Facts: `message` of it, where the line has it."""
    HANDLER = "handler"
    """The session recipe's handler for an error runs. Facts: `error`."""
    ANSWER = "answer"
    """The SDK itself sends an answer. Facts: `status`."""
    FRONTEND = "frontend"
    """A line of a browser SDK that says what it does next. Facts: `call`, `did`."""
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEvent:
    """One line of an SDK's debug log."""

    index: int
    """0-based place among the events of the source."""
    position: str
    at_ms: int | None
    """Milliseconds since the epoch; Go writes whole seconds."""
    logger: Logger
    sdk_version: str | None
    message: str
    file: str | None
    """Source file and line in the SDK, where the line has it."""
    source: str
    """What stands before the SDK's own text, without times: container, process; often empty."""
    topic: Topic
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """Something that could not be read; reading went on behind it where that was possible."""

    position: str
    """`line 12`, `log.entries[3]`."""
    offset: int | None
    """Byte in the source, after unpacking, at which reading failed; None where it has no place."""
    reason: str
    """What is wrong, in a few words without a full stop."""
    lost: int = 0
    """How many entries or events it cost, as far as that can be told."""

    def sentence(self) -> str:
        """Say it in one sentence for people."""
        place = self.position if self.offset is None else f"{self.position}, byte {self.offset:,}"
        return f"{place}: {self.reason}."


TraceItem: TypeAlias = Entry | LogEvent | Damage
