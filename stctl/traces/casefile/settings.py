"""Versions and settings of everyone in a trace: SDKs, core, cookies, CORS.

The names of the settings are those that a report shows; their order is that of a maintainer's first
questions.
"""

from collections.abc import Iterator
from typing import Final

from stctl.exchange import Pairs, all_values, first_value
from stctl.recipe.config import AppConfig
from stctl.recipe.transfer import (
    ACCESS_COOKIE,
    ANTI_CSRF_HEADER,
    AUTH_MODE_HEADER,
    LEGACY_COOKIE,
    REFRESH_COOKIE,
    RID_HEADER,
    Transfer,
    read_transfer,
)
from stctl.redact import mask_text
from stctl.traces.casefile.seen import Notebook, Origin, Setting
from stctl.traces.explain.core_calls import CallKind, CoreCall, read_call
from stctl.traces.explain.explanation import Explanation
from stctl.traces.explain.known_app import KnownApp
from stctl.traces.explain.signs import sdk_shown
from stctl.traces.link import LoneCall
from stctl.traces.model import LogEvent, Logger, Topic

SDK: Final = "Backend SDK"
FRAMEWORK: Final = "Framework"
FRONTEND: Final = "Frontend SDK"
CDI: Final = "CDI (SDK to core)"
CORE: Final = "Core"
FDI: Final = "FDI (browser to backend)"
TRANSFER: Final = "Tokens travel by"
ANTI_CSRF: Final = "Anti-CSRF mode"
SENDS: Final = "The client sends"
API: Final = "API"
WEBSITE: Final = "Website"
BASE_PATH: Final = "API base path"
EXPIRED_STATUS: Final = "Session-expired status"
TOKEN_VERSION: Final = "Access token version"  # noqa: S105 - the name of a setting
SIGNING_KEY: Final = "Signing key"
EXPOSED: Final = "Headers that CORS exposes"
CLIENT: Final = "Client"
TENANT: Final = "Tenant"
SERVER: Final = "Server"

_HINTS: Final = {
    SDK: "tell it with --sdk NAME@VERSION",
    FRONTEND: "see package.json, or turn on its debug log",
    CDI: "record the calls between backend and core as well",
    CORE: "ask it: stctl core status --core URL",
    FDI: "the request header fdi-version of a refresh tells it",
    EXPOSED: "no answer has Access-Control-Expose-Headers",
}
_ORDER: Final = (
    *(SDK, FRAMEWORK, FRONTEND, CDI, CORE, FDI, TRANSFER, ANTI_CSRF, SENDS, API, WEBSITE),
    BASE_PATH,
    *(EXPIRED_STATUS, TOKEN_VERSION, SIGNING_KEY, TENANT, ACCESS_COOKIE, REFRESH_COOKIE),
    *(LEGACY_COOKIE, EXPOSED, SERVER, CLIENT),
)
_ALWAYS: Final = frozenset({*_HINTS, TRANSFER})
_COOKIES: Final = (ACCESS_COOKIE, REFRESH_COOKIE, LEGACY_COOKIE)
_LONGEST: Final = 160
_MOST_WORDED: Final = 200


