"""One request, once its path, key and version were found good: what an endpoint is given."""

import codecs
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, TypeAlias

from stctl.clock import Clock
from stctl.core.app import App
from stctl.core.apps import Apps
from stctl.core.directory import Directory
from stctl.core.fields import Fields
from stctl.core.identities import Identities
from stctl.core.lenient_json import parse_object
from stctl.core.limiter import RateLimiter
from stctl.core.negotiation import V5_0, CdiVersion
from stctl.core.refusals import BadRequest, ServerFailure, public_tenant_only
from stctl.core.settings import CoreSettings
from stctl.core.statistics import RequestStatistics
from stctl.core.store import Database
from stctl.exchange import Request, Response
from stctl.sessions.handle import PUBLIC_TENANT

_DEFAULT_CHARSET: Final = "iso8859-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreParts:
    """What the endpoints of one core work with."""

    apps: Apps
    database: Database
    directory: Directory
    identities: Identities
    statistics: RequestStatistics
    hello_limiter: RateLimiter
    settings: CoreSettings
    clock: Clock
    config_path: Path | None
    """The configuration file that the core was started with, if any."""


@dataclass(slots=True, kw_only=True)
class Call:
    """A request to an endpoint. Its methods refuse by raising a `Refusal`."""

    parts: CoreParts
    request: Request
    headers: Mapping[str, str]
    """Names in lower case; of a repeated header the first value."""
    version: CdiVersion
    app_id: str
    tenant_id: str
    """As the path names it: nobody has checked yet that it exists."""

    def app(self) -> App:
        """Return the app of the path; 400 when there is none."""
        return self.parts.apps.of(self.app_id)

    def tenant_app(self) -> App:
        """Return the app of the path, whose tenant in the path exists too; 400 otherwise."""
        app = self.app()
        self.parts.directory.require(self.app_id, self.tenant_id)
        return app

    def public_tenant_only(self, since: CdiVersion = V5_0) -> None:
        """Refuse another tenant's path (403) from that version on; below it is ignored."""
        if self.tenant_id != PUBLIC_TENANT and self.version >= since:
            raise public_tenant_only()

    def fields(self) -> Fields:
        """Return the body's fields; 400 unless the body is one JSON object.

        The charset of the request decides how the body is decoded; without one it is ISO-8859-1.
        An unknown charset is 500. Source: core, behaviour notes 1.6 and 1.8.
        """
        charset = _charset(self.headers.get("content-type", ""))
        try:
            return Fields(parse_object(self.request.body.decode(charset, "replace")))
        except ValueError as error:
            raise BadRequest(f"The body is not a JSON object: {error}") from error

    def query(self, name: str) -> str:
        """Return a query parameter; 400 when it is absent. An empty one is present."""
        value = self.optional_query(name)
        if value is None:
            raise BadRequest(f"The query parameter '{name}' is missing")
        return value

    def optional_query(self, name: str) -> str | None:
        """Return the first value of a query parameter, or None."""
        return next((value for key, value in self.request.query if key == name), None)

    def query_flag(self, name: str, *, default: bool) -> bool:
        """Return whether a parameter says `true`, in any case; anything else given is false."""
        value = self.optional_query(name)
        return default if value is None else value.lower() == "true"


Handler: TypeAlias = Callable[[Call], Response]


@lru_cache(maxsize=64)
def _charset(content_type: str) -> str:
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return _known_charset(value.strip().strip("\"'"))
    return _DEFAULT_CHARSET


def _known_charset(name: str) -> str:
    try:
        found = codecs.lookup(name)
        b"".decode(name)  # not every codec of Python makes text
    except (LookupError, ValueError) as error:
        raise ServerFailure("The charset of the request is unknown") from error
    return found.name
