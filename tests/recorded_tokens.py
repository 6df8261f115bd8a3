"""Tokens that a real core issued, with what that core said of them."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).parent / "recorded" / "tokens" / "core.json"


@dataclass(frozen=True)
class Generation:
    """One create or refresh: its tokens, and the core's words about the session."""

    step: str
    access: str
    access_expires_at_ms: int
    access_created_at_ms: int
    refresh: str
    session: dict[str, Any]
    id_refresh: str | None
    anti_csrf: str | None


@cache
def _recorded() -> dict[str, Any]:
    recorded: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return recorded


def family(identifier: str) -> list[Generation]:
    """The generations of one recorded session, oldest first."""
    found = next(item for item in _recorded()["families"] if item["id"] == identifier)
    return [
        Generation(
            step=item["step"],
            access=item["access_token"]["token"],
            access_expires_at_ms=item["access_token"]["expiry"],
            access_created_at_ms=item["access_token"]["createdTime"],
            refresh=item["refresh_token"]["token"],
            session=item["session"],
            id_refresh=item.get("id_refresh_token", {}).get("token"),
            anti_csrf=item.get("anti_csrf_token"),
        )
        for item in found["generations"]
    ]


def families() -> list[str]:
    """The names of all recorded sessions."""
    return [item["id"] for item in _recorded()["families"]]


def every_generation() -> list[Generation]:
    """All generations of all recorded sessions."""
    return [generation for name in families() for generation in family(name)]


def jwks() -> dict[str, Any]:
    """The key set of the core that signed them."""
    keys: dict[str, Any] = _recorded()["jwks"]
    return keys


def signed_jwts() -> dict[str, str]:
    """JWTs from `/recipe/jwt`, by the step that made them."""
    return {item["step"]: item["jwt"] for item in _recorded()["jwts"]}


V2 = family("refresh-legacy-child-of-current-cdi2.10")
V3 = family("create-shape-cdi2.21")
V4 = family("create-payloads-cdi3.1-which-rsub")
V5 = family("refresh-legacy-sibling-and-old-cdi5.4")
V5_ROTATED = family("refresh-rotation-stale-lineage-cdi5.6")
V5_ANTI_CSRF = family("refresh-legacy-anti-csrf-cdi5.4")
V5_STATIC = family("create-static-key-cdi5.4")[0]
V5_TENANT = family("create-tenant-cdi5.4")[0]
V5_CLAIMS = family("create-shape-cdi5.4")[0]
