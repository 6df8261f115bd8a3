"""Recognises answers that no session handler wrote: pages of frameworks and of proxies.

Source: SDKs, behaviour notes 4.4 and 10, and the frameworks' own error pages.
"""

import re
from typing import Final

from stctl.exchange import Response, first_value

_SERVER_ERROR: Final = 500
_NOT_FOUND: Final = 404
_GATEWAY: Final = frozenset({502, 503, 504})
_HTML: Final = re.compile(rb"^\s*<(?:!doctype|html|h1|head|title)", re.IGNORECASE)
_NOT_FOUND_TEXT: Final = re.compile(
    rb"not found|cannot (?:get|post|put|patch|delete|head|options) ", re.IGNORECASE
)
_ERROR_TEXT: Final = re.compile(rb"internal server error|server error \(500\)", re.IGNORECASE)
_PROXY: Final = re.compile(
    rb"nginx|cloudflare|openresty|varnish|haproxy|envoy|traefik|apache|cloudfront|akamai"
    rb"|bad gateway|gateway time-?out|upstream|service unavailable",
    re.IGNORECASE,
)


def is_not_found(response: Response) -> bool:
    """Whether a framework says that it has no such route."""
    return response.status == _NOT_FOUND and bool(_NOT_FOUND_TEXT.search(response.body[:4000]))


def is_framework_error(response: Response) -> bool:
    """Whether a framework answered a 500 by itself: a page, a word of text, never an app's JSON."""
    if response.status != _SERVER_ERROR:
        return False
    body = response.body[:4000]
    if _HTML.match(body) or _ERROR_TEXT.search(body[:400]):
        return True
    kind = (first_value(response.headers, "content-type") or "").lower()
    return not body or kind.startswith("text/plain")


def is_proxy_error(response: Response) -> bool:
    """Whether a gateway answered in the backend's place."""
    if response.status not in _GATEWAY:
        return False
    kind = (first_value(response.headers, "content-type") or "").lower()
    is_json = "json" in kind
    return not is_json and bool(not response.body or _PROXY.search(response.body[:4000]))
