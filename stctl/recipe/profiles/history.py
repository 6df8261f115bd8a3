"""SDKs by version: which profile an SDK of some version has.

Source: SDKs, behaviour notes 1 to 4, and recordings of supertokens-node 5.0.1, 6.1.1 and 9.3.1 and
of supertokens-python 0.11.14.
"""

import re
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from stctl.errors import ErrorKind, StctlError
from stctl.recipe.failures import HandlerName
from stctl.recipe.profiles.newest import profile_of
from stctl.recipe.profiles.profile import CookieStyle, Profile, SdkName
from stctl.recipe.profiles.seed_rules import SeedRules

_NAMES: Final[dict[str, SdkName]] = {
    "node": "node",
    "supertokens-node": "node",
    "python": "python",
    "py": "python",
    "supertokens-python": "python",
    "go": "go",
    "golang": "go",
    "supertokens-golang": "go",
}
_VERSION: Final = re.compile(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:[-+.].*)?$")
Version = tuple[int, int, int]
_FLASK_PAGE: Final = (
    "<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n"
    "<h1>Internal Server Error</h1>\n"
)
NEWEST: Final[Version] = (999, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SdkVersion:
    """An SDK and its version; `version` is None where only the SDK is known."""

    name: SdkName
    version: Version | None = None
    text: str | None = None
    """The version as it was given."""

    def is_at_least(self, node: str, python: str, go: str) -> bool:
        """Whether the version is at least the one given for its SDK; unknown counts as newest."""
        wanted = {"node": node, "python": python, "go": go}[self.name]
        return (self.version or NEWEST) >= read_version(wanted)


def read_version(text: str) -> Version:
    """The three numbers of a version; missing ones are 0.

    >>> read_version("0.20")
    (0, 20, 0)
    """
    found = _VERSION.match(text)
    if found is None:
        raise StctlError(ErrorKind.SETTING_INVALID, f"{text!r} is no version of an SDK.")
    major, minor, patch = (int(number or 0) for number in found.groups())
    return major, minor, patch


def parse_sdk(text: str) -> SdkVersion:
    """Read `node`, `supertokens-python` or `go@0.25.2`.

    Raises SETTING_INVALID for an unknown SDK and for a version without numbers.
    """
    name, _, version = text.strip().lower().partition("@")
    if name not in _NAMES:
        raise StctlError(
            ErrorKind.SETTING_INVALID,
            f"There is no SDK {name!r}.",
            hint="It is node, python or go, with a version after @ where it matters.",
        )
    if not version:
        return SdkVersion(name=_NAMES[name])
    return SdkVersion(name=_NAMES[name], version=read_version(version), text=version)


def profile_at(sdk: SdkVersion, framework: str | None = None) -> Profile:
    """Return the profile of an SDK at a version, in a framework."""
    newest = _at_version(profile_of(sdk.name), sdk)
    if newest.name == "python" and (framework or "").lower().startswith("flask"):
        return _in_flask(newest)
    return newest


def is_seed(sdk: SdkVersion) -> bool:
    """Whether the SDK still marks sessions with the cookie sIdRefreshToken."""
    return not sdk.is_at_least(node="13.0.0", python="0.12.0", go="0.10.0")


def likely_versions(name: SdkName) -> tuple[SdkVersion, ...]:
    """The newest version, and one of each older way of doing things, the likeliest one first."""
    older = {"node": ("9.3.1", "5.0.1"), "python": ("0.11.14",), "go": ("0.9.0",)}[name]
    return (
        SdkVersion(name=name),
        *(SdkVersion(name=name, version=read_version(text), text=text) for text in older),
    )


def _at_version(newest: Profile, sdk: SdkVersion) -> Profile:
    fixed: set[str] = set()
    if not sdk.is_at_least(node="17.1.0", python="0.20.0", go="0.19.0"):
        fixed |= {HandlerName.ON_TRY_REFRESH_TOKEN, HandlerName.ON_CLEAR_DUPLICATE_SESSION_COOKIES}
    if not sdk.is_at_least(node="12.0.0", python="0.11.0", go="0.9.0"):
        fixed.add(HandlerName.ON_INVALID_CLAIM)
    return replace(
        newest,
        version=sdk.text or newest.version,
        not_overridable=frozenset(fixed),
        seed=_seed_rules(sdk) if is_seed(sdk) else None,
        looks_for_user=newest.looks_for_user
        and sdk.is_at_least(node="16.0.0", python="0.25.0", go="999.0.0"),
    )


def _seed_rules(sdk: SdkVersion) -> SeedRules:
    oldest = not sdk.is_at_least(node="6.0.0", python="0.3.0", go="0.1.0")
    return SeedRules(
        core_judges_doubts=oldest,
        refresh_without_rid_clears=oldest,
        sign_out_clears_always=sdk.name == "python",
    )


def _in_flask(profile: Profile) -> Profile:
    """Flask writes what a session changed after everything else.

    Source: SDKs, behaviour notes 4.4 and 10.
    """
    style = CookieStyle(
        tail=("Domain", "Expires", "Secure", "HttpOnly", "Path", "SameSite"),
        same_site=MappingProxyType({"lax": "Lax", "none": "None", "strict": "Strict"}),
        replaces=False,
    )
    return replace(
        profile,
        framework="flask",
        cookies=style,
        general_body=_FLASK_PAGE,
        general_type="text/html; charset=utf-8",
        applies_changes_last=True,
    )
