"""Writes a long recording to standard output, as if one app had been recorded for weeks.

    python tests/bench/long_log.py LINES [APP]

It is made of recorded exchanges, one trace after the other, without their hints: nine times out of
ten an ordinary one (log in, use the session, refresh, log out), then one of all of them, most of
which are errors. Each time has sessions, tokens and moments of its own: whatever names one of them
is exchanged wherever it stands, also inside of tokens, so that an access token still names its
refresh token. Signatures stay, and hold no more. APP is a pattern for the names of traces; `*`
takes those of every SDK, as if one backend changed its SDK all the time.
"""

import json
import re
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from email.utils import formatdate, parsedate_to_datetime
from itertools import count, islice
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote

TOP: Final = Path(__file__).parents[2]
RECORDED: Final = TOP / "tests" / "recorded" / "traces"
ONE_APP: Final = "*.express.default.*"
START_MS: Final = 1_795_000_000_000
ORDINARY: Final = ("login-and-use", "expired-access-token", "logout-route")
RARE: Final = 10
"""Every so many times it need not be an ordinary one."""
GAP_MS: Final = 50
SECOND_MS: Final = 1000

VARIABLE: Final = re.compile(
    r"(?P<refresh>[\w+/%-]{40,}=*\.[0-9a-f]{64}(?:\.V\d)?)"
    r"|(?P<json>\beyJ[\w+/=%-]{20,})"
    r"|(?P<hash>\b[0-9a-f]{64}\b)"
    r"|(?P<uuid>\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b)"
    r"|(?P<iso>\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)"
    r"|(?P<date>\b[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} 20\d\d \d\d:\d\d:\d\d GMT)"
    r"|(?P<ms>(?<![-\w.])1[78]\d{11}\b)"
    r"|(?P<s>(?<![-\w.])1[78]\d{8}\b)"
)
"""What names a session, a token or a moment, by the kinds of `Turn`."""


def main(arguments: Sequence[str]) -> int:
    """Write the lines; ends quietly when nobody reads them."""
    lines, app = int(arguments[0]), (*arguments[1:], ONE_APP)[0]
    try:
        sys.stdout.writelines(islice(long_log(app), lines))
        sys.stdout.flush()
    except BrokenPipeError:
        return 1
    return 0


def long_log(app: str = ONE_APP) -> Iterator[str]:
    """Lines without end."""
    paths = sorted(RECORDED.glob(f"{app}.har.json"))
    traces = [Template(path) for path in paths]
    ordinary = [
        trace for path, trace in zip(paths, traces, strict=True) if path.name.startswith(ORDINARY)
    ]
    at_ms = START_MS
    for number in count():
        turn, rest = divmod(number, RARE)
        those = ordinary if rest and ordinary else traces
        trace = those[(number if rest else turn) % len(those)]
        shift_ms = -((trace.start_ms - at_ms) // SECOND_MS) * SECOND_MS
        yield from trace.lines(Turn(number, shift_ms, trace.refresh_tokens))
        at_ms = trace.end_ms + shift_ms + GAP_MS


class Template:
    """A recorded trace, taken apart at what changes from turn to turn."""

    def __init__(self, path: Path) -> None:
        from stctl.tokens.hashes import hash1
        from stctl.traces.readers.har_entry import read_har_entry
        from stctl.traces.recording import entry_line

        recorded: list[dict[str, Any]] = json.loads(path.read_text())["log"]["entries"]
        hintless = [
            {name: value for name, value in entry.items() if not name.startswith("_")}
            for entry in recorded
        ]
        entries = [read_har_entry(entry, 0, "") for entry in hintless]
        texts = [f"{entry_line(entry)}\n" for entry in entries]
        self.start_ms = min(entry.started_at_ms for entry in entries)
        self.end_ms = max(int(entry.ended_at_ms) for entry in entries)
        self._lines = [Pieces(text) for text in texts]
        refresh = {
            unquote(found["refresh"])
            for text in texts
            for found in VARIABLE.finditer(text)
            if found["refresh"]
        }
        self.refresh_tokens = {hash1(token): token for token in refresh}
        """By the hashes that access tokens name them by."""

    def lines(self, turn: "Turn") -> Iterator[str]:
        """The lines of one turn."""
        return (line.filled(turn) for line in self._lines)


class Pieces:
    """A text, taken apart."""

    def __init__(self, text: str) -> None:
        self._plain: list[str] = []
        self._variable: list[tuple[str, str]] = []
        done = 0
        for found in VARIABLE.finditer(text):
            self._plain.append(text[done : found.start()])
            self._variable.append((str(found.lastgroup), found.group()))
            done = found.end()
        self._plain.append(text[done:])

    def filled(self, turn: "Turn") -> str:
        """The text as it is in a turn."""
        found = [self._plain[0]]
        for (kind, old), plain in zip(self._variable, self._plain[1:], strict=True):
            found += (turn.instead_of(kind, old), plain)
        return "".join(found)


class Turn:
    """One more time that a trace happens."""

    def __init__(self, number: int, shift_ms: int, refresh_tokens: dict[str, str]) -> None:
        self._number = number
        self._shift_ms = shift_ms
        self._refresh_tokens = refresh_tokens
        self._known: dict[str, str] = {}

    def instead_of(self, kind: str, old: str) -> str:
        """What stands in this turn where a text stood in the recording."""
        new = self._known.get(old)
        if new is None:
            new = self._known[old] = getattr(self, f"_{kind}")(old)
        return new

    def _refresh(self, old: str) -> str:
        token = unquote(old)
        new = f"{self._number:08x}{token[8:]}"
        return quote(new, safe="") if token != old else new

    def _json(self, old: str) -> str:
        """A part of a token: the variables in it are exchanged too."""
        pieces = _INNER.get(old)
        if pieces is None:
            pieces = _INNER[old] = Pieces(_decoded(old))
        encoded = b64encode(pieces.filled(self).encode()).decode()
        if "=" not in old and "%3D" not in old:
            encoded = encoded.rstrip("=").replace("+", "-").replace("/", "_")
        return quote(encoded, safe="") if "%" in old else encoded

    def _hash(self, old: str) -> str:
        from stctl.tokens.hashes import hash1

        token = self._refresh_tokens.get(old)
        return f"{self._number:08x}{old[8:]}" if token is None else hash1(self._refresh(token))

    def _uuid(self, old: str) -> str:
        return f"{self._number:08x}{old[8:]}"

    def _iso(self, old: str) -> str:
        from stctl.traces.readers.parts import read_time
        from stctl.traces.recording import iso_time

        return iso_time((read_time(old) or 0) + self._shift_ms)

    def _date(self, old: str) -> str:
        return formatdate(
            parsedate_to_datetime(old).timestamp() + self._shift_ms // SECOND_MS, usegmt=True
        )

    def _ms(self, old: str) -> str:
        return str(int(old) + self._shift_ms)

    def _s(self, old: str) -> str:
        return str(int(old) + self._shift_ms // SECOND_MS)


_INNER: Final[dict[str, Pieces]] = {}


def _decoded(part: str) -> str:
    text = unquote(part).replace("-", "+").replace("_", "/").rstrip("=")
    return b64decode(text + "=" * (-len(text) % 4)).decode()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
