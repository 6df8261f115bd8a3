import pytest

from stctl.cdi.addresses import read_addresses
from stctl.errors import ErrorKind, StctlError


def urls(text: str) -> list[str]:
    return [address.url for address in read_addresses(text)]


def test_several_hosts_are_parted_by_semicolons_and_keep_their_base_paths() -> None:
    assert urls("http://a:3567; http://b:3567/base/ ;") == ["http://a:3567", "http://b:3567/base"]


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("localhost:3567", "http://localhost:3567"),
        ("127.0.0.1:3567/st", "http://127.0.0.1:3567/st"),
        ("10.0.0.7", "http://10.0.0.7"),
        ("[::1]:3567", "http://[::1]:3567"),
        ("try.example.io", "https://try.example.io"),
        ("https://core.example.io/a b", "https://core.example.io/a%20b"),
    ],
)
def test_an_address_without_a_scheme_is_read_as_sdks_read_it(given: str, url: str) -> None:
    assert urls(given) == [url]


@pytest.mark.parametrize(
    ("url", "is_loopback"),
    [
        ("http://localhost:1", True),
        ("http://core.localhost:1", True),
        ("http://127.8.8.8:1", True),
        ("http://[::1]:1", True),
        ("http://10.0.0.1:1", False),
        ("http://localhost.example.io", False),
    ],
)
def test_this_machine_is_told_from_others(url: str, *, is_loopback: bool) -> None:
    assert read_addresses(url)[0].is_loopback is is_loopback


def test_a_password_is_used_and_never_shown() -> None:
    (address,) = read_addresses("https://ops:geheim@core.example.io:8443/x")
    assert address.url == "https://ops:geheim@core.example.io:8443/x"
    assert address.shown == "https://…@core.example.io:8443/x"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("", "names no host"),
        (" ; ", "names no host"),
        ("ftp://a", "'ftp'"),
        ("http://", "no host"),
        ("http://a:notaport", "[Pp]ort"),
        ("http://a:70000", "[Pp]ort"),
        ("http://a:0", "port is 0"),
        ("http://a b:1", "white space"),
        ("http://a/?x=1", "query"),
        ("http://[::1:3567", "IPv6"),
    ],
)
def test_what_is_no_address_is_refused_with_the_reason(given: str, reason: str) -> None:
    with pytest.raises(StctlError, match=reason) as caught:
        read_addresses(given)
    assert caught.value.kind is ErrorKind.SETTING_INVALID


def test_the_refusal_of_an_address_does_not_show_its_password() -> None:
    with pytest.raises(StctlError) as caught:
        read_addresses("ftp://ops:geheim@core.example.io")
    assert "geheim" not in caught.value.detail
