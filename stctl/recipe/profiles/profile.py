"""What one SDK does its own way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from stctl.recipe.profiles.seed_rules import SeedRules

SdkName = Literal["node", "python", "go"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """The texts of errors. They reach overrides and logs, never a default answer.

    Source: SDKs, as recorded from the released packages.
    """

    no_session: str = (
        "Session does not exist. Are you sending the session tokens in the request with the "
        "appropriate token transfer method?"
    )
    legacy_cookie: str = "using legacy session, please call the refresh API"
    doubled_access_token: str = "Multiple access tokens present in the request cookies."  # noqa: S105 - a message
    no_rid_on_call: str = (
        "anti-csrf check failed. Please pass 'rid: \"session\"' header in the request, or set "
        "doAntiCsrfCheck to false for this API"
    )
    no_rid_on_refresh: str = (
        "anti-csrf check failed. Please pass 'rid: \"session\"' header in the request."
    )
    anti_csrf_missing: str = (
        "Provided antiCsrfToken is undefined. If you do not want anti-csrf check for this API, "
        "please set doAntiCsrfCheck to false for this API"
    )
    anti_csrf_wrong: str = "anti-csrf check failed"
    lost_refresh: str = "Refresh token not found but access token is present. Clearing all tokens."
    expired: str
    wrong_signature: str
    unknown_key: str
    keys_unreachable: str
    wrong_key_kind: str
    not_yet: str
    audience: str
    no_refresh_token: str
    theft: str
    invalid_claims: str
    duplicates_cleared: str
    duplicates_refused: str
    no_core: str
    core_status: str
    """With the fields `method`, `path`, `status` and `body`."""
    incompatible: str
    unusable_verify: str
    unusable_refresh: str
    timeout: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CookieStyle:
    """How a framework writes a cookie."""

    tail: tuple[str, ...]
    """Attributes in their order, spelled as they are sent."""
    same_site: Mapping[str, str]
    cleared_value: str = ""
    replaces: bool = True
    """Whether a cookie written again replaces the first one, or stands after it."""
    keeps_slash: bool = False
    """Whether a slash stays as it is, or is escaped with the rest."""
    strips_domain_dot: bool = False
    """Whether a dot in front of a domain is left out."""
    quotes: bool = False
    """Whether values with special characters are put in double quotes."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Profile:
    """One SDK, of one version, in one framework; two of them are never compared by their values."""

    name: SdkName
    sdk: str
    version: str
    framework: str
    cdi: str
    """The interface version that it speaks with a core that has all of them."""
    messages: Messages
    cookies: CookieStyle
    expose_separator: str = ", "
    header_case: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Spelling of header names that are not sent in lower case."""
    front_token_order: tuple[str, ...] = ("uid", "ate", "up")
    refresh_body: str = "{}"
    bare_duplicate_message: bool = False
    """Whether the default answer to doubled cookies is a JSON string, not an object."""
    general_body: str | None
    """The framework's answer to a general error; None: the error's own text."""
    general_type: str
    exceptions_close_connection: bool = False
    """Whether an exception of the app's own code breaks the connection (a panic in Go)."""

    looks_for_user: bool
    """Whether the core is asked for the user before a session is made."""
    wants_tenant_claim: bool
    wants_recipe_user_claim: bool
    refuses_other_token_types: bool
    refuses_future_tokens: bool = False
    refuses_audience: bool = False
    empty_bearer_counts: bool = False
    plus_is_space: bool = False
    """Whether a plus sign in a cookie is decoded as a space."""
    unreachable_keys_are_general: bool = False
    """Whether a key set that cannot be fetched is a general error, not TRY_REFRESH_TOKEN."""
    unusable_verify: Literal["try_refresh", "general", "panic"]
    """What a core's answer without a status to verify leads to."""
    unusable_refresh: Literal["general", "panic"]
    clears_other_place_last: bool = False
    """Whether clearing the unused place is written after the new tokens of a refresh."""
    failing_handler_runs: int = 1
    """How often a handler that fails is called."""
    keeps_changes_on_error: bool
    """Whether tokens set or cleared stay on the answer when a general error follows."""
    applies_changes_last: bool = False
    """Whether tokens of a new session are written after the clearing that an error asks for."""
    sorts_json: bool = False
    """Whether the members of default answers are sorted by name."""
    counts_doubled: bool = True
    """Whether a session cookie that comes twice is noticed."""
    knows_lost_refresh: bool = True
    """Whether a refresh without its token, but with an access cookie, is told apart."""
    refresh_without_token_clears: bool = True
    sign_out_needs_session: bool = True
    """Whether sign-out without a session is UNAUTHORISED, not a success."""
    seed: SeedRules | None = None
    """Set for the SDKs of the seed era, which walk trees of their own."""
    not_overridable: frozenset[str] = frozenset()
    """Names of handlers that an app cannot replace in this version."""

    def can_override(self, handler: str) -> bool:
        """Whether an app can replace a handler."""
        return handler not in self.not_overridable
