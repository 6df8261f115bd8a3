"""Refreshes sessions. Source: core, behaviour notes 2.4."""

from stctl.core.app import App
from stctl.core.engine.lineage import PresentedRefresh
from stctl.core.engine.mint import refuse_validity
from stctl.core.engine.outcomes import NewTokens, TheftDetected, Unauthorised
from stctl.core.engine.refresh_legacy import refresh_legacy
from stctl.core.engine.refresh_rotation import refresh_rotation
from stctl.core.engine.refreshing import Refreshing, RefreshOrder
from stctl.core.store import SessionKey
from stctl.tokens.hashes import hash1
from stctl.tokens.problem import TokenProblem
from stctl.tokens.refresh import RefreshContents


def refresh(
    app: App, order: RefreshOrder, *, rotation: bool
) -> NewTokens | Unauthorised | TheftDetected:
    """Exchange a refresh token, by the rules of the rotation family or of the legacy one.

    Raises `BadRequest` for a token of a tenant that does not exist and for a validity out of
    range; a bad token and a wrong anti-CSRF value come before both.
    """
    try:
        contents = app.sealer.open(order.refresh_token)
    except TokenProblem as problem:
        return Unauthorised(message=f"The refresh token cannot be used: {problem}")
    if order.enable_anti_csrf and contents.anti_csrf_token not in (None, order.anti_csrf_token):
        return Unauthorised(message="The anti-CSRF value is missing or differs")
    app.directory.require(app.app_id, contents.tenant_id)
    refuse_validity(app, order.validity_ms)
    refreshing = _begin(app, order, contents)
    return refresh_rotation(refreshing) if rotation else refresh_legacy(refreshing)


def _begin(app: App, order: RefreshOrder, contents: RefreshContents) -> Refreshing:
    own_hash1 = hash1(order.refresh_token)
    parent = contents.parent_refresh_token_hash1
    return Refreshing(
        app=app,
        order=order,
        contents=contents,
        key=SessionKey(app.app_id, contents.tenant_id, contents.session_handle),
        presented=PresentedRefresh(
            hash1=own_hash1,
            hash2=hash1(own_hash1),
            parent_hash2=None if parent is None else hash1(parent),
        ),
    )
