import base64
import json

import pytest

from stctl.tokens.front import read_front_token
from stctl.tokens.problem import TokenProblem


def front(value: object) -> str:
    return base64.b64encode(json.dumps(value, ensure_ascii=False).encode()).decode()


def test_a_front_token_is_base64_of_utf8_json() -> None:
    token = read_front_token(front({"ate": 1_700_000_000_000, "uid": "ü", "up": {"a": 1}}))
    assert (token.user_id, token.access_token_expires_at_ms, token.payload) == (
        "ü",
        1_700_000_000_000,
        {"a": 1},
    )


@pytest.mark.parametrize(
    ("value", "claim"),
    [
        ({"ate": 1, "up": {}}, "uid"),
        ({"uid": "u", "ate": "1", "up": {}}, "ate"),
        ({"uid": "u", "ate": True, "up": {}}, "ate"),
        ({"uid": "u", "ate": 1, "up": []}, "up"),
        ([], None),
    ],
)
def test_a_member_of_a_wrong_type_is_named(value: object, claim: str | None) -> None:
    with pytest.raises(TokenProblem) as caught:
        read_front_token(front(value))
    assert caught.value.claim == claim


def test_text_that_is_no_base64_is_named_by_its_place() -> None:
    with pytest.raises(TokenProblem) as caught:
        read_front_token("eyJ*")
    assert caught.value.position == 3
