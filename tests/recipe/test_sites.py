import pytest

from stctl.recipe.sites import same_site


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://api.example.com", "https://example.com:8443", True),
        ("https://example.com", "http://example.com", False),
        ("http://localhost:3000", "http://127.0.0.1:3001", True),
        ("http://[::1", "https://example.com", False),
        ("http://[::1", "http://[::1", True),
    ],
)
def test_sites_are_scheme_and_registered_name_and_nonsense_is_one_of_its_own(
    one: str, other: str, *, same: bool
) -> None:
    assert same_site(one, other) is same
