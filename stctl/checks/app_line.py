"""What a backend with a SuperTokens SDK answers to a refresh without a session, and to a preflight.

The refresh carries no refresh token, only a made-up access token cookie, so that the SDK answers
that there is no session and clears the cookies. It reaches no session and changes nothing.

Source: SDKs, behaviour notes 3 (rows 3a and 3b) and 4.2.
"""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from stctl.cdi.addresses import Address
from stctl.cdi.replies import Reply
from stctl.cdi.transport import Transport
from stctl.exchange import Pairs, all_values, first_value
from stctl.tokens.sizes import CookieSize

AuthMode = Literal["cookie", "header"]
DEFAULT_BASE_PATH = "/auth"
FRONTEND_HEADERS = ("rid", "fdi-version", "st-auth-mode", "anti-csrf")
"""What the browser SDK adds to its requests, beyond what needs no permission."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppLine:
    """A backend, and the website that its frontend runs on."""

    address: Address
    transport: Transport
    website: str | None
    """None where it was not said; then nothing about other origins can be judged."""
    mode: AuthMode
    token: CookieSize | None
    """The size of an access token of the app, where one was given."""

    @property
    def base_path(self) -> str:
        """The apiBasePath: the path of the address, else the default of SDKs."""
        return urlsplit(self.address.url).path or DEFAULT_BASE_PATH

    @property
    def refresh_path(self) -> str:
        """The whole path of the refresh API, as browsers see it."""
        return f"{self.base_path}/session/refresh"

    @property
    def host(self) -> str:
        """The host name of the backend."""
        return urlsplit(self.address.url).hostname or ""

    @property
    def origin(self) -> str:
        """Scheme, host and port of the backend."""
        return origin_of(self.address.url)

    @property
    def website_origin(self) -> str | None:
        """Scheme, host and port of the website."""
        return None if self.website is None else origin_of(self.website)

    @property
    def is_cross_origin(self) -> bool:
        """Whether browsers ask for permission before the website may call the backend."""
        return self.website_origin is not None and self.website_origin != self.origin

    def refresh(self) -> Reply:
        """Ask for a refresh without a refresh token; raises StctlError without an answer."""
        return self.transport.send(
            "POST",
            self._path,
            headers=[
                ("rid", "session"),
                ("fdi-version", "4.1"),
                ("st-auth-mode", self.mode),
                ("cookie", "sAccessToken=stctl-doctor"),
                *self._from_website(),
            ],
        )

    def preflight(self) -> Reply:
        """Ask, as a browser does, whether the website may make that call."""
        asked = ",".join([*FRONTEND_HEADERS, "content-type"])
        return self.transport.send(
            "OPTIONS",
            self._path,
            headers=[
                *self._from_website(),
                ("access-control-request-method", "POST"),
                ("access-control-request-headers", asked),
            ],
        )

    @property
    def _path(self) -> str:
        has_path = bool(urlsplit(self.address.url).path)
        return "/session/refresh" if has_path else f"{DEFAULT_BASE_PATH}/session/refresh"

    def _from_website(self) -> Pairs:
        return [("origin", self.website_origin)] if self.website_origin else []


def origin_of(address: str) -> str:
    """Scheme, host and port of an address, the port only where it is not the scheme's own.

    >>> origin_of("HTTPS://Example.com:443/x"), origin_of("http://localhost:3000")
    ('https://example.com', 'http://localhost:3000')
    """
    parts = urlsplit(address if "://" in address else f"https://{address}")
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    port = "" if parts.port in {None, usual} else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname or ''}{port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCookie:
    """A cookie as a response sets it."""

    name: str
    attributes: dict[str, str]
    """By names in lower case; a flag has the empty string."""


def session_cookies(reply: Reply) -> list[SetCookie]:
    """The cookies of a session that a response sets or clears, each once: the last one counts."""
    found: dict[str, SetCookie] = {}
    for value in all_values(reply.headers, "set-cookie"):
        first, *rest = value.split(";")
        name = first.partition("=")[0].strip()
        pairs = (one.partition("=") for one in rest)
        attributes = {key.strip().lower(): text.strip() for key, _, text in pairs}
        if name in {"sAccessToken", "sRefreshToken"}:
            found[name] = SetCookie(name=name, attributes=attributes)
    return list(found.values())


def listed(reply: Reply, header: str) -> set[str]:
    """The names in a comma list of one or several headers, in lower case."""
    values = ",".join(all_values(reply.headers, header))
    return {one.strip().lower() for one in values.split(",") if one.strip()}


def header(reply: Reply, name: str) -> str | None:
    """The value of a header, stripped; None where it is missing."""
    value = first_value(reply.headers, name)
    return None if value is None else value.strip()
