"""Refresh from CDI 5.6 on: every refresh rotates, and reuse ends the session.

Source: core, behaviour notes 2.4.2.
"""

from typing import Final

from stctl.core.engine.lineage import Standing, classify_reuse, standing
from stctl.core.engine.outcomes import NewTokens, Reuse, TheftDetected, Unauthorised
from stctl.core.engine.refreshing import ENDED, Refreshing, answer_with_tokens, theft
from stctl.core.store import Pointer, SessionRow, sessions
from stctl.tokens.hashes import hash2

_SOFTENED: Final = "UNAUTHORISED"


def refresh_rotation(refreshing: Refreshing) -> NewTokens | Unauthorised | TheftDetected:
    """Exchange the presented token for a new one; a token used again ends the session.

    The previous token is taken again inside its window. The new token is encrypted before the row
    is locked and the access token signed after it was released, so that others wait little.
    """
    app = refreshing.app
    child = refreshing.child(app.clock.now_ms())
    child_hash2 = hash2(child[0].token)
    with app.database.transaction() as sql:
        now_ms = app.clock.now_ms()
        row = sessions.find(sql, refreshing.key)
        if row is None or row.expires_at_ms < now_ms:
            return ENDED
        found = standing(row, refreshing.presented, now_ms, app.settings.grace_period_ms)
        if found is not Standing.REUSED:
            pointer = _next_pointer(refreshing, row, found, child_hash2, now_ms)
            sessions.point(sql, row.key, pointer)
    if found is Standing.REUSED:
        return _end_session(refreshing, row)
    return answer_with_tokens(refreshing, row, child, parent_hash1=None)


def _next_pointer(
    refreshing: Refreshing, row: SessionRow, found: Standing, child_hash2: str, now_ms: int
) -> Pointer:
    static = refreshing.static(row)
    if found is Standing.PREVIOUS_IN_WINDOW:
        return Pointer(
            current_hash2=child_hash2,
            previous_hash2=row.previous_hash2,
            rotated_at_ms=row.rotated_at_ms,
            expires_at_ms=row.expires_at_ms,
            use_static_key=static,
        )
    return Pointer(
        current_hash2=child_hash2,
        previous_hash2=refreshing.presented.hash2,
        rotated_at_ms=now_ms,
        expires_at_ms=now_ms + refreshing.app.settings.refresh_token_validity_ms,
        use_static_key=static,
    )


def _end_session(refreshing: Refreshing, row: SessionRow) -> Unauthorised | TheftDetected:
    """Delete the session, whatever is answered then."""
    app = refreshing.app
    reuse = classify_reuse(row, refreshing.presented)
    sessions.delete(app.database.write, row.key)
    softened = app.settings.recent_token_reuse_behaviour == _SOFTENED
    if softened and reuse is not Reuse.STALE_LINEAGE:
        return Unauthorised(message="The refresh token was used before", reuse=reuse)
    return theft(app, row, reuse)
