"""Those who send requests: browsers, and people who copied what a browser held."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Final

from stctl.exchange import Pairs, Request, Response, first_value
from stctl.recipe.frontend import LocalState
from stctl.recipe.response import REMOVE
from stctl.recipe.transfer import (
    ACCESS_COOKIE,
    ACCESS_HEADER,
    ANTI_CSRF_HEADER,
    AUTH_MODE_HEADER,
    FRONT_TOKEN_HEADER,
    LEGACY_COOKIE,
    REFRESH_COOKIE,
    REFRESH_HEADER,
    RID_HEADER,
    Place,
    decode_cookie,
)

SCRIPTS: Final = frozenset({"thief", "attacker"})
"""Names of those who send requests by hand, without the frontend SDK."""
_DEVICES: Final = SCRIPTS | {"phone", "laptop"}
"""Those who are told apart by their user agent; all others are tabs of one browser."""
_FDI_HEADER: Final = "fdi-version"
_FDI_VERSIONS: Final = "1.16,1.17,1.18,1.19,2.0,3.0,3.1,4.0,4.1,4.2"
"""As supertokens-website 20 sends them, to the SDK's own APIs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cookie:
    raw: str
    path: str
    expires_at_ms: int | None
    domain: str = ""
    """As its attribute says, without a leading dot; empty without one."""


