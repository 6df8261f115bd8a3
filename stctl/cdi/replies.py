"""What came back from a core: read as JSON or text, or turned into the one error that fits."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from stctl.cdi.wire import Node
from stctl.errors import ErrorKind, StctlError
from stctl.exchange import Pairs, first_value
from stctl.jsontypes import JsonValue
from stctl.redact import mask_text

_LONGEST_WORDS = 300
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_PAGE = re.compile(rb"^(\xef\xbb\xbf)?\s*<(!doctype|html|head|body|\?xml)", re.IGNORECASE)

_KIND_OF_STATUS = {
    401: ErrorKind.CORE_KEY_REFUSED,
    404: ErrorKind.CORE_NOT_FOUND,
    429: ErrorKind.CORE_BUSY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A whole HTTP answer, with the call it answers."""

    call: str
    """Method and path, for messages."""
    address: str
    """Where it came from, as people may see it."""
    status: int
    headers: Pairs = ()
    body: bytes = b""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """What was sent and must not be shown if the core repeats it."""

    @property
    def where(self) -> str:
        """The call and its place, as messages begin."""
        return f"{self.call} at {self.address}"


def one_line(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` on one line, without control characters, secrets masked, cut at 300 characters."""
    printable = "".join(char if char.isprintable() else " " for char in text[:20_000])
    words = mask_text(" ".join(printable.split()), secrets)
    return words if len(words) <= _LONGEST_WORDS else f"{words[:_LONGEST_WORDS]}…"


def is_page(reply: Reply) -> bool:
    """Tell whether the body is a web page. Its content type says nothing.

    A core sends its plain text refusals as `text/html` too (source: core, behaviour notes 1.7).
    """
    return _PAGE.match(reply.body) is not None


def words_of(reply: Reply) -> str:
    """Return the body in a core's own words, or the title of a page; may be empty."""
    text = reply.body[:20_000].decode("utf-8", "replace")
    if is_page(reply):
        title = _TITLE.search(text)
        return one_line(
            f"a page titled “{title[1].strip()}”" if title else "a page without a title"
        )
    return one_line(text, reply.secrets)


def check_status(reply: Reply) -> Reply:
    """Return `reply` when its status is 200; otherwise raise the error that fits."""
    if reply.status == 200:  # noqa: PLR2004 - the one good status of a core
        return reply
    if 300 <= reply.status < 400:  # noqa: PLR2004 - redirections
        raise _redirected(reply)
    kind = _KIND_OF_STATUS.get(reply.status)
    if kind is None:
        kind = ErrorKind.CORE_FAILED if reply.status >= 500 else ErrorKind.CORE_REFUSED  # noqa: PLR2004 - server errors
    words = words_of(reply)
    said = f"HTTP {reply.status}: {words}" if words else f"HTTP {reply.status}, without a word"
    raise StctlError(kind, f"{reply.where}: {said}")


def json_of(reply: Reply, cdi: str | None = None) -> Node:
    """Return the JSON object of a good answer to a call that spoke version `cdi`.

    Raises CORE_NOT_A_CORE for a page or other text, CORE_CUT_SHORT for JSON that breaks off and
    CORE_WRONG_SHAPE for JSON that is no object; and what `check_status` raises.
    """
    check_status(reply)
    if is_page(reply):
        raise StctlError(ErrorKind.CORE_NOT_A_CORE, f"{reply.where}: {words_of(reply)}")
    value = _parsed(reply)
    return Node(value, path="", where=reply.where, cdi=cdi).as_object()


def text_of(reply: Reply) -> str:
    """Return the text of a good answer, stripped; raises CORE_NOT_A_CORE for a page."""
    check_status(reply)
    if is_page(reply):
        raise StctlError(ErrorKind.CORE_NOT_A_CORE, f"{reply.where}: {words_of(reply)}")
    return reply.body.decode("utf-8", "replace").strip()


def _parsed(reply: Reply) -> JsonValue:
    try:
        value: JsonValue = json.loads(reply.body, parse_constant=_no_constant)
    except RecursionError as error:
        raise StctlError(
            ErrorKind.CORE_WRONG_SHAPE, f"{reply.where}: the JSON is nested too deeply"
        ) from error
    except ValueError as error:
        raise _not_json(reply, error) from error
    return value


def _no_constant(name: str) -> JsonValue:
    message = f"{name} is no JSON"
    raise ValueError(message)


def _not_json(reply: Reply, error: ValueError) -> StctlError:
    if not reply.body.strip():
        return StctlError(ErrorKind.CORE_CUT_SHORT, f"{reply.where}: the answer is empty")
    if reply.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in {b"{", b"["}:
        return StctlError(
            ErrorKind.CORE_NOT_A_CORE,
            f"{reply.where}: text instead of JSON: {one_line(words_of(reply)[:80])}",
        )
    return StctlError(
        ErrorKind.CORE_CUT_SHORT,
        f"{reply.where}: {len(reply.body)} bytes that are no whole JSON ({one_line(str(error))})",
    )


def _redirected(reply: Reply) -> StctlError:
    target = one_line(first_value(reply.headers, "location") or "nowhere", reply.secrets)
    return StctlError(
        ErrorKind.CORE_NOT_A_CORE,
        f"{reply.where}: HTTP {reply.status}, a redirection to {target}, which was not followed",
        hint="A core does not redirect. If the core has moved there, give that address.",
    )
