import pytest

from stctl.tokens.opaque import read_opaque
from stctl.tokens.problem import TokenProblem

UUID = "6f0d9f4e-7c5b-4f59-9e8e-0d0c2b1a0f11"


@pytest.mark.parametrize("expected", ["session-handle", "anti-csrf-token", "id-refresh-token"])
def test_the_place_tells_what_a_bare_uuid_is(expected: str) -> None:
    assert read_opaque(UUID, expected).kind == expected


def test_without_a_place_it_is_just_a_uuid() -> None:
    assert read_opaque(UUID, None).kind == "uuid"
    assert read_opaque(UUID, "access-token").kind == "uuid"


def test_a_tenant_makes_it_a_session_handle() -> None:
    token = read_opaque(f"{UUID}_t-1", "anti-csrf-token")
    assert (token.kind, token.tenant_id) == ("session-handle", "t-1")


def test_an_expiry_makes_it_an_id_refresh_token() -> None:
    token = read_opaque(f"{UUID};1804179839592", None)
    assert (token.kind, token.expires_at_ms) == ("id-refresh-token", 1_804_179_839_592)


@pytest.mark.parametrize("text", ["", "x", UUID[:-1], UUID + "0", f"{UUID}_", f"{UUID};"])
def test_anything_else_is_a_problem(text: str) -> None:
    with pytest.raises(TokenProblem):
        read_opaque(text, None)