@dataclass(slots=True, kw_only=True)
class Browser:
    """What one party holds: cookies or header tokens, and what the frontend SDK remembers."""

    name: str
    place: Place
    sends_rid: bool = True
    anti_csrf: str | None = None
    front_token: str | None = None
    state: LocalState = LocalState.NOT_EXISTS
    cookies: dict[str, _Cookie] = field(default_factory=dict)
    relics: dict[str, _Cookie] = field(default_factory=dict)
    """Cookies of an older version of the app, sent beside those in force."""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def has_frontend_sdk(self) -> bool:
        """Whether the frontend SDK decides what happens after an answer."""
        return self.name not in SCRIPTS

    @property
    def access_token(self) -> str | None:
        """The access token that it holds."""
        return self._held(ACCESS_COOKIE, ACCESS_HEADER)

    @property
    def refresh_token(self) -> str | None:
        """The refresh token that it holds."""
        return self._held(REFRESH_COOKIE, REFRESH_HEADER)

    def _held(self, cookie: str, header: str) -> str | None:
        if self.place == "header":
            return self.headers.get(header)
        held = self.cookies.get(cookie)
        return decode_cookie(held.raw) if held else None

    def copy_for(self, name: str) -> "Browser":
        """Return the copy that a thief makes: everything, at this moment."""
        return Browser(
            name=name,
            place=self.place,
            sends_rid=self.sends_rid,
            anti_csrf=self.anti_csrf,
            front_token=self.front_token,
            state=self.state,
            cookies=dict(self.cookies),
            relics=dict(self.relics),
            headers=dict(self.headers),
        )

    def hold_access_token(self, text: str, domain: str | None = None) -> None:
        """Hold another access token; the empty text means none.

        `domain` is that of its cookie; None leaves it as it was.
        """
        self._hold(ACCESS_COOKIE, ACCESS_HEADER, text, "/", domain)

    def hold_refresh_token(self, text: str, refresh_path: str, domain: str | None = None) -> None:
        """Hold another refresh token; the empty text means none."""
        self._hold(REFRESH_COOKIE, REFRESH_HEADER, text, refresh_path, domain)

    def _hold(self, cookie: str, header: str, text: str, path: str, domain: str | None) -> None:
        if self.place == "header":
            self.headers[header] = text
        else:
            from urllib.parse import quote

            held = self.cookies.get(cookie)
            self.cookies[cookie] = _Cookie(
                raw=quote(text, safe=""),
                path=path,
                expires_at_ms=None,
                domain=(held.domain if held else "") if domain is None else domain,
            )
        if not text:
            self.headers.pop(header, None)
            self.cookies.pop(cookie, None)

    def keep_old_access_token(self) -> None:
        """Hold the access token in another cookie of the same name as well, of another domain."""
        self._keep(ACCESS_COOKIE, self.access_token or "", "/")

    def keep_old_refresh_token(self, refresh_path: str) -> None:
        """Hold the refresh token in another cookie of the same name as well, of another domain."""
        self._keep(REFRESH_COOKIE, self.refresh_token or "", refresh_path)

    def keep_legacy_cookie(self) -> None:
        """Hold the marker that SDKs set before header mode."""
        self._keep(LEGACY_COOKIE, "a-marker-of-old", "/")

    def _keep(self, cookie: str, text: str, path: str) -> None:
        from urllib.parse import quote

        self.relics[cookie] = _Cookie(raw=quote(text, safe=""), path=path, expires_at_ms=None)

    def request(
        self, method: str, path: str, *, now_ms: int, is_refresh: bool = False, body: bytes = b""
    ) -> Request:
        """Return the request as it leaves: with what a browser and the frontend SDK add."""
        agent = f"stctl-simulate ({self.name if self.name in _DEVICES else 'browser'})"
        headers = [("user-agent", agent), (AUTH_MODE_HEADER, self.place)]
        is_own_api = is_refresh or path.endswith("/signout")
        if self.sends_rid:
            headers.append((RID_HEADER, "session" if is_own_api else "anti-csrf"))
        if is_own_api:
            headers.append((_FDI_HEADER, _FDI_VERSIONS))
        if self.anti_csrf is not None:
            headers.append((ANTI_CSRF_HEADER, self.anti_csrf))
        bearer = self.headers.get(REFRESH_HEADER if is_refresh else ACCESS_HEADER)
        if bearer is not None:
            headers.append(("authorization", f"Bearer {bearer}"))
        if cookie := self._cookie_header(path, now_ms):
            headers.append(("cookie", cookie))
        return Request(method=method, path=path, headers=tuple(headers), body=body)

    def _cookie_header(self, path: str, now_ms: int) -> str:
        return "; ".join(
            f"{name}={cookie.raw}"
            for name, cookie in (*self.cookies.items(), *self.relics.items())
            if path.startswith(cookie.path)
            and (cookie.expires_at_ms is None or cookie.expires_at_ms > now_ms)
        )

    def take(self, response: Response, now_ms: int) -> None:
        """Store what an answer sets, and drop what it clears.

        A changed front token is all that the frontend SDK learns of the session.
        """
        for name, value in response.headers:
            if name.lower() == "set-cookie":
                self._take_cookie(value, now_ms)
        self._take_headers(response.headers)

    def _take_headers(self, headers: Pairs) -> None:
        for name in (ACCESS_HEADER, REFRESH_HEADER):
            value = first_value(headers, name)
            if value:
                self.headers[name] = value
            elif value is not None:
                self.headers.pop(name, None)
        front = first_value(headers, FRONT_TOKEN_HEADER)
        if front == REMOVE:
            self.front_token, self.anti_csrf, self.headers = None, None, {}
        elif front is not None:
            self.front_token = front
        self.anti_csrf = first_value(headers, ANTI_CSRF_HEADER) or self.anti_csrf

    def _take_cookie(self, line: str, now_ms: int) -> None:
        head, *tail = (piece.strip() for piece in line.split(";"))
        name, _, raw = head.partition("=")
        attributes = _attributes(tail)
        domain = attributes.get("domain", "").removeprefix(".")
        expires_at_ms = _end_ms(attributes, now_ms)
        if expires_at_ms is not None and expires_at_ms <= now_ms:
            held = self.cookies.get(name)
            is_held = held is not None and held.domain == domain
            (self.cookies if is_held else self.relics).pop(name, None)
            return
        path = attributes.get("path") or "/"
        self.cookies[name] = _Cookie(raw=raw, path=path, expires_at_ms=expires_at_ms, domain=domain)


def _attributes(tail: list[str]) -> Mapping[str, str]:
    pairs = (piece.partition("=") for piece in tail)
    return {name.lower(): value for name, _, value in pairs}


def _end_ms(attributes: Mapping[str, str], now_ms: int) -> int | None:
    """When a cookie ends; `Max-Age` goes before `Expires` (RFC 6265, section 5.3)."""
    age = attributes.get("max-age", "")
    if age.removeprefix("-").isdecimal():
        return now_ms + int(age) * 1000
    try:
        return int(parsedate_to_datetime(attributes["expires"]).timestamp() * 1000)
    except (KeyError, ValueError):
        return None


def spoil_signature(token: str) -> str:
    """Return a signed token whose signature is altered; its form stays as it was."""
    head, dot, signature = token.rpartition(".")
    return head + dot + _altered(signature)


def spoil_refresh_token(token: str) -> str:
    """Return a refresh token whose encrypted part is altered; its form stays as it was."""
    head, dot, tail = token.partition(".")
    return _altered(head) + dot + tail


def _altered(text: str) -> str:
    """Exchange a character in the middle, where no padding can be."""
    middle = len(text) // 2
    other = "A" if text[middle : middle + 1] != "A" else "B"
    return text[:middle] + other + text[middle + 1 :]
