"""The way to a host: name, connection, TLS; the same for a core and an app."""

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from stctl.cdi.addresses import Address
from stctl.cdi.reach import Place, Unreachable, connect, place_of, resolve, shake_hands
from stctl.checks.finding import Finding, failed, passed, skipped, warned

_SOON_MS = 14 * 86_400_000
_STEPS = ("dns", "tcp", "tls")


def examine_network(
    what: Literal["core", "app"],
    address: Address,
    *,
    subject: str | None,
    timeout_s: float,
    now_ms: int,
) -> Iterator[Finding]:
    """Take the steps to a host one by one; after one that fails the others are skipped."""
    place = place_of(address)
    if place.proxy is not None:
        why = f"calls go through the proxy {place.proxy}, which does this"
        yield from (skipped(f"{what}.{step}", why, subject) for step in _STEPS)
        return
    steps: Sequence[Callable[[], Finding]] = (
        lambda: _dns(what, place, subject),
        lambda: _tcp(what, place, subject, timeout_s),
        lambda: _tls(what, place, subject, timeout_s, now_ms),
    )
    for number, step in enumerate(steps):
        found = step()
        yield found
        if found.level == "fail":
            left = _STEPS[number + 1 :]
            yield from (skipped(f"{what}.{one}", f"{found.id} failed", subject) for one in left)
            return


def _dns(what: str, place: Place, subject: str | None) -> Finding:
    try:
        addresses = resolve(place)
    except Unreachable as problem:
        return failed(
            f"{what}.dns",
            f"{place.host} has no address: {problem}",
            "Check the spelling, and that the name is known on this machine: names of containers "
            "are known only on their network.",
            subject,
        )
    return passed(f"{what}.dns", f"{place.host} is {', '.join(addresses)}", subject)


def _tcp(what: str, place: Place, subject: str | None, timeout_s: float) -> Finding:
    try:
        connect(place, timeout_s)
    except Unreachable as problem:
        hint = "Does it run, and is the port right? A firewall answers like that, too."
        if place.is_loopback:
            hint += " Inside a container, localhost is the container itself."
        return failed(f"{what}.tcp", f"{place.host}:{place.port}: {problem}", hint, subject)
    return passed(f"{what}.tcp", f"{place.host}:{place.port} takes connections", subject)


def _tls(what: str, place: Place, subject: str | None, timeout_s: float, now_ms: int) -> Finding:
    if not place.is_tls:
        return _plain(what, place, subject)
    try:
        version, ends_ms = shake_hands(place, timeout_s)
    except Unreachable as problem:
        hint = (
            "Name the authority that signed it in SSL_CERT_FILE; SDKs have to trust it as well."
            if "trusted" in str(problem)
            else "A core itself speaks no TLS: without a proxy in front its address is http://…"
        )
        return failed(f"{what}.tls", f"{place.host}:{place.port}: {problem}", hint, subject)
    if ends_ms is not None and ends_ms - now_ms < _SOON_MS:
        days = (ends_ms - now_ms) // 86_400_000
        return warned(f"{what}.tls", f"the certificate ends in {days} days", "Renew it.", subject)
    return passed(f"{what}.tls", f"{version}, with a trusted certificate", subject)


def _plain(what: str, place: Place, subject: str | None) -> Finding:
    import ipaddress

    addresses = [ipaddress.ip_address(one.partition("%")[0]) for one in resolve(place)]
    if all(not one.is_global for one in addresses):
        return passed(f"{what}.tls", "no TLS, within a private network", subject)
    return warned(
        f"{what}.tls",
        "no TLS, over a public address",
        "Keys and tokens can be read on the way; put a proxy with TLS in front.",
        subject,
    )
