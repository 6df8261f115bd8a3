"""A line to one host of a core: plain questions, whose whole answers are looked at."""

from collections.abc import Callable
from dataclasses import dataclass

from stctl.cdi.addresses import Address
from stctl.cdi.client import CdiClient
from stctl.cdi.replies import Reply
from stctl.cdi.transport import Transport
from stctl.checks.finding import Finding, failed
from stctl.errors import StctlError
from stctl.exchange import Pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreLine:
    """One host, or the embedded core in process."""

    shown: str
    transport: Transport
    address: Address | None
    """None for the embedded core: there is no way to it that could be broken."""
    api_key: str | None
    app_id: str = "public"

    def client(self, *, with_key: bool = True, cdi: str | None = None) -> CdiClient:
        """A client of this host alone, with the key or as a stranger."""
        key = self.api_key if with_key else None
        return CdiClient(self.transport, api_key=key, app_id=self.app_id, cdi=cdi)

    def get(self, path: str, *, headers: Pairs = (), with_key: bool = False) -> Reply:
        """Return the whole answer to a GET of this app; raises StctlError without one."""
        prefix = "" if self.app_id == "public" else f"/appid-{self.app_id}"
        key = [("api-key", self.api_key)] if with_key and self.api_key else []
        return self.transport.send("GET", prefix + path, headers=[*headers, *key])


def guarded(id_: str, look: Callable[[], Finding]) -> Finding:
    """What a look finds; an error of the core is a failure of it."""
    try:
        return look()
    except StctlError as error:
        return failed(id_, error.detail, error.hint)
