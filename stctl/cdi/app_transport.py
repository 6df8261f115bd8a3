"""How a request reaches an app: as it is, once, and with nothing added by a library.

What a browser keeps is kept by whoever acts as one. So nothing is sent again, no redirection is
followed, no cookie is stored, and headers that come twice stay two. Each request has a connection
of its own: servers close theirs after an exception or some idle seconds, and a request that
crosses that would look as if the app had broken off.
"""

from collections.abc import Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode, urlsplit

import httpx

from stctl.cdi.addresses import Address
from stctl.cdi.patience import Notify, Patience, say_nothing
from stctl.cdi.retries import Trouble
from stctl.cdi.transport import CONNECT_TIMEOUT_S
from stctl.cdi.trouble import trouble_of
from stctl.clock import Clock
from stctl.errors import ErrorKind, StctlError
from stctl.exchange import Exchange, Request, Response

if TYPE_CHECKING:
    from typing import Self

_SAFE: Final = "/~!$&'()*+,;=:@-._%"
_LONGEST_ANSWER_BYTES: Final = 16 * 1024 * 1024
_PATIENCE_S: Final = 2.0
_CERTIFICATE: Final = "Name the authority that signed it in SSL_CERT_FILE."
_NO_TLS: Final = "Where the app does not speak TLS, its address begins with http://."
_HINTS: Final[Mapping[str, str]] = {"certificate": _CERTIFICATE, "TLS": _NO_TLS}


class AppTransport:
    """Carries requests to one app. Used by one thread."""

    def __init__(
        self,
        address: Address,
        *,
        clock: Clock,
        timeout_s: float,
        notify: Notify = say_nothing,
        mount: httpx.BaseTransport | None = None,
    ) -> None:
        """The path of the address is passed over; `mount` replaces the network."""
        parts = urlsplit(address.url)
        self.origin: Final = f"{parts.scheme}://{parts.netloc}"
        shown = urlsplit(address.shown)
        self.shown: Final = f"{shown.scheme}://{shown.netloc}"
        """The origin for people: without a password."""
        self._host = parts.hostname or "localhost"
        self._clock = clock
        self._timeout_s = timeout_s
        self._patience = Patience(notify, _PATIENCE_S)
        self._client = httpx.Client(
            transport=mount,
            trust_env=not address.is_loopback,
            follow_redirects=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            limits=httpx.Limits(max_keepalive_connections=0),
            timeout=httpx.Timeout(timeout_s, connect=min(timeout_s, CONNECT_TIMEOUT_S)),
            headers={"user-agent": "stctl"},
        )

    def __enter__(self) -> "Self":
        return self

    def __exit__(self, *_problem: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def url_of(self, request: Request) -> str:
        """The whole address of a request."""
        query = f"?{urlencode([*request.query], quote_via=quote)}" if request.query else ""
        return self.origin + quote(request.path, safe=_SAFE) + query

    def send(self, request: Request) -> Exchange:
        """Return what came of a request; without an answer when the app broke the connection.

        Raises APP_DOWN when it could not be reached, or took too long.
        """
        started_at_ms = self._clock.now_ms()
        call = f"{request.method} {request.path}"
        try:
            with self._patience.during(f"waiting up to {self._timeout_s:g} s for {call}"):
                response = self._answer(request)
        except httpx.InvalidURL as error:
            raise StctlError(ErrorKind.SETTING_INVALID, f"{self.shown}: {error}") from error
        except httpx.HTTPError as error:
            response = None
            trouble = trouble_of(error, timeout_s=self._limit_s(error))
            if trouble.kind is not ErrorKind.CORE_CUT_SHORT:
                raise self._unreached(call, trouble) from error
        return Exchange(
            request=request,
            response=response,
            started_at_ms=started_at_ms,
            duration_ms=self._clock.now_ms() - started_at_ms,
        )

    def _answer(self, request: Request) -> Response:
        with self._client.stream(
            request.method,
            self.url_of(request),
            headers=[*request.headers],
            content=request.body or None,
        ) as answer:
            body = bytearray()
            for chunk in answer.iter_bytes():
                body += chunk
                if len(body) > _LONGEST_ANSWER_BYTES:
                    break
            # The case of the names tells one SDK from another.
            headers = [(name.decode("latin-1"), _text(value)) for name, value in answer.headers.raw]
            return Response(status=answer.status_code, headers=headers, body=bytes(body))

    def _limit_s(self, error: httpx.HTTPError) -> float:
        if isinstance(error, httpx.ConnectTimeout):
            return min(self._timeout_s, CONNECT_TIMEOUT_S)
        return self._timeout_s

    def _unreached(self, call: str, trouble: Trouble) -> StctlError:
        hint = next((one for word, one in _HINTS.items() if word in trouble.problem), None)
        return StctlError(
            ErrorKind.APP_DOWN, f"{call} at {self.shown}: {trouble.problem}", hint=hint
        )


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")
