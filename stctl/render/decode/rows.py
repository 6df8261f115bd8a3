"""One flat row for each element, for spreadsheets."""

from stctl.jsontypes import JsonValue
from stctl.render.decode.document import item_document
from stctl.render.decode.masking import Veil
from stctl.tokens.decoded import Item

_MEMBERS = {
    "verdict": ("verdict",),
    "signature": ("signature", "verdict"),
    "user_id": ("session", "user_id"),
    "recipe_user_id": ("session", "recipe_user_id"),
    "tenant_id": ("session", "tenant_id"),
    "session_handle": ("session", "handle"),
    "issued_at": ("times", "issued_at"),
    "expires_at": ("times", "expires_at"),
    "kid": ("key", "kid"),
    "refresh_token_hash1": ("hashes", "refresh_token_hash1"),
    "parent_refresh_token_hash1": ("hashes", "parent_refresh_token_hash1"),
    "cookie_bytes": ("size", "pair_bytes"),
    "token": ("token",),
    "error": ("error", "message"),
}


def flat_row(number: int, item: Item, now_ms: int, veil: Veil) -> dict[str, JsonValue]:
    """A row with the same columns for every kind; what a kind lacks is empty."""
    whole = item_document(number, item, now_ms, veil)
    return {
        "index": number,
        "source": _member(whole, ("source", "text")),
        "kind": whole["kind"],
        "version": whole.get("version"),
        **{column: _member(whole, path) for column, path in _MEMBERS.items()},
        "findings": _findings(whole.get("findings")),
    }


def _member(whole: JsonValue, path: tuple[str, ...]) -> JsonValue:
    for name in path:
        whole = whole.get(name) if isinstance(whole, dict) else None
    return whole


def _findings(findings: JsonValue) -> str:
    """The ids of the findings, parted by spaces."""
    listed = findings if isinstance(findings, list) else []
    return " ".join(str(_member(finding, ("id",))) for finding in listed)
