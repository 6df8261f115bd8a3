import pytest

from stctl.clock import SeededEntropy
from stctl.core.seal import RefreshSealer, new_key_text
from stctl.tokens.hashes import hash1, hash2
from stctl.tokens.problem import TokenProblem
from stctl.tokens.refresh import RefreshContents

_KEY = f"1000:{'00112233445566778899aabbccddeeff' * 4}:{'ffeeddccbbaa99887766554433221100' * 4}"
_NONCE = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
_CONTENTS = RefreshContents(
    session_handle="11111111-2222-4333-8444-555555555555",
    user_id="user-1",
    parent_refresh_token_hash1=None,
    nonce=_NONCE,
    anti_csrf_token=None,
)
_TOKEN = (
    "AQIDBAUGBwgJCgsM5COnJasyvrBll58QxwF2v4YiBnUk7QdJUefu54N67BgkNMGIjLQJly4pNhX5Dyebhbn61cl98a1r"
    "PcW9cXUFeBY/TzHkwkX+rzFz8jGNn40Wesu7Jt58AFaK4EmFqNL//DnSq2TH29GnA5B2GQm8xI0XoCqEJFmpAw+M0E2n"
    "XhpwMKZHLHN+C4IhGwQGntMnc68dSYaqCfGNPnkrmfUXJdCfhQ0L."
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855.V2"
)


@pytest.fixture
def sealer() -> RefreshSealer:
    return RefreshSealer(_KEY, SeededEntropy(1))


def test_the_known_token_is_made_from_its_parts(sealer: RefreshSealer) -> None:
    assert sealer.seal_with(bytes.fromhex("0102030405060708090a0b0c"), _CONTENTS) == _TOKEN


def test_the_known_token_opens(sealer: RefreshSealer) -> None:
    assert sealer.open(_TOKEN) == _CONTENTS


def test_the_known_token_has_the_known_hashes() -> None:
    assert hash1(_TOKEN) == "f043a1d9d2574650948f0d32d7c64782b78becdc9a4001df9c96aad95d738e10"
    assert hash2(_TOKEN) == "3762aa08e6af9374ac811b96cc2cc4ecff64fb866fca6ca7e3f042f58907e1de"


def test_two_tokens_for_the_same_contents_differ(sealer: RefreshSealer) -> None:
    assert sealer.seal(_CONTENTS) != sealer.seal(_CONTENTS)


@pytest.mark.parametrize("suffix", ["V0", "V1", "v2"])
def test_the_type_is_not_protected(sealer: RefreshSealer, suffix: str) -> None:
    assert sealer.open(_TOKEN.removesuffix("V2") + suffix) == _CONTENTS


@pytest.mark.parametrize(
    "token",
    [
        _TOKEN.replace("AQID", "AQIE", 1),
        _TOKEN.replace("5COn", "5CPn", 1),
        _TOKEN.replace("e3b0", "e3b1", 1),
        _TOKEN.removesuffix("V2") + "V3",
        _TOKEN.removesuffix(".V2"),
        "11111111-2222-4333-8444-555555555555.V0",
        "",
        "..",
        f"AA==.{_NONCE}.V2",
        f"\u00fc.{_NONCE}.V2",
    ],
)
def test_what_is_not_a_token_of_this_app_does_not_open(sealer: RefreshSealer, token: str) -> None:
    with pytest.raises(TokenProblem):
        sealer.open(token)


def test_a_token_of_another_app_does_not_open() -> None:
    other = RefreshSealer(new_key_text(SeededEntropy(2)), SeededEntropy(3))
    with pytest.raises(TokenProblem, match="not encrypted by this app"):
        other.open(_TOKEN)


def test_a_new_key_has_the_form_of_a_cores_key() -> None:
    rounds, salt, derived = new_key_text(SeededEntropy(4)).split(":")
    assert (rounds, len(salt), len(derived)) == ("1000", 128, 128)
