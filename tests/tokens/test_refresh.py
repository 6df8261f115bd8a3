import json

import pytest

from recorded_tokens import V2, V5
from stctl.tokens.hashes import hash1, hash2
from stctl.tokens.problem import TokenProblem
from stctl.tokens.refresh import (
    RefreshContents,
    read_contents,
    read_refresh_token,
    write_contents,
)

CONTENTS = RefreshContents(
    session_handle="h_t1",
    user_id="u1",
    parent_refresh_token_hash1="a" * 64,
    nonce="n" * 64,
    anti_csrf_token="c",
    tenant_id="t1",
)


def _problem(text: str) -> TokenProblem:
    with pytest.raises(TokenProblem) as caught:
        read_refresh_token(text)
    return caught.value


@pytest.mark.parametrize("recorded", [V2[0], V5[0]])
def test_a_recorded_token_has_content_nonce_and_type(recorded: object) -> None:
    text = getattr(recorded, "refresh")  # noqa: B009 - pytest gives an object
    token = read_refresh_token(text)
    assert token.type == "V2"
    assert len(token.nonce) == 64
    assert token.sealed_text + "." + token.nonce + ".V2" == text
    assert len(token.sealed()) > 100
    assert (token.hash1, token.hash2) == (hash1(text), hash2(text))


def test_the_type_is_compared_without_regard_to_case() -> None:
    assert read_refresh_token(V5[0].refresh[:-2] + "v1").type == "V1"


def test_an_unknown_type_is_named_with_its_place() -> None:
    problem = _problem(V5[0].refresh[:-2] + "V9")
    assert (problem.part, problem.position) == ("type", len(V5[0].refresh) - 2)


@pytest.mark.parametrize("text", ["", "x", "11111111-2222-4333-8444-555555555555.V0", "a.b.c.V2"])
def test_three_parts_and_no_others(text: str) -> None:
    assert _problem(text).part == "token"


def test_content_that_cannot_be_encrypted_text_is_a_named_problem() -> None:
    with pytest.raises(TokenProblem) as caught:
        read_refresh_token("YQ==." + "0" * 64 + ".V2").sealed()
    assert caught.value.part == "content"
    with pytest.raises(TokenProblem) as caught:
        read_refresh_token("YQ*=." + "0" * 64 + ".V2").sealed()
    assert caught.value.position == 2


def test_contents_survive_writing_and_reading() -> None:
    assert read_contents(write_contents(CONTENTS)) == CONTENTS


def test_what_is_absent_is_left_out() -> None:
    bare = RefreshContents(
        session_handle="h",
        user_id="u",
        parent_refresh_token_hash1=None,
        nonce="n",
        anti_csrf_token=None,
    )
    assert json.loads(write_contents(bare)) == {"sessionHandle": "h", "userId": "u", "nonce": "n"}
    assert read_contents(write_contents(bare)) == bare


def test_escaped_equals_signs_are_read() -> None:
    plain = b'{"sessionHandle":"h","userId":"a\\u003db","nonce":"n"}'
    assert read_contents(plain).user_id == "a=b"


@pytest.mark.parametrize(
    ("plain", "claim"),
    [
        (b'{"userId":"u","nonce":"n"}', "sessionHandle"),
        (b'{"sessionHandle":1,"userId":"u","nonce":"n"}', "sessionHandle"),
        (b"nonsense", None),
    ],
)
def test_contents_of_a_wrong_shape_are_a_named_problem(plain: bytes, claim: str | None) -> None:
    with pytest.raises(TokenProblem) as caught:
        read_contents(plain)
    assert (caught.value.part, caught.value.claim) == ("content", claim)
