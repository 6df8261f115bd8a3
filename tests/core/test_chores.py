from core_stand import Stand, open_stand
from stctl.core.store import signing_keys

_HOUR_MS = 3_600_000


def _rows(stand: Stand, table: str) -> int:
    count: int = stand.core.parts.database.read(f"SELECT COUNT(*) FROM {table}")[0][0]  # noqa: S608 - a test's own names
    return count


def test_expired_sessions_are_there_until_twelve_hours_after_the_start() -> None:
    with open_stand(refresh_token_validity=100.0) as stand:
        stand.create()
        stand.clock.wait_ms(12 * _HOUR_MS - 1)
        kept = stand.create("u2")
        stand.ask("GET", "/hello")
        assert _rows(stand, "session_info") == 2
        stand.clock.wait_ms(1)
        stand.ask("GET", "/hello")
        assert _rows(stand, "session_info") == 1
        assert stand.look_up(kept)["status"] == "OK"


def test_a_session_that_ends_in_the_millisecond_of_the_clean_up_is_removed() -> None:
    with open_stand(refresh_token_validity=12 * 60.0) as stand:
        stand.create()
        stand.clock.wait_ms(12 * _HOUR_MS)
        stand.ask("GET", "/hello")
        assert _rows(stand, "session_info") == 0


def test_old_keys_and_events_are_forgotten_once_a_day() -> None:
    with open_stand(access_token_dynamic_signing_key_update_interval=1.0) as stand:
        stand.create()
        events = _rows(stand, "activity_log")
        stand.clock.wait_ms(24 * _HOUR_MS - 1)
        stand.create()
        assert len(signing_keys.dynamic_since(stand.core.parts.database.read, "public", 0)) == 2
        stand.clock.wait_ms(1)
        stand.ask("GET", "/hello")
        assert len(signing_keys.dynamic_since(stand.core.parts.database.read, "public", 0)) == 1
        assert _rows(stand, "activity_log") > events
        stand.clock.wait_ms(32 * 24 * _HOUR_MS)
        stand.ask("GET", "/hello")
        assert _rows(stand, "activity_log") == 0


def test_activity_is_written_once_in_five_minutes() -> None:
    with open_stand() as stand:
        tokens = stand.create()
        stand.clock.wait_ms(299_999)
        tokens = stand.refresh(tokens)
        assert _rows(stand, "activity_log WHERE event_type = 'user_last_active'") == 1
        stand.clock.wait_ms(1)
        stand.refresh(tokens)
        assert _rows(stand, "activity_log WHERE event_type = 'user_last_active'") == 2
        assert _rows(stand, "activity_log WHERE event_type = 'session_created'") == 1
