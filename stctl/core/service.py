"""The embedded core as one function: a request comes in, an answer goes out.

The order of checks is a core's own. Source: core, behaviour notes 1.1 to 1.5.
"""

import logging
import re
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from stctl.clock import Clock, Entropy
from stctl.core.activity import ActivityRecorder
from stctl.core.apps import Apps, Common
from stctl.core.call import Call, CoreParts
from stctl.core.chores import Chores
from stctl.core.directory import Directory
from stctl.core.endpoints import make_router
from stctl.core.limiter import RateLimiter
from stctl.core.negotiation import V3_0, negotiate, not_supported
from stctl.core.pages import container_page, redirect, text_answer
from stctl.core.people.identities import StoredIdentities
from stctl.core.refusals import MethodNotAllowed, NotFound, Refusal, WrongApiKey
from stctl.core.routing import Target, collapse
from stctl.core.settings import CoreSettings
from stctl.core.statistics import RequestStatistics
from stctl.core.store import open_database, tenants
from stctl.errors import StctlError
from stctl.exchange import Request, Response
from stctl.sessions.handle import PUBLIC_APP, PUBLIC_TENANT

_LOG: Final = logging.getLogger("stctl.core")
# Whoever wants to read of failures adds a handler; without one nothing is printed.
_LOG.addHandler(logging.NullHandler())
_OWN_405: Final = frozenset({"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"})
_CONTAINER_405: Final = frozenset({"PATCH", "TRACE"})
_BEARER: Final = re.compile(r"bearer\s+", re.IGNORECASE)


def open_core(
    db: Path | None,
    settings: CoreSettings,
    clock: Clock,
    entropy: Entropy,
    config_path: Path | None = None,
    *,
    ahead: bool = False,
) -> "CoreService":
    """Return an embedded core over the file `db`, or over memory when it is None.

    `config_path` is named by `GET /config` and not read. With `ahead` a thread prepares what coming
    requests may need, in no order that seeded chance could repeat. Raises `StctlError`
    (store-failed) when the file cannot be used. Keys are made when they are first needed.
    """
    database = open_database(db)
    try:
        with database.transaction() as sql:
            tenants.create(sql, PUBLIC_APP, PUBLIC_TENANT, clock.now_ms())
    except StctlError:
        database.close()
        raise
    directory = Directory(database, clock, settings)
    common = Common(
        database=database,
        directory=directory,
        identities=StoredIdentities(database, clock),
        activity=ActivityRecorder(),
        clock=clock,
        entropy=entropy,
        ahead=ahead,
    )
    parts = CoreParts(
        apps=Apps(common),
        database=database,
        directory=directory,
        identities=common.identities,
        statistics=RequestStatistics(),
        hello_limiter=RateLimiter(),
        settings=settings,
        clock=clock,
        config_path=config_path,
    )
    return CoreService(parts)


class CoreService:
    """An embedded core. Safe to use from any thread; close it, or use it as a context manager."""

    def __init__(self, parts: CoreParts) -> None:
        self._parts = parts
        self._base_path = parts.settings.base_path
        self._router = make_router()
        self._chores = Chores(parts)

    def __enter__(self) -> Self:
        """Return the core itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the core."""
        self.close()

    @property
    def parts(self) -> CoreParts:
        """What the core is made of, for those who prepare its store."""
        return self._parts

    def close(self) -> None:
        """Let go of the file; requests that come later are answered with 500."""
        self._parts.database.close()

    def settings_for(self, app_id: str, tenant_id: str) -> CoreSettings:
        """Return the settings that hold for a tenant."""
        return self._parts.directory.settings(app_id, tenant_id)

    def answer(self, request: Request) -> Response:
        """Answer one request. Never raises: what goes wrong inside is an answer with status 500."""
        try:
            response = self._answer(request)
        except Refusal as refusal:
            response = text_answer(refusal.status, refusal.text)
        except Exception as error:  # noqa: BLE001 - a core answers 500 whatever happened
            _LOG.error("%s %s failed", request.method, request.path, exc_info=error)
            response = text_answer(500, f"{type(error).__name__}: {error}")
        if request.method == "HEAD":
            return Response(status=response.status, headers=response.headers)
        return response

    def _answer(self, request: Request) -> Response:
        path = collapse(request.path)
        base_path = self._base_path
        if base_path:
            if path == base_path:
                return redirect(f"{base_path}/")
            if not path.startswith(f"{base_path}/"):
                return container_page(404)
            path = path[len(base_path) :]
        self._chores.do_if_due()
        return self._checked(request, self._router.resolve(path))

    def _checked(self, request: Request, target: Target) -> Response:
        parts = self._parts
        app_id, tenant_id = target.app_id, target.tenant_id
        app_known = parts.directory.app_exists(app_id)
        if app_known and not self._admits(request, target):
            return container_page(403)
        headers = {name.lower(): value for name, value in reversed(request.headers)}
        settings = parts.directory.settings(app_id, PUBLIC_TENANT)
        if target.endpoint.needs_key and app_known:
            _require_key(headers, settings)
        asked = negotiate(
            headers.get("cdi-version"),
            settings.supertokens_max_cdi_version,
            settings.supertokens_min_cdi_version,
        )
        if asked.version < V3_0 and tenant_id != PUBLIC_TENANT:
            raise NotFound
        if app_known:
            parts.statistics.count(app_id, parts.clock.now_ms())
        if target.endpoint.needs_version and not asked.supported:
            raise not_supported(asked.text)
        call = Call(
            parts=parts,
            request=request,
            headers=headers,
            version=asked.version,
            app_id=app_id,
            tenant_id=tenant_id,
        )
        return _dispatched(call, target)

    def _admits(self, request: Request, target: Target) -> bool:
        settings = self._parts.directory.settings(target.app_id, target.tenant_id)
        allow, deny = settings.ip_allow_regex, settings.ip_deny_regex
        if not allow and not deny:
            return True
        address = request.remote_address
        if deny and _pattern(deny).fullmatch(address):
            return False
        if allow:
            return _pattern(allow).fullmatch(address) is not None
        return True


def _require_key(headers: dict[str, str], settings: CoreSettings) -> None:
    if not settings.api_keys:
        return
    given = headers.get("api-key")
    if given is None:
        given = _BEARER.sub("", headers.get("authorization", ""), count=1)
    key = given.strip()
    if key not in settings.api_keys and key != settings.supertokens_saas_secret:
        raise WrongApiKey


def _dispatched(call: Call, target: Target) -> Response:
    method = call.request.method
    handler = target.endpoint.methods.get(method)
    if handler is not None:
        return handler(call)
    if method in _OWN_405:
        raise MethodNotAllowed
    return container_page(405 if method in _CONTAINER_405 else 501)


@lru_cache(maxsize=64)
def _pattern(regex: str) -> re.Pattern[str]:
    return re.compile(regex)
