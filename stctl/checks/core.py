"""Everything that is examined about a core, from the name of its host to its settings.

Only reading calls are made. After a failure, what hangs on it is skipped, so that the first failure
is the cause.
"""

import ipaddress
from collections.abc import Iterator, Sequence

from stctl.cdi.reach import Unreachable, place_of, resolve
from stctl.cdi.replies import json_of
from stctl.checks.core_entry import examine_entry
from stctl.checks.core_keys import judge_clock, judge_key_age, judge_keys
from stctl.checks.core_line import CoreLine, guarded
from stctl.checks.core_rules import examine_settings
from stctl.checks.core_sdks import examine_sdks
from stctl.checks.core_settings import CoreConfig, read_core_config
from stctl.checks.finding import BY_ID, Finding, failed, passed, skipped, warned
from stctl.checks.keyset import max_age_of, read_situation
from stctl.checks.network import examine_network
from stctl.clock import Clock
from stctl.errors import StctlError
from stctl.exchange import first_value
from stctl.recipe.profiles.version import SdkVersion

_NEAR_MS, _FAR_MS = 5_000, 60_000
_OLD_COPY_S = 300
_DEEP = [
    one
    for one in BY_ID
    if one.startswith("core.")
    and one.partition(".")[2] not in {"dns", "tcp", "tls", "hello", "key", "interface"}
]


def examine_core(
    lines: Sequence[CoreLine], *, clock: Clock, timeout_s: float, sdk: SdkVersion | None
) -> Iterator[Finding]:
    """Examine a core behind one or several hosts."""
    healthy: list[CoreLine] = []
    for line in lines:
        subject = line.shown if len(lines) > 1 else None
        found = [*_examine_host(line, subject, clock, timeout_s)]
        yield from found
        if not any(one.level == "fail" for one in found):
            healthy.append(line)
    if not healthy:
        yield from (skipped(one, "no host can be asked") for one in _DEEP)
        return
    yield examine_sdks(healthy[0], sdk)
    yield _hosts(lines, healthy)
    yield from _examine_inside(healthy[0], clock)


def _examine_host(
    line: CoreLine, subject: str | None, clock: Clock, timeout_s: float
) -> Iterator[Finding]:
    is_broken = False
    if line.address is not None:
        for finding in examine_network(
            "core",
            line.address,
            subject=subject,
            timeout_s=min(timeout_s, 5.0),
            now_ms=clock.now_ms(),
        ):
            is_broken = is_broken or finding.level == "fail"
            yield finding
    else:
        why = "the embedded core is asked in process"
        yield from (skipped(f"core.{one}", why) for one in ("dns", "tcp", "tls"))
    if is_broken:
        for one in ("hello", "key", "interface"):
            yield skipped(f"core.{one}", "the host cannot be reached", subject)
        return
    yield from examine_entry(line, subject, is_public=_is_public(line))


def _is_public(line: CoreLine) -> bool:
    """Whether the host has an address that everybody can reach."""
    if line.address is None:
        return False
    try:
        addresses = resolve(place_of(line.address))
    except Unreachable:
        return False
    return any(ipaddress.ip_address(one.partition("%")[0]).is_global for one in addresses)


def _hosts(lines: Sequence[CoreLine], healthy: Sequence[CoreLine]) -> Finding:
    if len(lines) == 1:
        return skipped("core.hosts", "there is one")

    def look() -> Finding:
        sets = {line.shown: frozenset(_kids(line)) for line in healthy}
        if len(set(sets.values())) > 1:
            return failed(
                "core.hosts",
                f"the keys of {' and '.join(sets)} differ",
                "Hosts of one address must be instances of one core, on one database.",
            )
        if len(healthy) < len(lines):
            return warned(
                "core.hosts",
                f"{len(healthy)} of {len(lines)} can be asked",
                "SDKs go on with the others; in a fresh process node and python may fail their "
                "first call.",
            )
        return passed("core.hosts", f"all {len(lines)} have the same keys")

    return guarded("core.hosts", look)


def _kids(line: CoreLine) -> list[str]:
    listed = line.client(with_key=False).jwks().document["keys"]
    return [str(one.get("kid")) for one in listed if isinstance(one, dict)] if listed else []  # type: ignore[union-attr]


def _examine_inside(line: CoreLine, clock: Clock) -> Iterator[Finding]:
    try:
        reply = line.get("/.well-known/jwks.json")
        document = json_of(reply).value
    except StctlError as error:
        yield failed(
            "core.keys",
            error.detail,
            "SDKs fetch the key set without an API key; let the path through.",
        )
        situation, date = None, None
    else:
        assert isinstance(document, dict)  # noqa: S101 - json_of returns objects
        now_ms = clock.now_ms()
        age = max_age_of(first_value(reply.headers, "cache-control"))
        situation = read_situation(document, age, now_ms)
        date = first_value(reply.headers, "date")
        yield judge_keys(situation, first_value(reply.headers, "age"))
    config = _config(line, clock)
    yield judge_key_age(situation, config)
    yield judge_clock(situation, config, date, clock.now_ms())
    yield from examine_settings(config)
    yield _telemetry(line)


def _config(line: CoreLine, clock: Clock) -> CoreConfig:
    try:
        return read_core_config(line.client(), clock.now_ms())
    except StctlError as error:
        return CoreConfig(settings=[], refusal=error.detail)


def _telemetry(line: CoreLine) -> Finding:
    try:
        found = line.client().telemetry_id()
    except StctlError:
        return skipped("core.telemetry", "the core does not tell")
    if found is None:
        return passed("core.telemetry", "off, or the core keeps everything in memory")
    return passed("core.telemetry", "on; disable_telemetry switches it off")
