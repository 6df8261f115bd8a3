import pytest

from stctl.cdi.addresses import read_addresses
from stctl.cdi.reach import Place, Unreachable, resolve
from stctl.checks import network
from stctl.checks.finding import Finding

NOW = 1_795_000_000_000
DAY = 86_400_000


def examined(address: str) -> list[Finding]:
    found = network.examine_network(
        "core", read_addresses(address)[0], subject=None, timeout_s=1, now_ms=NOW
    )
    return [*found]


@pytest.fixture
def _reachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "connect", lambda *_: None)


@pytest.mark.usefixtures("_reachable")
def test_no_tls_over_a_public_address_warns_and_within_a_private_network_passes() -> None:
    assert [one.level for one in examined("http://8.8.8.8:3567")] == ["pass", "pass", "warn"]
    assert [one.level for one in examined("http://10.1.2.3:3567")] == ["pass", "pass", "pass"]


@pytest.mark.usefixtures("_reachable")
@pytest.mark.parametrize(("days", "level"), [(13, "warn"), (15, "pass")])
def test_a_certificate_that_ends_soon_warns(
    monkeypatch: pytest.MonkeyPatch, days: int, level: str
) -> None:
    monkeypatch.setattr(network, "shake_hands", lambda *_: ("TLSv1.3", NOW + days * DAY))
    assert examined("https://10.1.2.3")[-1].level == level


def test_behind_a_proxy_of_the_environment_its_steps_are_skipped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("http_proxy", "http://user:secret@proxy.example:8080")
    monkeypatch.setenv("no_proxy", "inside.example")
    found = examined("http://core.example:3567")
    assert {one.level for one in found} == {"skip"}
    assert "proxy.example:8080" in found[0].detail
    assert "secret" not in found[0].detail


def test_what_is_no_host_name_is_unreachable() -> None:
    place = Place(host="a" * 80, port=1, is_tls=False, is_loopback=False, proxy=None)
    with pytest.raises(Unreachable):
        resolve(place)
