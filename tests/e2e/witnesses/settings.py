"""What a backend is started with, and how it says what fired in it."""

import json
import logging
import os
import socket
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

CUSTOM_ANSWERS: Mapping[str, Mapping[str, object]] = json.loads(
    Path(__file__).with_name("custom_answers.json").read_text("utf-8")
)
HANDLERS = ("default", "custom", "forgetful")
"""The SDK's own; some of the app; those, and none of them ends a session that was stolen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The options of a backend."""

    core: str
    port: int
    handlers: str
    log: Path
    anti_csrf: str | None
    older_cookie_domain: str | None

    @property
    def kind(self) -> str:
        """Whose the handlers are."""
        return "default" if self.handlers == "default" else "custom"

    def note(self, error: str, handler: str, kind: str, url: str) -> None:
        """Write down that a handler fires, before it answers."""
        path = urlsplit(url).path
        line = json.dumps({"error": error, "handler": handler, "kind": kind, "path": path})
        with self.log.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")

    def note_exception(self, url: str) -> None:
        """Write down that an exception is left to the framework."""
        self.note("GENERAL_ERROR", "framework_error_response", "framework", url)


def settings() -> Settings:
    """The options on the command line."""
    parser = ArgumentParser()
    parser.add_argument("--core", required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--handlers", choices=HANDLERS, default="default")
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--anti-csrf")
    parser.add_argument("--older-cookie-domain")
    # The SDK reads the machine's authorities again for each call to the core, which takes longer
    # than the call itself. Nothing here speaks TLS.
    os.environ.pop("SSL_CERT_FILE", None)
    os.environ["SSL_CERT_DIR"] = str(Path(__file__).parent)
    # Frameworks print every exception that they answer; nobody reads it here, and the pipe fills.
    logging.disable()
    return Settings(**vars(parser.parse_args()))


def listening(port: int) -> socket.socket:
    """A socket that listens on loopback; its address is printed."""
    # Only of a socket that names its protocol asyncio knows that answers must not be held back.
    made = socket.socket(proto=socket.IPPROTO_TCP)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("127.0.0.1", port))
    made.listen()
    sys.stdout.write(f"http://127.0.0.1:{made.getsockname()[1]}\n")
    sys.stdout.flush()
    return made
