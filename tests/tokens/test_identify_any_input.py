"""Whatever comes in, identification ends, finds something to say, and reveals nothing."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from recorded_tokens import V2, V5, V5_ANTI_CSRF
from stctl.tokens.decoded import examine
from stctl.tokens.identify import Broken, Finding, identify

TOKENS = [V5[1].access, V2[0].access, V5[0].refresh, str(V5_ANTI_CSRF[0].anti_csrf)]
NOW_MS = 1_795_545_000_000


@given(st.binary(max_size=300))
def test_any_bytes_give_an_answer(raw: bytes) -> None:
    assert identify(raw.decode("utf-8", "replace"))
    assert identify(raw.decode("latin-1"))


@given(st.text(max_size=300))
@example("\ud800")
@example("{" * 5000)
@example("[" * 100_000)
@example('{"a":' * 3000)
@example("sAccessToken=" * 50)
@example("%25" * 100)
@example("Authorization: Bearer ")
def test_any_text_gives_an_answer(text: str) -> None:
    assert identify(text)


@given(st.data())
@settings(max_examples=300)
def test_a_mutilated_token_is_read_or_named_and_never_shown(data: st.DataObject) -> None:
    token = data.draw(st.sampled_from(TOKENS))
    start = data.draw(st.integers(0, len(token)))
    length = data.draw(st.integers(0, 40))
    text = token[:start] + data.draw(st.text(max_size=10)) + token[start + length :]
    around = data.draw(st.sampled_from(["", " ", '"']))
    report = examine([("", around + text + around)], NOW_MS)
    for item in report.items:
        if isinstance(item, Broken):
            place = item.problem.position
            assert place is None or 0 <= place <= len(item.text)
            assert not any(
                token[at : at + 16] in str(item.problem) for at in range(0, len(token) - 16, 8)
            )


@given(
    st.lists(st.sampled_from([*TOKENS, "garbage", "", "a=b"]), max_size=8),
    st.sampled_from(" \n;,|"),
)
def test_every_token_of_a_list_is_found(words: list[str], separator: str) -> None:
    text = separator.join(words)
    found = [item.text for item in identify(text) if isinstance(item, Finding)]
    uuids = [word for word in words if word == TOKENS[3]]
    signed = [word for word in words if word in TOKENS[:3]]
    assert found == (signed or uuids)


PIECES = (
    "a",
    "a.",
    "%25",
    "eyJ",
    "sAccessToken=",
    "\0",
    "=",
    "[",
    "{'",
    "🦀",
    "f" * 63 + ".",
    "\n",
)


@pytest.mark.parametrize("piece", PIECES)
def test_megabytes_of_anything_are_no_trouble(piece: str) -> None:
    assert identify(piece * (1_000_000 // len(piece)))


def test_a_token_behind_ten_megabytes_is_found() -> None:
    found = identify("Cookie: " + "x=y; " * 2_000_000 + f"sAccessToken={TOKENS[0]}")
    assert [item.text for item in found if isinstance(item, Finding)] == [TOKENS[0]]
