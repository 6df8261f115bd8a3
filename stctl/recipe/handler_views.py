"""What a person's own handler is given: the request to look at, the answer to fill."""

import json
from collections.abc import Callable
from typing import Final

from stctl.exchange import Request, Response, first_value
from stctl.jsontypes import JsonValue
from stctl.recipe.transfer import cookie_pairs, decode_cookie

_JSON_TYPE: Final = "application/json; charset=utf-8"
_HTML_TYPE: Final = "text/html; charset=utf-8"
_TEXT_TYPE: Final = "text/plain; charset=utf-8"
_HIGHEST_STATUS: Final = 599
_LOWEST_STATUS: Final = 100


class RequestView:
    """The request as a handler may look at it.

    The getters are named as in the Python SDK, so that a handler written for it can be tried here
    without a change.
    """

    def __init__(self, request: Request) -> None:
        self._request = request

    @property
    def method(self) -> str:
        """Upper-case method."""
        return self._request.method.upper()

    @property
    def path(self) -> str:
        """Path without the query."""
        return self._request.path

    @property
    def body(self) -> bytes:
        """The body as it came."""
        return self._request.body

    def get_header(self, name: str) -> str | None:
        """Return the first value of a header, its name in any case; None when it is not there."""
        return first_value(self._request.headers, name)

    def get_cookie(self, name: str) -> str | None:
        """Return the first cookie of that name, decoded; None when it is not there."""
        line = self.get_header("cookie") or ""
        return next((decode_cookie(raw) for key, raw in cookie_pairs(line) if key == name), None)

    def get_query_param(self, name: str, default: str | None = None) -> str | None:
        """Return the first value of a query parameter."""
        return first_value(self._request.query, name) or default

    def get_path(self) -> str:
        """Return the path without the query."""
        return self._request.path

    def get_original_url(self) -> str:
        """Return the path, for handlers that log it."""
        return self._request.path


class ResponseBuilder:
    """The answer that a handler fills; whatever was cleared before it ran is on it already.

    `status` starts at 200, as in the SDKs: a handler that sets none answers 200. `body` may be
    text, bytes or anything that JSON can say; None is an empty body.
    """

    def __init__(self, draft: Response, revoke_session: Callable[[str], bool]) -> None:
        self.status: int = draft.status
        self.body: JsonValue | bytes = None
        self.headers: list[tuple[str, str]] = [*draft.headers]
        self.revoked: bool = False
        self._revoke = revoke_session
        self._type = _JSON_TYPE

    def set_status_code(self, status: int) -> None:
        """Set the status; the same as assigning `status`."""
        self.status = status

    def set_json_content(self, content: JsonValue) -> None:
        """Set a JSON body."""
        self.body, self._type = content, _JSON_TYPE

    def set_html_content(self, content: str) -> None:
        """Set an HTML body."""
        self.body, self._type = content.encode(), _HTML_TYPE

    def set_header(self, name: str, value: str) -> None:
        """Set a header; one of the same name is replaced."""
        self.remove_header(name)
        self.headers.append((name, value))

    def remove_header(self, name: str) -> None:
        """Take every header of that name away."""
        self.headers = [pair for pair in self.headers if pair[0].lower() != name.lower()]

    def get_header(self, name: str) -> str | None:
        """Return what the header is set to so far."""
        return first_value(self.headers, name)

    def set_cookie(self, name: str, value: str, *, path: str = "/") -> None:
        """Add a cookie for this host; HttpOnly, SameSite=Lax."""
        self.headers.append(("Set-Cookie", f"{name}={value}; Path={path}; HttpOnly; SameSite=Lax"))

    def revoke_session(self, session_handle: str) -> bool:
        """End a session at the core; whether it was there."""
        was_there = self._revoke(session_handle)
        self.revoked |= was_there
        return was_there

    def finish(self) -> Response:
        """Return the answer as it stands; ValueError or TypeError for one that cannot be sent."""
        if not self._is_status(self.status):
            raise ValueError(f"{self.status!r} is not an HTTP status")
        body, kind = self._encoded()
        headers = tuple(self.headers)
        if body and first_value(headers, "content-type") is None:
            headers = (*headers, ("Content-Type", kind))
        return Response(status=self.status, headers=headers, body=body)

    @staticmethod
    def _is_status(status: object) -> bool:
        # A person may have assigned anything.
        return isinstance(status, int) and _LOWEST_STATUS <= status <= _HIGHEST_STATUS

    def _encoded(self) -> tuple[bytes, str]:
        if self.body is None:
            return b"", self._type
        if isinstance(self.body, bytes):
            return self.body, self._type
        if isinstance(self.body, str):
            return self.body.encode(), _TEXT_TYPE
        text = json.dumps(self.body, separators=(",", ":"), ensure_ascii=False)
        return text.encode(), _JSON_TYPE
