import hashlib

from recorded_tokens import V5
from stctl.tokens.access import parse
from stctl.tokens.hashes import hash1, hash2

SEALED = (
    "AQIDBAUGBwgJCgsM5COnJasyvrBll58QxwF2v4YiBnUk7QdJUefu54N67BgkNMGIjLQJly4pNhX5Dyebhbn61cl98a1r"
    "PcW9cXUFeBY/TzHkwkX+rzFz8jGNn40Wesu7Jt58AFaK4EmFqNL//DnSq2TH29GnA5B2GQm8xI0XoCqEJFmpAw+M0E2n"
    "XhpwMKZHLHN+C4IhGwQGntMnc68dSYaqCfGNPnkrmfUXJdCfhQ0L"
    ".e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855.V2"
)


def test_the_hashes_of_the_reference_token() -> None:
    assert hash1(SEALED) == "f043a1d9d2574650948f0d32d7c64782b78becdc9a4001df9c96aad95d738e10"
    assert hash2(SEALED) == "3762aa08e6af9374ac811b96cc2cc4ecff64fb866fca6ca7e3f042f58907e1de"


def test_the_second_hash_is_taken_over_hex_text() -> None:
    assert hash2("x") == hashlib.sha256(hashlib.sha256(b"x").hexdigest().encode()).hexdigest()


def test_an_access_token_points_at_its_refresh_token() -> None:
    assert parse(V5[0].access).refresh_token_hash1 == hash1(V5[0].refresh)


def test_text_without_a_utf8_form_has_a_hash() -> None:
    assert len(hash1("\ud800")) == 64
