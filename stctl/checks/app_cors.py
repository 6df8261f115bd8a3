"""Whether browsers let the website call the app, with cookies, and read the headers of tokens.

Source: SDKs, behaviour notes 1.1, 1.2 and pitfalls 5 and 6; the Fetch standard.
"""

from collections.abc import Iterator

from stctl.cdi.replies import Reply
from stctl.checks.app_line import FRONTEND_HEADERS, AppLine, header, listed
from stctl.checks.finding import Finding, failed, passed, skipped
from stctl.errors import StctlError

_IDS = ("app.preflight", "app.credentials", "app.exposed")
_REDIRECT, _ERROR = 300, 400
_ORDER_HINT = (
    "Put the CORS middleware in front of the SDK's, with the SDK's getAllCORSHeaders among the "
    "allowed headers."
)


def examine_cors(line: AppLine, refreshed: Reply) -> Iterator[Finding]:
    """Judge a preflight and the answer to a refresh."""
    if not line.is_cross_origin:
        same = "website and app have one origin" if line.website else "give the website: --website"
        yield from (skipped(one, same) for one in _IDS)
        return
    try:
        preflight = line.preflight()
    except StctlError as error:
        yield failed("app.preflight", error.detail, "A browser sends OPTIONS before each call.")
    else:
        yield _preflight(line, preflight)
    yield _credentials(line, refreshed)
    yield _exposed(line, refreshed)


def _preflight(line: AppLine, reply: Reply) -> Finding:
    if not 200 <= reply.status < _REDIRECT:  # noqa: PLR2004 - a preflight must be answered OK
        return failed("app.preflight", f"OPTIONS is answered with HTTP {reply.status}", _ORDER_HINT)
    problem = _origin_problem(line, reply)
    if problem is not None:
        return failed("app.preflight", problem, _ORDER_HINT)
    allowed = listed(reply, "access-control-allow-headers")
    # With cookies a star is the name of a header, not a wildcard.
    has_star = "*" in allowed and line.mode == "header"
    missing = [one for one in FRONTEND_HEADERS if one not in allowed and not has_star]
    if line.mode == "header" and "authorization" not in allowed:
        missing.append("authorization")
    if missing:
        return failed(
            "app.preflight", f"these headers are not allowed: {', '.join(missing)}", _ORDER_HINT
        )
    return passed("app.preflight", "allowed, with every header of the frontend")


def _origin_problem(line: AppLine, reply: Reply) -> str | None:
    allowed = header(reply, "access-control-allow-origin")
    if allowed is None:
        return f"{line.website_origin} is not allowed: Access-Control-Allow-Origin is missing"
    if allowed == "*":
        return None if line.mode == "header" else "Access-Control-Allow-Origin is *"
    if allowed != line.website_origin:
        return f"another origin is allowed: {allowed}"
    return None


def _credentials(line: AppLine, reply: Reply) -> Finding:
    if line.mode == "header":
        return skipped("app.credentials", "the app keeps its tokens in headers")
    problem = _origin_problem(line, reply)
    if problem is not None:
        return failed(
            "app.credentials",
            f"on the answer itself {problem}",
            "The answers of the SDK lack what other answers have: the CORS middleware comes later.",
        )
    if (header(reply, "access-control-allow-credentials") or "").lower() != "true":
        return failed(
            "app.credentials",
            "Access-Control-Allow-Credentials is not true",
            "Browsers then neither keep nor send cookies: allow credentials.",
        )
    return passed("app.credentials", f"{line.website_origin} may send cookies")


def _exposed(line: AppLine, reply: Reply) -> Finding:
    sent = {"front-token", "st-access-token", "st-refresh-token", "anti-csrf"}
    present = {name.lower() for name, _ in reply.headers} & sent
    if not present:
        return skipped("app.exposed", "the answer has no header of tokens")
    exposed = listed(reply, "access-control-expose-headers")
    if "*" in exposed and line.mode == "header":
        return passed("app.exposed", "every header")
    needed = {"front-token"} if line.mode == "cookie" else present
    missing = sorted((needed & present) - exposed)
    if missing:
        return failed(
            "app.exposed",
            f"Access-Control-Expose-Headers lacks {', '.join(missing)}",
            "The frontend cannot see that there is a session. With cookies a * does not count.",
        )
    return passed("app.exposed", ", ".join(sorted(present)))
