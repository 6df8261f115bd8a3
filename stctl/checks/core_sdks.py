"""Judges which releases of backend SDKs a core can work with."""

from collections.abc import Sequence

from stctl.cdi.versions import version_order
from stctl.checks.core_line import CoreLine, guarded
from stctl.checks.finding import Finding, failed, passed, skipped, warned
from stctl.checks.sdk_releases import NEWEST, RELEASES, span, spoken_by
from stctl.recipe.profiles.version import SdkVersion


def examine_sdks(line: CoreLine, sdk: SdkVersion | None) -> Finding:
    """Compare what the core takes with what an SDK, or each newest one, speaks."""

    def look() -> Finding:
        offered = line.client().api_versions()
        accepted = [one for one in _needed() if one in offered and _accepts(line, one)]
        if sdk is not None:
            return _one_sdk(sdk, accepted, offered)
        return _any_sdk(accepted, offered)

    return guarded("core.sdks", look)


def _needed() -> Sequence[str]:
    """Every version that a release of an SDK speaks, the oldest first."""
    found = {cdi for rows in RELEASES.values() for _, cdi in rows}
    return sorted(found, key=version_order)


def _accepts(line: CoreLine, cdi: str) -> bool:
    """Whether the core takes a version: one below its configured minimum it refuses even here."""
    return line.get("/hello", headers=[("cdi-version", cdi)]).status < 400  # noqa: PLR2004 - errors


def _one_sdk(sdk: SdkVersion, accepted: Sequence[str], offered: Sequence[str]) -> Finding:
    needed = NEWEST[sdk.name] if sdk.version is None else spoken_by(sdk.name, sdk.version)
    title = f"{sdk.name} {sdk.text or '(newest)'}"
    if needed is None:
        return skipped("core.sdks", f"{title} is of a time when a release spoke several versions")
    if needed in accepted:
        return passed("core.sdks", f"{title} speaks CDI {needed}, and the core takes it")
    able = [span(sdk.name, one) for one in accepted]
    fitting = ", ".join(one for one in able if one)
    return failed(
        "core.sdks",
        f"{title} speaks CDI {needed} alone; the core takes {_versions(accepted, offered)}",
        f"What fits: {fitting}." if fitting else "Change the core's version, or its limits.",
    )


def _any_sdk(accepted: Sequence[str], offered: Sequence[str]) -> Finding:
    fitting = {name: [span(name, one) for one in accepted] for name in RELEASES}
    told = "; ".join(
        ", ".join(text for text in spans if text) for spans in fitting.values() if any(spans)
    )
    if not accepted:
        first = ", ".join(f"{name} {rows[0][0]}" for name, rows in RELEASES.items())
        return failed(
            "core.sdks",
            f"the core takes {_versions((), offered)}: no release since {first} speaks that",
            "Change the core's version, or supertokens_min_cdi_version and _max_cdi_version. For "
            "an SDK older than these, say so: --sdk.",
        )
    without = [f"{name} (CDI {cdi})" for name, cdi in NEWEST.items() if cdi not in accepted]
    if without:
        return warned(
            "core.sdks",
            f"not for the newest {', '.join(without)}",
            f"What fits: {told}. With --sdk NAME@VERSION only that one counts.",
        )
    return passed("core.sdks", f"fits the newest of {', '.join(NEWEST)}")


def _versions(accepted: Sequence[str], offered: Sequence[str]) -> str:
    known = sorted(accepted or offered, key=version_order)
    return f"CDI {known[0]} to {known[-1]}" if known else "none"
