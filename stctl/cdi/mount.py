"""An embedded core as a transport of httpx, for clients that speak httpx and need no port."""

from collections.abc import Callable

import httpx

from stctl.exchange import Request, Response


class CoreMount(httpx.BaseTransport):
    """Answers the requests of an httpx client with a function, such as the embedded core's.

    >>> with httpx.Client(transport=CoreMount(lambda _: Response(status=200))) as client:
    ...     client.get("http://core/hello").status_code
    200
    """

    def __init__(self, answer: Callable[[Request], Response]) -> None:
        self._answer = answer

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the function's answer to the whole request."""
        response = self._answer(
            Request(
                method=request.method,
                path=request.url.path,
                query=request.url.params.multi_items(),
                headers=request.headers.multi_items(),
                body=request.read(),
                host=request.url.host,
            )
        )
        return httpx.Response(
            response.status, headers=[*response.headers], content=response.body, request=request
        )
