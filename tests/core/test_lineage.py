import pytest

from stctl.core.engine.lineage import PresentedRefresh, Standing, classify_reuse, standing
from stctl.core.engine.outcomes import Reuse
from stctl.core.store import SessionRow

_ROTATED_AT_MS = 1_795_000_000_000
_GRACE_MS = 30_000
_ROW = SessionRow(
    app_id="public",
    tenant_id="public",
    handle="h",
    user_id="u1",
    current_hash2="current",
    data="{}",
    expires_at_ms=0,
    created_at_ms=0,
    payload="{}",
    use_static_key=False,
    previous_hash2="previous",
    rotated_at_ms=_ROTATED_AT_MS,
)
_UNROTATED = SessionRow(
    app_id="public",
    tenant_id="public",
    handle="h",
    user_id="u1",
    current_hash2="current",
    data="{}",
    expires_at_ms=0,
    created_at_ms=0,
    payload="{}",
    use_static_key=False,
    previous_hash2=None,
    rotated_at_ms=None,
)


def _presented(own: str, parent: str | None = None) -> PresentedRefresh:
    return PresentedRefresh(hash1="any", hash2=own, parent_hash2=parent)


@pytest.mark.parametrize(
    ("own", "parent", "wanted"),
    [
        ("current", None, Standing.CURRENT),
        ("current", "previous", Standing.CURRENT),
        ("child", "current", Standing.CHILD),
        ("previous", None, Standing.PREVIOUS_IN_WINDOW),
        ("previous", "older", Standing.PREVIOUS_IN_WINDOW),
        ("sibling", "previous", Standing.REUSED),
        ("older", None, Standing.REUSED),
    ],
)
def test_a_token_stands_where_its_hashes_put_it(
    own: str, parent: str | None, wanted: Standing
) -> None:
    assert standing(_ROW, _presented(own, parent), _ROTATED_AT_MS, _GRACE_MS) is wanted


@pytest.mark.parametrize(
    ("after_ms", "wanted"),
    [
        (_GRACE_MS, Standing.PREVIOUS_IN_WINDOW),
        (_GRACE_MS + 1, Standing.REUSED),
    ],
)
def test_the_window_includes_its_last_millisecond(after_ms: int, wanted: Standing) -> None:
    now_ms = _ROTATED_AT_MS + after_ms
    assert standing(_ROW, _presented("previous"), now_ms, _GRACE_MS) is wanted


def test_no_grace_still_takes_a_retry_within_the_same_millisecond() -> None:
    previous = _presented("previous")
    assert standing(_ROW, previous, _ROTATED_AT_MS, 0) is Standing.PREVIOUS_IN_WINDOW
    assert standing(_ROW, previous, _ROTATED_AT_MS + 1, 0) is Standing.REUSED


@pytest.mark.parametrize(
    ("own", "parent", "wanted"),
    [
        ("previous", None, Reuse.RECENT_PREV),
        ("previous", "previous", Reuse.RECENT_PREV),
        ("sibling", "previous", Reuse.ORPHANED_BRANCH),
        ("older", "oldest", Reuse.STALE_LINEAGE),
        ("first", None, Reuse.STALE_LINEAGE),
    ],
)
def test_reuse_is_told_apart_by_what_the_row_remembers(
    own: str, parent: str | None, wanted: Reuse
) -> None:
    assert classify_reuse(_ROW, _presented(own, parent)) is wanted


@pytest.mark.parametrize("parent", [None, "other"])
def test_a_session_that_never_rotated_knows_only_stale_tokens(parent: str | None) -> None:
    presented = _presented("other", parent)
    assert standing(_UNROTATED, presented, _ROTATED_AT_MS, _GRACE_MS) is Standing.REUSED
    assert classify_reuse(_UNROTATED, presented) is Reuse.STALE_LINEAGE
