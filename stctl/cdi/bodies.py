"""Request bodies, with exactly the fields that a CDI version knows.

A field that was asked for and that the version lacks is an error, never dropped in silence.
"""

from stctl.cdi.versions import is_at_least
from stctl.errors import ErrorKind, StctlError
from stctl.jsontypes import JsonObject, JsonValue


def create_body(
    cdi: str,
    user_id: str,
    *,
    user_data_in_jwt: JsonObject,
    user_data_in_database: JsonObject,
    enable_anti_csrf: bool,
    use_dynamic_signing_key: bool | None,
    access_token_validity_ms: int | None,
) -> JsonObject:
    """Return the body of create. Source: core, behaviour notes 2.1."""
    return {
        "userId": user_id,
        "userDataInJWT": dict(user_data_in_jwt),
        "userDataInDatabase": dict(user_data_in_database),
        "enableAntiCsrf": enable_anti_csrf,
        **_since(cdi, "2.21", "useDynamicSigningKey", use_dynamic_signing_key),
        **_since(cdi, "5.6", "accessTokenValidity", access_token_validity_ms),
    }


def verify_body(
    cdi: str,
    access_token: str,
    *,
    anti_csrf_token: str | None,
    do_anti_csrf_check: bool,
    enable_anti_csrf: bool,
    check_database: bool,
) -> JsonObject:
    """Return the body of verify. Source: core, behaviour notes 2.3.

    Below CDI 2.21 the core's own settings decide about the database, so asking for it is an
    error there.
    """
    asked = check_database if check_database or is_at_least(cdi, "2.21") else None
    return {
        "accessToken": access_token,
        **({} if anti_csrf_token is None else {"antiCsrfToken": anti_csrf_token}),
        "doAntiCsrfCheck": do_anti_csrf_check,
        "enableAntiCsrf": enable_anti_csrf,
        **_since(cdi, "2.21", "checkDatabase", asked),
    }


def refresh_body(
    cdi: str,
    refresh_token: str,
    *,
    anti_csrf_token: str | None,
    enable_anti_csrf: bool,
    use_dynamic_signing_key: bool | None,
    access_token_validity_ms: int | None,
) -> JsonObject:
    """Return the body of refresh. Source: core, behaviour notes 2.4.

    From CDI 5.0 on the kind of signing key must be named; dynamic is what SDKs name by default.
    """
    is_required = is_at_least(cdi, "5.0")
    dynamic = True if use_dynamic_signing_key is None and is_required else use_dynamic_signing_key
    return {
        "refreshToken": refresh_token,
        **({} if anti_csrf_token is None else {"antiCsrfToken": anti_csrf_token}),
        "enableAntiCsrf": enable_anti_csrf,
        **_since(cdi, "3.0", "useDynamicSigningKey", dynamic),
        **_since(cdi, "5.6", "accessTokenValidity", access_token_validity_ms),
    }


def remove_user_body(user_id: str, *, across_tenants: bool, linked_accounts: bool) -> JsonObject:
    """Return the body of remove for a user; both flags are the core's default when true."""
    return {
        "userId": user_id,
        **({} if across_tenants else {"revokeAcrossAllTenants": False}),
        **({} if linked_accounts else {"revokeSessionsForLinkedAccounts": False}),
    }


def list_query(user_id: str, *, across_tenants: bool, linked_accounts: bool) -> dict[str, str]:
    """Return the query of list; both flags are the core's default when true."""
    return {
        "userId": user_id,
        **({} if across_tenants else {"fetchAcrossAllTenants": "false"}),
        **({} if linked_accounts else {"fetchSessionsForAllLinkedAccounts": "false"}),
    }


def sign_body(
    cdi: str,
    payload: JsonObject,
    *,
    validity_s: int,
    jwks_domain: str,
    algorithm: str,
    use_static_signing_key: bool | None,
) -> JsonObject:
    """Return the body for signing a JWT. Source: core, behaviour notes 1.9."""
    return {
        "algorithm": algorithm,
        "jwksDomain": jwks_domain,
        "payload": dict(payload),
        "validity": validity_s,
        **_since(cdi, "2.21", "useStaticSigningKey", use_static_signing_key),
    }


def _since(cdi: str, floor: str, name: str, value: JsonValue) -> JsonObject:
    """Return the field, or nothing where it is not asked for."""
    if value is None:
        return {}
    if not is_at_least(cdi, floor):
        raise StctlError(
            ErrorKind.CORE_VERSION,
            f"`{name}` needs CDI {floor} or newer; this call speaks {cdi}",
            hint=f"Give --cdi {floor} or a newer one that the core offers.",
        )
    return {name: value}
