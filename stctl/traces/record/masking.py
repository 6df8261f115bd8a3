"""Puts stand-ins in the place of the secrets of an entry, each where it stands.

Header by header, cookie by cookie, member by member; what is long enough to be no word of the
language also wherever else it turns up.
"""

import json
import re
from dataclasses import replace
from typing import Final

from stctl.exchange import Pairs, Request, Response, first_value
from stctl.redact import SECRET_HEADERS
from stctl.traces.model import Entry, Gap
from stctl.traces.record.standins import REFRESH_TOKEN, StandIns
from stctl.traces.secrets import is_secret_name, secrets_of

_TOKEN_LIKE: Final = re.compile(
    r"(?<![\w.%+/=-])(?:[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"
    rf"|{REFRESH_TOKEN.pattern})"
)
_TEXT: Final = r'([^"\\]*(?:\\.[^"\\]*)*)'
_MEMBER: Final = re.compile(rf'("{_TEXT}"\s*:\s*"){_TEXT}')
_FIELD: Final = re.compile(rf'("id"\s*:\s*"{_TEXT}"\s*,\s*"value"\s*:\s*"){_TEXT}')
_FIELD_TURNED: Final = re.compile(rf'("value"\s*:\s*"){_TEXT}(?="\s*,\s*"id"\s*:\s*"{_TEXT}")')
_PARAMETER: Final = re.compile(r"((?:^|[?&;#])([^=&;?#]*)=)([^&;#]*)")
_ATTRIBUTE: Final = re.compile(r'(name=["\']?([\w.:-]+)["\']?[^<>]*?\svalue=["\']?)([^"\'\s<>]+)')
_COOKIE: Final = re.compile(r'([^=;]*=\s*"?)([^";]*)')
_SHORTEST_ANYWHERE: Final = 16
"""Characters of a secret that is looked for in every text; shorter ones may be plain words."""
_SHORTEST_TOKEN: Final = 50
_LARGEST_BODY: Final = 1 << 20


def with_stand_ins(entry: Entry, stand_ins: StandIns) -> Entry:
    """The entry with stand-ins. A body in which secrets cannot be found is left out as a gap."""
    return _Change(entry, stand_ins).entry()


class _Change:
    """What is done to one entry."""

    def __init__(self, entry: Entry, stand_ins: StandIns) -> None:
        self._entry = entry
        self._stand_ins = stand_ins
        self._made: set[str] = set()
        long = (text for text in secrets_of(entry) if len(text) >= _SHORTEST_ANYWHERE)
        self._long = sorted(long, key=len, reverse=True)

    def entry(self) -> Entry:
        entry, exchange = self._entry, self._entry.exchange
        request, is_asked = self._request(exchange.request)
        response, is_answered = self._response(exchange.response)
        gaps = set(entry.gaps)
        gaps |= set() if is_asked else {Gap.REQUEST_BODY}
        gaps |= set() if is_answered else {Gap.RESPONSE_BODY}
        return replace(
            entry,
            url=self._text(self._in_query(entry.url)),
            exchange=replace(exchange, request=request, response=response),
            gaps=frozenset(gaps),
        )

    def _request(self, request: Request) -> tuple[Request, bool]:
        body = self._body(request.body, request.headers)
        query = tuple(
            (name, self._of(value) if is_secret_name(name) else self._text(value))
            for name, value in request.query
        )
        changed = replace(
            request,
            path=self._text(request.path),
            query=query,
            headers=self._headers(request.headers),
            body=body or b"",
        )
        return changed, body is not None

    def _response(self, response: Response | None) -> tuple[Response | None, bool]:
        if response is None:
            return None, True
        body = self._body(response.body, response.headers)
        changed = replace(response, headers=self._headers(response.headers), body=body or b"")
        return changed, body is not None

    def _headers(self, headers: Pairs) -> Pairs:
        return tuple((name, self._header(name.lower(), value)) for name, value in headers)

    def _header(self, name: str, value: str) -> str:
        if name == "cookie":
            return _COOKIE.sub(lambda found: found[1] + self._of(found[2]), value)
        if name == "set-cookie":
            return _COOKIE.sub(lambda found: found[1] + self._of(found[2]), value, count=1)
        if name in {"authorization", "proxy-authorization"}:
            scheme, blank, secret = value.rpartition(" ")
            return f"{scheme}{blank}{self._of(secret)}"
        if name in SECRET_HEADERS or is_secret_name(name):
            return self._of(value)
        return self._text(self._in_query(value))

    def _in_query(self, url: str) -> str:
        return _PARAMETER.sub(self._named, url) if "?" in url else url

    def _body(self, body: bytes, headers: Pairs) -> bytes | None:
        """The body with stand-ins; None where it is no text that can be searched."""
        if not body:
            return body
        mime_type = (first_value(headers, "content-type") or "").lower()
        if len(body) > _LARGEST_BODY or mime_type.startswith("multipart/"):
            return None
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError:
            return None
        if mime_type.startswith("application/x-www-form-urlencoded"):
            return _PARAMETER.sub(self._named, text).encode("utf-8")
        if '"value"' in text:
            text = _FIELD_TURNED.sub(self._turned, _FIELD.sub(self._named, text))
        if "<" in text:
            text = _ATTRIBUTE.sub(self._named, text)
        return self._text(_MEMBER.sub(self._named, text)).encode("utf-8")

    def _named(self, found: re.Match[str]) -> str:
        """A value behind its name."""
        start, name, value = found.groups()
        return f"{start}{self._escaped(value)}" if is_secret_name(name) else found[0]

    def _turned(self, found: re.Match[str]) -> str:
        """A value before its name."""
        start, value, name = found.groups()
        return f"{start}{self._escaped(value)}" if is_secret_name(name) else found[0]

    def _escaped(self, value: str) -> str:
        """The stand-in for a value as it stands in JSON."""
        if "\\" not in value:
            return self._of(value)
        try:
            return json.dumps(self._of(str(json.loads(f'"{value}"'))))[1:-1]
        except ValueError:
            return self._of(value)

    def _of(self, secret: str) -> str:
        stand_in = self._stand_ins.of(secret)
        self._made.add(stand_in)
        return stand_in

    def _text(self, text: str) -> str:
        """Text with a stand-in for each long secret of the entry, and for what looks like one."""
        if len(text) < _SHORTEST_ANYWHERE:
            return text
        for secret in self._long:
            if secret in text:
                text = text.replace(secret, self._of(secret))
        if len(text) < _SHORTEST_TOKEN:
            return text
        return self._stand_ins.in_hashes(_TOKEN_LIKE.sub(self._found, text))

    def _found(self, found: re.Match[str]) -> str:
        """What looks like a token and may be a stand-in already."""
        return found[0] if found[0] in self._made else self._of(found[0])
