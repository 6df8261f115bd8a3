"""Serves a WSGI application on loopback, a thread for each request."""

from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from e2e.witnesses.settings import listening


class Quiet(WSGIRequestHandler):
    """Says nothing of a request."""

    def log_message(self, *_: Any) -> None:
        """Leave it out."""


class Server(ThreadingMixIn, WSGIServer):
    """Ends with the process, whatever still runs."""

    daemon_threads = True


def serve(application: Any, port: int) -> None:
    """Serve until the process is ended."""
    made = listening(port)
    server = Server(made.getsockname(), Quiet, bind_and_activate=False)
    server.socket.close()
    server.socket = made
    server.server_name, server.server_port = made.getsockname()
    server.setup_environ()
    server.set_app(application)
    server.serve_forever()
