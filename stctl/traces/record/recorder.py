"""Takes exchanges from its doors, writes them down, and shows them to whoever looks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from stctl.clock import Clock
from stctl.traces.link import Peers
from stctl.traces.model import Entry, Peer
from stctl.traces.record.conversation import Passing
from stctl.traces.record.door import Door, Wanted
from stctl.traces.record.files import RecordingFile
from stctl.traces.record.masking import with_stand_ins
from stctl.traces.record.standins import StandIns
from stctl.traces.record.taking import entry_of
from stctl.traces.recording import entry_line

DRAIN_S: Final = 2.0
"""How long open exchanges are waited for at the end."""


@dataclass(slots=True)
class Count:
    """How a recording went."""

    exchanges: int = 0
    """Written down."""
    unanswered: int = 0
    """Those of them whose answer did not arrive whole."""
    lost: int = 0
    """Passed on, and not written down."""
    problems: list[str] = field(default_factory=list)
    """Why, each reason once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How to record."""

    body_limit: int
    """Bytes of a body that are kept at most; a longer one is left out."""
    rewrites_host: bool
    stand_ins: StandIns | None
    """None writes secrets as they are."""


class Recorder:
    """Records at one or more doors into one file."""

    def __init__(
        self,
        wanted: Sequence[Wanted],
        rules: Rules,
        *,
        clock: Clock,
        show: Callable[[str], None],
        tell: Callable[[str], None],
    ) -> None:
        self.count = Count()
        self._rules = rules
        self._file: RecordingFile | None = None
        self._show = show
        self._tell = tell
        self._peers = Peers()
        self.doors = [
            Door(
                one,
                clock=clock,
                body_limit=rules.body_limit,
                rewrites_host=rules.rewrites_host,
                take=self._take,
                failed=self._failed,
            )
            for one in wanted
        ]

    async def bind(self) -> None:
        """Take the place of every door; raises CANNOT_LISTEN."""
        for door in self.doors:
            await door.bind()

    async def open(self, file: RecordingFile) -> None:
        """Begin to listen, and to write into a file."""
        self._file = file
        for door in self.doors:
            await door.open()

    def hurry(self) -> None:
        """End what is still open at once."""
        for door in self.doors:
            door.hurry()

    async def close(self, drain_s: float = DRAIN_S) -> None:
        """Take no more connections, wait a little for open exchanges, and end."""
        for door in self.doors:
            await door.close(drain_s)
        if self._file is not None:
            self._file.close()

    def _take(self, passing: Passing, door: Door, client: str) -> None:
        try:
            self._write(passing, door, client)
        except OSError as problem:
            self._lost(f"The recording cannot be written: {problem.strerror or problem}.")
        except Exception as problem:  # noqa: BLE001 - no fault of ours may stop what passes
            self._failed(problem)

    def _write(self, passing: Passing, door: Door, client: str) -> None:
        entry = entry_of(passing, door.target, self.count.exchanges, client=client)
        entry = replace(entry, peer=self._peer(entry, door))
        if self._rules.stand_ins is not None:
            entry = with_stand_ins(entry, self._rules.stand_ins)
        line = entry_line(entry)
        if self._file is not None:
            self._file.write(entry, line)
        self.count.exchanges += 1
        self.count.unanswered += entry.connection is not None
        self._show(line)

    def _peer(self, entry: Entry, door: Door) -> Peer | None:
        """Which side it is, where both are recorded, or a core was said to be.

        A recording that names the browser's side is taken to have the core's side too: what is not
        in it did not happen. With one door that may be false, so that nothing is said.
        """
        if len(self.doors) == 1:
            return door.peer if door.peer is Peer.BACKEND_CORE else None
        return door.peer or self._peers.of(entry)

    def _failed(self, problem: Exception) -> None:
        """Something in what looks at the copy went wrong: a fault of stctl."""
        self._lost(f"An exchange was not understood: {type(problem).__name__}: {problem}.")

    def _lost(self, why: str) -> None:
        self.count.lost += 1
        if why not in self.count.problems:
            self.count.problems.append(why)
            self._tell(f"{why} Requests are passed on all the same.")
