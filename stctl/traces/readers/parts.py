"""Small pieces that every reader needs: URLs, times, bodies, text made safe, JSON looked at."""

import re
from base64 import b64decode
from binascii import Error as BinasciiError
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from stctl.exchange import Exchange, Pairs, Request, Response, first_value
from stctl.jsontypes import JsonObject, JsonValue
from stctl.traces.model import Timing

DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_LARGEST_STATUS: Final = 999
_LATEST_MS: Final = 253_402_300_799_999
_HTTP_DATE: Final = re.compile(
    r"\w{3}, (\d{2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4}) "
    r"(\d{2}):(\d{2}):(\d{2}) GMT"
)
_MONTHS: Final = "JanFebMarAprMayJunJulAugSepOctNovDec"


class Misshapen(Exception):  # noqa: N818 - a finding about input, reported as such
    """JSON that cannot be an entry; the message says why, without a full stop."""


@dataclass(frozen=True, slots=True)
class Address:
    """A URL in the parts that an exchange needs."""

    scheme: str
    host: str
    port: int
    path: str
    query: Pairs


def read_url(url: str) -> Address:
    """The parts of a URL; a bare path, and what is no URL at all, have the host `localhost`.

    Path and query are percent-decoded. What is wrong in a URL is left as it stands.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
        host = parts.hostname
    except ValueError:
        return Address("http", "localhost", 80, *_target(url))
    scheme = "https" if parts.scheme in {"https", "wss"} else "http"
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    # `:0` would be a port that nothing listens on.
    return Address(scheme, host or "localhost", port or DEFAULT_PORTS[scheme], *_target(target))


@lru_cache(maxsize=1024)
def _target(target: str) -> tuple[str, Pairs]:
    path, _, query = target.partition("?")
    try:
        pairs = tuple(parse_qsl(query, keep_blank_values=True)) if query else ()
    except ValueError:
        pairs = ()
    return unquote(path) or "/", pairs


def clean(text: str) -> str:
    """`text` without lone surrogates, which no output can carry; they become `?`."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def body_bytes(text: str) -> bytes:
    """The bytes of a body that is recorded as text; bytes that were no UTF-8 are as they were."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def base64_bytes(text: str) -> bytes:
    """The bytes of base64 text; what cannot be decoded stays as text."""
    try:
        return b64decode(text)
    except (BinasciiError, ValueError):
        return body_bytes(text)


def text_or_none(value: JsonValue) -> str | None:
    """`value` if it is text, made safe."""
    return clean(value) if isinstance(value, str) else None


def member(value: JsonValue, name: str) -> JsonValue:
    """A member of an object; None where it has none, or is no object."""
    return value.get(name) if isinstance(value, dict) else None


def object_or_empty(value: JsonValue) -> JsonObject:
    """`value` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def list_or_empty(value: JsonValue) -> Sequence[JsonValue]:
    """`value` if it is an array, else an empty one."""
    return value if isinstance(value, list) else ()


def number(value: JsonValue, otherwise: float = 0.0) -> float:
    """`value` as a finite number, from text as well; `otherwise` if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return otherwise
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return otherwise
    return found if abs(found) < float("inf") else otherwise


def read_status(value: JsonValue) -> int:
    """An HTTP status; 0 where there is none."""
    status = number(value)
    return int(status) if 0 < status <= _LARGEST_STATUS else 0


def read_duration(value: JsonValue) -> float:
    """Milliseconds, not negative: HAR writes -1 for what does not apply."""
    duration = number(value)
    return duration if 0 <= duration <= _LATEST_MS else 0.0


def read_time(value: JsonValue) -> int | None:
    """Milliseconds since the epoch from ISO 8601 text or a number of them; None if it is neither.

    A time without a zone is taken as UTC.
    """
    if isinstance(value, str):
        return _iso_ms(value)
    found = number(value, -1.0)
    return int(found) if 0 < found <= _LATEST_MS else None


def _iso_ms(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return _milliseconds(moment)
    except OverflowError:
        return None


def _milliseconds(moment: datetime) -> int:
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


def date_header_ms(headers: Pairs) -> int | None:
    """Milliseconds since the epoch from a `Date` header; None where it has none to read."""
    found = _HTTP_DATE.fullmatch(first_value(headers, "date") or "")
    if found is None:
        return None
    day, month, year, hour, minute, second = found.groups()
    try:
        moment = datetime(
            int(year),
            _MONTHS.index(month) // 3 + 1,
            int(day),
            int(hour),
            int(minute),
            int(second),
            tzinfo=UTC,
        )
    except ValueError:
        return None
    return _milliseconds(moment)


def exchange_of(
    request: Request, response: Response | None, started_at_ms: int | None, duration_ms: float
) -> tuple[Exchange, Timing]:
    """An exchange, with the best start that is known for it, and how well that is known."""
    timing = Timing.MEASURED
    if started_at_ms is None:
        started_at_ms = date_header_ms(response.headers) if response else None
        timing = Timing.UNKNOWN if started_at_ms is None else Timing.DATE_HEADER
        duration_ms = 0.0
    exchange = Exchange(
        request=request,
        response=response,
        started_at_ms=started_at_ms or 0,
        duration_ms=duration_ms,
    )
    return exchange, timing
