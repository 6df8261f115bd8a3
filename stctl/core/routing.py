"""From a path to an endpoint, an app and a tenant. Source: core, behaviour notes 1.2 and 1.5."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from stctl.core.call import Handler
from stctl.sessions.handle import PUBLIC_APP, PUBLIC_TENANT

ROOT: Final = "/"
_APP_PREFIX: Final = "appid-"
_NEVER_TENANTS: Final = frozenset({"recipe", "config", "users", "hello"})
_ID: Final = re.compile(r"[a-z0-9-]+")
_SLASHES: Final = re.compile(r"/{2,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One path and what its methods do.

    Whether only the app counts or the tenant of the path too is for the handler to say, since it
    says at which point of its own checks it looks: `Call.app`, `Call.tenant_app`,
    `Call.public_tenant_only`.
    """

    path: str
    """Lower case, with a leading and without a trailing slash."""
    methods: Mapping[str, Handler]
    needs_key: bool = True
    needs_version: bool = True
    """Whether an unsupported version is refused; a malformed or too high one always is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a path leads; ids in lower case, existing or not."""

    endpoint: Endpoint
    app_id: str = PUBLIC_APP
    tenant_id: str = PUBLIC_TENANT


def collapse(path: str) -> str:
    """Return the path with every run of slashes made one."""
    return _SLASHES.sub("/", path) if "//" in path else path


class Router:
    """Finds the endpoint of a path.

    `root` answers the bare prefixes, `unknown` whatever leads nowhere.
    """

    def __init__(self, endpoints: Iterable[Endpoint], *, root: Endpoint, unknown: Endpoint) -> None:
        self._root = root
        self._unknown = Target(endpoint=unknown)
        self._exact = {endpoint.path: endpoint for endpoint in (*endpoints, root)}
        self._targets = {path: Target(endpoint=one) for path, one in self._exact.items()}
        self._prefixed = lru_cache(maxsize=1024)(self._resolve)

    def resolve(self, path: str) -> Target:
        """Return where the path leads, without regard to case and to one slash at its end."""
        return self._targets.get(path) or self._prefixed(path)

    def _resolve(self, path: str) -> Target:
        lowered = path.lower()
        bare = lowered.removesuffix("/") or ROOT
        if (exact := self._targets.get(bare)) is not None:
            return exact
        first, rest = _split(bare)
        if first.startswith(_APP_PREFIX) and (found := self._in_app(first, rest)) is not None:
            return found
        return self._in_tenant(PUBLIC_APP, first, rest) or self._unknown

    def _in_app(self, prefix: str, rest: str) -> Target | None:
        given = prefix.removeprefix(_APP_PREFIX)
        if given and not _ID.fullmatch(given):
            return None
        if not given and rest == ROOT:
            return self._unknown
        app_id = given or PUBLIC_APP
        if (endpoint := self._exact.get(rest)) is not None:
            return Target(endpoint=endpoint, app_id=app_id)
        return self._in_tenant(app_id, *_split(rest))

    def _in_tenant(self, app_id: str, tenant_id: str, rest: str) -> Target | None:
        endpoint = self._exact.get(rest)
        if endpoint is None or tenant_id in _NEVER_TENANTS or not _ID.fullmatch(tenant_id):
            return None
        return Target(endpoint=endpoint, app_id=app_id, tenant_id=tenant_id)


def _split(path: str) -> tuple[str, str]:
    """Return the first segment of a path and what follows it, with its slash.

    >>> _split("/t1/recipe/session"), _split("/t1")
    (('t1', '/recipe/session'), ('t1', '/'))
    """
    first, _, rest = path.removeprefix("/").partition("/")
    return first, f"/{rest}"
