"""A recorder in this process, and servers behind it that do as a test says, byte for byte."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

from stctl.clock import Clock, SystemClock
from stctl.jsontypes import JsonObject
from stctl.traces.model import Entry
from stctl.traces.record.door import Wanted
from stctl.traces.record.files import RecordingFile, open_file
from stctl.traces.record.recorder import Recorder, Rules
from stctl.traces.record.standins import StandIns
from stctl.traces.record.target import Place, Target
from trace_help import entries_of

LIMIT_S = 20
LOOPBACK = Place(host="127.0.0.1", port=0)
FACTS: JsonObject = {"secrets": "raw"}
Script = Callable[[socket.socket], None]

GET = b"GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
POST = b"POST /recipe/session HTTP/1.1\r\ncdi-version: 5.4\r\nContent-Length: 2\r\n\r\n{}"


@dataclass(kw_only=True)
class Stand:
    """A recorder at work."""

    recorder: Recorder
    path: Path
    settle: Callable[[], None]
    """Wait until what was passed on is written down: that comes a moment later."""
    lines: list[str] = field(default_factory=list)
    """Lines of the recording as they were shown."""
    told: list[str] = field(default_factory=list)

    @property
    def port(self) -> int:
        return self.recorder.doors[0].place.port

    def entries(self) -> list[Entry]:
        """What is in the file by now."""
        self.settle()
        return entries_of(self.path.read_bytes())

    def only(self) -> Entry:
        (entry,) = self.entries()
        return entry


def wanted(port: int, scheme: str = "http", host: str = "127.0.0.1") -> Wanted:
    return Wanted(target=Target(scheme=scheme, host=host, port=port, path=""), place=LOOPBACK)


@contextmanager
def recording(
    path: Path,
    *doors: Wanted,
    body_limit: int = 1 << 16,
    rewrites_host: bool = False,
    key: bytes | None = None,
    clock: Clock | None = None,
    file: RecordingFile | None = None,
) -> Iterator[Stand]:
    """A recorder that runs in a thread of its own, and is closed in an orderly way at the end."""
    stand_ins = None if key is None else StandIns(key)
    rules = Rules(body_limit=body_limit, rewrites_host=rewrites_host, stand_ins=stand_ins)
    lines: list[str] = []
    told: list[str] = []
    recorder = Recorder(
        doors, rules, clock=clock or SystemClock(), show=lines.append, tell=told.append
    )
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()

    async def begin() -> None:
        await recorder.bind()
        opened = file or open_file(path, force=False, append=False, facts=FACTS)
        await recorder.open(opened)

    def settle() -> None:
        if loop.is_running():
            asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result(LIMIT_S)

    try:
        asyncio.run_coroutine_threadsafe(begin(), loop).result(LIMIT_S)
        yield Stand(recorder=recorder, path=path, settle=settle, lines=lines, told=told)
    finally:
        asyncio.run_coroutine_threadsafe(recorder.close(0.5), loop).result(LIMIT_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextmanager
def scripted(*scripts: Script) -> Iterator[int]:
    """A server that plays one script for each connection, in order; the last one again."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=128)
    playing: list[Thread] = []

    def play(script: Script, taken: socket.socket) -> None:
        with taken, suppress(OSError):
            taken.settimeout(LIMIT_S)
            script(taken)

    def serve() -> None:
        with suppress(OSError):
            for number in range(1 << 20):
                taken, _ = listening.accept()
                script = scripts[min(number, len(scripts) - 1)]
                playing.append(Thread(target=play, args=(script, taken)))
                playing[-1].start()

    accepting = Thread(target=serve)
    accepting.start()
    try:
        yield listening.getsockname()[1]
    finally:
        # Closing alone does not wake a thread that accepts.
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        accepting.join(LIMIT_S)
        for thread in playing:
            thread.join(LIMIT_S)


@contextmanager
def connected(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=LIMIT_S) as client:
        yield client


def read_exactly(source: socket.socket, count: int) -> bytes:
    """So many bytes; fewer when the stream ends before."""
    parts: list[bytes] = []
    while count and (data := source.recv(min(count, 1 << 20))):
        parts.append(data)
        count -= len(data)
    return b"".join(parts)


def read_all(source: socket.socket) -> bytes:
    """Everything until the end of the stream."""
    return read_exactly(source, 1 << 40)


def is_reset(source: socket.socket) -> bool:
    """Whether the connection ends with a reset."""
    try:
        read_all(source)
    except ConnectionResetError:
        return True
    return False


def answering(*answers: bytes, asked: bytes = GET) -> Script:
    """Answers one request after another, then waits for the end."""

    def script(server: socket.socket) -> None:
        for answer in answers:
            read_exactly(server, len(asked))
            server.sendall(answer)
        read_all(server)

    return script
