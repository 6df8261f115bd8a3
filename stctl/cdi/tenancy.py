"""Calls about tenants."""

from collections.abc import Sequence

from stctl.cdi import wire
from stctl.cdi.channel import Channel
from stctl.cdi.wire import Node
from stctl.jsontypes import JsonObject
from stctl.sessions.tenancy import Tenant, UnknownTenant

_FLOOR = "5.1"
"""Older versions have other calls for this, which say less."""


class TenantCalls(Channel):
    """Tenants of the app. Source: core, behaviour notes 7.7."""

    def tenants(self) -> list[Tenant]:
        """Return every tenant of the app, `public` included; needs CDI 5.1."""
        self._need(_FLOOR, "listing tenants")
        node = self._ask("GET", "/recipe/multitenancy/tenant/list/v2")
        wire.expect_ok(node)
        return [_tenant(item) for item in node.items("tenants")]

    def tenant(self, tenant_id: str) -> Tenant | UnknownTenant:
        """Return what the core knows of a tenant; needs CDI 5.1."""
        self._need(_FLOOR, "looking up a tenant")
        path = "/recipe/multitenancy/tenant/v2"
        there = self.in_tenant(tenant_id)
        node = there._ask("GET", path, in_tenant=True)  # noqa: SLF001 - a client like this one
        if node.text("status") == "TENANT_NOT_FOUND_ERROR":
            return UnknownTenant(tenant_id=tenant_id)
        wire.expect_ok(node)
        return _tenant(node)

    def create_tenant(
        self,
        tenant_id: str,
        *,
        first_factors: Sequence[str] = (),
        core_config: JsonObject | None = None,
    ) -> bool:
        """Make a tenant, or change one; tell whether it is new. Needs CDI 5.1.

        Without first factors a new tenant has none, and an old one keeps its own.
        """
        self._need(_FLOOR, "making a tenant")
        body: JsonObject = {
            "tenantId": tenant_id,
            **({"firstFactors": [*first_factors]} if first_factors else {}),
            **({"coreConfig": dict(core_config)} if core_config else {}),
        }
        node = self._ask("PUT", "/recipe/multitenancy/tenant/v2", body=body)
        wire.expect_ok(node)
        return node.truth("createdNew")

    def delete_tenant(self, tenant_id: str) -> bool:
        """Remove a tenant with its users' places and sessions; tell whether there was one."""
        body: JsonObject = {"tenantId": tenant_id}
        node = self._ask("POST", "/recipe/multitenancy/tenant/remove", body=body)
        wire.expect_ok(node)
        return node.truth("didExist")


def _tenant(node: Node) -> Tenant:
    return Tenant(
        tenant_id=node.text("tenantId"),
        first_factors=_factors(node, "firstFactors"),
        required_secondary_factors=_factors(node, "requiredSecondaryFactors"),
        core_config=node.mapping("coreConfig"),
        providers=tuple(
            item.text("thirdPartyId") for item in node.child("thirdParty").items("providers")
        ),
    )


def _factors(node: Node, name: str) -> tuple[str, ...] | None:
    return tuple(node.texts(name)) if node.has(name) else None
