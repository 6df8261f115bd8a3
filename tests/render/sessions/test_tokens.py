from conftest import NOW_MS
from stctl.render.plain import layout
from stctl.render.sessions.pieces import Asked
from stctl.render.sessions.tokens import created, refreshed
from stctl.render.view import Presentation
from stctl.sessions.answers import (
    IssuedToken,
    NewTokens,
    SessionFacts,
    TokenTheftDetected,
    Unauthorised,
)

ASKED = Asked(target="http://core:3567", cdi="5.6", now_ms=NOW_MS)
SECRET = "s" * 40


def issued() -> IssuedToken:
    return IssuedToken(token=SECRET, expires_at_ms=NOW_MS + 60_000, created_at_ms=NOW_MS)


def tokens() -> NewTokens:
    return NewTokens(
        session=SessionFacts(
            handle="h",
            user_id="anna",
            recipe_user_id="anna-google",
            tenant_id="t1",
            user_data_in_jwt={},
        ),
        access_token=issued(),
        refresh_token=issued(),
        anti_csrf_token=SECRET,
        id_refresh_token=issued(),
    )


def screen(result: Presentation) -> str:
    return "\n".join(layout(result.view(100)))


def test_no_token_is_shown_unless_it_is_asked_for() -> None:
    masked = screen(created(tokens(), ASKED, reveal=False))
    assert SECRET not in masked
    assert "anti-CSRF token" in masked
    assert screen(created(tokens(), ASKED, reveal=True)).count(SECRET) == 4


def test_a_linked_account_is_named_beside_the_user() -> None:
    assert "recipe user       anna-google" in screen(created(tokens(), ASKED, reveal=False))


def test_a_softened_reuse_says_that_the_core_has_ended_the_session() -> None:
    answer = Unauthorised(message="reused", reuse_subtype="RECENT_PREV")
    shown = screen(refreshed(answer, ASKED, reveal=False))
    assert shown.startswith("✗ UNAUTHORISED: ")
    assert "subtype  RECENT_PREV: the token before the current one" in shown
    assert "The core has ended this session itself" in shown


def test_a_plain_unauthorised_claims_nothing_of_the_kind() -> None:
    shown = screen(refreshed(Unauthorised(message=""), ASKED, reveal=False))
    assert shown.splitlines() == [
        "✗ UNAUTHORISED: the token is none of this core's, or its session has ended"
    ]


def test_the_victim_of_a_theft_is_named_with_the_linked_account() -> None:
    theft = TokenTheftDetected(
        session_handle="h", user_id="anna", recipe_user_id="anna-google", reuse_subtype=None
    )
    shown = screen(refreshed(theft, ASKED, reveal=False))
    assert "recipe user  anna-google" in shown
    assert "stctl sessions revoke --handle h" in shown
