"""The handle of a session, and the tenant it carries."""

from stctl.tokens.access import PUBLIC_TENANT

__all__ = ["PUBLIC_APP", "PUBLIC_TENANT", "tenant_of_handle"]

PUBLIC_APP = "public"


def tenant_of_handle(handle: str) -> str:
    """Return the tenant of a session handle: what follows its first underscore, else `public`.

    >>> tenant_of_handle("6f0d9f4e-7c5b-4f59-9e8e-0d0c2b1a0f11_t1")
    't1'
    >>> tenant_of_handle("6f0d9f4e-7c5b-4f59-9e8e-0d0c2b1a0f11")
    'public'

    Source: core, section 2.0 of the behaviour notes: the handle is split at underscores and the
    second part is the tenant.
    """
    parts = handle.split("_")
    return parts[1] if len(parts) > 1 and parts[1] else PUBLIC_TENANT
