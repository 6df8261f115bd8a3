"""Whether browsers keep the cookies of a session and send them back from the website.

Source: SDKs, behaviour notes 1.3; RFC 6265bis.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

from stctl.checks.app_line import AppLine, SetCookie
from stctl.checks.finding import Finding, failed, passed, skipped, warned
from stctl.recipe.sites import same_site

_ID = "app.cookies"


def judge_cookies(line: AppLine, cookies: list[SetCookie]) -> Finding:
    """Judge the attributes with which the app clears, and therefore sets, its cookies."""
    if line.mode == "header":
        return skipped(_ID, "the app keeps its tokens in headers")
    if not cookies:
        return skipped(_ID, "the app's answer sets none")
    problems = [one for cookie in cookies for one in _problems(line, cookie)]
    if problems:
        first, hint = problems[0]
        return failed(_ID, "; ".join(dict.fromkeys(one for one, _ in problems)) or first, hint)
    bare = [one.name for one in cookies if "httponly" not in one.attributes]
    if bare:
        return warned(
            _ID,
            f"{', '.join(bare)} can be read by scripts: HttpOnly is missing",
            "SDKs always set it; something between rewrites cookies.",
        )
    return passed(_ID, "; ".join(_shown(one) for one in cookies))


def _shown(cookie: SetCookie) -> str:
    told = [f"Path={cookie.attributes.get('path', '')}"]
    told += [f"Domain={cookie.attributes['domain']}"] if "domain" in cookie.attributes else []
    told += ["Secure"] if "secure" in cookie.attributes else []
    told += [f"SameSite={cookie.attributes.get('samesite', 'not set')}"]
    return f"{cookie.name} {' '.join(told)}"


def _problems(line: AppLine, cookie: SetCookie) -> Iterator[tuple[str, str]]:
    """What keeps a browser from storing or sending a cookie, each with what to do."""
    attributes = cookie.attributes
    domain = attributes.get("domain", "").lstrip(".").lower()
    if domain and not (line.host == domain or line.host.endswith(f".{domain}")):
        yield (
            f"the Domain {domain} does not contain the host {line.host}",
            "Change cookieDomain, or leave it out.",
        )
    if "secure" in attributes and line.origin.startswith("http:") and not _is_local(line.host):
        yield (
            "the cookies are Secure, and the app is asked over http",
            "Serve it over https, or set cookieSecure to false for development.",
        )
    if attributes.get("samesite", "").lower() == "none" and "secure" not in attributes:
        yield "SameSite=None without Secure is refused", "Serve the app over https."
    if cookie.name == "sRefreshToken" and not _covers(attributes.get("path", "/"), line):
        yield (
            f"the Path {attributes.get('path')} does not cover {line.refresh_path}",
            "Behind a gateway that changes paths, set apiGatewayPath.",
        )
    yield from _of_sites(line, attributes.get("samesite", "").lower())


def _of_sites(line: AppLine, same_site_text: str) -> Iterator[tuple[str, str]]:
    if line.website is None:
        return
    one, other = _host(line.website), line.host
    if one != other and {one, other} <= {"localhost", "127.0.0.1", "::1"}:
        yield (
            f"the website is at {one} and the app at {other}, which are two sites to a browser",
            "Use one of the two names for both.",
        )
    elif not same_site(line.website, line.origin) and same_site_text != "none":
        yield (
            f"website and app are two sites, and SameSite is {same_site_text or 'not set'}",
            "Set apiDomain and websiteDomain as they are, or cookieSameSite to none, with https.",
        )


def _covers(path: str, line: AppLine) -> bool:
    """Whether a cookie of that path is sent to the refresh API. Source: RFC 6265, section 5.1.4."""
    wanted = line.refresh_path
    return wanted == path or wanted.startswith(path if path.endswith("/") else f"{path}/")


def _host(address: str) -> str:
    return urlsplit(address if "://" in address else f"https://{address}").hostname or ""


def _is_local(host: str) -> bool:
    return host in {"localhost", "127.0.0.1", "::1"} or host.endswith(".localhost")
