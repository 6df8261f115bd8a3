import pytest

from stctl.tokens.keys import creation_of_key_ms, kind_of_key


@pytest.mark.parametrize(
    ("kid", "kind", "made_ms"),
    [
        ("d-1795539573519", "dynamic", 1_795_539_573_519),
        ("s-52b971ff-09a5-43f4-8428-aec980b76c14", "static", None),
        ("d-", "dynamic", None),
        ("d-12x", "dynamic", None),
        ("d-١٢", "dynamic", None),
        ("other", "other", None),
        ("", "other", None),
    ],
)
def test_the_id_of_a_key_tells_its_kind_and_age(kid: str, kind: str, made_ms: int | None) -> None:
    assert (kind_of_key(kid), creation_of_key_ms(kid)) == (kind, made_ms)
