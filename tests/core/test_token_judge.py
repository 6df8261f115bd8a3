"""Access tokens that were found good are remembered, and nothing else is."""

from collections.abc import Iterator

import pytest

from core_stand import Stand, open_stand
from stctl.core.engine.authenticate import TokenJudge
from stctl.core.keyring import KeyRing
from stctl.core.keys import SigningKey
from stctl.tokens.problem import TokenProblem


@pytest.fixture
def stand() -> Iterator[Stand]:
    with open_stand() as found:
        yield found


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the keys with which signatures were checked."""
    found: list[str] = []
    really = SigningKey.verifies

    def counted(key: SigningKey, signature: bytes, data: bytes) -> bool:
        found.append(key.kid)
        return really(key, signature, data)

    monkeypatch.setattr(SigningKey, "verifies", counted)
    return found


def test_the_signature_of_a_token_is_checked_once(stand: Stand, checks: list[str]) -> None:
    made = stand.create()
    first, second = stand.verify(made), stand.verify(made)
    assert first == second
    assert first["status"] == "OK"
    assert len(checks) == 1


def test_a_forged_token_is_checked_every_time(stand: Stand, checks: list[str]) -> None:
    made = stand.create()
    token = made["accessToken"]["token"]
    other = stand.create("u2")["accessToken"]["token"]
    forged = f"{token.rpartition('.')[0]}.{other.rpartition('.')[2]}"
    made["accessToken"]["token"] = forged
    for _ in range(2):
        assert stand.verify(made)["status"] == "TRY_REFRESH_TOKEN"
    assert len(checks) == 2


def test_a_remembered_token_expires_like_any_other(stand: Stand) -> None:
    made = stand.create(accessTokenValidity=5000)
    assert stand.verify(made)["status"] == "OK"
    stand.clock.wait_ms(5001)
    assert stand.verify(made)["status"] == "TRY_REFRESH_TOKEN"


def test_a_remembered_token_ends_with_its_key(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = stand.core.parts.apps.of("public").keys
    judge = TokenJudge(keys)
    token = stand.create()["accessToken"]["token"]
    judge.authenticate(token)
    monkeypatch.setattr(KeyRing, "named", lambda _self, _kid: None)
    with pytest.raises(TokenProblem, match="not made by a key of this app"):
        judge.authenticate(token)


def test_a_token_that_names_no_key_is_never_remembered(stand: Stand, checks: list[str]) -> None:
    old = stand.speaking("2.20")
    made = old.create()
    for _ in range(2):
        assert old.verify(made)["status"] == "OK"
    assert len(checks) == 2
