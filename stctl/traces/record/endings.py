"""What is said of an exchange whose answer did not arrive whole."""

import socket
import ssl
from typing import Final, NamedTuple


class Ending(NamedTuple):
    """Words for a connection that ended, by how much of the answer was there."""

    without: str
    """No head of an answer had come."""
    within: str


CLIENT_CLOSED: Final = Ending(
    "the client closed the connection before an answer",
    "the client closed the connection before the answer was complete",
)
SERVER_CLOSED: Final = Ending(
    "the server closed the connection without an answer",
    "the server closed the connection before the answer was complete",
)
SERVER_RESET: Final = Ending(
    "the server reset the connection without an answer",
    "the server reset the connection before the answer was complete",
)
STOPPED: Final = Ending(
    "recording was ended before an answer", "recording was ended before the answer was complete"
)


def refused(problem: Exception) -> Ending:
    """Why there is no connection to the server, in the words that `explain` knows."""
    match problem:
        case ConnectionRefusedError():
            words = "connection refused"
        case TimeoutError():
            words = "no connection to the server in time"
        case socket.gaierror():
            words = "the server's name is not known"
        case ssl.SSLError():
            reason = getattr(problem, "verify_message", None) or problem.reason or "it failed"
            words = f"no encrypted connection to the server: {reason}"
        case OSError(strerror=str(reason)):
            words = f"no connection to the server: {reason}"
        case _:
            words = f"no connection to the server: {problem}"
    return Ending(words, words)
