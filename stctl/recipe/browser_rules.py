"""What a browser itself keeps from the scripts of a page, before any SDK sees it.

Source: the Fetch standard, CORS protocol.
"""

from typing import Final

from stctl.exchange import Request, Response, first_value

_CORS_MODE: Final = "cors"
_OTHER_ORIGIN: Final = frozenset({"same-site", "cross-site"})


def is_withheld(request: Request, response: Response) -> bool:
    """Whether a browser hides an answer of another origin, for which `fetch` then fails.

    Only a request that a browser marked itself as one across origins can tell.
    """
    if first_value(request.headers, "sec-fetch-mode") != _CORS_MODE:
        return False
    if first_value(request.headers, "sec-fetch-site") not in _OTHER_ORIGIN:
        return False
    origin = first_value(request.headers, "origin")
    allowed = first_value(response.headers, "access-control-allow-origin")
    return origin is not None and allowed not in {origin, "*"}
