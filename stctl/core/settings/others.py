"""Settings of a core that the embedded one keeps for apps and tenants but has little use for.

They are accepted, shown and kept apart as a core keeps them, so that what was written for a real
core can be tried here. Source: core, behaviour notes 7.7.
"""

from dataclasses import dataclass
from typing import Final, Literal

from stctl.jsontypes import JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherSetting:
    """A setting that concerns other things than sessions."""

    name: str
    scope: Literal["app", "tenant"]
    default: int | str | None
    meaning: str
    options: tuple[str, ...] = ()

    @property
    def type(self) -> str:
        """`number`, `string` or `enum`, as the core-config call names them."""
        if self.options:
            return "enum"
        return "number" if isinstance(self.default, int) else "string"

    def takes(self, value: JsonValue) -> bool:
        """Whether it is a value of the right type."""
        if self.options:
            return isinstance(value, str) and value.upper() in self.options
        if isinstance(self.default, int):
            return isinstance(value, int | float) and not isinstance(value, bool)
        return isinstance(value, str)


_ALL: Final = (
    OtherSetting(
        name="email_verification_token_lifetime",
        scope="tenant",
        default=86_400_000,
        meaning="How long a link that verifies an email address is good, in ms.",
    ),
    OtherSetting(
        name="password_reset_token_lifetime",
        scope="tenant",
        default=3_600_000,
        meaning="How long a link that resets a password is good, in ms.",
    ),
    OtherSetting(
        name="passwordless_code_lifetime",
        scope="tenant",
        default=900_000,
        meaning="How long a code of a passwordless login is good, in ms.",
    ),
    OtherSetting(
        name="passwordless_max_code_input_attempts",
        scope="tenant",
        default=5,
        meaning="How many wrong codes end a passwordless login.",
    ),
    OtherSetting(
        name="totp_max_attempts",
        scope="tenant",
        default=5,
        meaning="How many wrong one-time passwords make somebody wait.",
    ),
    OtherSetting(
        name="totp_rate_limit_cooldown_sec",
        scope="tenant",
        default=900,
        meaning="How long somebody waits after too many wrong one-time passwords, in s.",
    ),
    OtherSetting(
        name="saml_sp_entity_id",
        scope="tenant",
        default=None,
        meaning="The name of the service provider in SAML.",
    ),
    OtherSetting(
        name="saml_relay_state_validity",
        scope="tenant",
        default=300_000,
        meaning="How long a SAML login may take, in ms.",
    ),
    OtherSetting(
        name="saml_claims_validity",
        scope="tenant",
        default=300_000,
        meaning="How long the claims of a SAML login may be fetched, in ms.",
    ),
    OtherSetting(
        name="webauthn_recover_account_token_lifetime",
        scope="app",
        default=3_600_000,
        meaning="How long a link that recovers a passkey account is good, in ms.",
    ),
    OtherSetting(
        name="password_hashing_alg",
        scope="app",
        default="BCRYPT",
        options=("ARGON2", "BCRYPT"),
        meaning="How a core hashes passwords; the embedded one uses scrypt whatever this says.",
    ),
    OtherSetting(
        name="firebase_password_hashing_signer_key",
        scope="app",
        default=None,
        meaning="The key of passwords that were taken over from Firebase.",
    ),
    OtherSetting(
        name="bulk_migration_parallelism",
        scope="app",
        default=1,
        meaning="How many threads take users over from elsewhere.",
    ),
    OtherSetting(
        name="bulk_migration_batch_size",
        scope="app",
        default=8_000,
        meaning="How many users are taken over from elsewhere at once.",
    ),
    OtherSetting(
        name="bulk_migration_sleep_between_rounds_in_batch_ms",
        scope="app",
        default=1_000,
        meaning="The pause between rounds of taking users over, in ms.",
    ),
)

OTHERS: Final = {setting.name: setting for setting in _ALL}
"""The settings by name."""
