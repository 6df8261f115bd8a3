"""Everything that is examined about a backend with a SuperTokens SDK."""

import json
from collections.abc import Iterator

from stctl.cdi.replies import Reply, is_page, words_of
from stctl.checks.app_cookies import judge_cookies
from stctl.checks.app_cors import examine_cors
from stctl.checks.app_line import AppLine, header, session_cookies
from stctl.checks.finding import BY_ID, Finding, failed, passed, skipped, warned
from stctl.checks.network import examine_network
from stctl.errors import StctlError

_SESSION_EXPIRED = 401
_MESSAGES = {"unauthorised", "try refresh token", "token theft detected", "unauthorized"}
_AFTER_REFRESH = [
    one
    for one in BY_ID
    if one.startswith("app.")
    and one.partition(".")[2] not in {"dns", "tcp", "tls", "refresh-path", "fdi", "token-size"}
]


def examine_app(line: AppLine, *, timeout_s: float, now_ms: int) -> Iterator[Finding]:
    """Examine a backend: the way to it, its refresh API, its cookies and its CORS headers."""
    is_broken = False
    for finding in examine_network(
        "app", line.address, subject=None, timeout_s=min(timeout_s, 5.0), now_ms=now_ms
    ):
        is_broken = is_broken or finding.level == "fail"
        yield finding
    if is_broken:
        yield skipped("app.refresh-path", "the host cannot be reached")
        yield from (skipped(one, "the host cannot be reached") for one in _AFTER_REFRESH)
    else:
        yield from _examine_answers(line)
    yield skipped(
        "app.fdi", "no answer tells it; `stctl explain` reads it from requests of the frontend"
    )
    yield _token_size(line)


def _examine_answers(line: AppLine) -> Iterator[Finding]:
    try:
        reply = line.refresh()
    except StctlError as error:
        hint = "Give the address of the API, with the apiBasePath: https://api.example.com/auth."
        yield failed("app.refresh-path", error.detail, hint)
        yield from (skipped(one, "app.refresh-path failed") for one in _AFTER_REFRESH)
        return
    path = _refresh_path(line, reply)
    yield path
    if path.level == "fail":
        yield from (skipped(one, "app.refresh-path failed") for one in _AFTER_REFRESH)
        return
    yield _status(reply)
    yield _cleared(reply)
    yield _empty_headers(reply)
    yield judge_cookies(line, session_cookies(reply))
    yield from examine_cors(line, reply)


def _refresh_path(line: AppLine, reply: Reply) -> Finding:
    where = f"POST {line.refresh_path}"
    base_hint = (
        "apiBasePath must be the same in backend and frontend. If it is another one, give it with "
        "the address: --app https://api.example.com/the/path."
    )
    if _is_sdk(reply):
        return passed("app.refresh-path", f"{where} is answered by an SDK")
    told = f"{where}: HTTP {reply.status}"
    if reply.status in {404, 405} or is_page(reply):
        return failed("app.refresh-path", f"{told}, not from an SDK", base_hint)
    if 300 <= reply.status < 400:  # noqa: PLR2004 - redirections
        target = header(reply, "location") or "nowhere"
        return failed(
            "app.refresh-path",
            f"{told}, a redirection to {target}",
            "A browser's POST does not survive that; give the address that it leads to.",
        )
    if reply.status >= 500:  # noqa: PLR2004 - server errors
        return failed(
            "app.refresh-path",
            f"{told}: {words_of(reply)}",
            "The backend fails without a session already: look at its log, and at its core.",
        )
    return warned(
        "app.refresh-path",
        f"{told}, without a mark of an SDK",
        "An own onUnauthorised handler may answer so, or another service.",
    )


def _is_sdk(reply: Reply) -> bool:
    if header(reply, "front-token") is not None or session_cookies(reply):
        return True
    try:
        body = json.loads(reply.body)
    except (ValueError, RecursionError):
        return False
    message = body.get("message") if isinstance(body, dict) else None
    return isinstance(message, str) and message.lower() in _MESSAGES


def _status(reply: Reply) -> Finding:
    if reply.status == _SESSION_EXPIRED:
        return passed("app.status", "401")
    return passed(
        "app.status",
        f"{reply.status}: the frontend needs the same sessionExpiredStatusCode",
    )


def _cleared(reply: Reply) -> Finding:
    front = header(reply, "front-token")
    if front == "remove":
        return passed("app.cleared", "front-token: remove")
    return warned(
        "app.cleared",
        "front-token: remove is missing",
        "Early SDKs do not send it. Otherwise a proxy drops it, or an own handler answers without "
        "clearing, and the browser goes on believing in its session.",
    )


def _empty_headers(reply: Reply) -> Finding:
    if header(reply, "front-token") != "remove":
        return skipped("app.empty-headers", "the answer clears nothing")
    missing = [one for one in ("st-access-token", "st-refresh-token") if header(reply, one) is None]
    if missing:
        return warned(
            "app.empty-headers",
            f"{' and '.join(missing)} did not arrive",
            "A proxy drops headers without a value. Browsers do not need them; other clients may "
            "keep old tokens.",
        )
    return passed("app.empty-headers", "st-access-token and st-refresh-token arrive empty")


def _token_size(line: AppLine) -> Finding:
    size = line.token
    if size is None:
        return skipped("app.token-size", "give an access token of the app: --token")
    detail = f"{size.cookie} takes {size.pair_bytes:,} bytes"
    heaviest = ", ".join(f"{one.claim} {one.size_bytes:,}" for one in size.heaviest[:3])
    if size.fit == "fits" or line.mode == "header":
        return passed("app.token-size", detail)
    hint = f"The heaviest claims: {heaviest}. Move what is big out of the payload."
    if size.fit == "at-risk":
        return warned("app.token-size", f"{detail}, near the 4,096 of browsers", hint)
    return failed("app.token-size", f"{detail}; browsers drop cookies above 4,096", hint)
