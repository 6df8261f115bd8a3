"""What an operator tells of an app, in the `[app]` table of `stctl.toml`; all of it is optional."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, cast, get_args

from stctl.errors import ErrorKind, StctlError
from stctl.jsontypes import JsonValue
from stctl.recipe.config import AntiCsrf, SameSite, TransferMethod
from stctl.recipe.profiles.version import SdkVersion, parse_sdk
from stctl.recipe.sites import same_site

_ANTI_CSRF: Final[Mapping[str, AntiCsrf | Literal["default"]]] = {
    "default": "default",
    **{mode.value: mode for mode in AntiCsrf},
}
_FIRST_STATUS: Final = 100
_LAST_STATUS: Final = 599


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownApp:
    """Settings of an app as far as they are known; None is unknown."""

    sdk: SdkVersion | None = None
    framework: str | None = None
    """Name of the web framework, a version after a space is allowed."""
    api_domain: str | None = None
    website_domain: str | None = None
    api_base_path: str | None = None
    anti_csrf: AntiCsrf | Literal["default"] | None = None
    session_expired_status_code: int | None = None
    frontend_session_expired_status_code: int | None = None
    invalid_claim_status_code: int | None = None
    cookie_domain: str | None = None
    older_cookie_domain: str | None = None
    get_token_transfer_method: TransferMethod | None = None
    use_dynamic_access_token_signing_key: bool | None = None
    claim_routes: tuple[str, ...] = ()
    """Paths of routes that have claim validators of their own."""

    @property
    def cookie_same_site(self) -> SameSite:
        """The SDK's default for the two domains; `lax` where they are not known."""
        if self.api_domain is None or self.website_domain is None:
            return "lax"
        return "lax" if same_site(self.api_domain, self.website_domain) else "none"


def read_known_app(table: Mapping[str, JsonValue], place: str) -> KnownApp:
    """Read an `[app]` table; `place` names it in errors.

    Raises SETTING_INVALID for an unknown key and for a value that cannot be.
    """
    reader = _Reader(table, place)
    reader.refuse_unknown()
    return KnownApp(
        sdk=reader.sdk(),
        framework=reader.text("framework"),
        api_domain=reader.text("api_domain"),
        website_domain=reader.text("website_domain"),
        api_base_path=_base_path(reader.text("api_base_path")),
        anti_csrf=reader.anti_csrf(),
        session_expired_status_code=reader.status("session_expired_status_code"),
        frontend_session_expired_status_code=reader.status("frontend_session_expired_status_code"),
        invalid_claim_status_code=reader.status("invalid_claim_status_code"),
        cookie_domain=reader.text("cookie_domain"),
        older_cookie_domain=reader.text("older_cookie_domain"),
        get_token_transfer_method=reader.transfer_method(),
        use_dynamic_access_token_signing_key=reader.truth("use_dynamic_access_token_signing_key"),
        claim_routes=reader.texts("claim_routes"),
    )


APP_KEYS: Final[Mapping[str, str]] = {
    "sdk": "Backend SDK: `supertokens-node`, `supertokens-python` or `supertokens-golang`.",
    "sdk_version": "Its version.",
    "framework": "The web framework.",
    "api_domain": "`apiDomain` of the app.",
    "website_domain": "`websiteDomain` of the app.",
    "api_base_path": "`apiBasePath` of the app, `/auth` by default.",
    "anti_csrf": "`NONE`, `VIA_TOKEN`, `VIA_CUSTOM_HEADER`, or `default` where it is not set.",
    "session_expired_status_code": "Status of the session errors, 401 by default.",
    "frontend_session_expired_status_code": "The same as the frontend SDK has it.",
    "invalid_claim_status_code": "Status of INVALID_CLAIMS, 403 by default.",
    "cookie_domain": "`cookieDomain` of the app.",
    "older_cookie_domain": "`olderCookieDomain` of the app; the empty string is a value.",
    "get_token_transfer_method": "What `getTokenTransferMethod` says: `any`, `cookie`, `header`.",
    "use_dynamic_access_token_signing_key": "`useDynamicAccessTokenSigningKey`, true by default.",
    "claim_routes": "Paths of the routes that have claim validators of their own, as a list.",
}
"""Every key of the `[app]` table with its meaning."""


def _base_path(text: str | None) -> str | None:
    if text is None:
        return None
    trimmed = text.strip("/")
    return f"/{trimmed}" if trimmed else ""


@dataclass(frozen=True, slots=True)
class _Reader:
    table: Mapping[str, JsonValue]
    place: str

    def refuse_unknown(self) -> None:
        unknown = sorted(set(self.table) - set(APP_KEYS))
        if unknown:
            raise StctlError(
                ErrorKind.SETTING_INVALID,
                f"{self.place}: [app] has no setting {', '.join(unknown)}.",
                hint=f"It takes {', '.join(APP_KEYS)}.",
            )

    def wrong(self, key: str, wanted: str) -> StctlError:
        return StctlError(ErrorKind.SETTING_INVALID, f"{self.place}: [app] {key} must be {wanted}.")

    def text(self, key: str) -> str | None:
        value = self.table.get(key)
        if value is not None and not isinstance(value, str):
            raise self.wrong(key, "a string")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.table.get(key, [])
        if not isinstance(value, list):
            raise self.wrong(key, "a list of strings")
        texts = tuple(one for one in value if isinstance(one, str))
        if len(texts) < len(value):
            raise self.wrong(key, "a list of strings")
        return texts

    def truth(self, key: str) -> bool | None:
        value = self.table.get(key)
        if value is not None and not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return value

    def status(self, key: str) -> int | None:
        value = self.table.get(key)
        if value is None:
            return None
        if not isinstance(value, int) or not _FIRST_STATUS <= value <= _LAST_STATUS:
            raise self.wrong(key, f"a status from {_FIRST_STATUS} to {_LAST_STATUS}")
        return value

    def anti_csrf(self) -> AntiCsrf | Literal["default"] | None:
        value = self.text("anti_csrf")
        if value is not None and value not in _ANTI_CSRF:
            raise self.wrong("anti_csrf", f"one of {', '.join(_ANTI_CSRF)}")
        return None if value is None else _ANTI_CSRF[value]

    def transfer_method(self) -> TransferMethod | None:
        value = self.text("get_token_transfer_method")
        if value is not None and value not in get_args(TransferMethod):
            raise self.wrong("get_token_transfer_method", "any, cookie or header")
        return cast("TransferMethod | None", value)

    def sdk(self) -> SdkVersion | None:
        name, version = self.text("sdk"), self.text("sdk_version")
        if name is None:
            return None
        return parse_sdk(f"{name}@{version}" if version else name)
