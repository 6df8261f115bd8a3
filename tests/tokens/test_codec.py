import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stctl.tokens.codec import (
    CodecProblem,
    decode_base64_any,
    encode_base64,
    encode_base64url,
    read_json,
    read_json_object,
    write_json,
)


@given(st.binary(max_size=200), st.integers(0, 3))
def test_both_alphabets_are_read_with_any_padding(raw: bytes, padding: int) -> None:
    assert decode_base64_any(encode_base64url(raw) + "=" * padding) == raw
    assert decode_base64_any(encode_base64(raw).rstrip("=") + "=" * padding) == raw
    assert encode_base64(raw) == base64.b64encode(raw).decode()
    assert encode_base64url(raw) == base64.urlsafe_b64encode(raw).decode().rstrip("=")


@given(st.text(max_size=60))
def test_any_text_is_bytes_or_a_problem_with_a_place_inside(text: str) -> None:
    place = None
    try:
        decode_base64_any(text)
    except CodecProblem as problem:
        place = problem.position
    assert place is None or 0 <= place <= len(text)


@pytest.mark.parametrize(("text", "position"), [("ab*d", 2), ("a b", 1), ("ab=d", 2), ("abcdé", 4)])
def test_the_first_foreign_character_is_named(text: str, position: int) -> None:
    with pytest.raises(CodecProblem) as caught:
        decode_base64_any(text)
    assert caught.value.position == position


def test_a_length_that_no_bytes_have_is_refused() -> None:
    with pytest.raises(CodecProblem, match="5 characters"):
        decode_base64_any("abcde")


@given(st.binary(max_size=100))
def test_any_bytes_are_an_object_or_a_problem_with_a_place_inside(raw: bytes) -> None:
    place = None
    try:
        assert isinstance(read_json_object(raw), dict)
    except CodecProblem as problem:
        place = problem.position
    assert place is None or 0 <= place <= len(raw)


def test_json_is_written_compactly_in_utf8() -> None:
    assert write_json({"ü": [1, None], "b": True}) == '{"ü":[1,null],"b":true}'.encode()


@pytest.mark.parametrize("levels", [256, 1_500, 9_000, 200_000])
def test_json_beyond_the_depth_of_a_core_is_refused_by_every_python(levels: int) -> None:
    with pytest.raises(CodecProblem, match="nested too deeply"):
        read_json(b"[" * levels + b"]" * levels)


def test_json_as_deep_as_a_core_reads_is_read() -> None:
    assert write_json(read_json(b"[" * 255 + b"]" * 255)) == b"[" * 255 + b"]" * 255
