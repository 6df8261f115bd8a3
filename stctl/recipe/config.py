"""What an operator knows of an app: how its SDK is set up, and how a route is protected."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from stctl.recipe.profiles.newest import NODE
from stctl.recipe.profiles.profile import Profile


class AntiCsrf(StrEnum):
    """How a backend guards cookie sessions against requests that other sites make."""

    NONE = "NONE"
    VIA_TOKEN = "VIA_TOKEN"  # noqa: S105 - the name of a mode
    VIA_CUSTOM_HEADER = "VIA_CUSTOM_HEADER"


TransferMethod = Literal["any", "cookie", "header"]
SameSite = Literal["lax", "none", "strict"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppConfig:
    """The configuration of the session recipe in one app."""

    profile: Profile = field(default=NODE)
    api_domain: str = "http://localhost:3001"
    api_base_path: str = "/auth"
    anti_csrf: AntiCsrf | None = None
    """None: not configured; see `anti_csrf_mode`."""
    transfer_method: TransferMethod = "any"
    """What the app's `getTokenTransferMethod` says."""
    cookie_domain: str | None = None
    older_cookie_domain: str | None = None
    """The empty string means cookies without a Domain attribute."""
    cookie_same_site: SameSite = "lax"
    session_expired_status: int = 401
    invalid_claim_status: int = 403
    dynamic_signing_key: bool = True
    expose_access_token: bool = False
    """Whether cookie sessions get their access token as a header too."""

    @property
    def refresh_path(self) -> str:
        """Path of the refresh API, and of the refresh cookie."""
        return f"{self.api_base_path}/session/refresh"

    @property
    def sign_out_path(self) -> str:
        """Path of the sign-out API."""
        return f"{self.api_base_path}/signout"

    @property
    def cookie_secure(self) -> bool:
        """Whether cookies are sent over https only: exactly when the API is on https."""
        return self.api_domain.startswith("https")

    @property
    def anti_csrf_mode(self) -> AntiCsrf:
        """The mode in force: unset means a custom header for cross-site cookies, else none.

        Source: SDKs, behaviour notes 2.4.
        """
        if self.anti_csrf is not None:
            return self.anti_csrf
        return AntiCsrf.VIA_CUSTOM_HEADER if self.cookie_same_site == "none" else AntiCsrf.NONE

    def allows(self, method: Literal["cookie", "header"]) -> bool:
        """Whether tokens may travel this way."""
        return self.transfer_method in {"any", method}


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyOptions:
    """How a route asks for its session."""

    session_required: bool = True
    anti_csrf_check: bool | None = None
    """None: on for every method but GET."""
    check_database: bool = False
