"""Refresh up to CDI 5.5: the presented token stays good until its child is used.

Source: core, behaviour notes 2.4.1.
"""

from dataclasses import replace

from stctl.core.engine.lineage import Standing, standing
from stctl.core.engine.outcomes import NewTokens, TheftDetected, Unauthorised
from stctl.core.engine.refreshing import ENDED, Refreshing, answer_with_tokens, theft
from stctl.core.store import Pointer, SessionRow, Sql, sessions


def refresh_legacy(refreshing: Refreshing) -> NewTokens | Unauthorised | TheftDetected:
    """Mint a child of the presented token, promoting the token itself first if it is a child.

    Nothing is revoked on theft. Most refreshes only read; the row is locked when it must change.
    """
    app = refreshing.app
    row, pointer = _look(refreshing, app.database.read)
    if pointer is not None:
        with app.database.transaction() as sql:
            row, pointer = _look(refreshing, sql)
            if row is not None and pointer is not None:
                sessions.point(sql, row.key, pointer)
                row = replace(row, current_hash2=pointer.current_hash2)
    if row is None:
        return ENDED
    if row.current_hash2 != refreshing.presented.hash2:
        return theft(app, row, None)
    child = refreshing.child(app.clock.now_ms())
    parent_hash1 = refreshing.presented.hash1
    return answer_with_tokens(refreshing, row, child, parent_hash1=parent_hash1)


def _look(refreshing: Refreshing, sql: Sql) -> tuple[SessionRow | None, Pointer | None]:
    """Return the session, None if it has ended, and what is to be written to it, if anything."""
    now_ms = refreshing.app.clock.now_ms()
    row = sessions.find(sql, refreshing.key)
    if row is None or row.expires_at_ms < now_ms:
        return None, None
    match standing(row, refreshing.presented, now_ms, 0):
        case Standing.CHILD:
            return row, _promotion(refreshing, row, now_ms)
        case Standing.CURRENT if refreshing.static(row) != row.use_static_key:
            return row, _only_key_kind(refreshing, row)
        case _:
            return row, None


def _promotion(refreshing: Refreshing, row: SessionRow, now_ms: int) -> Pointer:
    return Pointer(
        current_hash2=refreshing.presented.hash2,
        previous_hash2=row.current_hash2,
        rotated_at_ms=now_ms,
        expires_at_ms=now_ms + refreshing.app.settings.refresh_token_validity_ms,
        use_static_key=refreshing.static(row),
    )


def _only_key_kind(refreshing: Refreshing, row: SessionRow) -> Pointer:
    return Pointer(
        current_hash2=row.current_hash2,
        previous_hash2=row.previous_hash2,
        rotated_at_ms=row.rotated_at_ms,
        expires_at_ms=row.expires_at_ms,
        use_static_key=refreshing.static(row),
    )
