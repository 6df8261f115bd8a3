"""The settings of an embedded core as values."""

from dataclasses import dataclass

_MS_PER_S = 1000
_MS_PER_MINUTE = 60 * _MS_PER_S
_MS_PER_HOUR = 60 * _MS_PER_MINUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreSettings:
    """What an embedded core runs with; names, units and defaults are those of a SuperTokens core.

    A value made by hand is trusted. `load_settings` checks what people write.
    Source: core, behaviour notes section 5.
    """

    access_token_validity: int = 3600
    """Seconds."""
    refresh_token_validity: float = 144_000.0
    """Minutes."""
    refresh_token_rotation_grace_period: int = 30
    """Seconds."""
    recent_token_reuse_behaviour: str = "TOKEN_THEFT"  # noqa: S105 - a name, not a secret
    """`TOKEN_THEFT` or `UNAUTHORISED`, upper case."""
    access_token_validity_jitter: float = 0.05
    """The largest part of an access token's validity that chance may take away."""
    access_token_blacklisting: bool = False
    access_token_signing_key_dynamic: bool = True
    access_token_dynamic_signing_key_update_interval: float = 168.0
    """Hours."""
    api_keys: frozenset[str] = frozenset()
    supertokens_saas_secret: str | None = None
    supertokens_max_cdi_version: str | None = None
    supertokens_min_cdi_version: str | None = None
    host: str = "localhost"
    port: int = 3567
    base_path: str = ""
    """Empty, or with a leading and without a trailing slash."""
    max_server_pool_size: int = 10
    ip_allow_regex: str | None = None
    ip_deny_regex: str | None = None
    log_level: str = "INFO"
    """One of `DEBUG`, `INFO`, `WARN`, `ERROR`, `NONE`."""
    info_log_path: str | None = None
    """None is standard output."""
    error_log_path: str | None = None
    """None is standard error."""
    disable_telemetry: bool = False
    paid_features: bool = True
    """stctl's own: whether features that need a licence may be used."""

    @property
    def access_token_validity_ms(self) -> int:
        """Validity of an access token in milliseconds, before jitter."""
        return self.access_token_validity * _MS_PER_S

    @property
    def refresh_token_validity_ms(self) -> int:
        """Validity of a refresh token in milliseconds, cut down to whole ones."""
        return int(self.refresh_token_validity * _MS_PER_MINUTE)

    @property
    def grace_period_ms(self) -> int:
        """How long a rotated refresh token may be used again, in milliseconds."""
        return self.refresh_token_rotation_grace_period * _MS_PER_S

    @property
    def key_update_interval_ms(self) -> int:
        """How long a dynamic signing key signs, in milliseconds, cut down to whole ones."""
        return int(self.access_token_dynamic_signing_key_update_interval * _MS_PER_HOUR)
