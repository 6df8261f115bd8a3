"""Whether each host of a core answers, asked one by one."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from stctl.cdi.addresses import read_addresses
from stctl.cdi.client import CdiClient
from stctl.cdi.transport import HttpTransport
from stctl.cdi.versions import version_order
from stctl.errors import StctlError


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What one host said to a greeting and to a question that needs the key."""

    shown: str
    latency_ms: float | None
    """None where it did not answer."""
    versions: Sequence[str] = ()
    problem: str | None = None
    """What went wrong, never with a key."""
    code: str | None = None
    """The error's stable code."""

    @property
    def is_good(self) -> bool:
        """Whether it answers as a core that takes the key."""
        return self.problem is None


def ask_hosts(url: str, *, api_key: str | None, app_id: str, timeout_s: float) -> Sequence[Host]:
    """Ask every host of an address, each on its own."""
    return [_ask(one.url, one.shown, api_key, app_id, timeout_s) for one in read_addresses(url)]


def _ask(url: str, shown: str, api_key: str | None, app_id: str, timeout_s: float) -> Host:
    latency_ms = None
    with HttpTransport(url, timeout_s=timeout_s) as transport:
        client = CdiClient(transport, api_key=api_key, app_id=app_id, timeout_s=timeout_s)
        try:
            began = time.perf_counter()
            client.hello()
            latency_ms = (time.perf_counter() - began) * 1000
            versions = sorted(client.api_versions(), key=version_order)
            return Host(shown=shown, latency_ms=latency_ms, versions=versions)
        except StctlError as error:
            return Host(
                shown=shown, latency_ms=latency_ms, problem=error.detail, code=error.kind.code
            )
