"""One row for every setting of an embedded core; parsing, checks and documentation read it."""

from dataclasses import dataclass
from typing import Literal

from stctl.core.settings import readers
from stctl.core.settings.model import CoreSettings
from stctl.core.settings.readers import Reader, SettingValue

Scope = Literal["app", "tenant", "core", "stctl"]

_BUILT_IN = CoreSettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A setting: its names, what it takes and what it means."""

    name: str
    environment: str
    """Name of the environment variable."""
    type: str
    """`integer`, `number`, `boolean`, `text`, `list`, `version`, `regex` or `path`."""
    read: Reader
    bounds: str
    """What the value has to be, in words that follow "must be"."""
    scope: Scope
    """Whom a value may differ for: all of a core, an app, a tenant; or stctl's own."""
    meaning: str
    unit: str = ""
    secret: bool = False
    old_names: tuple[str, ...] = ()

    @property
    def default(self) -> SettingValue:
        """The built-in value."""
        value: SettingValue = getattr(_BUILT_IN, self.name)
        return value


SETTINGS: tuple[Setting, ...] = (
    Setting(
        name="access_token_validity",
        environment="ACCESS_TOKEN_VALIDITY",
        type="integer",
        unit="s",
        read=readers.whole(1, 86_400_000),
        bounds="an integer from 1 to 86400000",
        scope="app",
        meaning="How long an access token is valid.",
    ),
    Setting(
        name="refresh_token_validity",
        environment="REFRESH_TOKEN_VALIDITY",
        type="number",
        unit="minutes",
        read=readers.number(0, above_low=True),
        bounds="a number above 0, and longer than access_token_validity",
        scope="app",
        meaning="How long a refresh token is valid, and a session after its last refresh.",
    ),
    Setting(
        name="refresh_token_rotation_grace_period",
        environment="REFRESH_TOKEN_ROTATION_GRACE_PERIOD",
        type="integer",
        unit="s",
        read=readers.whole(0, 300),
        bounds="an integer from 0 to 300",
        scope="app",
        meaning="How long a refresh token that was just rotated may be used again (CDI 5.6).",
    ),
    Setting(
        name="recent_token_reuse_behaviour",
        environment="RECENT_TOKEN_REUSE_BEHAVIOUR",
        type="text",
        read=readers.choice("TOKEN_THEFT", "UNAUTHORISED"),
        bounds="TOKEN_THEFT or UNAUTHORISED",
        scope="core",
        meaning="What the late reuse of a recent refresh token is answered with (CDI 5.6).",
    ),
    Setting(
        name="access_token_validity_jitter",
        environment="ACCESS_TOKEN_VALIDITY_JITTER",
        type="number",
        unit="fraction",
        read=readers.number(0, 0.25),
        bounds="a number from 0 to 0.25",
        scope="app",
        meaning="The largest part of its validity by which chance shortens an access token.",
    ),
    Setting(
        name="access_token_blacklisting",
        environment="ACCESS_TOKEN_BLACKLISTING",
        type="boolean",
        read=readers.flag,
        bounds="true or false",
        scope="app",
        meaning="Whether verify asks the database (CDI below 2.21, where the caller cannot say).",
    ),
    Setting(
        name="access_token_signing_key_dynamic",
        environment="ACCESS_TOKEN_SIGNING_KEY_DYNAMIC",
        type="boolean",
        read=readers.flag,
        bounds="true or false",
        scope="app",
        meaning="Whether rotating keys sign (CDI below 2.21, where the caller cannot say).",
    ),
    Setting(
        name="access_token_dynamic_signing_key_update_interval",
        environment="ACCESS_TOKEN_DYNAMIC_SIGNING_KEY_UPDATE_INTERVAL",
        type="number",
        unit="hours",
        read=readers.number(1),
        bounds="a number of at least 1",
        scope="app",
        meaning="How long a dynamic key signs before the next one takes over.",
        old_names=("access_token_signing_key_update_interval",),
    ),
    Setting(
        name="api_keys",
        environment="API_KEYS",
        type="list",
        read=readers.key_list,
        bounds="keys of at least 20 of the characters A-Z a-z 0-9 = - each, with commas between",
        scope="app",
        meaning="Keys of which a caller has to send one; none: no key is asked for.",
        secret=True,
    ),
    Setting(
        name="supertokens_saas_secret",
        environment="SUPERTOKENS_SAAS_SECRET",
        type="text",
        read=readers.saas_secret,
        bounds="at least 40 of the characters A-Z a-z 0-9 = -, together with api_keys",
        scope="core",
        meaning="A further secret that is taken in place of an API key.",
        secret=True,
    ),
    Setting(
        name="supertokens_max_cdi_version",
        environment="SUPERTOKENS_MAX_CDI_VERSION",
        type="version",
        read=readers.version,
        bounds="a CDI version that the core supports, 2.7 to 5.6",
        scope="app",
        meaning="The newest CDI version that is answered, and the one of callers who name none.",
    ),
    Setting(
        name="supertokens_min_cdi_version",
        environment="SUPERTOKENS_MIN_CDI_VERSION",
        type="version",
        read=readers.version,
        bounds="a CDI version that the core supports, not above supertokens_max_cdi_version",
        scope="app",
        meaning="The oldest CDI version that is answered.",
    ),
    Setting(
        name="host",
        environment="SUPERTOKENS_HOST",
        type="text",
        read=readers.required_text,
        bounds="a host name or an address",
        scope="core",
        meaning="The address to listen on.",
    ),
    Setting(
        name="port",
        environment="SUPERTOKENS_PORT",
        type="integer",
        read=readers.whole(0, 65_535),
        bounds="an integer from 0 to 65535",
        scope="core",
        meaning="The port to listen on; 0 takes a free one.",
    ),
    Setting(
        name="base_path",
        environment="BASE_PATH",
        type="text",
        read=readers.base_path,
        bounds="a path without spaces",
        scope="core",
        meaning="A prefix in front of every path.",
    ),
    Setting(
        name="max_server_pool_size",
        environment="MAX_SERVER_POOL_SIZE",
        type="integer",
        unit="threads",
        read=readers.whole(1),
        bounds="an integer of at least 1",
        scope="core",
        meaning="How many threads answer requests.",
    ),
    Setting(
        name="ip_allow_regex",
        environment="IP_ALLOW_REGEX",
        type="regex",
        read=readers.regex,
        bounds="a regular expression",
        scope="tenant",
        meaning="Remote addresses that are admitted; the whole address has to match.",
    ),
    Setting(
        name="ip_deny_regex",
        environment="IP_DENY_REGEX",
        type="regex",
        read=readers.regex,
        bounds="a regular expression",
        scope="tenant",
        meaning="Remote addresses that are refused; this goes before ip_allow_regex.",
    ),
    Setting(
        name="log_level",
        environment="LOG_LEVEL",
        type="text",
        read=readers.choice("DEBUG", "INFO", "WARN", "ERROR", "NONE"),
        bounds="DEBUG, INFO, WARN, ERROR or NONE",
        scope="core",
        meaning="The least severe messages that are logged; DEBUG logs every request.",
    ),
    Setting(
        name="info_log_path",
        environment="INFO_LOG_PATH",
        type="path",
        read=readers.log_path,
        bounds="a path, or null for standard output",
        scope="core",
        meaning="Where messages of levels DEBUG and INFO go.",
    ),
    Setting(
        name="error_log_path",
        environment="ERROR_LOG_PATH",
        type="path",
        read=readers.log_path,
        bounds="a path, or null for standard error",
        scope="core",
        meaning="Where messages of levels WARN and ERROR go.",
    ),
    Setting(
        name="disable_telemetry",
        environment="DISABLE_TELEMETRY",
        type="boolean",
        read=readers.flag,
        bounds="true or false",
        scope="app",
        meaning="Taken for the sake of shared files; the embedded core sends nothing to anybody.",
    ),
    Setting(
        name="paid_features",
        environment="STCTL_PAID_FEATURES",
        type="boolean",
        read=readers.flag,
        bounds="true or false",
        scope="stctl",
        meaning="Whether features that a real core wants a licence for, such as tenants, work.",
    ),
)
"""All settings, in the order of the documentation. Source: core, behaviour notes section 5."""

BY_NAME = {name: row for row in SETTINGS for name in (row.name, *row.old_names)}
"""Rows by their names, old ones included."""
