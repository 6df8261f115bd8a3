import io
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from conftest import NOW_MS
from stctl.render.plain import layout
from stctl.render.printer import Printer, Screen
from stctl.render.sessions.listing import Listing, listing
from stctl.render.sessions.pieces import Asked
from stctl.sessions.info import SessionInfo

ASKED = Asked(target="http://core:3567", cdi="5.4", now_ms=NOW_MS)
HANDLES = ("11111111-2222-4333-8444-555555555555", "99999999-2222-4333-8444-555555555555_t1")

NESTED = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm5hIn0aaa.c2lnbmF0dXJl"


def info(handle: str, recipe_user: str = "anna", age_ms: int = 0) -> SessionInfo:
    return SessionInfo(
        handle=handle,
        user_id="anna",
        recipe_user_id=recipe_user,
        tenant_id="public",
        created_at_ms=NOW_MS - age_ms,
        expires_at_ms=NOW_MS + 86_400_000,
        user_data_in_jwt={"role": "admin", "jwt": NESTED},
        user_data_in_database={},
    )


def found(sessions: Sequence[SessionInfo], handles: Sequence[str] = HANDLES) -> Listing:
    return Listing(
        user_id="anna",
        across_tenants=True,
        linked_accounts=True,
        total=len(handles),
        page=1,
        pages=1,
        handles=handles,
        read=lambda: iter(sessions),
    )


def screen(result: Listing, width: int) -> str:
    return "\n".join(layout(listing(result, ASKED).view(width)))


def test_a_linked_account_brings_a_column_of_its_own() -> None:
    linked = found([info(HANDLES[0], recipe_user="anna-google")])
    assert "RECIPE USER" in screen(linked, 140)
    assert "anna-google" in screen(linked, 140)
    assert "RECIPE USER" not in screen(found([info(HANDLES[0])]), 140)
    assert "recipe user  anna-google" in screen(linked, 80)


@pytest.mark.parametrize("width", [80, 99, 100, 119, 120, 140, 200])
def test_no_line_is_wider_than_the_screen(width: int) -> None:
    sessions = [info(HANDLES[0], age_ms=3_723_000), info(HANDLES[1], recipe_user="u" * 36)]
    for some in (sessions, sessions[:1]):
        lines = screen(found(some), width).splitlines()
        payload = [line for line in lines if "payload" in line]
        assert max(map(len, [line for line in lines if line not in payload])) <= width


def test_a_session_that_ended_while_the_list_was_read_is_counted() -> None:
    assert "1 session ended while the list was read" in screen(found([info(HANDLES[0])]), 100)


def test_a_token_inside_a_payload_is_masked_on_the_screen() -> None:
    assert NESTED not in screen(found([info(HANDLES[0])]), 200)


def test_handles_alone_are_printed_without_asking_for_each() -> None:
    def never() -> Iterator[SessionInfo]:
        raise AssertionError

    out = io.StringIO()
    printer = Printer(out=Screen(out, {}), err=Screen(io.StringIO(), {}), quiet=True)
    printer.show(listing(replace(found([]), read=never), ASKED))
    assert out.getvalue().split() == list(HANDLES)
