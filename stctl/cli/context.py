"""What a command is given: streams, environment, clock, printer, and the core it talks to."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from stctl.clock import Clock, Entropy, SystemClock, SystemEntropy
from stctl.render.printer import Output, Printer, Screen

if TYPE_CHECKING:
    from stctl.cdi.client import CdiClient
    from stctl.cdi.transport import Transport
    from stctl.cli.settings import CoreTarget
    from stctl.core.service import CoreService

_JSON_FORMS = {"json", "ndjson"}


@dataclass(slots=True)
class Context:
    """The outside world of one command; every field can be replaced in a test."""

    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    working_folder: Path = field(default_factory=Path.cwd)
    clock: Clock = field(default_factory=SystemClock)
    entropy: Entropy = field(default_factory=SystemEntropy)
    arguments: Sequence[str] = field(default_factory=lambda: tuple(sys.argv[1:]))
    chosen_printer: Printer | None = None
    """Set when the output options of a command have been read."""

    @classmethod
    def of(cls, ctx: Any) -> "Context":
        """The one context of a run of the command line, made when it is first asked for."""
        root = ctx.find_root()
        if not isinstance(root.obj, cls):
            root.obj = cls()
        context: Context = root.obj
        return context

    @property
    def stdin(self) -> TextIO:
        """Standard input."""
        return sys.stdin

    @property
    def printer(self) -> Printer:
        """The printer of the command, or before its options are read, one that suits errors."""
        if self.chosen_printer is not None:
            return self.chosen_printer
        return self.printer_for(Output.JSON if self.wants_json else Output.TABLE, quiet=False)

    def printer_for(self, output: Output, *, quiet: bool, other: str = "") -> Printer:
        """Make a printer on the process's streams; `other` is a form that few results have."""
        return Printer(
            out=Screen(_tolerant(sys.stdout), self.environ),
            err=Screen(_tolerant(sys.stderr), self.environ),
            output=output,
            quiet=quiet,
            other=other,
        )

    @property
    def wants_json(self) -> bool:
        """Whether the arguments ask for JSON, also where they could not be read to the end."""
        pairs = zip(("", *self.arguments), self.arguments, strict=False)
        return any(
            argument == "--json"
            or (before in {"-o", "--output"} and argument in _JSON_FORMS)
            or argument in {f"{flag}{form}" for flag in ("-o", "--output=") for form in _JSON_FORMS}
            for before, argument in pairs
        )

    @property
    def can_ask(self) -> bool:
        """Whether a person sits at both ends of a question."""
        return sys.stdin.isatty() and sys.stderr.isatty()

    @property
    def state_folder(self) -> Path:
        """Where what must survive is kept: `$XDG_STATE_HOME/stctl`."""
        return self._xdg("XDG_STATE_HOME", ".local/state")

    @property
    def config_folder(self) -> Path:
        """Where the user's own settings are: `$XDG_CONFIG_HOME/stctl`."""
        return self._xdg("XDG_CONFIG_HOME", ".config")

    def _xdg(self, variable: str, below_home: str) -> Path:
        # The XDG specification: a relative path in the variable is to be ignored.
        given = self.environ.get(variable, "")
        base = Path(given) if Path(given).is_absolute() else self.home / below_home
        return base / "stctl"

    @property
    def home(self) -> Path:
        """The user's home folder."""
        given = self.environ.get("HOME") or self.environ.get("USERPROFILE")
        return Path(given) if given else Path.home()

    @contextmanager
    def open_core(self, target: "CoreTarget") -> Iterator["CdiClient"]:
        """A client of the core that a command is for: over the network, or of the own store."""
        from stctl.cdi.client import CdiClient

        with self.open_transport(target) as transport:
            yield CdiClient(
                transport,
                cdi=target.cdi,
                api_key=target.api_key,
                app_id=target.app_id,
                tenant_id=target.tenant_id,
            )

    @contextmanager
    def open_transport(self, target: "CoreTarget") -> Iterator["Transport"]:
        """The way to the core that a command is for."""
        if target.url is not None:
            from stctl.cdi.transport import HttpTransport

            with HttpTransport(
                target.url, clock=self.clock, notify=self.printer.remark, timeout_s=target.timeout_s
            ) as network:
                yield network
            return
        from stctl.cdi.transport import InProcessTransport

        database = target.database or self.state_folder / "core.sqlite3"
        with self._embedded(database) as service:
            yield InProcessTransport(service.answer, target=f"the embedded core ({database})")

    def _embedded(self, database: Path) -> "CoreService":
        """The embedded core over a file, with the settings that the environment names.

        What guards a core against strangers on the network has no use inside one process.
        """
        from stctl.core.service import open_core
        from stctl.core.settings import load_settings

        settings = replace(
            load_settings(None, self.environ, ()),
            api_keys=frozenset(),
            supertokens_saas_secret=None,
            ip_allow_regex=None,
            ip_deny_regex=None,
            base_path="",
        )
        return open_core(database, settings, self.clock, self.entropy)


def _tolerant(stream: TextIO) -> TextIO:
    """A stream that shows what its encoding lacks as escapes in place of failing."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")
    return stream
