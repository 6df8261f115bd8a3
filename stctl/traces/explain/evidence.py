"""What a trace shows of one request: the request, its answer, and the calls that it led to."""

from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cached_property, lru_cache
from typing import Final

from stctl.exchange import Request, Response, first_value
from stctl.jsontypes import JsonObject, JsonValue
from stctl.recipe.handed_out import HandedOut, handed_out
from stctl.recipe.marks import Marks, read_marks
from stctl.traces.explain.core_calls import CallKind, CoreCall, read_call, read_json
from stctl.traces.explain.pages import is_framework_error, is_not_found, is_proxy_error
from stctl.traces.model import Entry, Gap
from stctl.traces.sources import SourceKey, source_of

_NOTHING: Final = Marks(cleared=(), set=())
_REFRESH_MARKS: Final = frozenset({"cookie:sRefreshToken", "header:st-refresh-token"})
_ACCESS_MARKS: Final = frozenset({"cookie:sAccessToken", "header:st-access-token"})
_SEED_MARKS: Final = frozenset({"header:id-refresh-token"})
_NOTHING_SHOWN: Final = frozenset({Gap.RESPONSE_HEADERS, Gap.RESPONSE_BODY})
_FIRST_ERROR: Final = 400
_FIRST_REDIRECT: Final = 300
_SECOND_MS: Final = 1000


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One request of a browser with everything that the trace has about it."""

    entry: Entry
    calls: tuple[CoreCall, ...]
    core_recorded: bool
    """Whether calls between backend and core would be in the trace, had there been any."""
    is_elsewhere: bool = False
    """Whether it went to a server that is not the backend, as browsers record as well."""

    @cached_property
    def request(self) -> Request:
        """The request as the backend saw it."""
        return self.entry.exchange.request

    @cached_property
    def source(self) -> SourceKey | None:
        """Who sent it, as far as it shows."""
        return source_of(self.request)

    @cached_property
    def response(self) -> Response | None:
        """The answer; None when the connection broke without one."""
        response = self.entry.exchange.response
        return response if response is not None and response.status > 0 else None

    @cached_property
    def status(self) -> int:
        """The answer's status, 0 without an answer."""
        return self.response.status if self.response else 0

    @property
    def is_unseen(self) -> bool:
        """Whether the answer is not in the trace at all, which says nothing about it."""
        return self.response is None and self.entry.gaps >= _NOTHING_SHOWN

    @property
    def hides_tokens(self) -> bool:
        """Whether headers of the request were recorded, but the tokens were taken out of them."""
        gaps = self.entry.gaps
        is_cut = Gap.REQUEST_HEADERS in gaps and Gap.REQUEST_BODY not in gaps
        return is_cut and bool(self.request.headers)

    @property
    def shows_headers(self) -> bool:
        """Whether the answer's headers were recorded."""
        return Gap.RESPONSE_HEADERS not in self.entry.gaps

    @property
    def shows_body(self) -> bool:
        """Whether the answer's body was recorded."""
        return Gap.RESPONSE_BODY not in self.entry.gaps

    @cached_property
    def is_trouble(self) -> bool:
        """Whether an error may have been raised: by the status, or for the lack of an answer."""
        return self.response is None or self.status >= _FIRST_ERROR or self.marks.clears_session

    @cached_property
    def marks(self) -> Marks:
        """What the answer sets and clears."""
        return read_marks(self.response.headers) if self.response else _NOTHING

    @cached_property
    def handed_out(self) -> HandedOut:
        """The tokens that the answer hands out."""
        return handed_out(self.response.headers if self.response else ())

    @cached_property
    def body(self) -> JsonValue:
        """The answer's JSON; None where it is none."""
        return read_json(self.response.body) if self.response else None

    @property
    def members(self) -> JsonObject:
        """The answer's JSON object; empty where it is none."""
        return self.body if isinstance(self.body, dict) else {}

    @cached_property
    def words(self) -> str:
        """The answer's text in lower case, cut at 4,000 bytes."""
        body = self.response.body[:4000] if self.response else b""
        return body.decode("utf-8", "replace").lower()

    @cached_property
    def backend_ms(self) -> tuple[int, int]:
        """The earliest and the latest that the backend's clock can have shown.

        By the answer's `Date`, which is the backend's own word and cut to seconds; servers keep it
        for up to a second. Without it, by the recorder's clock.
        """
        started = self.entry.started_at_ms
        date = first_value(self.response.headers, "date") if self.response else None
        told = _milliseconds(date) if date else None
        if told is None:
            return started, int(self.entry.ended_at_ms)
        if abs(told - started) <= 2 * _SECOND_MS:
            return started, int(self.entry.ended_at_ms)
        return told - _SECOND_MS, told + 2 * _SECOND_MS

    @cached_property
    def sets_refresh_token(self) -> bool:
        """Whether the answer hands out a refresh token."""
        return bool(_REFRESH_MARKS & {*self.marks.set})

    @property
    def may_set_tokens(self) -> bool:
        """Whether the answer hands out tokens, or went well and does not show its headers."""
        if self.shows_headers:
            return self.sets_refresh_token
        return self.response is not None and self.status < _FIRST_REDIRECT

    @cached_property
    def sets_access_token(self) -> bool:
        """Whether the answer hands out an access token."""
        return bool(_ACCESS_MARKS & {*self.marks.set})

    @cached_property
    def is_framework_error(self) -> bool:
        """Whether a framework answered a general error by itself, or the connection broke."""
        if self.response is None:
            return not self.is_unseen
        return is_framework_error(self.response)

    @cached_property
    def is_not_found(self) -> bool:
        """Whether a framework says that there is no such route."""
        return self.response is not None and is_not_found(self.response)

    @cached_property
    def is_proxy_error(self) -> bool:
        """Whether a gateway answered in the backend's place."""
        return self.response is not None and is_proxy_error(self.response)

    @cached_property
    def seed_shown(self) -> bool | None:
        """Whether it shows an SDK of the seed era; None where it could be of either."""
        if _SEED_MARKS & {*self.marks.set, *self.marks.cleared}:
            return True
        if self.of_kind(CallKind.HANDSHAKE):
            return True
        if "header:st-access-token" in self.marks.cleared or self.of_kind(CallKind.KEYS):
            return False
        return None

    def of_kind(self, *kinds: CallKind) -> tuple[CoreCall, ...]:
        """The calls for certain purposes, in order."""
        return tuple(call for call in self.calls if call.kind in kinds)


def evidence_of(entry: Entry, core: Sequence[Entry], *, core_recorded: bool) -> Evidence:
    """Gather what a trace has about one request."""
    return Evidence(
        entry=entry, calls=tuple(read_call(call) for call in core), core_recorded=core_recorded
    )


# Many answers are of the same second.
@lru_cache(maxsize=64)
def _milliseconds(date: str) -> int | None:
    try:
        return int(parsedate_to_datetime(date).timestamp() * _SECOND_MS)
    except (ValueError, TypeError, OverflowError):
        return None
