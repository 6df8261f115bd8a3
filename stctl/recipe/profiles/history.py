"""SDKs by version: which profile an SDK of some version has.

Source: SDKs, behaviour notes 1 to 4, and recordings of supertokens-node 5.0.1, 6.1.1 and 9.3.1 and
of supertokens-python 0.11.14.
"""

from dataclasses import replace
from types import MappingProxyType
from typing import Final

from stctl.recipe.override_history import not_overridable
from stctl.recipe.profiles.newest import profile_of
from stctl.recipe.profiles.profile import CookieStyle, Profile, SdkName
from stctl.recipe.profiles.seed_rules import SeedRules
from stctl.recipe.profiles.version import SdkVersion, read_version

_FLASK_PAGE: Final = (
    "<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n"
    "<h1>Internal Server Error</h1>\n"
)


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
    counts_doubled = sdk.is_at_least(node="17.1.0", python="0.20.0", go="0.19.0")
    return replace(
        newest,
        version=sdk.text or newest.version,
        not_overridable=not_overridable(sdk),
        counts_doubled=counts_doubled,
        knows_lost_refresh=counts_doubled,
        refresh_without_token_clears=sdk.is_at_least(node="18.0.2", python="0.23.1", go="0.22.1"),
        sign_out_needs_session=sdk.is_at_least(node="17.0.0", python="0.19.0", go="0.18.0"),
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
