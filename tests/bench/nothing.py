"""A do-nothing handler on the server of the embedded core: `python -m bench.nothing PORT`."""

import sys

from stctl.core.serve import Serving, serve, threads_for
from stctl.core.settings import CoreSettings
from stctl.exchange import Request, Response


class Nothing:
    """Says Hello, whatever is asked."""

    def answer(self, _request: Request) -> Response:
        """Say Hello."""
        return Response(
            status=200, headers=(("Content-Type", "text/html;charset=UTF-8"),), body=b"Hello\n"
        )

    def close(self) -> None:
        """Nothing is held."""


def ready() -> None:
    """Nobody is told."""


if __name__ == "__main__":
    serve(
        Serving(
            opened=Nothing,
            address="127.0.0.1",
            port=int(sys.argv[1]),
            threads=threads_for(CoreSettings().max_server_pool_size),
            identity="nothing",
            on_ready=ready,
        )
    )