class SettingsReader:
    """Gathers settings while a trace goes by."""

    def __init__(self, known: KnownApp) -> None:
        self._book = Notebook()
        self._known = known
        self._app: AppConfig | None = None
        self._worded = 0
        _note_known(self._book, known)

    def see_request(self, told: Explanation) -> None:
        """Take what one request shows."""
        self._app = told.app
        request, response, at = told.evidence.request, told.evidence.response, told.index
        self._note(FDI, first_value(request.headers, "fdi-version"), at)
        self._note(CLIENT, first_value(request.headers, "user-agent"), at)
        self._note(WEBSITE, first_value(request.headers, "origin"), at)
        entry = told.evidence.entry
        if first_value(request.headers, "host"):
            usual = {"http": 80, "https": 443}.get(entry.scheme)
            port = "" if entry.port == usual else f":{entry.port}"
            self._note(API, f"{entry.scheme}://{entry.host}{port}", at)
        self._note_transfer(read_transfer(request, told.app.profile), at)
        if response is not None:
            self._note_answer(response.headers, at)
        if not self._known.sdk:
            shown = sdk_shown(told.evidence)
            self._note(SDK, f"supertokens-{'golang' if shown == 'go' else shown}", at, ok=shown)
        for call in told.core_calls:
            self._note_call(call)
        self._note_session(told)

    def see_call(self, lone: LoneCall) -> None:
        """Take what a call to the core shows whose request is not in the trace."""
        self._note_call(read_call(lone.entry))

    def see_event(self, event: LogEvent) -> None:
        """Take what a line of a debug log shows."""
        if event.logger is Logger.FRONTEND:
            self._note(FRONTEND, event.sdk_version and f"version {event.sdk_version}", None)
        elif event.sdk_version:
            name = "golang" if event.logger is Logger.GO else event.logger.value
            self._note(SDK, f"supertokens-{name} {event.sdk_version}", None)
        if event.topic is Topic.INIT and event.facts.get("setting"):
            self._note(event.facts["setting"], event.facts.get("value"), None)

    def settings(self) -> tuple[Setting, ...]:
        """Every setting of which something is known, or which a maintainer will ask for."""
        if self._app is not None:
            _note_assumed(self._book, self._app)
        names = [name for name in _ORDER if name in _ALWAYS or self._book.has(name)]
        return tuple(self._book.setting(name, _HINTS.get(name, "")) for name in names)

    def setting(self, name: str) -> Setting:
        """One setting."""
        return self._book.setting(name, _HINTS.get(name, ""))

    def _note(self, name: str, value: str | None, entry: int | None, *, ok: object = True) -> None:
        if ok:
            # Nobody puts a token there, but a proxy may.
            self._book.note(name, value and mask_text(value)[:_LONGEST], entry=entry)

    def _note_transfer(self, sent: Transfer, at: int) -> None:
        if sent.bearer:
            self._note(TRANSFER, "headers (Authorization: Bearer)", at)
        if any(name in sent.cookies for name in (ACCESS_COOKIE, REFRESH_COOKIE)):
            self._note(TRANSFER, "cookies", at)
        if sent.auth_mode:
            self._note(SENDS, f"{AUTH_MODE_HEADER}: {sent.auth_mode}", at)
        if sent.anti_csrf:
            self._note(SENDS, ANTI_CSRF_HEADER, at)
        if sent.rid:
            self._note(SENDS, f"{RID_HEADER}: {sent.rid}", at)

    def _note_answer(self, headers: Pairs, at: int) -> None:
        self._note(EXPOSED, first_value(headers, "access-control-expose-headers"), at)
        self._note(SERVER, first_value(headers, "server"), at)
        for name, value in _cookie_attributes(headers):
            self._note(name, value, at)

    def _note_call(self, call: CoreCall) -> None:
        self._note(CDI, call.cdi, call.index)
        dynamic = call.sent.get("useDynamicSigningKey")
        if isinstance(dynamic, bool):
            self._note(SIGNING_KEY, _key(dynamic), call.index)
        if call.sent.get("enableAntiCsrf") is True:
            self._note(ANTI_CSRF, "VIA_TOKEN", call.index)
        if call.kind is CallKind.VERSION and isinstance(call.answer.get("versions"), list):
            versions = call.answer["versions"]
            told = ", ".join(map(str, versions)) if isinstance(versions, list) else ""
            self._note(CORE, f"speaks CDI {told}", call.index)

    def _note_session(self, told: Explanation) -> None:
        if told.answered.session is not None:
            self._note(TENANT, told.answered.session.tenant_id, told.index)
        # Words cost time, and the first requests tell the version as well as all of them.
        if self._worded >= _MOST_WORDED:
            return
        self._worded += 1
        for reason in told.reasons:
            if reason.name == "access_token_form" and "version" in reason.answer:
                version = reason.answer.rpartition("version ")[2]
                self._note(TOKEN_VERSION, f"V{version}", told.index)


def _cookie_attributes(headers: Pairs) -> Iterator[tuple[str, str]]:
    """The attributes of each session cookie that is set, without its value and its time."""
    for line in all_values(headers, "set-cookie"):
        first, _, rest = line.partition(";")
        name, _, value = first.strip().partition("=")
        if name not in _COOKIES or not value:
            continue
        kept = [one.strip() for one in rest.split(";")]
        lasts = any(one.lower().startswith(("expires=", "max-age=")) for one in kept)
        kept = [one for one in kept if not one.lower().startswith(("expires=", "max-age="))]
        yield name, "; ".join([*kept, "with an end" if lasts else "until the browser is closed"])


def _note_known(book: Notebook, known: KnownApp) -> None:
    told = {
        SDK: _sdk(known),
        FRAMEWORK: known.framework,
        API: known.api_domain,
        WEBSITE: known.website_domain,
        BASE_PATH: known.api_base_path,
        ANTI_CSRF: None if known.anti_csrf is None else str(known.anti_csrf),
        TRANSFER: known.get_token_transfer_method,
        EXPIRED_STATUS: _number(known.session_expired_status_code),
        SIGNING_KEY: _key(known.use_dynamic_access_token_signing_key),
    }
    for setting, value in told.items():
        book.note(setting, value, origin=Origin.TOLD)


def _note_assumed(book: Notebook, app: AppConfig) -> None:
    assumed = {
        BASE_PATH: app.api_base_path,
        EXPIRED_STATUS: str(app.session_expired_status),
        ANTI_CSRF: str(app.anti_csrf_mode),
        SIGNING_KEY: _key(app.dynamic_signing_key),
    }
    for setting, value in assumed.items():
        if not book.has(setting):
            book.note(setting, value, origin=Origin.ASSUMED)


def _sdk(known: KnownApp) -> str | None:
    if known.sdk is None:
        return None
    name = "golang" if known.sdk.name == "go" else known.sdk.name
    return f"supertokens-{name} {known.sdk.text or ''}".strip()


def _number(value: int | None) -> str | None:
    return None if value is None else str(value)


def _key(is_dynamic: bool | None) -> str | None:
    if is_dynamic is None:
        return None
    return "dynamic" if is_dynamic else "static"
