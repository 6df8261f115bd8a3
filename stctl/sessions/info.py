"""One session as a core reports it."""

from dataclasses import dataclass

from stctl.jsontypes import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionInfo:
    """The answer to a question about one session handle; times in milliseconds."""

    handle: str
    user_id: str
    recipe_user_id: str
    tenant_id: str
    created_at_ms: int
    expires_at_ms: int
    """When the refresh token ends, and with it the session."""
    user_data_in_jwt: JsonObject
    user_data_in_database: JsonObject
