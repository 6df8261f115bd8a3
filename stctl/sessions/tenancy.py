"""The tenants of an app, as a core describes them."""

from dataclasses import dataclass

from stctl.jsontypes import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """A part of an app with users and sessions of its own."""

    tenant_id: str
    first_factors: tuple[str, ...] | None
    """None where all are allowed; empty where none is."""
    required_secondary_factors: tuple[str, ...] | None
    core_config: JsonObject
    """Settings of the core that this tenant has differently."""
    providers: tuple[str, ...]
    """Ids of its identity providers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownTenant:
    """The app has no such tenant."""

    tenant_id: str
