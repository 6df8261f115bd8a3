"""Endpoints of the embedded core, one module for each family of paths.

Each module has a tuple `ENDPOINTS`; `all_endpoints` is the one list of modules.
"""

from stctl.core.endpoints import (
    account_linking,
    core_config,
    jwt,
    mappings,
    metadata,
    multitenancy_apps,
    passwordless,
    roles,
    service,
    session,
    session_data,
    session_lists,
    session_refresh,
    session_verify,
    sign_up,
    tenant_users,
    tenants,
    user_lists,
    user_roles,
    users,
)
from stctl.core.routing import Endpoint, Router

_MODULES = (
    service,
    jwt,
    session,
    session_verify,
    session_refresh,
    session_lists,
    session_data,
    tenants,
    multitenancy_apps,
    tenant_users,
    core_config,
    users,
    user_lists,
    sign_up,
    passwordless,
    account_linking,
    mappings,
    metadata,
    roles,
    user_roles,
)


def all_endpoints() -> list[Endpoint]:
    """Return every endpoint but the root and the unknown path."""
    return [endpoint for module in _MODULES for endpoint in module.ENDPOINTS]


def make_router() -> Router:
    """Return a router over all endpoints."""
    return Router(all_endpoints(), root=service.ROOT_ENDPOINT, unknown=service.UNKNOWN_ENDPOINT)
