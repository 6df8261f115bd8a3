"""Settings of a core that hurt, and settings that are odd and legitimate."""

from collections.abc import Iterator

from stctl.checks.core_settings import CoreConfig
from stctl.checks.finding import Finding, passed, skipped, warned
from stctl.jsontypes import JsonValue
from stctl.tokens.times import duration_text

_MINUTE_S, _DAY_S, _HOUR_S = 60, 86_400, 3_600
_VALIDITY = "access_token_validity"
_REFRESH = "refresh_token_validity"
_GRACE = "refresh_token_rotation_grace_period"
_ROTATION = "access_token_dynamic_signing_key_update_interval"
_NOT_TOLD = "the core does not tell it"


def examine_settings(config: CoreConfig) -> Iterator[Finding]:
    """Judge what is known of a core's settings."""
    count = len(config.settings)
    if config.refusal is None:
        changed = [one.name for one in config.settings if one.is_changed]
        told = f", changed: {', '.join(changed)}" if changed else ", all as they come"
        yield passed("core.settings", f"{count} settings{told if count else ''}")
    else:
        yield skipped(
            "core.settings", f"it does not publish them; {count} were worked out otherwise"
        )
    yield _validity(config)
    yield _grace(config)
    yield _rotation(config)
    yield _static(config)
    yield skipped("core.pool", "no call tells max_server_pool_size")


def number(value: JsonValue) -> float | None:
    """A number, also where it is written as text; None for anything else.

    >>> number("3600"), number(5), number(True), number("x")
    (3600.0, 5.0, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def _validity(config: CoreConfig) -> Finding:
    access_s = number(config.value(_VALIDITY))
    refresh_min = number(config.value(_REFRESH))
    if access_s is None:
        return skipped("core.validity", _NOT_TOLD)
    detail = f"access tokens {_words(access_s)}"
    if refresh_min is not None:
        detail += f", refresh tokens {_words(refresh_min * _MINUTE_S)}"
    if access_s < _MINUTE_S:
        return warned(
            "core.validity",
            detail,
            "Every client refreshes all the time; a clock that is a little off ends in loops.",
        )
    if access_s > _DAY_S:
        return warned(
            "core.validity",
            detail,
            "A session that was ended goes on working that long where the database is not asked.",
        )
    if refresh_min is not None and refresh_min * _MINUTE_S < 2 * access_s:
        return warned(
            "core.validity", detail, "Who pauses for longer than one access token is logged out."
        )
    return passed("core.validity", detail)


def _grace(config: CoreConfig) -> Finding:
    grace_s = number(config.value(_GRACE))
    if grace_s is None:
        return skipped("core.grace", _NOT_TOLD)
    if grace_s == 0:
        return warned(
            "core.grace",
            "none: a replaced refresh token may not be used again at all",
            "From CDI 5.6 on a lost answer or two tabs at once then end the session as stolen.",
        )
    return passed("core.grace", f"{_words(grace_s)}, which counts from CDI 5.6 on")


def _rotation(config: CoreConfig) -> Finding:
    hours = number(config.value(_ROTATION))
    if hours is None:
        return skipped("core.rotation", _NOT_TOLD)
    access_s = number(config.value(_VALIDITY)) or 0.0
    detail = f"a new signing key every {_words(hours * _HOUR_S)}"
    if hours * _HOUR_S < access_s:
        return warned(
            "core.rotation",
            detail,
            "Keys change faster than tokens expire: the set grows, and backends fetch it often.",
        )
    return passed("core.rotation", detail)


def _static(config: CoreConfig) -> Finding:
    """A core decides this below CDI 2.21; from it on SDKs do (useDynamicAccessTokenSigningKey).

    Source: core, behaviour notes 4.1 and section 5.
    """
    is_dynamic = config.value("access_token_signing_key_dynamic")
    if str(is_dynamic).lower() == "false":
        return warned(
            "core.static",
            "below CDI 2.21 static keys sign",
            "They never rotate: a key that got out is good until it is deleted by hand.",
        )
    if is_dynamic is None:
        return skipped("core.static", "SDKs decide; the key id of a token tells: s-… is static")
    return passed("core.static", "below CDI 2.21 dynamic keys sign; above it SDKs decide")


def _words(seconds: float) -> str:
    return duration_text(round(seconds * 1000))
