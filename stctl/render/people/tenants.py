"""How tenants look."""

from collections.abc import Sequence

from stctl.jsontypes import JsonValue
from stctl.render.people.answers import joined, listed
from stctl.render.sessions.pieces import Asked, compact
from stctl.render.view import Facts, Line, Presentation, Table, dim, line, name
from stctl.sessions.tenancy import Tenant


def tenants(found: Sequence[Tenant], asked: Asked) -> Presentation:
    """Present the tenants of an app."""
    return Presentation(
        schema="stctl.tenants.list/1",
        view=lambda _: [
            Table(["TENANT", "FIRST FACTORS", "PROVIDERS", "SETTINGS"], [_row(t) for t in found])
        ],
        document=lambda: {
            **asked.document(),
            "tenants": [tenant_document(tenant) for tenant in found],
        },
        rows=lambda: map(tenant_document, found),
        ids=lambda: [tenant.tenant_id for tenant in found],
    )


def tenant(found: Tenant, asked: Asked) -> Presentation:
    """Present one tenant."""
    return Presentation(
        schema="stctl.tenants.show/1",
        view=lambda _: [Facts(tenant_facts(found), indent=0)],
        document=lambda: {**asked.document(), "status": "OK", **tenant_document(found)},
        ids=lambda: [found.tenant_id],
    )


def tenant_facts(found: Tenant) -> list[tuple[str, Line]]:
    """Return what is known of a tenant, for screens."""
    return [
        ("tenant", line(name(found.tenant_id))),
        ("first factors", _factors(found.first_factors, "all")),
        ("secondary factors", _factors(found.required_secondary_factors, "none required")),
        ("providers", joined(found.providers)),
        ("settings of its own", line(compact(found.core_config))),
    ]


def tenant_document(found: Tenant) -> dict[str, JsonValue]:
    """Return a tenant."""
    secondary = found.required_secondary_factors
    return {
        "tenant_id": found.tenant_id,
        "first_factors": None if found.first_factors is None else listed(found.first_factors),
        "required_secondary_factors": None if secondary is None else listed(secondary),
        "providers": listed(found.providers),
        "core_config": dict(found.core_config),
    }


def _row(found: Tenant) -> list[Line]:
    return [
        line(name(found.tenant_id)),
        _factors(found.first_factors, "all"),
        joined(found.providers),
        line(dim(compact(found.core_config))),
    ]


def _factors(factors: tuple[str, ...] | None, unsaid: str) -> Line:
    return line(dim(unsaid)) if factors is None else joined(factors)
