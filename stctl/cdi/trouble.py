"""What went wrong on the way to a core, told from the exceptions of httpx."""

import socket
import ssl
from collections.abc import Iterator

import httpx

from stctl.cdi.replies import one_line
from stctl.cdi.retries import Trouble
from stctl.errors import ErrorKind


def trouble_of(error: httpx.HTTPError, *, timeout_s: float) -> Trouble:
    """Return what an exception of httpx means for the call it ended."""
    if isinstance(error, httpx.ConnectTimeout):
        return _not_sent(f"no connection within {timeout_s:g} s")
    if isinstance(error, httpx.ConnectError | httpx.ProxyError):
        return _no_connection(error)
    if isinstance(error, httpx.TimeoutException):
        return too_slow(timeout_s)
    if isinstance(error, httpx.RemoteProtocolError):
        return _broken_protocol(error)
    if isinstance(error, httpx.DecodingError):
        return _cut_short("the answer cannot be unpacked")
    return _cut_short(f"the connection broke ({_reason(error)})")


def too_slow(timeout_s: float) -> Trouble:
    """Return the trouble of a core that took the request and did not answer in time."""
    return Trouble(
        kind=ErrorKind.CORE_SLOW, problem=f"no whole answer within {timeout_s:g} s", was_sent=True
    )


def too_long(limit_bytes: int) -> Trouble:
    """Return the trouble of an answer that does not end."""
    return Trouble(
        kind=ErrorKind.CORE_NOT_A_CORE,
        problem=f"the answer is longer than {limit_bytes // (1024 * 1024)} MiB",
        was_sent=True,
    )


def _not_sent(problem: str, hint: str | None = None) -> Trouble:
    return Trouble(kind=ErrorKind.CORE_DOWN, problem=problem, was_sent=False, hint=hint)


def _cut_short(problem: str) -> Trouble:
    return Trouble(kind=ErrorKind.CORE_CUT_SHORT, problem=problem, was_sent=True)


def _broken_protocol(error: httpx.RemoteProtocolError) -> Trouble:
    words = str(error).lower()
    if "illegal" in words or "malformed" in words:
        return Trouble(
            kind=ErrorKind.CORE_NOT_A_CORE,
            problem="what answers there does not speak HTTP",
            was_sent=True,
        )
    if "without sending a response" in words:
        return _cut_short("the connection was closed without an answer")
    return _cut_short(f"the answer broke off ({one_line(str(error))})")


def _no_connection(error: httpx.HTTPError) -> Trouble:
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLError):
            return _tls_trouble(cause)
        if isinstance(cause, socket.gaierror):
            return _not_sent("the host name is unknown")
    return _not_sent(_reason(error))


def _tls_trouble(error: ssl.SSLError) -> Trouble:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _not_sent(
            f"its certificate is not trusted ({one_line(error.verify_message)})",
            "Name the authority that signed it in SSL_CERT_FILE.",
        )
    if "WRONG_VERSION_NUMBER" in str(error) or "record layer" in str(error):
        return _not_sent(
            "it does not speak TLS", "If the core is behind no proxy, its address is http://…"
        )
    return _not_sent(f"no TLS connection ({one_line(str(error.reason or error))})")


def _reason(error: BaseException) -> str:
    """The plainest words for what the operating system said."""
    for cause in _causes(error):
        if isinstance(cause, ConnectionRefusedError):
            return "connection refused"
        if isinstance(cause, ConnectionResetError | BrokenPipeError):
            return "connection reset"
        if isinstance(cause, OSError) and cause.strerror:
            return one_line(cause.strerror).lower()
    return one_line(str(error)) or type(error).__name__


def _causes(error: BaseException) -> Iterator[BaseException]:
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__ or current.__context__
