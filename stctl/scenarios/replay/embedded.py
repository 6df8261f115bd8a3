"""Embedded cores for replaying: in memory, each on a clock that is moved by hand."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from stctl.cdi.client import CdiClient
from stctl.cdi.transport import InProcessTransport, Transport
from stctl.clock import Entropy, FrozenClock
from stctl.core.service import open_core
from stctl.core.settings import load_settings
from stctl.scenarios.core_link import Core, CoreLink
from stctl.scenarios.replay.compare import OpenCore, Rules


@contextmanager
def embedded_cores(entropy: Entropy) -> Iterator[OpenCore]:
    """A function that opens cores, all of which are closed in the end.

    It raises SETTING_INVALID for settings that no core takes.
    """
    with ExitStack() as closing:

        def opened(rules: Rules, clock: FrozenClock) -> Core:
            given = [f"{name}={value}" for name, value in rules.settings.items()]
            service = open_core(None, load_settings(None, {}, given), clock, entropy)
            closing.enter_context(service)

            def connect(
                transport: Transport, *, key: str | None = None, cdi: str | None = None
            ) -> CdiClient:
                return CdiClient(transport, cdi=cdi or rules.cdi, api_key=key)

            return Core(CoreLink(InProcessTransport(service.answer), clock), connect)

        yield opened
